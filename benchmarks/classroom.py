"""A class at one Jupyter server: so many kernels with a lab each, all clicking; how long a click takes, and memory.

    python benchmarks/classroom.py [--people 40] [--seconds 300] [--every 2] [--browsers 2]

Most of the people are drivers that speak the kernel protocol over the server's websockets, as a page does: they make a
lab, and click CONTINUE, Undo, Back and Next in turn, each once every two seconds. Some are real browsers, in the same
room. Told are, in milliseconds, the median and the 95th of 100 from a click to the changed page (for drivers: to the
message that changes it); in MB, as proportional set size, what the server and each kernel hold; and what a click takes
of a processor, in the server and in the kernel. The people's own processors are the server's: on a server of its own,
clicks are faster.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

import nbformat
from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import websocket_connect

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
import browser  # noqa: E402

LAB = """
import os
from uffdsim.lab import Lab
os.makedirs("{0}", exist_ok=True)
os.chdir("{0}")
lab = Lab(acts=[
    {{"op": "store", "vma": "plain", "value": 65}},
    {{"op": "load", "thread": "t1", "vma": "watched"}},
    {{"op": "read_event", "fd": "u"}},
])
lab
"""
"""A lab in a folder of one's own, where it keeps what is done."""
CHART = "from uffdsim.pictures import draw, figure; figure(draw('tables', lab.model.trace))"
"""What needs numpy and matplotlib, as two of the lessons do."""
CONTINUE = {"op": "continue", "fd": "u", "vma": "watched", "page": 0, "pages": 1}
CLICKS = ({"do": "act", "with": [CONTINUE]}, {"do": "back_act"}, {"do": "end"}, {"do": "undo"})
MOST = 120
"""Seconds that anything may take."""


class Person:
    """One kernel with a lab in it, and somebody who clicks."""

    def __init__(self, address: str, number: int):
        self.address, self.number = address, number
        self.session = uuid.uuid4().hex
        self.times: list[float] = []
        self.process = 0
        self.stage = ""

    async def come(self) -> None:
        """Start a kernel, and make a lab in it."""
        body = json.dumps({"name": "python3"})
        url = f"{self.address}/api/kernels"
        token = "0" * 32  # what a page has been told by a cookie, it says once more
        headers = {"Cookie": f"_xsrf={token}", "X-XSRFToken": token}
        how = {"method": "POST", "body": body, "headers": headers, "request_timeout": MOST}
        kernel = json.loads((await AsyncHTTPClient().fetch(url, **how)).body)["id"]
        channels = f"{url.replace('http', 'ws')}/{kernel}/channels"
        self.socket = await websocket_connect(f"{channels}?session_id={self.session}")
        self.process = int(await self.execute("import os; print(os.getpid())"))
        await self.execute(LAB.format(self.number))

    async def execute(self, code: str) -> str:
        """What this code prints. The stage of a lab is known by the model that is opened with a ``now``."""
        asked = await self.send("execute_request", {"code": code, "silent": False, "store_history": False}, "shell")
        printed, idle = "", False
        while not idle:
            message = await self.hear()
            if message["parent_header"].get("msg_id") != asked:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                printed += content["text"]
            elif kind == "error":
                raise RuntimeError("\n".join(content["traceback"]))
            elif kind == "comm_open" and "now" in content["data"].get("state", {}):
                self.stage = content["comm_id"]
            idle = kind == "status" and content["execution_state"] == "idle"
        return printed

    async def click(self, what: dict) -> None:
        """Click, and note the milliseconds until what is seen has changed."""
        begin = time.perf_counter()
        data = {"method": "custom", "content": what}
        await self.send("comm_msg", {"comm_id": self.stage, "data": data}, "shell")
        while True:
            content = (await self.hear())["content"]
            if content.get("comm_id") == self.stage and "now" in content["data"].get("state", {}):
                break
        self.times.append(1000 * (time.perf_counter() - begin))

    async def learn(self, until: float, every: float) -> None:
        """Click once in a while, each at a time of their own."""
        await asyncio.sleep(every * self.number / 40 % every)
        count = 0
        while time.monotonic() < until:
            due = time.monotonic() + every
            await self.click(CLICKS[count % len(CLICKS)])
            count += 1
            await asyncio.sleep(max(0, due - time.monotonic()))

    async def send(self, kind: str, content: dict, channel: str) -> str:
        """Send a message, and say what it is called."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": self.session}
        header |= {"username": "", "version": "5.3"}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": channel}
        await self.socket.write_message(json.dumps(message))
        return header["msg_id"]

    async def hear(self) -> dict:
        text = await asyncio.wait_for(self.socket.read_message(), MOST)
        if not isinstance(text, str):
            raise RuntimeError(f"the server has left person {self.number}")
        return json.loads(text)


def memory(process: int) -> float:
    """What a process holds, in MB: its own pages, and its share of those that others use too."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1000


