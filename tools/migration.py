"""Makes docs/migration.md: what the simulated migration says beside what others have measured.

    python tools/migration.py

Takes some seconds. Nothing in the page is written by hand but what is in the modules of uffdsim/migration/published.
"""

from pathlib import Path

from uffdsim.migration import recorded
from uffdsim.migration.published import tables
from uffdsim.migration.published.table import Table

PAGE = Path(__file__).parents[1] / "docs" / "migration.md"
HEAD = """\
# Migrations: simulated, and measured by others

`uffdsim.migration` simulates how a virtual machine moves to another host while it runs. Is what it says true? Here it
is in the settings of others who have measured and published. For each table: what was set, which numbers were free to
be chosen, by how much the simulation is off, and what does not match.

The costs of faults and ioctls, where nothing else is said, are those of `data/costs.json`, which are at the end. They
were measured on one machine, not on the authors'.
"""
LEFT_OUT = """\
## What the simulation leaves out

- *Pages of zeros*, which real senders do not send, compression, and pages of several sizes in one guest.
- *The brownout of a pre-copy.* Logging which pages are dirty slows a guest down; ours runs on at full speed.
- *Processors.* Everybody has one: a handler never waits for a processor. Where there are fewer processors than
  threads, reality is slower; `uffdsim migrate` shows by how much.
- *Fair shares.* What is pushed and what is asked for share the wire half and half as far as the buffer goes; a real
  network decides packet by packet, and other traffic may be on it.
- *The page cache's locks, NUMA, and TLB shootdowns*, except for the lock of the wait queue, whose cost can be set.
- *Failure.* No packet is lost, and nobody gives up.
"""


def page(found: list[Table]) -> str:
    """The whole page."""
    rows = [row for table in found for row in table.rows]
    out = sum(row.comes_out for row in rows)
    summary = f"Of {len(rows)} numbers {out} match within the tolerance that is stated beside each."
    costs = f"## Costs\n\n```text\n{recorded().table()}\n```"
    made = "This page is made by `python tools/migration.py`."
    parts = [HEAD.strip(), summary, *(table.markdown() for table in found), LEFT_OUT.strip(), costs, made]
    return "\n\n".join(parts) + "\n"


def main():
    PAGE.write_text(page(list(tables())), encoding="utf-8")


if __name__ == "__main__":
    main()
