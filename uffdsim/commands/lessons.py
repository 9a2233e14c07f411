"""Commands about the lessons: they are put into a folder and opened, and students' work is checked."""

import argparse
import os
from argparse import Namespace
from pathlib import Path
from typing import Any

from uffdsim.commands.saying import complain, say

LESSONS = "uffdsim-lessons"
"""The folder that lessons are put into if none is named."""
MARKS = """\
Checks again all that students have answered, built and written, and prints a row for each.

A file says by its name whose it is; or by its folder's, if it is called uffdsim-progress.json.
Handlers are programs that students wrote: they run with your rights, each in a process of its own
that has half a minute and 2 GiB, and may write no file. That stops mistakes, not malice.

The exit status is 1 if something is said to be done and is not, and 2 if a file cannot be read.
"""


def add(commands: Any) -> None:
    """Add the commands to those of ``uffdsim``."""
    lab = commands.add_parser("lab", help="put the lessons into a folder, and open the first one in JupyterLab")
    lab.add_argument("folder", nargs="?", metavar="FOLDER", type=Path, default=Path(LESSONS), help=f"({LESSONS})")
    lab.add_argument("--no-browser", action="store_true", help="open no browser, but say which page to open")
    lab.set_defaults(do=_lab)

    marks = commands.add_parser("marks", help="check students' work again, and print a table of it", description=MARKS)
    marks.formatter_class = argparse.RawDescriptionHelpFormatter
    marks.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a student's uffdsim-progress.json")
    marks.add_argument(
        "--csv", nargs="?", choices=("canvas", "moodle"), const="canvas", help="print CSV for a gradebook (canvas)"
    )
    wide = marks.add_mutually_exclusive_group()
    wide.add_argument("--each", action="store_true", help="tell each piece of work, not each lesson")
    wide.add_argument("--total", action="store_true", help="in CSV, one column for all of it")
    marks.add_argument("--key", metavar="FILE", type=Path, help="count only what is in this file: yours, for example")
    marks.set_defaults(do=_marks)


def _lab(arguments: Namespace) -> int:
    from uffdsim import doctor, handout

    folder = arguments.folder
    try:
        for put in handout.hand_out(folder):
            say(f"{put}\n")
    except OSError as error:
        return complain(f"{error.filename or folder}: {error.strerror or error}")
    say(f"the lessons are in {folder.resolve()}\n")
    needed = doctor.library("jupyterlab")
    if not needed.ok:
        return complain(f"JupyterLab, which opens them, is not here: {needed.remedy}")
    from jupyterlab.labapp import main as jupyterlab

    os.chdir(folder)  # what JupyterLab shows
    root = getattr(os, "geteuid", lambda: 1)() == 0
    options = {"--no-browser": arguments.no_browser, "--allow-root": root}
    jupyterlab([*(name for name, wanted in options.items() if wanted), handout.FIRST])
    return 0


def _marks(arguments: Namespace) -> int:
    from uffdsim.course.marks.command import marks

    return marks(arguments)
