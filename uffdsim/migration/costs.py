"""What each thing costs at the destination: the table that a simulation runs on."""

from dataclasses import dataclass, fields, replace

from uffdsim.migration.measured import Measured, recorded
from uffdsim.migration.units import MigrationError, said_size, seconds


@dataclass(frozen=True)
class Costs:
    """Seconds for one page of one size.

    A fault takes ``trap``, the queue's lock, ``read``, what its answer takes, and ``wake``: together they are the
    time that a touch takes.

    :param trap: from the touch until the thread is in the queue of the userfaultfd.
    :param read: for a handler to notice and read the message.
    :param wake: from the wake until the touch has returned.
    :param copy: COPY of a page that somebody waits for: allocate, copy, map.
    :param pushed_copy: COPY of a page in the background.
    :param write: to write a page's content through the second mapping.
    :param allocate: by how much longer, if the page was not there before.
    :param continue_: CONTINUE of a page that somebody waits for.
    :param batched: CONTINUE, for each page of a large batch in the background.
    :param call: what each call of such a batch costs beside.
    :param zap: to take a page out of the page table.
    :param free: to give its memory back, as COPY needs it.
    :param lock: for which a fault holds the lock of the wait queue, at least.
    :param lock_each: by how much longer, for each thread that stands there: vCPUs that wait, and handlers.
    :param crowd: by how much an answer without a wait queue is slowed by each other vCPU that lacks a page.
    """

    trap: float
    read: float
    wake: float
    copy: float
    pushed_copy: float
    write: float
    allocate: float
    continue_: float
    batched: float
    call: float
    zap: float
    free: float
    lock: float = 0
    lock_each: float = 0
    crowd: float = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, seconds(getattr(self, field.name), f"the cost {field.name}"))
        if self.trap < 1e-12:
            raise MigrationError("trap takes no time: take at least a picosecond, or 1us, as it is")

    @classmethod
    def of(cls, measured: Measured, page: int) -> "Costs":
        """The costs for pages of a size, as they were measured. Two processors do not fight for a lock: its costs are
        0.

        Where pages of 1G were not measured, they cost what those of 2M do, and 512 times as much where every byte
        counts.
        """
        known = page if page in measured.ways else 1 << 21
        if known not in measured.ways:
            raise MigrationError(f"nothing was measured for pages of {said_size(page)}: take {_sizes(measured)}")
        ways, inside = {way: spread.median for way, spread in measured.ways[known].items()}, measured.inside[known]
        minor = inside["touch_continue"]
        beside = ways["touch_continue"] - minor["answer"]
        read = minor["handler"] - minor["answer"]
        costs = cls(
            trap=max(minor["message"] - read, 1e-9),
            read=read,
            wake=max(beside - minor["message"], 0),
            copy=max(ways["touch_copy"] - beside, ways["copy_each"]),
            pushed_copy=ways["copy_each"],
            write=ways["write_each"],
            allocate=max(ways["allocate_each"] - ways["write_each"], 0),
            continue_=minor["answer"],
            batched=ways["continue_batch"],
            call=max(ways["continue_each"] - ways["continue_batch"], 0),
            zap=ways["zap_batch"],
            free=ways["free_batch"],
        )
        more = page // known
        return replace(costs, **{name: getattr(costs, name) * more for name in _BY_THE_BYTE})

    @classmethod
    def recorded(cls, page: int) -> "Costs":
        """The costs that come with uffdsim, see ``data/costs.json``."""
        return cls.of(recorded(), page)


_BY_THE_BYTE = ("copy", "pushed_copy", "write", "allocate")


def _sizes(measured: Measured) -> str:
    return " or ".join(said_size(size) for size in sorted(measured.ways))
