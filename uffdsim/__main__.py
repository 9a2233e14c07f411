"""The command ``uffdsim``: runs scenarios, and says what they can be run on."""

import argparse
import sys

from uffdsim.commands import asking, lessons, scenarios
from uffdsim.commands.saying import Unsaid, complain, have_output, mute, say
from uffdsim.migration import command as moving


def main(argv: list[str] | None = None) -> int:
    """Do what the arguments say, and return the exit status."""
    have_output()
    arguments = _parser().parse_args(argv)
    try:
        status = arguments.do(arguments)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # nobody reads on
        mute(sys.stdout)
        return 1
    except (Unsaid, OSError) as error:
        mute(sys.stdout)
        return complain(f"standard output: {getattr(error, 'strerror', None) or error}")


class Version(argparse.Action):
    """Says which version this is, when it is asked for: to look it up takes longer than most commands."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Say it, and end."""
        from importlib.metadata import version

        say(f"uffdsim {version('uffdsim')}\n")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    about = "A simulated kernel that shows how userfaultfd works, and real ones to check it against."
    parser = argparse.ArgumentParser(prog="uffdsim", description=about)
    parser.add_argument("--version", action=Version, nargs=0, help="say which version this is")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for some in (lessons, scenarios, asking, moving):
        some.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
