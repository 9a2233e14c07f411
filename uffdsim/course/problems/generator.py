"""The generator of short programs: made up at random, yet such as somebody might write."""

from collections.abc import Callable, Iterator
from random import Random

from uffdsim import kernels
from uffdsim.grammar import Trait
from uffdsim.kernel import Simulated
from uffdsim.scenario import Scenario, ScenarioError, Step
from uffdsim.trace import KernelError, Trace

PAGES = 2
BYTES = (0x11, 0x22, 0x33, 0x44, 0x55)
MODES = (("MISSING",), ("MINOR",), ("MISSING", "MINOR"))
LONGEST = 5
"""How many acts follow the setting up, at level 1; two more for each level above."""
OLDER = ("linux-5.11-v5", "linux-5.11-v6", "linux-6.1")
"""Kernels beside the usual one, at level 3."""


class Generator:
    """A program in the making: what was set up, and what has been done so far. ``rng`` makes every choice, so that the
    same seed makes the same program for ever."""

    def __init__(self, rng: Random, level: int):
        self.rng, self.level = rng, level
        self.kernel: str = rng.choice(OLDER) if level >= 3 and rng.random() < 0.3 else kernels.DEFAULT
        self.session = Simulated(self.kernel).session()
        self.threads = ("t1", "t2")
        for step in self._setup():
            self._do(step)
        self.set_up = len(self.scenario)
        """How many steps set things up."""

    def acts(self) -> Iterator[Step]:
        """Do one act after the other; each is handed out when it has been done."""
        for _ in range(LONGEST + 2 * (self.level - 1)):
            if self.session.dead:
                return
            for _ in range(20):
                step = self.rng.choices(*zip(*self._candidates(), strict=True))[0]()
                if step and self._do(step):
                    yield step
                    break

    def _setup(self) -> Iterator[Step]:
        rng, level = self.rng, self.level
        usual = self.kernel == kernels.DEFAULT
        backing = rng.choice(("hugetlb-2M", "hugetlb-2M", "shmem")) if usual else "hugetlb-2M"
        yield Step("file", id="F", backing=backing, pages=PAGES)
        yield Step("mmap", id="plain", file="F")
        private = level >= 3 and rng.random() < 0.25
        yield Step("mmap", id="watched", file="F", **({"sharing": "private"} if private else {}))
        yield Step("userfaultfd", id="u")
        features = [] if self.session.version.minor_shmem else ["MINOR_HUGETLBFS"]
        features += ["SIGBUS"] if level >= 3 and rng.random() < 0.12 else []
        yield Step("api", fd="u", features=features)
        modes = ("MISSING",) if self.session.version.minor_by_feature else rng.choice(MODES)
        yield Step("register", fd="u", vma="watched", modes=list(modes))

    def _candidates(self) -> list[tuple[Callable[[], Step | None], float]]:
        """What may come next, each with its weight."""
        asleep = bool(self.sleepers)
        found: list[tuple[Callable[[], Step | None], float]] = [(self._touch, 5), (self._fill_through_plain, 3)]
        found += [(self._read, 6 if self.unread else 0.3), (self._answer, 6 if asleep else 0.7)]
        if self.level >= 2:
            found += [(self._wake, 1.5 if asleep else 0.2), (self._register, 0.6), (self._unregister, 0.5)]
        if self.level >= 3:
            found += [(self._give_back, 1.5), (self._punch, 1), (self._protect, 0.7), (self._close, 0.3)]
        return found

    # What there is

    @property
    def trace(self) -> Trace:
        """What has happened so far."""
        return self.session.trace

    @property
    def scenario(self) -> Scenario:
        """All steps so far."""
        return self.trace.scenario

    @property
    def sleepers(self) -> list[str]:
        """The threads that sleep now."""
        return [nap.thread for nap in self.trace.asleep()]

    @property
    def unread(self) -> bool:
        """Whether there is something to read."""
        context = self.session.state["ctx", "u"]
        return bool(context.pending or context.events)

    def _free(self) -> str | None:
        free = [name for name in self.threads if name not in self.sleepers]
        return self.rng.choice(free) if free else None

    def _page(self) -> int:
        return self.rng.randrange(PAGES)

    # What may be done

    def _touch(self) -> Step | None:
        thread = self._free()
        if thread is None:
            return None
        if self.rng.random() < 0.65:
            step = Step("load", vma="watched", page=self._page(), thread=thread)
        else:
            step = Step("store", vma="watched", page=self._page(), value=self.rng.choice(BYTES), thread=thread)
        return None if self._races(step) else step

    def _races(self, step: Step) -> bool:
        """Whether a thread that sleeps would be woken together with this one, and which is first, tell."""
        asleep = [self.scenario[nap.step] for nap in self.trace.asleep()]
        same = [other for other in asleep if other.get("page") == step["page"]]
        return any(Trait.WRITE in step.traits | other.traits for other in same)

    def _fill_through_plain(self) -> Step:
        if self.level >= 2 and self.rng.random() < 0.2:
            return Step("load", vma="plain", page=self._page())
        return Step("store", vma="plain", page=self._page(), value=self.rng.choice(BYTES))

    def _read(self) -> Step:
        return Step("read_event", fd="u")

    def _answer(self) -> Step:
        op = self.rng.choice(("continue", "continue", "copy", "copy", "zeropage"))
        keys = {"fd": "u", "vma": "watched", "page": self._page(), "pages": 1}
        if self.level >= 2 and self.rng.random() < 0.15:
            keys |= {"page": 0, "pages": PAGES}
        if op == "copy":
            keys["value"] = self.rng.choice(BYTES)
        if self.level >= 2 and self.rng.random() < 0.15:
            keys["mode"] = ["DONTWAKE"]
        return Step(op, **keys)

    def _wake(self) -> Step:
        return Step("wake", fd="u", vma="watched", page=self._page(), pages=1)

    def _register(self) -> Step:
        return Step("register", fd="u", vma="watched", modes=list(self.rng.choice(MODES)))

    def _unregister(self) -> Step:
        return Step("unregister", fd="u", vma="watched")

    def _give_back(self) -> Step:
        advice = self.rng.choice(("DONTNEED", "REMOVE"))
        return Step("madvise", vma="watched", page=self._page(), pages=1, advice=advice)

    def _punch(self) -> Step:
        return Step("punch", file="F", page=self._page(), pages=1)

    def _protect(self) -> Step:
        if self.rng.random() < 0.5:
            return Step("mlock", vma=self.rng.choice(("plain", "watched")))
        return Step("mprotect", vma="watched", prot=self.rng.choice(("r", "rw")))

    def _close(self) -> Step:
        return Step("close", fd="u")

    # Doing

    def _do(self, step: Step) -> bool:
        """Carry a step out, unless its thread sleeps or the model cannot."""
        if step.thread in self.sleepers:
            return False
        before = self.scenario
        try:
            self.session.step(step)
        except (ScenarioError, KernelError):  # it may be half done
            self.session = Simulated(self.kernel).session(before)
            for earlier in before:
                self.session.step(earlier)
            return False
        return True
