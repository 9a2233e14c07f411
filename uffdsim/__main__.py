"""The command ``uffdsim``: runs scenarios, and says what they can be run on."""

from __future__ import annotations

import argparse
import io
import os
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterable
from errno import EBADF
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from uffdsim.scenario import Scenario
    from uffdsim.trace import Kernel, Trace

from uffdsim import whole
from uffdsim.kernels import DEFAULT

LESSONS = "uffdsim-lessons"
"""The folder that lessons are put into if none is named."""


def main(argv: list[str] | None = None) -> int:
    """Do what the arguments say, and return the exit status."""
    _open()
    arguments = _parser().parse_args(argv)
    try:
        status = arguments.do(arguments)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # nobody reads on
        _mute(sys.stdout)
        return 1
    except (Unsaid, OSError) as error:
        _mute(sys.stdout)
        return _complain(f"standard output: {getattr(error, 'strerror', None) or error}")


class Unsaid(Exception):
    """What there is to say cannot be written; the message says why."""


class Closed(io.TextIOBase):
    """The standard output of who was given none."""

    def write(self, text: str) -> int:
        """Refuse it."""
        raise OSError(EBADF, os.strerror(EBADF))


def _open() -> None:
    """Have something to write to, and write there what it has no letters for in others."""
    sys.stdout = sys.stdout or Closed()
    sys.stderr = sys.stderr or open(os.devnull, "w")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _mute(stream: TextIO) -> None:
    """What Python still has to write there, at its end too, goes nowhere."""
    if not isinstance(stream, Closed):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _say(text: str) -> None:
    """Print it at once.

    :raises Unsaid: if that cannot be; and BrokenPipeError, if nobody reads on.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unsaid(error.strerror or error) from None


class Version(argparse.Action):
    """Says which version this is, when it is asked for: to look it up takes longer than most commands."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Say it, and end."""
        from importlib.metadata import version

        _say(f"uffdsim {version('uffdsim')}\n")
        parser.exit()


MARKS = """\
Checks all that students have answered, built and written anew, and prints a row for each.

A file says by its name whose it is; or by its folder's, if it is called uffdsim-progress.json.
Handlers are programs that students wrote: they run with your rights, each in a process of its own
that has half a minute and 2 GiB, and may write no file. That stops mistakes, and no malice.

The exit status is 1 if something is said to be done and is not, and 2 if a file cannot be read.
"""


def _parser() -> argparse.ArgumentParser:
    about = "A simulated kernel that shows how userfaultfd works, and real ones to hold it against."
    parser = argparse.ArgumentParser(prog="uffdsim", description=about)
    parser.add_argument("--version", action=Version, nargs=0, help="say which version this is")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    lab = commands.add_parser("lab", help="put the lessons into a folder, and open the first one in JupyterLab")
    lab.add_argument("folder", nargs="?", metavar="FOLDER", type=Path, default=Path(LESSONS), help=f"({LESSONS})")
    lab.add_argument("--no-browser", action="store_true", help="open no browser, but say which page to open")
    lab.set_defaults(do=_lab)

    run = commands.add_parser("run", help="run scenarios, and print what a kernel answers to each step")
    run.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a scenario")
    run.add_argument("--kernel", default=DEFAULT, metavar="NAME", help=f"which kernel answers ({DEFAULT})")
    how = run.add_mutually_exclusive_group()
    how.add_argument("--explain", action="store_true", help="say in words what each step answered, and why")
    how.add_argument("--output", type=Path, metavar="DIR", help="write the answers to DIR/NAME.jsonl instead")
    run.set_defaults(do=_run)

    kernels = commands.add_parser("kernels", help="list the kernels")
    kernels.add_argument("--since", action="store_true", help="say what came with which release, and who says so")
    kernels.set_defaults(do=_kernels)

    doctor = commands.add_parser("doctor", help="say what this machine can do, and what would let it do more")
    doctor.set_defaults(do=_doctor)

    limits = commands.add_parser("limits", help="say what the simulated kernels leave out")
    limits.set_defaults(do=_limits)

    compare = commands.add_parser("compare", help="run scenarios on two kernels, and show where they part")
    compare.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a scenario")
    compare.add_argument("--kernel", default=DEFAULT, metavar="A", help=f"the first kernel ({DEFAULT})")
    compare.add_argument("--with", default="linux", metavar="B", dest="other", help="the second one (linux)")
    compare.set_defaults(do=_compare)

    export = commands.add_parser("export", help="print a scenario as a program: in C, or in Python")
    export.add_argument("files", nargs=1, metavar="FILE", type=Path, help="a scenario")
    export.add_argument("--to", choices=("c", "python", "json"), default="c", help="the language (c)")
    export.set_defaults(do=_export)

    record = commands.add_parser("record", help="write down what a real kernel answers")
    record.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a scenario")
    record.add_argument("--output", required=True, type=Path, metavar="DIR", help="where DIR/NAME.jsonl goes")
    record.add_argument("--kernel", default="linux", metavar="NAME", help="which one (linux, the one this runs on)")
    record.set_defaults(do=_record)

    box = commands.add_parser("box", help="fetch what a kernel in a box takes")
    get = box.add_subparsers(metavar="get", required=True).add_parser("get", help="fetch kernels, and QEMU if need be")
    get.add_argument("series", nargs="+", metavar="SERIES", help="the newest of which kernels: 7.3")
    get.set_defaults(do=_get)

    marks = commands.add_parser("marks", help="check students' work anew, and print a table of it", description=MARKS)
    marks.formatter_class = argparse.RawDescriptionHelpFormatter
    marks.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a student's uffdsim-progress.json")
    marks.add_argument("--csv", action="store_true", help="print CSV, for the gradebook of Canvas or Moodle")
    marks.add_argument("--each", action="store_true", help="a column for each piece of work, not for each kind")
    marks.add_argument("--key", metavar="FILE", type=Path, help="count only what stands in this file: yours, say")
    marks.set_defaults(do=_marks)

    from uffdsim.migration import command

    command.add(commands)
    return parser


