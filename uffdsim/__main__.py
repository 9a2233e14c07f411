"""The command ``uffdsim``: runs scenarios, and says what they can be run on."""

import argparse
import os
import sys
from pathlib import Path

DEFAULT = "linux-6.18"


def main(argv: list[str] | None = None) -> int:
    """Do what the arguments say, and return the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        status = arguments.do(arguments)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Nobody reads on: what Python still has to write goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    about = "A simulated kernel that shows how userfaultfd works, and real ones to hold it against."
    parser = argparse.ArgumentParser(prog="uffdsim", description=about)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    run = commands.add_parser("run", help="run scenarios, and print what a kernel answers to each step")
    run.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a scenario")
    run.add_argument("--kernel", default=DEFAULT, metavar="NAME", help=f"which kernel answers ({DEFAULT})")
    run.add_argument("--output", type=Path, metavar="DIR", help="write the answers to DIR/NAME.jsonl instead")
    run.set_defaults(do=_run)

    kernels = commands.add_parser("kernels", help="list the kernels")
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

    record = commands.add_parser("record", help="write down what the Linux this runs on answers")
    record.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a scenario")
    record.add_argument("--output", required=True, type=Path, metavar="DIR", help="where DIR/NAME.jsonl goes")
    record.set_defaults(do=_record)

    from uffdsim.migration import command

    command.add(commands)
    return parser


def _run(arguments) -> int:
    from uffdsim.recording import dumps

    def answer(kernel, scenario, path):
        text = dumps(kernel.run(scenario).observations)
        if arguments.output is None:
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            _write(arguments.output / f"{path.stem}.jsonl", text)
        return 0

    return _for_each(arguments, [arguments.kernel], answer)


def _record(arguments) -> int:
    from uffdsim.recording import dumps, repeated

    def answer(kernel, scenario, path):
        _write(arguments.output / f"{path.stem}.jsonl", dumps(repeated(kernel, scenario)))
        return 0

    return _for_each(arguments, ["linux"], answer)


def _compare(arguments) -> int:
    from uffdsim.compare import compare

    def answer(kernel, other, scenario, path):
        comparison = compare(scenario, kernel, other)
        print(path, comparison, sep="\n", flush=True)
        return int(comparison.parting is not None)

    return _for_each(arguments, [arguments.kernel, arguments.other], answer)


def _export(arguments) -> int:
    from uffdsim.export import to_c, to_python

    def answer(scenario, path):
        write = {"c": to_c, "python": to_python, "json": lambda scenario: scenario.dumps()}[arguments.to]
        sys.stdout.write(write(scenario))
        return 0

    return _for_each(arguments, [], answer)


def _for_each(arguments, names, answer) -> int:
    """Give every file's scenario to the kernels of these names; the exit status is the worst of all."""
    from uffdsim import kernels
    from uffdsim.scenario import Scenario, ScenarioError
    from uffdsim.trace import KernelError

    twice = _twice(path.stem for path in arguments.files) if getattr(arguments, "output", None) else None
    if twice:
        return _complain(f"two files would both be written to {twice}.jsonl; give one of them another name")
    try:
        found = [kernels.kernel(name) for name in names]
    except KernelError as error:
        return _complain(error)
    status = 0
    for path in arguments.files:
        try:
            status = max(status, answer(*found, Scenario.load(path), path))
        except (ScenarioError, KernelError) as error:
            status = _complain(f"{path}: {error}")
        except BrokenPipeError:
            raise
        except OSError as error:
            status = _complain(f"{error.filename or path}: {error.strerror or error}")
    return status


def _twice(names) -> str | None:
    seen = set()
    return next((name for name in names if name in seen or seen.add(name)), None)


def _write(path: Path, text: str):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _complain(what) -> int:
    print(" ".join(str(what).split()), file=sys.stderr, flush=True)
    return 2


def _kernels(arguments) -> int:
    from uffdsim import kernels

    width = max(map(len, kernels.names()))
    for name in kernels.names():
        kernel = kernels.kernel(name)
        why = kernel.refusal() if hasattr(kernel, "refusal") else ""
        print(f"{name:{width}}  {kernel.about}{f' (not here: {why})' if why else ''}")
    return 0


def _doctor(arguments) -> int:
    from uffdsim.doctor import checks, table

    print(table(checks()))
    return 0


def _limits(arguments) -> int:
    from uffdsim.limits import markdown

    print(markdown())
    return 0


if __name__ == "__main__":
    sys.exit(main())
