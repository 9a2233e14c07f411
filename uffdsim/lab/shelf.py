"""The shelf: what the reader's browser keeps of their work too, as a server that ends may take its files along."""

from pathlib import Path
from uuid import uuid4

SOURCE = Path(__file__).with_name("shelf.js").read_text(encoding="utf-8")
"""The script of a page that keeps what the trait ``kept`` of its model says, and sends what other sessions have left:
``{"do": "shelved", "others": [{"session": …, "when": milliseconds since 1970, "text": …}]}``, the latest first."""


class Place:
    """The place on the shelf where one session keeps its work of a ``name``: the latest ``text`` of it, "" for none."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.session = uuid4().hex
        self.text = ""

    @property
    def kept(self) -> dict[str, str]:
        """What the page is to know."""
        return {"name": self.name, "session": self.session, "text": self.text}
