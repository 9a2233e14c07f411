"""The machine: a kernel, and the steps it has been given so far."""

import operator
from collections.abc import Mapping as Keys
from typing import Any

from uffdsim import kernels, library
from uffdsim.errors import Told
from uffdsim.grammar import BACKINGS, COMMON, OPS, Flags
from uffdsim.machine.call import Call
from uffdsim.machine.descriptor import Descriptor
from uffdsim.machine.file import File
from uffdsim.machine.mapping import Mapping
from uffdsim.machine.thing import Thing
from uffdsim.machine.values import Name, Number, flag_names, fresh
from uffdsim.scenario import Scenario, ScenarioError, Step
from uffdsim.story import story, stuck
from uffdsim.trace import Kernel, Trace

ANONYMOUS = ("anon", "anon-hugetlb-2M")
MAKERS = {"mapping": "mmap", "file": "file", "descriptor": "userfaultfd"}
THINGS: dict[str, type[Thing]] = {"file": File, "mapping": Mapping, "descriptor": Descriptor}


class Machine:
    """A process on a kernel, and everything it can do to its memory.

    ``kernel`` is a name of ``uffdsim kernels``. A simulated kernel carries out each step as it comes; the Linux at
    hand (``"linux"``) and a recording (``"recorded-6.18"``) are given all steps so far again. ``name`` and ``about``
    are those of the scenario that the calls add up to.

    Wherever a call takes a thing, it takes the thing's id as well. ``page`` alone means that one page, ``page`` and
    ``pages`` so many, ``page`` and ``...`` all from there on, and neither of them all there are. What else is left
    out has the default of the scenario format. Every call may name its ``thread``, and have a ``note``.

    >>> m = Machine("linux-6.18")
    >>> a = m.mmap("anon", pages=2)
    >>> a.store(1, 7)
    step 1: main writes 0x07 to page 1 of a → done: ...
    >>> a.load(1, thread="t1")
    step 2: t1 reads page 1 of a → 0x07...

    :raises KernelError: if there is no such kernel; a call: if the kernel cannot carry out the step.
    """

    def __init__(self, kernel: str | Kernel = kernels.DEFAULT, *, name: str = "", about: str = ""):
        self.kernel: Kernel = kernel if isinstance(kernel, Kernel) else kernels.kernel(kernel)
        self.scenario = Scenario((), name, about)
        """All steps so far."""
        self.trace: Trace
        """All that happened, up to now. It grows with each step and shrinks with ``undo``, or gives way to another."""
        self._session: Any = None
        self._start()

    def __repr__(self) -> str:
        return "\n".join(story(self.trace))

    # Steps.

    def step(self, step: Step | Keys) -> Call:
        """Carry out one more step, and return its result.

        :raises ScenarioError: if the step cannot follow those before it; nothing is done then.
        :raises KernelError: if the kernel cannot carry it out; it is as if it had never been given then.
        """
        scenario = self.scenario.then(step)
        step = scenario[-1]
        self._check_able(step)
        try:
            self._carry_out(scenario)
        except Exception as error:
            if self._session:  # the step may be half done
                self._session.back(len(self.scenario))
            if self._session and isinstance(error, Told):
                error.trace = self.trace
            raise
        self.scenario = scenario
        return Call(self, len(scenario) - 1, step)

    def undo(self) -> Call:
        """Take the last step back, as if it had never been taken.

        >>> m = Machine()
        >>> a = m.mmap("anon", pages=1)
        >>> a[0] = 1
        >>> m.undo()
        main writes 0x01 to page 0 of a: undone
        >>> a[0]
        0

        :raises ScenarioError: if there is no step.
        """
        if not len(self.scenario):
            raise ScenarioError("there is nothing to undo: no step has been made yet")
        last = self._call(len(self.scenario) - 1)
        self.scenario = self.scenario.first(last.index)
        if self._session:
            self._session.back(last.index)
        else:
            self._start()
        return last

    @classmethod
    def replay(cls, scenario: Scenario | str, kernel: str | Kernel = kernels.DEFAULT) -> "Machine":
        """The machine on which all steps have been made of a scenario, or of the one of that name.

        >>> m = Machine("linux-6.12")
        >>> a = m.mmap("anon", pages=1)
        >>> Machine.replay(m.scenario, "linux-5.11").mappings["a"].load(0).value
        0

        :raises ScenarioError: if a blocked thread would have to take another step.
        :raises KernelError: if the kernel cannot run it. The ``trace`` of either has what was answered before.
        """
        scenario = library.scenario_of(scenario)
        machine = cls(kernel, name=scenario.name, about=scenario.about)
        machine.scenario = scenario
        machine._start()
        return machine

    @property
    def observations(self) -> list[dict]:
        """What each step answered."""
        return self.trace.observations

    @property
    def calls(self) -> list[Call]:
        """All calls so far."""
        return [self._call(index) for index in range(len(self.scenario))]

    @property
    def blocked(self) -> dict[str, Call]:
        """The threads that wait in the kernel, and the call in which each does."""
        return {nap.thread: self._call(nap.step) for nap in self.trace.asleep()}

    # Things.

    @property
    def files(self) -> dict[str, File]:
        """All files, by id."""
        return {id: File(self, id) for id in self.scenario.files}

    @property
    def mappings(self) -> dict[str, Mapping]:
        """All mappings, by id."""
        return {id: Mapping(self, id) for id in self.scenario.mappings}

    @property
    def descriptors(self) -> dict[str, Descriptor]:
        """All userfaultfds, by id."""
        return {id: Descriptor(self, id) for id in self.scenario.names.descriptors}

    def thing(self, kind: str, id: str) -> Any:
        """The file, mapping or descriptor of that id; ``kind`` says which of them."""
        return THINGS[kind](self, id)

    def file(self, backing: str, pages: int, id: str | None = None, *, thread: Name = None, note: Name = None) -> File:
        """memfd_create: a file of so many pages, none of them allocated.

        :param backing: ``"hugetlb-2M"``, ``"hugetlb-1G"`` or ``"shmem"``; it says how large a page is.

        >>> Machine().file("hugetlb-2M", pages=2)
        F: file, 2 pages of hugetlb-2M
        """
        id = self.new_id("file", id)
        self.call("file", id=id, backing=backing, pages=pages, thread=thread, note=note)
        return File(self, id)

    def mmap(
        self, what: File | str, id: str | None = None, *, offset: Number = None, pages: Number = None,
        sharing: Name = None, prot: Name = None, locked: bool | None = None, over: Mapping | Name = None,
        over_page: Number = None, thread: Name = None, note: Name = None,
    ) -> Mapping:  # fmt: skip
        """mmap: a mapping of a file, or of memory without one.

        :param what: a file, ``"anon"`` or ``"anon-hugetlb-2M"``.
        :param offset: the page of the file with which it begins.
        :param sharing: ``"shared"``, as a file is if nothing is said, or ``"private"``.
        :param prot: ``"rw"``, ``"r"`` or ``"none"``.
        :param over: a mapping in whose place it goes, from the page ``over_page`` on (MAP_FIXED).

        >>> m = Machine()
        >>> m.mmap(m.file("shmem", pages=4), "half", pages=2)
        half: mapping, 2 pages of F
        >>> m.mmap("anon", pages=3)
        a: mapping, 3 pages of anon
        """
        if not isinstance(what, Thing | str):
            raise ScenarioError(f'mmap takes a file, "anon" or "anon-hugetlb-2M" first, and {what!r} is none of them')
        if what in BACKINGS:
            raise ScenarioError(f'mmap: "{what}" is what a file is made of: m.mmap(m.file("{what}", pages=…))')
        known = what in self.scenario.files and what not in ANONYMOUS
        keys: dict[str, object] = {"file": what} if isinstance(what, Thing) or known else {"backing": what}
        keys |= {"offset": offset, "pages": pages, "sharing": sharing, "prot": prot, "locked": locked}
        keys |= {"over": over, "over_page": over_page}
        id = self.new_id("mapping", id)
        self.call("mmap", id=id, **keys, thread=thread, note=note)
        return Mapping(self, id)

    def userfaultfd(
        self, id: str | None = None, *, user_mode_only: bool | None = None, blocking: bool | None = None,
        device: bool | None = None, user: Name = None, thread: Name = None, note: Name = None,
    ) -> Descriptor:  # fmt: skip
        """userfaultfd: a descriptor that watches nothing yet; call its ``api`` next.

        :param user_mode_only: let it hear about no faults that the kernel makes.
        :param blocking: let reads wait for a message.
        :param device: open it by /dev/userfaultfd.
        :param user: ``"root"``, or ``"nobody"``, who has no rights.

        >>> Machine().userfaultfd()
        u: userfaultfd
        """
        id = self.new_id("descriptor", id)
        keys = {"user_mode_only": user_mode_only, "blocking": blocking, "device": device, "user": user}
        self.call("userfaultfd", id=id, **keys, thread=thread, note=note)
        return Descriptor(self, id)

    def fork(self, *, thread: Name = None, note: Name = None) -> Call:
        """fork: the child ends at once; one sees how the parent waits for its event to be read."""
        return self.call("fork", thread=thread, note=note)

    def inspect(self, *, thread: Name = None, note: Name = None) -> Call:
        """What /proc shows of every page, as a table.

        >>> m = Machine()
        >>> plain = m.mmap(m.file("hugetlb-2M", pages=2), "plain")
        >>> plain[0] = 65
        >>> m.inspect()
        step 3: main looks at what /proc shows → reports
          mapping  page  present  file  exclusive  uffd_wp  swap  vm_flags
          plain    0     1        1     1          ·        ·     ·
          plain    1     ·        ·     ·          ·        ·     ·
          F has 1 page in the page cache
        """
        return self.call("inspect", thread=thread, note=note)

    def new_id(self, kind: str, id: str | None = None) -> str:
        """The id that a new thing of that kind gets, if it is not given one."""
        return fresh(kind, self.scenario.names.of(kind)) if id is None else id

    def call(self, op: str, /, **keys: Any) -> Call:
        """The step with that op and those keys of the scenario format; things stand for their ids, None for nothing."""
        given = {key: self._plain(op, key, value) for key, value in keys.items() if value is not None}
        return self.step(Step(op, **given))

    # How.

    def _call(self, index: int) -> Call:
        return Call(self, index, self.scenario[index])

    def _start(self) -> None:
        """Carry out all steps again, from an empty process on."""
        self._session = self.kernel.session(self.scenario) if hasattr(self.kernel, "session") else None
        if self._session is None:
            empty = Trace(self.scenario, self.kernel.name, [])
            self.trace = self.kernel.run(self.scenario) if len(self.scenario) else empty
            return
        self.trace = self._session.trace
        for step in self.scenario:
            if not self._session.dead:
                self._session.step(step)

    def _carry_out(self, scenario: Scenario) -> None:
        """Carry out the last step."""
        if self._session:
            self.trace.scenario = scenario
            self._session.step(scenario[-1])
        else:
            self.trace = self.kernel.run(scenario)

    def _check_able(self, step: Step) -> None:
        """Make sure that somebody is there to take the step."""
        last = self.observations[-1] if self.observations else {}
        if last.get("status") == "oops":
            raise ScenarioError(f"{step.op}: the kernel died in step {last['step']}; m.undo() takes that step back")
        if why := stuck(self.trace, step):
            raise ScenarioError(f'{why}. Give the step to another thread, as in thread="t2"', trace=self.trace)

    def _plain(self, op: str, key: str, value: Any) -> object:
        """What the scenario format has for a value."""
        rule = (OPS[op].keys.get(key) if op in OPS else None) or COMMON.get(key)
        if rule and rule.names:
            return self._id(op, rule.names, value)
        if rule and isinstance(rule.check, Flags):
            return flag_names(value)
        if hasattr(value, "__index__") and not isinstance(value, bool):
            return operator.index(value)
        return value

    def _id(self, op: str, kind: str, value: object) -> str:
        if isinstance(value, str):
            return value
        if not isinstance(value, Thing) or value.kind != kind:
            what = f"{value.id} is a {value.kind}" if isinstance(value, Thing) else f"{value!r} is none"
            raise ScenarioError(f"{op} takes a {kind} here, and {what}; m.{MAKERS[kind]}(…) makes one")
        if value.machine is not self:
            raise ScenarioError(f"{op}: {value.id} is a {kind} of another machine")
        return value.id
