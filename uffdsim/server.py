"""What Jupyter's server does for labs: it sends at once, hears soon that a kernel has died, opens saved notebooks
without views of kernels that are gone, and where it opens no browser says which page to open.

*At once.* A kernel says that it is busy before it says anything else. As Jupyter's server leaves its sockets, TCP holds
the second message back until the browser has acknowledged the first (Nagle's algorithm), and Linux may take 40 ms for
that (delayed acknowledgements): measured on Linux 6.18, one click in seven waits so long.
"""

from collections.abc import Callable
from inspect import isawaitable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from uffdsim import saved

HEARS_WITHIN = 1.0
"""Seconds between two looks whether a kernel still runs; Jupyter's own are three, and all the while a dead lab would
look alive."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(app: Any) -> None:
    settings = app.web_app.settings
    settings["kernel_websocket_connection_class"] = prompt(settings["kernel_websocket_connection_class"])
    app.config.KernelRestarter.setdefault("time_to_dead", HEARS_WITHIN)
    contents = app.contents_manager
    contents.register_pre_save_hook(close)
    contents.get = opening(contents.get, lambda: running(app.kernel_manager))
    if app.file_to_run and not app.open_browser:
        later = app.io_loop.add_callback  # twice: the server listens when the loop has turned once
        later(later, lambda: app.log.info(f"Begin here: {page(app)}"))


def prompt(connection: type) -> type:
    """A class of connections like this one, but whose messages wait for none before them: TCP_NODELAY."""

    class Prompt(connection):
        def connect(self) -> Any:
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    return Prompt


def page(app: Any) -> str:
    """The address of the notebook that the server was started with, token and all; known once it listens."""
    file = Path(app.file_to_run).resolve().relative_to(Path(app.root_dir).resolve())
    address, _, query = app.display_url.split()[0].partition("?")
    root = address.removesuffix("/").removesuffix(app.default_url.rstrip("/")).rstrip("/")
    return f"{root}/{app.file_url_prefix.strip('/')}/{quote(file.as_posix())}{'?' + query if query else ''}"


def running(kernels: Any) -> set[str]:
    """The names of the kernels that a manager of kernels runs, as ``saved.name`` makes them."""
    found = ((id, kernels.get_kernel(id)) for id in kernels.list_kernel_ids())
    return {saved.name(id, getattr(one.provisioner, "pid", None)) for id, one in found} - {""}


def close(model: dict, **_: object) -> None:
    """Before a file is saved: if it is a notebook, its views are put away."""
    if model.get("type") == "notebook" and model.get("content"):
        saved.close(model["content"])


def opening(get: Callable, running: Callable[[], set[str]]) -> Callable:
    """``get`` of a manager of contents, but that brings the views of running kernels back."""

    def opened(model: dict) -> dict:
        if model["type"] == "notebook" and model["content"]:
            saved.open_again(model["content"], running())
        return model

    async def later(model: Any) -> dict:
        return opened(await model)

    def got(*arguments: object, **keys: object) -> Any:
        model = get(*arguments, **keys)
        return later(model) if isawaitable(model) else opened(model)

    return got
