"""Commands about scenarios: they are run, compared, recorded, and written as programs."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uffdsim.scenario import Scenario
    from uffdsim.trace import Kernel, Trace

from uffdsim import whole
from uffdsim.commands.saying import complain, say
from uffdsim.kernels import DEFAULT


def add(commands: Any) -> None:
    """Add the commands to those of ``uffdsim``."""
    run = commands.add_parser("run", help="run scenarios, and print what a kernel answers to each step")
    run.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a scenario")
    run.add_argument("--kernel", default=DEFAULT, metavar="NAME", help=f"which kernel answers ({DEFAULT})")
    how = run.add_mutually_exclusive_group()
    how.add_argument("--explain", action="store_true", help="say in words what each step answered, and why")
    how.add_argument("--output", type=Path, metavar="DIR", help="write the answers to DIR/NAME.jsonl instead")
    run.set_defaults(do=_run)

    compare = commands.add_parser("compare", help="run scenarios on two kernels, and show where they differ")
    compare.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a scenario")
    compare.add_argument("--kernel", default=DEFAULT, metavar="A", help=f"the first kernel ({DEFAULT})")
    compare.add_argument("--with", default="linux", metavar="B", dest="other", help="the second one (linux)")
    compare.set_defaults(do=_compare)

    export = commands.add_parser("export", help="print a scenario as a program: in C, or in Python")
    export.add_argument("files", nargs=1, metavar="FILE", type=Path, help="a scenario")
    export.add_argument("--to", choices=("c", "python", "json"), default="c", help="the language (c)")
    export.set_defaults(do=_export)

    record = commands.add_parser("record", help="record what a real kernel answers")
    record.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a scenario")
    record.add_argument("--output", required=True, type=Path, metavar="DIR", help="where DIR/NAME.jsonl goes")
    record.add_argument("--kernel", default="linux", metavar="NAME", help="which one (linux, the one this runs on)")
    record.set_defaults(do=_record)


def _run(arguments: Namespace) -> int:
    from uffdsim.errors import Told
    from uffdsim.recording import dumps
    from uffdsim.story import story

    def show(trace: Trace) -> None:
        say("\n".join([*story(trace), ""]) if arguments.explain else dumps(trace.observations))

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
        say(f"{path}\n{comparison}\n")
        return 2 if comparison.stopped else int(comparison.parting is not None)

    return _for_each(arguments, [arguments.kernel, arguments.other], answer)


def _export(arguments: Namespace) -> int:
    from uffdsim.export import to_c, to_python
    from uffdsim.scenario import Scenario

    writers: dict[str, Callable[[Scenario], str]] = {"c": to_c, "python": to_python, "json": Scenario.dumps}

    def answer(scenario: Scenario, path: Path) -> int:
        say(writers[arguments.to](scenario))
        return 0

    return _for_each(arguments, [], answer)


def _for_each(arguments: Namespace, names: list[str], answer: Callable[..., int]) -> int:
    """Give every file's scenario to the kernels of these names; the exit status is the worst of all."""
    from uffdsim import kernels
    from uffdsim.errors import Told
    from uffdsim.scenario import Scenario

    twice = _twice(path.stem for path in arguments.files) if getattr(arguments, "output", None) else None
    if twice:
        return complain(f"two files would both be written to {twice}.jsonl; give one of them another name")
    try:
        found = [kernels.kernel(name) for name in names]
    except Told as error:
        return complain(error)
    status = 0
    for path in arguments.files:
        try:
            status = max(status, answer(*found, Scenario.load(path), path))
        except Told as error:
            status = complain(f"{path}: {error}")
        except BrokenPipeError:
            raise
        except OSError as error:
            status = complain(f"{error.filename or path}: {error.strerror or error}")
    return status


def _twice(names: Iterable[str]) -> str | None:
    return next((name for name, times in Counter(names).items() if times > 1), None)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.write(path, text)
