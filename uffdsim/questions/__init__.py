"""Questions about the result of a step, answered by its trace. A lab and the course ask with the same ones.

Read ``subject`` first (the step that is asked about), then ``aspect`` (one thing that may be asked: what it fits, what
it asks, which answer is true, and which events are the reason). The aspects are, by what they are about: ``messages``,
``answers``, ``wakes``, ``memory``, and ``decisions`` on the way.

>>> from uffdsim.kernel import Simulated
>>> from uffdsim.library import scenario
>>> trace = Simulated("linux-6.18").run(scenario("01-hugetlb-minor-continue"))
>>> asked = aspect("message").ask(Subject(trace, 8))
>>> asked.asks, asked.truth
('Which message is left for the handler?', 'PAGEFAULT, flags MINOR')
>>> [(event.question, event.answer) for event in (trace.events[number - 1] for number in asked.events)]
[('cache?', 'hit'), ('mode?', 'MINOR')]
"""

from uffdsim.errors import Mistake
from uffdsim.grammar import meant
from uffdsim.questions.answers import Done, Ending, Errno, Value
from uffdsim.questions.aspect import Asked, Aspect
from uffdsim.questions.decisions import CACHE, MODE
from uffdsim.questions.memory import Cached, Entry, Smaps
from uffdsim.questions.messages import Message, Read
from uffdsim.questions.subject import Subject
from uffdsim.questions.wakes import Woken

__all__ = ["ASPECTS", "Asked", "Aspect", "Subject", "aspect"]

_ALL: tuple[Aspect, ...] = (
    Message(), Read(), Ending(), Errno(), Done(), Woken(), Value(), Smaps(), Entry(), Cached(), CACHE, MODE,
)  # fmt: skip
ASPECTS: dict[str, Aspect] = {one.name: one for one in _ALL}
"""Everything that may be asked, by name."""


def aspect(name: str) -> Aspect:
    """The aspect of that name.

    :raises Mistake: if there is none.
    """
    if name not in ASPECTS:
        raise Mistake(f'"{name}" cannot be asked; what can: {", ".join(ASPECTS)}{meant(name, ASPECTS)}')
    return ASPECTS[name]