def _lab(arguments: Namespace) -> int:
    from uffdsim import doctor, handout

    folder = arguments.folder
    try:
        for put in handout.hand_out(folder):
            _say(f"{put}\n")
    except OSError as error:
        return _complain(f"{error.filename or folder}: {error.strerror or error}")
    _say(f"the lessons are in {folder.resolve()}\n")
    needed = doctor.library("jupyterlab")
    if not needed.ok:
        return _complain(f"JupyterLab, which opens them, is not here: {needed.remedy}")
    from jupyterlab.labapp import main as jupyterlab

    os.chdir(folder)  # what JupyterLab shows
    root = getattr(os, "geteuid", lambda: 1)() == 0
    options = {"--no-browser": arguments.no_browser, "--allow-root": root}
    jupyterlab([*(name for name, wanted in options.items() if wanted), handout.FIRST])
    return 0


def _run(arguments: Namespace) -> int:
    from uffdsim.errors import Told
    from uffdsim.recording import dumps
    from uffdsim.story import story

    def show(trace: Trace) -> None:
        _say("\n".join([*story(trace), ""]) if arguments.explain else dumps(trace.observations))

    def answer(kernel: Kernel, scenario: Scenario, path: Path) -> int:
        try:
            trace = kernel.run(scenario)
        except Told as error:
            if error.trace and arguments.output is None:
                show(error.trace)  # what was answered until then
            raise
        if arguments.output is None:
            show(trace)
        else:
            _write(arguments.output / f"{path.stem}.jsonl", dumps(trace.observations))
        return 0

    return _for_each(arguments, [arguments.kernel], answer)


def _record(arguments: Namespace) -> int:
    from uffdsim.recording import dumps, repeated

    def answer(kernel: Kernel, scenario: Scenario, path: Path) -> int:
        _write(arguments.output / f"{path.stem}.jsonl", dumps(repeated(kernel, scenario)))
        return 0

    return _for_each(arguments, [arguments.kernel], answer)


def _compare(arguments: Namespace) -> int:
    from uffdsim.compare import compare

    def answer(kernel: Kernel, other: Kernel, scenario: Scenario, path: Path) -> int:
        comparison = compare(scenario, kernel, other)
        _say(f"{path}\n{comparison}\n")
        return 2 if comparison.stopped else int(comparison.parting is not None)

    return _for_each(arguments, [arguments.kernel, arguments.other], answer)


def _export(arguments: Namespace) -> int:
    from uffdsim.export import to_c, to_python
    from uffdsim.scenario import Scenario

    writers: dict[str, Callable[[Scenario], str]] = {"c": to_c, "python": to_python, "json": Scenario.dumps}

    def answer(scenario: Scenario, path: Path) -> int:
        _say(writers[arguments.to](scenario))
        return 0

    return _for_each(arguments, [], answer)


def _for_each(arguments: Namespace, names: list[str], answer: Callable[..., int]) -> int:
    """Give every file's scenario to the kernels of these names; the exit status is the worst of all."""
    from uffdsim import kernels
    from uffdsim.errors import Told
    from uffdsim.scenario import Scenario

    twice = _twice(path.stem for path in arguments.files) if getattr(arguments, "output", None) else None
    if twice:
        return _complain(f"two files would both be written to {twice}.jsonl; give one of them another name")
    try:
        found = [kernels.kernel(name) for name in names]
    except Told as error:
        return _complain(error)
    status = 0
    for path in arguments.files:
        try:
            status = max(status, answer(*found, Scenario.load(path), path))
        except Told as error:
            status = _complain(f"{path}: {error}")
        except BrokenPipeError:
            raise
        except OSError as error:
            status = _complain(f"{error.filename or path}: {error.strerror or error}")
    return status


def _twice(names: Iterable[str]) -> str | None:
    return next((name for name, times in Counter(names).items() if times > 1), None)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.write(path, text)


def _complain(what: object) -> int:
    try:
        print(" ".join(str(what).split()), file=sys.stderr, flush=True)
    except OSError:  # where nobody hears it, the status tells
        _mute(sys.stderr)
    return 2


def _kernels(arguments: Namespace) -> int:
    from uffdsim import kernels

    if arguments.since:
        from uffdsim.kernel import releases

        print(releases.table())
        return 0
    width = max(map(len, kernels.names()))
    for name in kernels.names():
        kernel = kernels.kernel(name)
        why = kernel.refusal() if hasattr(kernel, "refusal") else ""
        print(f"{name:{width}}  {kernel.about}{f' (not here: {why})' if why else ''}")
    print(f"Every other release is there too, derived, not held against a real one: {kernels.derived()}.")
    return 0


def _doctor(arguments: Namespace) -> int:
    from uffdsim.doctor import checks, table

    print(table(checks()))
    return 0


def _get(arguments: Namespace) -> int:
    from uffdsim.box.fetch import get
    from uffdsim.errors import Told

    for series in arguments.series:
        try:
            get(series, partial(print, flush=True))
        except Told as error:
            return _complain(error)
    return 0


def _marks(arguments: Namespace) -> int:
    from uffdsim.course.marks.command import marks

    return marks(arguments)


def _limits(arguments: Namespace) -> int:
    from uffdsim.limits import markdown

    print(markdown())
    return 0


if __name__ == "__main__":
    sys.exit(main())
