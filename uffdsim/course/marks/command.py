"""The command ``uffdsim marks``."""

import os
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from uffdsim.course.marks.sheet import FALSE, Sheet, read, sheet, student
from uffdsim.course.marks.table import Marks, csv_of, plain, text
from uffdsim.course.progress import Entries
from uffdsim.kept import why


def marks(arguments: Namespace) -> int:
    """Do what the arguments say, and return the exit status."""
    whose = Counter(map(student, arguments.files))
    for name in [name for name, times in whose.items() if times > 1]:
        return _complain([f"{whose[name]} files are of {name}: give them names that tell students apart"])
    key, bad = None, list[str]()
    if arguments.key:
        key, bad = _key(arguments.key)
    if bad:
        return _complain(bad)
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        found = list(workers.map(partial(_sheet, key=key), arguments.files))
    sheets = [one for one in found if not isinstance(one, str)]
    bad = [one for one in found if isinstance(one, str)]
    if sheets:
        print(_written(Marks(sheets, key), arguments), end="")
    if arguments.csv:
        _complain(note for sheet in sheets for note in sheet.notes)
    return _complain(bad) if bad else int(any(sheet.count(FALSE) for sheet in sheets))


def _written(marks: Marks, arguments: Namespace) -> str:
    if not arguments.csv:
        return text(marks, arguments.each)
    columns = marks.each() if arguments.each else marks.total() if arguments.total else marks.lessons()
    return csv_of(arguments.csv, columns, marks.sheets)


def _key(path: Path) -> tuple[Entries | None, list[str]]:
    """What counts, and what is wrong with the file that says so."""
    try:
        return read(path)[0], []
    except (OSError, ValueError) as error:
        return None, [f"{path}: {why(error)}"]


def _sheet(path: Path, key: Entries | None) -> Sheet | str:
    """The result for a file, or what is wrong with it."""
    try:
        return sheet(path, key)
    except (OSError, ValueError) as error:
        return f"{path}: {why(error)}"


def _complain(lines: Iterable[str]) -> int:
    for line in lines:
        print(plain(line), file=sys.stderr, flush=True)
    return 2
