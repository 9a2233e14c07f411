"""What the lesson on moving a machine shows outside of its cells is so: its C program, and the command it names."""

import re
import subprocess
from functools import partial
from pathlib import Path

import need
import pytest

from uffdsim.__main__ import main
from uffdsim.course.move import choose, move, never_ends
from uffdsim.course.progress import Progress
from uffdsim.migration import Guest, Link

LESSON = Path(__file__).parents[1] / "notebooks" / "src" / "10-moving-a-running-machine.md"
SOURCE = LESSON.read_text(encoding="utf-8")


def program():
    """The C program of the lesson."""
    return re.search(r"^```c\n(.*?)^```$", SOURCE, re.DOTALL | re.MULTILINE)[1]


def said(program, folder):
    """What a program says, compiled without a warning."""
    (folder / "move.c").write_text(program)
    flags = ["-Wall", "-Wextra", "-Werror", "-O2", "-pthread"]
    command = [need.compiler(), *flags, "-o", folder / "move", folder / "move.c"]
    subprocess.run(command, check=True)
    return subprocess.run([folder / "move"], capture_output=True, text=True, check=True, timeout=20).stdout


def test_the_c_program_shows_the_guest_what_was_fetched_for_it(tmp_path):
    need.userfaultfd(kernel_faults=False)
    assert said(program(), tmp_path) == "the guest reads: written since, and fetched for this touch\n"


def test_without_the_fetch_it_shows_what_was_sent_before(tmp_path):
    need.userfaultfd(kernel_faults=False)
    stale = re.sub(r"^\tstrcpy\(monitor, \"written since.*\n", "", program(), flags=re.MULTILINE)
    assert said(stale, tmp_path) == "the guest reads: sent while it still ran at the source\n"


def test_the_main_of_the_c_program_has_thirty_lines_at_most():
    body = program().partition("int main(void)\n")[2]
    assert 15 < len(body.splitlines()) <= 30


def test_the_command_of_the_lesson_is_one(capsys):
    command = re.search(r"python -m uffdsim (migrate .*)", SOURCE)[1]
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    assert ended.value.code == 0 and "--rtt" in capsys.readouterr().out


def test_the_seconds_of_the_first_prediction_are_those_of_the_link():
    link, memory = Link("25Gbit/s"), Guest("64 GiB").memory
    assert round(link.wire(memory) / 1e12) == 22 and "The link needs 22 seconds" in SOURCE


def test_what_the_exercises_begin_with_is_no_try(tmp_path):
    keep = Progress(tmp_path)
    names = {one.__name__: partial(one, keep=keep) for one in (choose, move, never_ends)}
    for cell in re.findall(r"^(?:choose|never_ends)\(.*", SOURCE, re.MULTILINE):
        assert not eval(cell, names), "it would be no exercise"
    exec(re.search(r"^def handler\(event, u\):\n(?:    .*\n)+", SOURCE, re.MULTILINE)[0], names)
    assert not names["move"](names["handler"])
    assert keep.entries == {}
    never_ends(0.11, keep=keep)
    assert set(keep.entries) == {("exercise", "move-never-ends")}
