"""How long each picture takes, drawn and painted as SVG: a click is seen after the tables and one more.

    python benchmarks/pictures.py
"""

from statistics import median
from time import perf_counter

from uffdsim.kernel import Simulated
from uffdsim.library import scenario
from uffdsim.pictures import NAMES, draw, svg
from uffdsim.scenario import Scenario, Step
from uffdsim.trace import Trace

MINOR = Simulated("linux-6.18").run(scenario("01-hugetlb-minor-continue"))


def milliseconds(name: str, trace: Trace, at: int | None = None, rounds: int = 30) -> float:
    times = []
    for _ in range(rounds):
        start = perf_counter()
        svg(draw(name, trace, at), "p")
        times.append((perf_counter() - start) * 1e3)
    return median(times)


def scattered(pages: int) -> Trace:
    """Three hundred pages in a file of so many, far from each other."""
    stores = [Step("store", vma="a", page=n * (pages // 300), value=1) for n in range(300)]
    steps = [Step("file", id="F", backing="shmem", pages=pages), Step("mmap", id="a", file="F"), *stores]
    return Simulated("linux-6.18").run(Scenario(steps))


def main():
    for name in NAMES:
        print(f"{name:10} event 55 of {len(MINOR.events)}      {milliseconds(name, MINOR, 55):9.1f} ms")
    few, many = (milliseconds("tables", scattered(pages)) for pages in (600, 1 << 20))
    print(f"tables     300 of 600 pages       {few:9.1f} ms")
    print(f"           300 of 2^20 pages      {many:9.1f} ms   {many / few:5.2f} × of 600")


if __name__ == "__main__":
    main()
