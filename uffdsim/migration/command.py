"""The commands ``uffdsim costs`` and ``uffdsim migrate``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uffdsim.migration.destination import Destination
    from uffdsim.migration.guest import Guest
    from uffdsim.migration.link import Link
    from uffdsim.migration.ways import Way

WAYS = ("stop-and-copy", "pre-copy", "post-copy", "both")


def add(commands: Any) -> None:
    """Add the commands to those of ``uffdsim``."""
    costs = commands.add_parser("costs", help="measure what a fault costs on this machine, and what placing pages does")
    costs.add_argument("--pages", nargs="+", metavar="SIZE", help="page sizes: 4K, 2M, 1G (those that there are)")
    costs.add_argument("--rounds", type=int, default=6, metavar="N", help="how often everything is measured (6)")
    costs.add_argument("--recorded", action="store_true", help="show those that come with uffdsim instead")
    costs.add_argument("--json", action="store_true", help="print JSON")
    costs.set_defaults(do=_costs)
    migrate = commands.add_parser(
        "migrate", help="move a small machine for real, from one process to another, and say what a simulation says"
    )
    _options(migrate)
    migrate.set_defaults(do=_migrate)


def _options(parser: argparse.ArgumentParser) -> None:
    guest = parser.add_argument_group("the guest")
    guest.add_argument("--memory", metavar="SIZE", help="how much it has (256M; of huge pages, what is free of it)")
    guest.add_argument("--pages", default="4K", metavar="SIZE", help="of which size: 4K, 2M or 1G (4K)")
    guest.add_argument("--vcpus", type=int, default=2, metavar="N", help="its virtual CPUs (2)")
    guest.add_argument("--think", default="200us", metavar="TIME", help="how long each works between touches (200us)")
    guest.add_argument("--hot", type=float, default=0.1, metavar="SHARE", help="of the memory (0.1)")
    guest.add_argument("--hot-touches", type=float, default=0.9, metavar="SHARE", help="of touches that go there (0.9)")
    guest.add_argument("--writes", type=float, default=0.3, metavar="SHARE", help="of touches that write (0.3)")
    guest.add_argument("--seed", type=int, default=1, metavar="N", help="another number, another guest (1)")
    link = parser.add_argument_group("the link")
    link.add_argument("--link", default="1Gbit/s", metavar="RATE", help="its bandwidth (1Gbit/s)")
    link.add_argument("--rtt", default="100us", metavar="TIME", help="the round trip (100us)")
    link.add_argument("--channel", choices=("own", "shared"), default="own", help="of pages that are asked for (own)")
    link.add_argument("--buffer", default="256K", metavar="SIZE", help="pushed pages on their way (256K)")
    how = parser.add_argument_group("how")
    how.add_argument("--mode", choices=("missing", "minor"), default="missing", help="COPY, or CONTINUE (missing)")
    how.add_argument("--way", choices=WAYS, default="post-copy", help="(post-copy)")
    how.add_argument("--rounds", type=int, metavar="N", help="of pre-copy, at most (30; 1 before a post-copy)")
    how.add_argument("--downtime", default="100ms", metavar="TIME", help="that ends a pre-copy (100ms)")
    how.add_argument("--wait-for-map", action="store_true", help="run only when it is known which pages are stale")
    how.add_argument("--handlers", type=int, default=1, metavar="N", help="threads that answer faults (1)")
    parser.add_argument("--recorded-costs", action="store_true", help="simulate with costs that come with uffdsim")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _costs(arguments: argparse.Namespace) -> int:
    with _complaints() as failed:
        from uffdsim.migration.measured import measure, recorded
        from uffdsim.migration.units import size

        sizes = [size(text, "the page size") for text in arguments.pages] if arguments.pages else None
        found = recorded() if arguments.recorded else measure(sizes, arguments.rounds)
        print(found.dumps() if arguments.json else found.table())
    return 2 if failed else 0


def _migrate(arguments: argparse.Namespace) -> int:
    with _complaints() as failed:
        from uffdsim.migration.comparison import compared

        guest, link, to, way = _asked_for(arguments)
        with _bar(guest) as progress:
            found = compared(guest, link, to, way, progress, arguments.recorded_costs)
        print(json.dumps(found.data(), indent=1) if arguments.json else found.table())
    return 2 if failed else 0


def _asked_for(arguments: argparse.Namespace) -> tuple[Guest, Link, Destination, Way]:
    from uffdsim.migration import Destination, Guest, Hybrid, Link, PostCopy, PreCopy, StopAndCopy
    from uffdsim.migration.live import usual_memory
    from uffdsim.migration.units import size

    page = size(arguments.pages, "the page size")
    names = ("vcpus", "think", "hot", "hot_touches", "writes", "seed")
    guest = Guest(
        arguments.memory or usual_memory(page), page=page, **{name: getattr(arguments, name) for name in names}
    )
    link = Link(arguments.link, rtt=arguments.rtt, channel=arguments.channel, buffer=arguments.buffer)
    rounds = arguments.rounds
    ways = {
        "stop-and-copy": lambda: StopAndCopy(),
        "pre-copy": lambda: PreCopy(30 if rounds is None else rounds, arguments.downtime),
        "post-copy": lambda: PostCopy(),
        "both": lambda: Hybrid(1 if rounds is None else rounds, False if arguments.wait_for_map else None),
    }
    return guest, link, Destination(arguments.mode, handlers=arguments.handlers), ways[arguments.way]()


@contextmanager
def _bar(guest: Guest) -> Iterator[Callable[[int], Any]]:
    """A progress bar on a terminal; what it yields takes the number of pages that have come."""
    bar = None
    if sys.stderr.isatty():
        try:
            from tqdm import tqdm

            bar = tqdm(total=guest.memory, unit="B", unit_scale=True, unit_divisor=1024, leave=False)
        except ImportError:
            pass
    try:
        yield (lambda pages: bar.update(pages * guest.page - bar.n)) if bar is not None else (lambda pages: None)
    finally:
        if bar is not None:
            bar.close()


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Yields a list that is empty unless something failed, which is then said in one line."""
    failed: list[str] = []
    try:
        yield failed
    except ImportError as error:
        failed.append(f'a library is missing ({error.name}): pip install "uffdsim[migration]"')
    except ValueError as error:
        failed.append(str(error))
    for line in failed:
        print(" ".join(line.split()), file=sys.stderr, flush=True)
