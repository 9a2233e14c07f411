"""A minor fault at its key moments, as SVG that somebody has looked at: a change to what is seen is seen here first.

If the change is meant: `python tests/test_pictures_golden.py` paints golden/ anew. Open the files in a browser and
look at them before they are committed.
"""

from pathlib import Path

import pytest
from drawn import MINOR, moment, run

from uffdsim.pictures import draw, svg
from uffdsim.trace import Event, Kind, Trace

GOLDEN = Path(__file__).parent / "golden"


def plain() -> Trace:
    """The trace of a minor fault without the kernel's words, which have tests of their own."""
    trace = run(MINOR)
    events = []
    for event in trace.events:
        text = event.text and f"{event.kind} …"
        known = {name: getattr(event, name) for name in ("target", "question", "answer", "errno", "of", "place")}
        events.append(Event(event.step, event.thread, event.kind, event.function, text, **known))
        events[-1].changes = event.changes
    return Trace(trace.scenario, trace.kernel, trace.observations, events)


def pictures() -> dict[str, str]:
    """The SVG of each golden picture, by the name of its file."""
    trace = plain()
    moments = {
        "asleep": moment(trace, Kind.SLEEP),
        "told": moment(trace, Kind.MESSAGE),
        "woken": moment(trace, Kind.WAKE),
    }
    seen = [
        ("tables", "asleep"),
        ("tables", "told"),
        ("tables", "woken"),
        ("sequence", "woken"),
        ("decision", "asleep"),
    ]
    seen += [("walk", "woken"), ("flags", "asleep")]
    return {f"{name}-{when}.svg": svg(draw(name, trace, moments[when]), "golden") + "\n" for name, when in seen}


@pytest.mark.parametrize("name", pictures())
def test_a_picture_looks_as_it_did_when_somebody_looked(name):
    assert pictures()[name] == (GOLDEN / name).read_text(encoding="utf-8"), "see the head of this file"


def test_every_golden_picture_is_still_painted():
    assert {path.name for path in GOLDEN.iterdir()} == set(pictures())


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, text in pictures().items():
        (GOLDEN / name).write_text(text, encoding="utf-8")
