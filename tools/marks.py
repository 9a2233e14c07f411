"""A class of three, made up; what ``uffdsim marks`` says to their work stands in the teacher's guide.

    python tools/marks.py          print that

Ann has done all that was asked; Bob has three things wrong; Eve has learned how to edit a file.
"""

import copy
import io
import json
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from uffdsim.__main__ import main
from uffdsim.course import Progress, Question, task
from uffdsim.course.lessons.challenges import survivor
from uffdsim.course.progress import keep_in
from uffdsim.library import scenario

ASKED = (
    ("message", "02-minor-only-page-not-in-cache", 9),
    ("message", "02-minor-only-page-not-in-cache", 12),
    ("message", "33-dontneed-then-minor-again", 11),
    ("message", "34-punch-then-missing-again", 10),
    ("message", "13-kernel-mode-access", 11),
    ("ending", "13-kernel-mode-access", 14),
    ("errno", "21-minor-on-anon-and-shmem", 6),
)
"""Questions of lesson 2."""
BUILT = {
    "there-not-here": [
        {"op": "store", "vma": "plain", "page": 1, "value": 7},
        {"op": "madvise", "vma": "plain", "page": 1, "pages": 1, "advice": "DONTNEED"},
    ],
    "a-page-of-its-own": [
        {"op": "mmap", "id": "p", "file": "F", "pages": 1, "sharing": "private"},
        {"op": "store", "vma": "p", "page": 0, "value": 9},
    ],
}
"""Exercises of lesson 1."""
WRITTEN = """\
class Survivor:
    def __init__(self):
        self.gone = set()

    def __call__(self, event, u):
        if event.kind == "REMOVE":
            self.gone |= {(event.vma, page) for page in range(event.page, event.page + event.pages)}
        elif event.kind == "PAGEFAULT":
            place = event.vma, event.page
            if event.minor:
                done = u.continue_(*place)
            else:
                done = u.copy(*place, value=0 if place in self.gone else event.data)
            if done.errno == "EAGAIN":
                u.later(event)
            elif done.errno:
                u.wake(*place)
"""
"""The handler of lesson 6."""
COMMAND = "uffdsim marks --key mine.json work/*.json"


def work(progress: Progress, wrong: tuple[int, ...] = (), handler: str = WRITTEN):
    """Do what was asked, but for the questions that are to be answered wrongly."""
    for number, (what, name, at) in enumerate(ASKED):
        question = Question(what, scenario(name), at=at)
        question.keep = progress
        question.answer(next(iter(question.mistakes)) if number in wrong else question.truth)
    for name, steps in BUILT.items():
        exercise = copy.copy(task(name))  # everybody else's keeps its results where it did
        exercise.keep = progress
        done = exercise.check([*exercise.start, *steps])
        assert done, done
    written = {"source": handler, "handler": "Survivor", "kernel": "linux-6.18"}
    keep_in(progress, "handler", survivor.name, handler == WRITTEN, written)


def tampered(path: Path):
    """Everything is said to be done."""
    data = json.loads(path.read_text(encoding="utf-8"))
    for entry in data["work"]:
        entry["done"] = entry["first"] = True
    path.write_text(json.dumps(data), encoding="utf-8")


def said() -> str:
    """The command, and what it prints."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        people = {"mine": {}, "ann": {}, "bob": {"wrong": (1, 4), "handler": BAD}, "eve": {"wrong": (2,)}}
        for who, keys in people.items():
            (folder / who).mkdir()
            progress = Progress(folder / who)
            work(progress, **keys)
            if who == "eve":
                tampered(progress.path)
        files = [str(folder / who / progress.path.name) for who in people if who != "mine"]
        out = io.StringIO()
        with redirect_stdout(out):
            main(["marks", "--key", str(folder / "mine" / progress.path.name), *files])
    return f"$ {COMMAND}\n{out.getvalue()}"


BAD = WRITTEN.replace("0 if place in self.gone else event.data", "event.data")

if __name__ == "__main__":
    print(said(), end="")
