"""The source of a handler: all of it that was written, so that it does the same elsewhere."""

import subprocess
import sys
from functools import partial

import pytest
from handlers import Mended, naive

from uffdsim.course.handle.judge import judge
from uffdsim.course.handle.source import brought, handed_in

CELLS = """
import math
from IPython.core.interactiveshell import InteractiveShell
from uffdsim.course.handle.source import brought, handed_in

shell = InteractiveShell()
shell.run_cell("LIMIT = {'pages': 2}\\nseen = set()")
shell.run_cell("def half(n):\\n    # of all there are\\n    return math.floor(n / LIMIT['pages'])", store_history=True)
shell.run_cell("import math")
shell.run_cell('''
class Base:
    def double(self, n):
        return 2 * half(n)


class Handler(Base):
    "Written in a notebook."

    def __call__(self, event, u):
        return self.double(event)
''')
kept = handed_in(shell.user_ns["Handler"])
assert "# of all there are" in kept["source"]
print(brought(kept)()(5, None))
"""


def here(handler):
    """A handler, written down and made again."""
    return brought(handed_in(handler))


def test_a_handler_in_a_notebook_comes_with_all_it_uses():
    done = subprocess.run([sys.executable, "-c", CELLS], capture_output=True, text=True)
    assert done.stdout == "4\n", done.stderr


@pytest.mark.parametrize("handler", [naive, Mended])
def test_what_was_written_down_gets_as_far(handler):
    trials = ["minor", "missing", "zeros on huge pages", "while the ground moves"]
    assert [row.result for row in judge(here(handler), trials)] == [row.result for row in judge(handler, trials)]


def test_each_of_several_lambdas_in_a_line_is_itself():
    one, other = [lambda event, u: 1, lambda event, u: event + 1]
    assert here(one)(5, None) == 1 and here(other)(5, None) == 6


def test_a_handler_within_a_function_keeps_what_it_closes_over():
    def made(value):
        def handler(event, u):
            return value, event

        return handler

    assert here(made("mine"))(3, None) == ("mine", 3)


def test_values_are_those_of_before_it_ran():
    kept = handed_in(counting)
    counting(1, None)
    assert brought(kept)(1, None) == [1] and COUNTED == [1]


COUNTED: list[int] = []


def counting(event, u):
    COUNTED.append(event)
    return COUNTED


@pytest.mark.parametrize(
    "handler", [print, Mended(), partial(naive), type("Made", (), {})], ids="built-in made part type".split()
)
def test_what_nobody_has_written_down_is_not_kept(handler):
    assert handed_in(handler) is None


def test_what_is_known_beside_it_is_kept_with_it():
    assert handed_in(naive, kernel="linux-6.1")["kernel"] == "linux-6.1"


def test_an_error_names_the_line_that_was_written():
    def handler(event, u):
        raise ValueError("mine")

    row = judge(here(handler), "minor")["minor"]
    assert 'raise ValueError("mine")' in row.why


@pytest.mark.parametrize("answer", [{}, {"source": 3, "handler": "h"}, {"source": "x = 1", "handler": "h"}])
def test_what_is_no_handler_is_refused(answer):
    with pytest.raises(ValueError, match="handed in"):
        brought(answer)
