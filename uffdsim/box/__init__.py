"""Real kernels in a box: an emulated PC that a kernel is started in, to carry out scenarios.

It asks nothing of the machine but QEMU and a compiler: no rights, no huge pages, no userfaultfd. One start serves many
scenarios; a kernel that died, or was ended, is started again for the next one. Read ``pc`` first, then ``console``
(what a dying kernel says), ``cpio`` (the first files of a kernel), and ``fetch`` (where QEMU and kernels come from).
"""

from pathlib import Path

from uffdsim import doctor
from uffdsim.box import pc
from uffdsim.linux.real import Real, huge_pages, refusal
from uffdsim.scenario import Scenario


class Box(Real):
    """A kernel in a box: the newest of a series (``7.3``) that was fetched, or one that a PC can start, by its path."""

    def __init__(self, series: str | None, path: str | Path | None = None):
        self.series = series or ""
        self.path = Path(path) if path else None
        self.name = f"box:{path}" if path else f"box-{series}"
        self.about = f"a real Linux {series or path}, started in an emulated PC"
        self.called = self.name

    def image(self) -> doctor.Check:
        """The file that the kernel is started from."""
        if self.path is None:
            return doctor.boxed(self.series)
        found = str(self.path) if (there := self.path.is_file()) else f"no file {self.path}"
        return doctor.Check("a kernel that a PC can start", there, found, "give the path of its bzImage or vmlinuz")

    def refusal(self) -> str:
        return refusal((doctor.linux(), doctor.emulator(), self.image())) or pc.refusal()

    def lacks(self, scenario: Scenario) -> str:
        for size, count in huge_pages(scenario).items():
            has = pc.HUGE_PAGES if size == 1 << 21 else 0
            if count > has:
                pages = f"{count} huge page{'s' * (count > 1)} of {doctor.SIZES[size]}"
                return f"needs {pages}, and a kernel in a box has {has or 'none'}: take fewer, or a simulated kernel"
        return ""

    def carry_out(self, orders: str, threads: int, slots: int) -> list[str]:
        return pc.run(Path(self.image().found), orders, threads, slots)
