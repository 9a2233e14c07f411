"""Commands that say what there is: kernels, this machine, limits; and that fetch a kernel in a box."""

from argparse import Namespace
from functools import partial
from typing import Any

from uffdsim.commands.saying import complain


def add(commands: Any) -> None:
    """Add the commands to those of ``uffdsim``."""
    kernels = commands.add_parser("kernels", help="list the kernels")
    kernels.add_argument("--since", action="store_true", help="list what came with which release, and the sources")
    kernels.set_defaults(do=_kernels)

    doctor = commands.add_parser("doctor", help="say what this machine can do, and what would let it do more")
    doctor.set_defaults(do=_doctor)

    limits = commands.add_parser("limits", help="say what the simulated kernels leave out")
    limits.set_defaults(do=_limits)

    box = commands.add_parser("box", help="fetch what a kernel in a box needs")
    get = box.add_subparsers(metavar="get", required=True).add_parser("get", help="fetch kernels, and QEMU if need be")
    get.add_argument("series", nargs="+", metavar="SERIES", help="the newest of which kernels: 7.3")
    get.set_defaults(do=_get)


def _kernels(arguments: Namespace) -> int:
    from uffdsim import kernels

    if arguments.since:
        from uffdsim.kernel import releases

        print(releases.table())
        return 0
    width = max(map(len, kernels.names()))
    for name in kernels.names():
        kernel = kernels.kernel(name)
        why = kernel.refusal() if hasattr(kernel, "refusal") else ""
        print(f"{name:{width}}  {kernel.about}{f' (not here: {why})' if why else ''}")
    print(f"Every other release is there too, derived, not checked against a real one: {kernels.derived()}.")
    return 0


def _doctor(arguments: Namespace) -> int:
    from uffdsim.doctor import checks, table

    print(table(checks()))
    return 0


def _get(arguments: Namespace) -> int:
    from uffdsim.box.fetch import get
    from uffdsim.errors import Told

    for series in arguments.series:
        try:
            get(series, partial(print, flush=True))
        except Told as error:
            return complain(error)
    return 0


def _limits(arguments: Namespace) -> int:
    from uffdsim.limits import markdown

    print(markdown())
    return 0