def worked(process: int) -> float:
    """What a process has had of processors so far, in milliseconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def class_of(address: str, people: int) -> list[Person]:
    """So many people, each with a kernel and a lab; four at a time come in."""
    found = [Person(address, number) for number in range(people)]
    for some in range(0, people, 4):
        await asyncio.gather(*(one.come() for one in found[some : some + 4]))
    return found


async def lesson(people: list[Person], server: int, seconds: float, every: float) -> tuple[float, float]:
    """All of them click; what one click takes of a processor, in the server and in its kernel."""
    processes = [server, *(one.process for one in people)]
    before = [worked(process) for process in processes]
    until = time.monotonic() + seconds
    await asyncio.gather(*(one.learn(until, every) for one in people))
    taken = [worked(process) - start for process, start in zip(processes, before, strict=True)]
    clicks = sum(len(one.times) for one in people)
    return taken[0] / clicks, sum(taken[1:]) / clicks


async def looked_at(address: str, folder: Path, number: int, seconds: float, every: float) -> list[float]:
    """The times of somebody with a real browser, in a process of its own."""
    nbformat.write(browser.empty_notebook(), folder / f"empty{number}.ipynb")
    command = [sys.executable, __file__, "--look", address, f"empty{number}.ipynb", str(seconds), str(every)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return json.loads(out.splitlines()[-1])


def look(address: str, name: str, seconds: float, every: float) -> list[float]:
    """Click in a real browser; the milliseconds until the page has changed."""
    from lab_latency import PICTURE, WATCH

    times: list[float] = []
    with browser.browser() as chromium:
        page = browser.notebook(chromium, address, name)
        lab = browser.run(page, LAB.format(name.removesuffix(".ipynb")))
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for button in ("CONTINUE", "Undo"):
                due = time.monotonic() + every
                page.evaluate(WATCH, ["click", ".uffdsim-lab", PICTURE])
                lab.get_by_role("button", name=button, exact=True).first.click()
                times.append(page.evaluate("latency")[0])
                page.wait_for_timeout(max(0, 1000 * (due - time.monotonic())))
    return times


async def measured(arguments: argparse.Namespace, address: str, folder: Path, server: int) -> None:
    alone = memory(server)
    begun = time.monotonic()
    people = await class_of(address, arguments.people - arguments.browsers)
    print(f"{len(people)} people have a lab after {time.monotonic() - begun:.0f} s", flush=True)
    some = (looked_at(address, folder, n, arguments.seconds, arguments.every) for n in range(arguments.browsers))
    clicks, *seen = await asyncio.gather(lesson(people, server, arguments.seconds, arguments.every), *some)
    print(f"a click takes {clicks[0]:.1f} ms of a processor in the server, {clicks[1]:.1f} in its kernel")
    kernels = [memory(one.process) for one in people]
    print(f"server: {alone:.0f} MB alone, {memory(server):.0f} MB with {arguments.people} people")
    print(f"a kernel with a lab: {statistics.median(kernels):.0f} MB, at most {max(kernels):.0f}")
    share = memory(server) / arguments.people
    print(f"a person, with their share of the server: {statistics.mean(kernels) + share:.0f} MB")
    await people[0].execute(CHART)
    print(f"a kernel that has drawn a chart: {memory(people[0].process):.0f} MB")
    told("drivers", [time for one in people for time in one.times])
    if seen:
        told("browsers", [time for times in seen for time in times])


def told(name: str, times: list[float]) -> None:
    ordered = sorted(times)
    print(f"{name}: {len(times)} clicks, {statistics.median(times):.0f} / {ordered[int(0.95 * len(times))]:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--every", type=float, default=2, help="seconds from one click of a person to their next")
    parser.add_argument("--browsers", type=int, default=2, help="how many of the people have a real browser")
    parser.add_argument("--look", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.look:
        address, name, seconds, every = arguments.look
        print(json.dumps(look(address, name, float(seconds), float(every))))
        return
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as settings:
        with browser.jupyter(Path(folder), Path(settings)) as (address, server):
            asyncio.run(measured(arguments, address, Path(folder), server.pid))


if __name__ == "__main__":
    main()
