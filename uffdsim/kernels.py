"""The kernels that can answer a scenario, by name.

Every kernel has a ``name``, a line ``about`` it, and ``run(scenario)``, which answers with a ``Trace``.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uffdsim.kernel.versions import Versions

from uffdsim.errors import quoted
from uffdsim.grammar import meant
from uffdsim.trace import Kernel, KernelError

DEFAULT = "linux-6.18"
"""The kernel that is taken where none is named."""
OWN = "linux"
"""The kernel of the machine at hand: asking it means running a program there."""
BOXED = ("6.1", "6.12", "7.2", "7.3")
"""The series that were recorded and that Debian has packages of; others can be asked for, too."""
IN_A_BOX = re.compile(r"box-(\d+\.\d+)|box:(.+)")


def names() -> list[str]:
    """The names of all kernels, those that cannot run here included."""
    return list(_makers())


def kernel(name: str) -> Kernel:
    """The kernel of that name.

    :raises KernelError: if there is no such kernel.
    """
    if isinstance(name, str) and (match := IN_A_BOX.fullmatch(name)):
        return _box(*match.groups())
    makers = _makers()
    if isinstance(name, str) and name not in makers and name in versions():
        return _simulated(name)
    if not isinstance(name, str) or name not in makers:
        known = f"the kernels are {', '.join(makers)}, and what is derived of them: {derived()}{meant(name, makers)}"
        raise KernelError(f"there is no kernel {quoted(name)}; {known}")
    return makers[name]()


def is_real(name: str) -> bool:
    """Whether asking the kernel of that name means running a program: on this machine, or in an emulated PC.

    :raises KernelError: if there is no such kernel.
    """
    from uffdsim.linux.real import Real

    return isinstance(kernel(name), Real)


def versions() -> "Versions":
    """The simulated kernels: the recorded ones, and by its name every release."""
    from uffdsim.kernel.versions import VERSIONS

    return VERSIONS


def derived() -> str:
    """From which release to which a kernel can be made of the table of what came when: ``linux-5.11 to linux-7.3``."""
    from uffdsim.kernel.changes import RELEASES

    return f"linux-{RELEASES[0]} to linux-{RELEASES[-1]}"


def _makers() -> dict[str, Callable[[], Kernel]]:
    from uffdsim import recording

    simulated = {name: partial(_simulated, name) for name in versions()}
    recorded = {f"recorded-{folder}": partial(recording.Recorded, folder) for folder in recording.folders()}
    boxed = {f"box-{series}": partial(_box, series, None) for series in BOXED}
    return {**simulated, OWN: _linux, **boxed, **recorded}


def _simulated(name: str) -> Kernel:
    from uffdsim.kernel import Simulated

    return Simulated(name)


def _linux() -> Kernel:
    from uffdsim.linux import Linux

    return Linux()


def _box(series: str | None, path: str | None) -> Kernel:
    from uffdsim.box import Box

    return Box(series, path)
