"""What Jupyter's server does for labs: no message waits for the one before it to be acknowledged, it hears soon of a
dead kernel, and a saved notebook is opened without views of kernels that are gone."""

import asyncio
import json
import re
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect
from traitlets.config import Config

from uffdsim import saved, server

CONFIG = Path(__file__).parents[1] / "uffdsim" / "server.json"


class Connection:
    """A connection to a kernel as Jupyter's server makes them, but for the kernel."""

    def __init__(self, websocket_handler):
        self.websocket_handler = websocket_handler

    def connect(self):
        self.websocket_handler.write_message("hello")
        return "connected"


class Contents:
    """A manager of files that knows one notebook, and Jupyter's own way of being asked for it."""

    def __init__(self):
        self.hooks = []
        self.model = {"type": "notebook", "content": {"cells": []}}

    def register_pre_save_hook(self, hook):
        self.hooks.append(hook)

    async def get(self, path, content=True):
        assert path == "a.ipynb"
        return self.model if content else {**self.model, "content": None}


def kernels(**processes):
    """A manager of kernels, with the processes of those that run."""
    found = {id: SimpleNamespace(provisioner=SimpleNamespace(pid=pid)) for id, pid in processes.items()}
    return SimpleNamespace(list_kernel_ids=lambda: list(found), get_kernel=found.get)


def extended(application=None, config=None, **processes):
    """A server with our extension."""
    web = application or Application([], kernel_websocket_connection_class=Connection)
    app = SimpleNamespace(
        web_app=web, config=config or Config(), contents_manager=Contents(), kernel_manager=kernels(**processes),
        file_to_run="",
    )
    server._load_jupyter_server_extension(app)
    return app


class Handler(WebSocketHandler):
    def open(self):
        connection = self.settings["kernel_websocket_connection_class"](self)
        returned = connection.connect()
        nodelay = self.ws_connection.stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        self.settings["seen"] += [returned, nodelay]


def connected(with_it: bool) -> list:
    """The result of a browser's connecting: what the kernel's side returned, and whether its socket delays nothing."""

    async def connect():
        seen = []
        application = Application([("/", Handler)], kernel_websocket_connection_class=Connection, seen=seen)
        if with_it:
            extended(application)
        listening, port = bind_unused_port()
        http = HTTPServer(application)
        http.add_socket(listening)
        browser = await websocket_connect(f"ws://127.0.0.1:{port}/")
        assert await browser.read_message() == "hello"
        browser.close()
        http.stop()
        await http.close_all_connections()
        return seen

    return asyncio.run(connect())


def test_without_it_a_message_may_wait_for_the_one_before():
    assert connected(with_it=False) == ["connected", 0]


def test_with_it_every_message_goes_out_at_once():
    assert connected(with_it=True) == ["connected", 1]


def test_a_kernel_that_dies_is_heard_of_within_a_second_if_nobody_wants_it_otherwise():
    assert extended().config.KernelRestarter.time_to_dead == server.HEARS_WITHIN == 1
    assert extended(config=Config(KernelRestarter={"time_to_dead": 9})).config.KernelRestarter.time_to_dead == 9


def test_a_notebook_is_saved_without_views_and_opened_with_those_of_running_kernels():
    app = extended(k=7, other=None)
    view = {"model_id": "c0ffee", "kernel": "k/7"}
    output = {"metadata": {}, "data": {saved.VIEW: view, "text/plain": "a lab"}}
    contents = app.contents_manager
    contents.model["content"]["cells"] = [{"outputs": [output]}]
    for hook in contents.hooks:
        hook(model=contents.model, path="a.ipynb", contents_manager=contents)
    assert output["data"] == {"text/plain": "a lab"}
    assert asyncio.run(contents.get("a.ipynb", content=False))["content"] is None
    model = asyncio.run(contents.get("a.ipynb"))
    assert model["content"]["cells"][0]["outputs"][0]["data"] == {"text/plain": "a lab", saved.VIEW: view}


def test_what_is_no_notebook_is_let_be_and_a_manager_may_answer_at_once():
    text = {"type": "file", "content": "cells"}
    server.close(model=text, path="a.txt")
    assert server.opening(lambda path: text, set)("a.txt") is text


def test_whoever_installs_uffdsim_has_it_in_jupyters_server():
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter", "server", "extension", "list"], capture_output=True, text=True, check=True
    )
    (module,) = [point["module"] for point in server._jupyter_server_extension_points()]
    assert re.search(rf"\b{re.escape(module)}\b.*enabled", listed.stdout + listed.stderr)
    assert re.search(rf"\b{re.escape(module)}\b.*OK", listed.stdout + listed.stderr)
    assert json.loads(CONFIG.read_text(encoding="utf-8")) == {"ServerApp": {"jpserver_extensions": {module: True}}}


def test_who_starts_it_without_a_browser_is_told_which_page_to_open(tmp_path):
    app = SimpleNamespace(
        file_to_run=str(tmp_path / "00-start here.ipynb"), root_dir=str(tmp_path), default_url="/lab",
        file_url_prefix="/lab/tree", display_url="http://localhost:8888/lab?token=abc\n    or another",
    )  # fmt: skip
    assert server.page(app) == "http://localhost:8888/lab/tree/00-start%20here.ipynb?token=abc"


def test_jupyters_news_do_not_lie_over_the_first_picture():
    settings = json.loads((CONFIG.parent / "settings.json").read_text())
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
