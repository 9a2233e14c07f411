"""What others have measured and published, and what the simulation says in the same settings.

Each module has the tables of one author, with their source, and simulates them. Nothing is fitted but what is said to
be free.
"""

from collections.abc import Iterator

from uffdsim.migration.published import houghton, m3u, moorthy, xu
from uffdsim.migration.published.table import Row, Table

TABLES = (xu.table, moorthy.table, moorthy.readers, houghton.table, m3u.table)

__all__ = ["TABLES", "Row", "Table", "tables"]


def tables() -> Iterator[Table]:
    """Every table, one after the other; takes some seconds."""
    for make in TABLES:
        yield make()
