"""Astray: in words, how what was done in a lab differs from what was meant."""

from collections.abc import Iterator, Mapping
from typing import Any

from uffdsim import words
from uffdsim.lab.acts import button
from uffdsim.scenario import Step

PLACE = ("vma", "page", "pages")


def said(step: Step, key: str) -> object:
    """What a step says for a key; its thread too where that goes without saying."""
    return step.thread if key == "thread" else step.get(key)


def undo(times: int) -> str:
    """What to press, and how often: ``Undo twice``."""
    return {1: "Undo", 2: "Undo twice"}.get(times, f"Undo {times} times")


def differences(done: Step, meant: Step, keys: list[str]) -> Iterator[tuple[str, str]]:
    """How an act differs from what was meant, and what that was: ``went to watched``, ``plain``."""
    where = [key for key in keys if key in PLACE]
    for key in keys:
        was, right = said(done, key), said(meant, key)
        if key in where:
            if key == where[0]:
                yield f"went to {_place(done, where)}", _place(meant, where)
        elif key == "op":
            yield f"was {button(done.op)[0]}", button(meant.op)[0]
        elif key == "thread":
            yield f"was {was}", str(right)
        elif key == "value":
            yield f"brought {words.byte(done[key])}", words.byte(meant[key])
        elif key == "mode":
            how = f"with {words.listed(meant[key])}" if right else "without it"
            yield f"was with {words.listed(done[key]) if was else 'no mode'}", f"{button(meant.op)[0]} {how}"
        else:
            yield f"had {key} {was}", f"{key} {right}"


def _place(step: Step, keys: list[str]) -> str:
    """As much of a place as differs: ``watched``, ``page 1``, ``page 1 of watched``, ``all of watched``."""
    if keys == ["vma"]:
        return step["vma"]
    if keys == ["page"]:
        return f"page {step['page']}"
    return f"all of {step['vma']}" if step.get("pages", 1) is None and not step["page"] else words.where(step)


def missed(step: Step, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """The result of a step, and what it should have been: ``t1 got 0x41, and should have waited``."""
    came = "waits" if found.get("status") == "blocked" else f"got {words.answer(step, dict(found) or None)}"
    known = {key: value for key, value in wanted.items() if value is not None}
    if known.get("status") == "blocked":
        return f"{step.thread} {came}, and should have waited"
    return f"{step.thread} {came}, and should have got {words.answer(step, {'status': 'done', **known})}"
