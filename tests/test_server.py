"""What a kernel says reaches the browser at once: no message waits for the one before it to be acknowledged."""

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

from uffdsim import server

CONFIG = Path(__file__).parents[1] / "uffdsim" / "server.json"


class Connection:
    """A connection to a kernel as Jupyter's server makes them, but for the kernel."""

    def __init__(self, websocket_handler):
        self.websocket_handler = websocket_handler

    def connect(self):
        self.websocket_handler.write_message("hello")
        return "connected"


class Handler(WebSocketHandler):
    def open(self):
        connection = self.settings["kernel_websocket_connection_class"](self)
        returned = connection.connect()
        nodelay = self.ws_connection.stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        self.settings["seen"] += [returned, nodelay]


def connected(extended: bool) -> list:
    """What came of a browser's connecting: what the kernel's side returned, and whether its socket delays nothing."""

    async def connect():
        seen = []
        application = Application([("/", Handler)], kernel_websocket_connection_class=Connection, seen=seen)
        if extended:
            server._load_jupyter_server_extension(SimpleNamespace(web_app=application))
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
    assert connected(extended=False) == ["connected", 0]


def test_with_it_every_message_goes_out_at_once():
    assert connected(extended=True) == ["connected", 1]


def test_whoever_installs_uffdsim_has_it_in_jupyters_server():
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter", "server", "extension", "list"], capture_output=True, text=True, check=True
    )
    (module,) = [point["module"] for point in server._jupyter_server_extension_points()]
    assert re.search(rf"\b{re.escape(module)}\b.*enabled", listed.stdout + listed.stderr)
    assert re.search(rf"\b{re.escape(module)}\b.*OK", listed.stdout + listed.stderr)
    assert json.loads(CONFIG.read_text(encoding="utf-8")) == {"ServerApp": {"jpserver_extensions": {module: True}}}
