"""The controls of time: what each says, the question that it answers, and the key that does the same.

``clock.js`` draws them; the cheat sheet lists them.
"""

from typing import NamedTuple


class Control(NamedTuple):
    """What a button says, the question that it answers, and the key that does the same ("" for none)."""

    text: str
    asks: str
    key: str = ""

    @property
    def tooltip(self) -> str:
        """The question and the key."""
        return f"{self.asks} ({self.key})" if self.key else self.asks


BUTTONS = {
    "first": Control("|◀", "How did it begin?", "Home"),
    "back_act": Control("◀◀", "What was before this act?", "Page Up"),
    "back": Control("◀ Back", "What was just before?", "left arrow"),
    "next": Control("Next ▶", "What happens next?", "right arrow"),
    "next_act": Control("▶▶", "What does this act lead to?", "Page Down"),
    "end": Control("▶|", "How does it end?", "End"),
    "play": Control("Play", "What does it look like as it goes on?", "k"),
    "undo": Control("Undo", "What if I had not done that?", "z"),
    "redo": Control("Redo", "And with it again?", "y"),
    "reset": Control("Reset", "What if I begin again, with the same settings?"),
    "predict": Control("Predict", "Do I know what comes next? It is hidden until you say.", "p"),
    "lecture": Control("Lecture", "Can the last row read it? Large type and few controls.", "l"),
    "unfold": Control("Settings ▾", "What if the kernel were another, or what is registered?"),
}
"""In the order in which they stand; "unfold" only in a lecture, where settings are folded away."""
