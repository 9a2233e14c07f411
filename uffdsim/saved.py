"""Saved notebooks: a widget leaves its words in one, and its view for as long as the kernel that made it runs.

Jupyter shows a view whose kernel is gone as "Error displaying widget: model not found", and never the words beside it.
So a file holds the words alone; whoever opens it again while the kernel still runs gets the view back.
"""

import os
import sys
from collections.abc import Container, Iterator
from pathlib import PurePath

VIEW = "application/vnd.jupyter.widget-view+json"


def bundle(widget: dict | None, **words: str) -> dict:
    """What a notebook shows of a widget: the bundle that its library makes, and words by their subtype of ``text``."""
    made = {**(widget or {}), **{f"text/{form}": text for form, text in words.items()}}
    if VIEW in made:
        made[VIEW] = {**made[VIEW], "kernel": kernel()}
    return made


def kernel() -> str:
    """Which kernel this is, as ``running`` names it; "" if it is none. A kernel that is restarted is another."""
    connect = sys.modules.get("ipykernel.connect")  # a kernel has it
    try:
        file = connect.get_connection_file() if connect else ""
    except RuntimeError:
        file = ""
    return name(PurePath(file).stem.removeprefix("kernel-"), os.getpid() if file else None)


def name(id: str, process: int | None) -> str:
    """What a kernel is called: by the id that Jupyter's server gave it, and by its process."""
    return f"{id}/{process}" if process else ""


def close(notebook: dict) -> None:
    """Put away the views that are marked with a kernel, where words stand beside them: the notebook is saved."""
    for output in _outputs(notebook):
        data = output.get("data", {})
        if data.get(VIEW, {}).get("kernel") and len(data) > 1:
            output["metadata"] = {**output.get("metadata", {}), "uffdsim": {"view": data.pop(VIEW)}}


def open_again(notebook: dict, running: Container[str]) -> None:
    """Bring back those views whose kernels are ``running``, and forget the others."""
    for output in _outputs(notebook):
        view = output.get("metadata", {}).pop("uffdsim", {}).get("view")
        if view and view["kernel"] in running:
            output["data"][VIEW] = view


def _outputs(notebook: dict) -> Iterator[dict]:
    for cell in notebook.get("cells", ()):
        yield from cell.get("outputs", ())
