"""Memory as far as a real kernel shows it: what ``inspect`` last reported."""

from uffdsim.kernel.state import Content
from uffdsim.pictures.memory.lengths import lengths
from uffdsim.pictures.memory.records import UNMAPPED, Entry, Queues
from uffdsim.pictures.moment import Moment


class Observed:
    """Memory as it was last reported at a moment; it has no contents, and no queues."""

    contents = False

    def __init__(self, moment: Moment) -> None:
        self.trace = moment.trace
        self.answers = moment.trace.observations[: moment.steps_done]
        self.made = {id: known.step for id, known in moment.trace.scenario.mappings.items()}
        self.reported = max((i for i, seen in enumerate(self.answers) if "vmas" in seen), default=-1)
        self.report = self.answers[self.reported]["vmas"] if self.reported >= 0 else {}

    @property
    def note(self) -> str:
        if self.reported < 0:
            return "a real kernel shows only what is inspected, and nothing has been inspected yet"
        return f"as inspect saw it in step {self.reported}; a real kernel does not show contents and queues"

    def is_there(self, mapping: str) -> bool:
        """Whether there is such a mapping, or was one made of which there is no report yet."""
        made = self.made.get(mapping, len(self.answers))
        is_new = self.reported < made < len(self.answers) and not self.answers[made].get("errno")
        return mapping in self.report or is_new

    def entries(self, mapping: str, first: int, last: int, mm: str = "main") -> list[tuple[int, Entry]]:
        if mapping not in self.report:
            return [(last - first, Entry("unknown", "not inspected"))]
        return [(1, _reported(page)) for page in self.report[mapping][first:last]]

    def children(self) -> dict[str, str]:
        return {}

    def size(self, file: str) -> int | None:
        known = self.trace.scenario.files.get(file)
        if known is None or known.step >= len(self.answers):
            return None
        return list(lengths(self.trace, known, len(self.answers)))[-1]

    def pages(self, file: str, first: int, last: int) -> list[tuple[int, Content | None]]:
        return []

    def queues(self) -> dict[str, Queues]:
        return {}


def _reported(page: dict) -> Entry:
    flags = tuple(page["vm_flags"].split())
    if flags == ("unmapped",):
        return UNMAPPED
    if page["present"]:
        whose = "of the file" if page["file"] else "own page"
        marked = "out of reach" if "ur" in flags else "uffd-wp"
        return Entry(marked if page["uffd_wp"] else "present", f"present, {whose}", None, flags)
    if page["uffd_wp"]:
        return Entry("marker", "marker: uffd-wp", None, flags)
    return Entry("none", "swap or marker" if page["swap"] else "none", None, flags)
