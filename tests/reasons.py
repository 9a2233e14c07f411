"""For the tests of reasons: what is said to have come of a step."""

from uffdsim import kernels, words
from uffdsim.kernel import Simulated
from uffdsim.scenario import Scenario, Step

S = Step


def outcome(*steps: Step, kernel: str = kernels.DEFAULT) -> str:
    """The answer of the last step, and why."""
    return words.outcome(Simulated(kernel).run(Scenario(steps)), len(steps) - 1)


def reason(*steps: Step, of: Step | None = None, kernel: str = kernels.DEFAULT) -> str:
    """Why a step answered as it did; the last one if left out."""
    index = len(steps) - 1 if of is None else steps.index(of)
    return words.why(Simulated(kernel).run(Scenario(steps)), index)


def descriptor(*features: str, fd: str = "u") -> list[Step]:
    return [S("userfaultfd", id=fd), S("api", fd=fd, features=features)]


def file(*modes: str, backing: str = "shmem", features=(), pages: int = 4) -> list[Step]:
    """A file F mapped twice, as plain and as watched; watched is registered for these modes, if any."""
    steps = [S("file", id="F", backing=backing, pages=pages), S("mmap", id="plain", file="F")]
    steps += [S("mmap", id="watched", file="F"), *descriptor(*features)]
    return steps + ([S("register", fd="u", vma="watched", modes=modes)] if modes else [])


def memory(*modes: str, features=(), pages: int = 6) -> list[Step]:
    """Anonymous memory, ram, registered for these modes, if any."""
    steps = [S("mmap", id="ram", backing="anon", pages=pages), *descriptor(*features)]
    return steps + ([S("register", fd="u", vma="ram", modes=modes)] if modes else [])


def waits(vma: str, page: int = 0, thread: str = "t1") -> Step:
    return S("load", vma=vma, page=page, thread=thread)
