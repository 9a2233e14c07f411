"""A published table beside the simulated one."""

from typing import NamedTuple


class Row(NamedTuple):
    """One number, as it was published and as it is simulated.

    :param tolerance: the share by which the simulation may be off; None if it is known not to match.
    :param bound: ``"<"`` or ``">"`` where only a bound was published.
    """

    what: str
    published: float
    simulated: float
    tolerance: float | None
    bound: str = ""

    @property
    def off(self) -> float:
        """By which share the simulation is off; 0 on the right side of a bound."""
        off = self.simulated / self.published - 1
        return 0.0 if (self.bound == "<" and off < 0) or (self.bound == ">" and off > 0) else off

    @property
    def comes_out(self) -> bool:
        """Whether it is within its tolerance."""
        return self.tolerance is not None and abs(self.off) <= self.tolerance


class Table(NamedTuple):
    """A table: what was set to get it, which numbers were free to choose, and what does not match."""

    title: str
    unit: str
    source: str
    setting: str
    free: str
    misses: str
    rows: list[Row]

    def markdown(self) -> str:
        """The table as a section of a page."""
        lines = [
            f"## {self.title}",
            "",
            self.source,
            "",
            f"*Set:* {self.setting}",
            "",
            f"*Free:* {self.free}",
            "",
            f"| {self.unit} | published | simulated | off by | |",
            "| --- | ---: | ---: | ---: | --- |",
            *(_line(row) for row in self.rows),
            "",
            f"*What does not match:* {self.misses}",
        ]
        return "\n".join(lines)


def _line(row: Row) -> str:
    off = f"{row.off:+.0%}" if abs(row.off) >= 0.005 else "0%"
    within = (
        "does not match" if row.tolerance is None else f"within {row.tolerance:.0%}" if row.tolerance else "holds"
    )
    return f"| {row.what} | {row.bound}{_number(row.published)} | {_number(row.simulated)} | {off} | {within} |"


def _number(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
