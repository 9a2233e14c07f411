"""Pictures of migrations, drawn with matplotlib: each with a sentence, and a table of what it shows.

All take results by name, as ``{"4K": simulate(…), "2M": simulate(…)}``, and draw them below one another or together.

    draw("pages", {"4K": simulate(…), "2M": simulate(…)})

A figure is made once for some names; after that only what moves in it is drawn anew.
"""

from collections.abc import Mapping
from functools import lru_cache

from uffdsim.migration.figures.downtime import Downtime
from uffdsim.migration.figures.latency import Latency
from uffdsim.migration.figures.picture import Drawn, Picture
from uffdsim.migration.figures.strips import Pages, Throughput
from uffdsim.migration.result import Result
from uffdsim.migration.units import MigrationError

PICTURES: dict[str, type[Picture]] = {
    "downtime": Downtime,
    "throughput": Throughput,
    "latency": Latency,
    "pages": Pages,
}
"""All pictures, in the order in which one looks at them."""

__all__ = ["PICTURES", "Drawn", "Picture", "draw"]


def draw(name: str, results: Mapping[str, Result]) -> Drawn:
    """A picture of some results.

    :param name: one of PICTURES.
    :raises MigrationError: if there is no such picture, or it has no room for so many results.
    """
    if name not in PICTURES:
        raise MigrationError(f"there is no picture {name!r}: take {', '.join(PICTURES)}")
    return _kept(name, tuple(results)).draw(list(results.values()))


@lru_cache(8)
def _kept(name: str, names: tuple[str, ...]) -> Picture:
    return PICTURES[name](names)
