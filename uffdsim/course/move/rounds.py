"""A pre-copy that never ends: from which working set on?"""

from dataclasses import dataclass
from numbers import Real

from uffdsim.course.move.verdict import Measure, Verdict
from uffdsim.course.progress import Progress
from uffdsim.errors import Mistake
from uffdsim.migration import Guest, Link, PreCopy, Result, simulate

MEMORY, VCPUS, THINK, WRITES = "4 GiB", 8, "5us", 0.3
LINK, DOWNTIME = "10Gbit/s", 0.1
NEAR = 0.1
"""How far off an answer may be, as a share of itself."""


def rounds(hot: float) -> Result:
    """The pre-copy of a busy guest: 4 GiB, 8 vCPUs that touch memory every 5 µs and write in 3 of 10 touches, 10
    Gbit/s, a downtime of 100 ms for memory.

    :param hot: the share of the memory to which nine of ten touches go.
    :raises MigrationError: if it is no share.
    """
    guest = Guest(MEMORY, vcpus=VCPUS, think=THINK, writes=WRITES, hot=hot)
    return simulate(guest, Link(LINK), way=PreCopy(downtime=DOWNTIME))


@dataclass(frozen=True)
class _Side:
    share: float
    ends: bool

    def measure(self) -> Measure:
        found = rounds(self.share)
        is_ = f"ends after {len(found.rounds)} rounds" if found.enough else f"no end in {len(found.rounds)} rounds"
        return Measure(f"hot: {self.share:.1%}", is_, "ends" if self.ends else "no end", found.enough == self.ends)


BEGUN = 0.1
"""The answer that the lesson begins with: nobody's try, so it is not noted."""


def never_ends(hot: float, keep: Progress | None = None) -> Verdict:
    """Whether the pre-copy of ``rounds`` ends for a working set a tenth smaller than this one, and does not for one a
    tenth larger.

    :param hot: the share of the memory that is hot.
    :param keep: where it is noted; beside the notebook if left out.
    :raises Mistake: if it is no share.
    """
    if not isinstance(hot, Real) or isinstance(hot, bool) or not 0 < hot * (1 + NEAR) <= 1:
        raise Mistake(f"hot is {hot!r}, and is a share of the memory: take a number above 0 and below 0.9, as in 0.25")
    below, above = _Side(hot * (1 - NEAR), True).measure(), _Side(hot * (1 + NEAR), False).measure()
    wrong = "" if below.holds else "It does not even end for a smaller one."
    wrong = wrong if above.holds else "It still ends for a larger one."
    verdict = Verdict(f"From a working set of {hot:.1%} on", [below, above], wrong)
    verdict.keep(keep, "exercise", "move-never-ends", {"hot": float(hot)}, begun=hot == BEGUN)
    return verdict
