"""Real kernels in a box: an emulated PC that a kernel is started in, to carry out scenarios.

It asks nothing of the machine but QEMU and a compiler: no rights, no huge pages, no userfaultfd. One start serves many
scenarios; a kernel that died, or was ended, is started anew for the next one. Read ``pc`` first, then ``console``
(what a dying kernel says), ``cpio`` (the first files of a kernel), and ``fetch`` (where QEMU and kernels come from).
"""

import re
from pathlib import Path

from uffdsim import doctor
from uffdsim.box import pc
from uffdsim.linux.real import Real, huge_pages, refusal
from uffdsim.scenario import Scenario

SERIES = ("6.1", "6.12", "7.2", "7.3")
"""The series of kernels that scenarios have been recorded on, and that Debian has packages of."""


class Box(Real):
    """A kernel in a box: the newest of a series that was fetched (``7.3``), or any that a PC can start, by its path."""

    def __init__(self, series: str = "", path: str | Path | None = None):
        self.series = series
        self.path = Path(path) if path else None
        self.name = f"box:{path}" if path else f"box-{series}"
        self.about = f"a real Linux {series or path}, started in an emulated PC"
        self.called = self.name

    def image(self) -> doctor.Check:
        """The file that the kernel is started from."""
        if self.path is None:
            return doctor.boxed(self.series)
        return doctor.Check(
            "a kernel that a PC can start",
            self.path.is_file(),
            f"no file {self.path}",
            "give the path of its bzImage or vmlinuz",
        )

    def refusal(self) -> str:
        return refusal((doctor.linux(), doctor.emulator(), self.image(), doctor.compiler()))

    def lacks(self, scenario: Scenario) -> str:
        for size, count in huge_pages(scenario).items():
            has = pc.HUGE_PAGES if size == 1 << 21 else 0
            if count > has:
                pages = f"{count} huge page{'s' * (count > 1)} of {doctor.SIZES[size]}"
                return f"needs {pages}, and a kernel in a box has {has or 'none'}: take fewer, or a simulated kernel"
        return ""

    def carry_out(self, orders: str, threads: int, slots: int) -> list[str]:
        path = self.path or Path(doctor.boxed(self.series).found)
        return pc.run(path, orders, threads, slots)


def series() -> list[str]:
    """The series that ``box-…`` can be asked for: those that were recorded, and what else was fetched."""
    fetched = {match[1] for path in doctor.images() if (match := re.match(r"vmlinuz-(\d+\.\d+)", path.name))}
    return sorted(fetched | set(SERIES), key=lambda series: [int(part) for part in series.split(".")])
