"""Variants of a scenario, each different in one thing that people take for another.

They are where a question gets its wrong answers from: each is what would be right in one of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from uffdsim import words
from uffdsim.grammar import OPS, Trait
from uffdsim.kernel import VERSIONS
from uffdsim.scenario import Scenario, ScenarioError, Step

MODES = (("MISSING",), ("MINOR",), ("MISSING", "MINOR"))
SWAPPED = {"hugetlb-2M": "shmem", "shmem": "hugetlb-2M"}
PREFILL = 0x77


@dataclass(frozen=True)
class Variant:
    """A scenario that differs in one thing: in which (``if …``), where the asked step is in it, and its kernel."""

    condition: str
    scenario: Scenario
    index: int
    kernel: str


def variants(scenario: Scenario, index: int, kernel: str) -> Iterator[Variant]:
    """The variants of a scenario, those nearest to a usual mistake first; some may be impossible to run."""
    scenario = scenario.first(index + 1)
    steps = scenario.steps
    for condition, changed in (
        *_registered(steps),
        *_cached(scenario),
        *_without(steps),
        *_waking(steps),
        *_other_touch(steps),
        *_featured(steps),
        *_other_memory(steps),
    ):
        try:
            yield Variant(condition, Scenario(changed), len(changed) - 1, kernel)
        except ScenarioError:
            continue
    for other in VERSIONS:
        if other != kernel:
            yield Variant(f"on {other}", scenario, index, other)


def _registered(steps: tuple[Step, ...]) -> Iterator[tuple[str, list[Step]]]:
    for i, step in enumerate(steps):
        if step.op == "register" and "raw" not in step.given:
            for modes in MODES:
                if set(modes) != set(step["modes"]):
                    text = f"if {step['vma']} were registered {' and '.join(modes)}{_which(steps, i, 'vma')}"
                    yield text, _with(steps, i, changed(step, modes=list(modes)))


def _cached(scenario: Scenario) -> Iterator[tuple[str, list[Step]]]:
    """The asked page had been written through another mapping of its file."""
    *before, last = scenario.steps
    mine = scenario.mappings.get(last.get("vma") or "")
    if mine is None or mine.file is None or "page" not in last:
        return
    watched = {step["vma"] for step in before if step.op == "register"}
    written = {(step["vma"], step["page"]) for step in scenario if Trait.WRITE in step.traits}
    for other in scenario.mappings.values():
        page = last["page"] + mine.offset - other.offset
        if other.file == mine.file and other.id not in {mine.id, *watched} and page >= 0:
            if (other.id, page) not in written:
                fill = Step("store", vma=other.id, page=page, value=PREFILL)
                yield f"if {words.page(other.id, page)} had been written before", [*before, fill, last]


def _without(steps: tuple[Step, ...]) -> Iterator[tuple[str, list[Step]]]:
    for i in range(len(steps) - 2, -1, -1):
        if not steps[i].traits & (Trait.SETS_UP | Trait.LOOK):
            yield f"if “{words.step(steps[i])}” (step {i}) had not been done", [*steps[:i], *steps[i + 1 :]]


def _waking(steps: tuple[Step, ...]) -> Iterator[tuple[str, list[Step]]]:
    for i, step in enumerate(steps):
        if "DONTWAKE" in OPS[step.op].modes:
            mode = step["mode"]
            more = [m for m in mode if m != "DONTWAKE"] if "DONTWAKE" in mode else [*mode, "DONTWAKE"]
            word = "without" if "DONTWAKE" in mode else "with"
            text = f"if {words.call(step.op, step.traits)} (step {i}) were called {word} DONTWAKE"
            yield text, _with(steps, i, changed(step, mode=more))


def _other_touch(steps: tuple[Step, ...]) -> Iterator[tuple[str, list[Step]]]:
    last = steps[-1]
    keys = {key: value for key, value in last.given.items() if key != "value"}
    if last.op == "load":
        yield f"if {last.thread} wrote to it", [*steps[:-1], Step("store", **keys, value=PREFILL)]
    elif last.op == "store":
        yield f"if {last.thread} only read it", [*steps[:-1], Step("load", **keys)]


def _featured(steps: tuple[Step, ...]) -> Iterator[tuple[str, list[Step]]]:
    for i, step in enumerate(steps):
        if step.op == "api":
            which = _which(steps, i, "fd")
            for feature in ("SIGBUS", "EVENT_REMOVE", "EVENT_UNMAP", "EVENT_FORK", "EVENT_REMAP", "MINOR_HUGETLBFS"):
                asked = feature in step["features"]
                others = [name for name in step["features"] if name != feature]
                text = f"if {step['fd']} had{' not' if asked else ''} asked for {feature}{which}"
                yield text, _with(steps, i, changed(step, features=others if asked else [*others, feature]))


def _other_memory(steps: tuple[Step, ...]) -> Iterator[tuple[str, list[Step]]]:
    for i, step in enumerate(steps):
        if step.op == "mmap" and step["file"]:
            if step["sharing"] == "private":
                yield f"if {step['id']} were shared", _with(steps, i, changed(step, sharing="shared"))
            else:
                yield f"if {step['id']} were private", _with(steps, i, changed(step, sharing="private"))
        elif step.op == "file" and step["backing"] in SWAPPED:
            other = SWAPPED[step["backing"]]
            yield f"if {step['id']} were of {other}", _with(steps, i, changed(step, backing=other))


def _which(steps: tuple[Step, ...], index: int, key: str) -> str:
    """Which step is meant, where several do the same to what it names by this key."""
    step = steps[index]
    same = [other for other in steps if other.op == step.op and other[key] == step[key]]
    return f" in step {index}" if len(same) > 1 else ""


def changed(step: Step, **keys) -> Step:
    """A step with other keys."""
    return Step(step.op, **{**step.given, **keys})


def _with(steps: Iterable[Step], index: int, step: Step) -> list[Step]:
    return [step if i == index else other for i, other in enumerate(steps)]
