"""A JupyterLab of its own and a browser to drive it, for the tests of what people see.

with jupyterlab(folder) as server, browser() as chromium:
    page = notebook(chromium, server, "00-start-here.ipynb")
    run_all(page)
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
import need
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
ARGUMENTS = """
    --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync
""".split()
READY = """async () => {
    const widget = jupyterapp.shell.currentWidget;
    await widget.context.ready;
    await widget.sessionContext.ready;
    await widget.sessionContext.session.kernel.info;
}"""
STILL = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    let still = 0, last = "";
    while (still < 10) {
        await frame();
        const now = document.getElementsByTagName("*").length + " " + document.documentElement.scrollHeight;
        const moving = document.getAnimations().some((one) => one.effect.getComputedTiming().endTime < Infinity);
        still = now === last && !moving ? still + 1 : 0;
        last = now;
    }
}"""
"""Waits until a page has been drawn ten times without any change, or motion that ends."""
MOST = 60_000
"""Milliseconds that anything in a page may take; many times what it does."""
PYTHON = 150_000
"""Milliseconds until a notebook's kernel is ready; the longest is what Python needs to come into a browser."""
QUIET = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


@contextmanager
def jupyterlab(folder: Path, settings: Path, python: str = sys.executable):
    """The address of a JupyterLab on a folder; it has no settings but ours, kept in ``settings``."""
    with jupyter(folder, settings, python) as (address, _):
        yield address


@contextmanager
def jupyter(folder: Path, settings: Path, python: str = sys.executable, port: int = 0):
    """The same, and the process of the server; it serves Notebook 7 too, where that is installed.

    :param port: where it listens; anywhere if left out.
    """
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    configure(settings, QUIET)
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR", "MPLCONFIGDIR")
    own = {name: str(settings / name.lower()) for name in names}
    own |= {"JUPYTERLAB_SETTINGS_DIR": str(settings / "lab"), "JUPYTER_RUNTIME_DIR": str(settings / "runtime")}
    command = [
        *(python, "-m", "jupyterlab", "--allow-root", "--no-browser", "--ip=127.0.0.1", f"--port={port}"),
        *(
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
            "--ServerApp.password=",
            "--expose-app-in-browser",
            "--JupyterNotebookApp.expose_app_in_browser=True",
        ),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    log = settings / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=folder, env=os.environ | own, stdout=out, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/api", server, log)
            yield address, server
        finally:
            server.terminate()
            server.wait(20)


def configure(settings: Path, plugins: dict[str, dict]):
    """Settings of JupyterLab's plugins, for a server that is started with them."""
    for plugin, values in plugins.items():
        package, _, name = plugin.partition(":")
        path = settings / "lab" / package / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))


def _wait_for(address: str, server: subprocess.Popen, log: Path):
    for _ in range(900):
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


@contextmanager
def browser():
    """A Chromium without a screen."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=need.chromium(), headless=True, args=ARGUMENTS)
        try:
            yield chromium
        finally:
            chromium.close()


APPS = {
    "JupyterLab": "lab/tree/{}?reset",
    "Notebook": "notebooks/{}",
    "JupyterLite": "lite/notebooks/index.html?path={}",
}
"""Where the apps are that show notebooks, each in its own way, with the same widgets."""


def notebook(
    chromium, address: str, name: str, width: int = 1280, height: int = 720, app: str = "JupyterLab"
) -> Page:
    """A page with a notebook in it, as large as the window, and its kernel ready."""
    context = chromium.new_context(viewport={"width": width, "height": height}, bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(MOST)
    open_again(page, address, name, app)
    return page


def open_again(page: Page, address: str, name: str, app: str = "JupyterLab"):
    """Open a notebook in a page, as it is in its file, and wait until its kernel is ready."""
    page.goto(f"{address}/{APPS[app].format(name)}")
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext")
    evaluate(page, READY, most=PYTHON)
    page.evaluate("jupyterapp.shell.collapseLeft()")


def evaluate(page: Page, function: str, argument=None, most: int = MOST):
    """What this asynchronous function of JavaScript returns; unlike Playwright's own, it does not wait without end.

    :raises Error: if it throws, or is not done within ``most`` milliseconds.
    """
    return page.evaluate(
        """([source, argument, most]) => Promise.race([
            eval(`(${source})`)(argument),
            new Promise((_, refuse) => setTimeout(() => refuse(new Error(`not done in ${most} ms: ${source}`)), most)),
        ])""",
        [function, argument, most],
    )


def empty_notebook(code: str = ""):
    """A notebook with one cell."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


def run_all(page: Page):
    """Run every cell, and wait until the first lab is there."""
    evaluate(page, "() => jupyterapp.commands.execute('notebook:run-all-cells')")
    page.locator(".uffdsim-lab .uffdsim-stage svg").first.wait_for(timeout=30_000)


def run(page: Page, code: str):
    """Give a notebook's first cell this code, run it, and return the lab that it shows."""
    evaluate(
        page,
        """async (code) => {
            const {content, sessionContext} = jupyterapp.shell.currentWidget;
            jupyterapp.shell.currentWidget.content.activeCellIndex = 0;
            await jupyterapp.commands.execute('notebook:clear-all-cell-outputs');
            content.widgets[0].model.sharedModel.setSource(code);
            await jupyterapp.commands.execute('notebook:run-cell');
        }""",
        code,
    )
    lab = page.locator(".uffdsim-lab").first
    lab.locator(".uffdsim-stage svg").first.wait_for(timeout=30_000)
    return lab


def execute(page: Page, code: str) -> str:
    """What this code prints, run by the kernel of the page's notebook beside its cells.

    :raises Error: if it raises.
    """
    return evaluate(
        page,
        """async (code) => {
            const {kernel} = jupyterapp.shell.currentWidget.sessionContext.session;
            const future = kernel.requestExecute({code, store_history: false});
            let printed = "";
            future.onIOPub = ({content}) => { printed += content.text ?? content.traceback?.join("\\n") ?? ""; };
            if ((await future.done).content.status !== "ok")
                throw new Error(printed);
            return printed;
        }""",
        code,
    )


def settle(page: Page):
    """Wait until nothing moves on a page."""
    evaluate(page, STILL)
