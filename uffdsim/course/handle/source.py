"""The source of a handler: what somebody wrote, with all of theirs that it uses, so that it can be run elsewhere.

>>> handed_in(lambda event, u: u.wake(event.vma, event.page))  # doctest: +SKIP
{'source': 'handler = (lambda event, u: u.wake(event.vma, event.page))\\n', 'handler': 'handler'}
"""

import ast
import builtins
import inspect
import linecache
import sys
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from uffdsim.errors import Mistake, WrongType

FILE = "<handed in>"
"""Where a handler that was brought here says that it is from."""
LAMBDA = "handler"
"""What a handler without a name is called."""
LONGEST = 10_000
"""A value that takes more characters was not written by hand."""


def handed_in(handler: object, **more: object) -> dict | None:
    """A handler as JSON, to be kept, with whatever else there is to know about it; None where its source is not known.

    Values that it uses are those of now: so ask before it runs.
    """
    parts: dict[str, str] = {}
    try:
        name = _write(handler, parts)
    except (OSError, SyntaxError, LookupError, TypeError, ValueError, RecursionError):
        return None
    return {"source": "\n".join(parts.values()), "handler": name, **more}


def brought(answer: dict) -> Callable:
    """The handler that was handed in. Its source is run: do so only where it can do no harm.

    :raises Mistake: if there is none.
    """
    text, name = answer.get("source"), answer.get("handler")
    if not isinstance(text, str) or not isinstance(name, str):
        raise Mistake('a handler that was handed in has a "source" and the name of the "handler" in it')
    linecache.cache[FILE] = len(text), None, text.splitlines(keepends=True), FILE  # for the line that goes wrong
    names: dict[str, Any] = {"__name__": "handed_in"}
    exec(compile(text, FILE, "exec"), names)
    if name not in names:
        raise Mistake(f'there is no "{name}" in what was handed in')
    return names[name]


def _write(thing: Any, parts: dict[str, str]) -> str:
    """Write a function or a class, after what it uses, and say what it is called."""
    functions = _functions(thing)
    node, text = _found(thing, functions[0].__code__)
    name = LAMBDA if isinstance(node, ast.Lambda) else node.name
    if name in parts:
        return name
    parts[name] = ""  # it may use itself
    for used in sorted({other.id for other in ast.walk(node) if isinstance(other, ast.Name)}):
        if used not in parts:
            for value in _values(used, functions):
                _use(used, value, thing.__module__, parts)
    parts[name] = parts.pop(name) or (f"{name} = ({text})\n" if isinstance(node, ast.Lambda) else text)
    return name


def _use(name: str, value: Any, home: str, parts: dict[str, str]) -> None:
    """Write what a name stands for, as far as that can be written."""
    if isinstance(value, ModuleType):
        parts[name] = f"import {value.__name__} as {name}"
    elif isinstance(value, FunctionType | type):
        if value.__module__ == home:
            written = _write(value, parts)
            if written != name:
                parts[name] = f"{name} = {written}"
        elif value.__module__ != "builtins":
            parts[name] = f"from {value.__module__} import {value.__qualname__} as {name}"
    else:
        text = repr(value)
        if len(text) <= LONGEST and _is_literal(text):
            parts[name] = f"{name} = {text}"


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return False
    return True


def _functions(thing: Any) -> list[FunctionType]:
    """The functions that a thing is made of: itself, or the methods of a class, be they static or properties."""
    found = list(vars(thing).values()) if inspect.isclass(thing) else [thing]
    found = [getattr(one, "__func__", getattr(one, "fget", one)) for one in found]
    found = [one for one in found if isinstance(one, FunctionType)]
    if not found:
        raise WrongType("written in C, or an object that was made elsewhere")
    return found


def _values(name: str, functions: list[FunctionType]) -> Iterator[Any]:
    """What a name stands for in functions: once, or not at all for one of theirs, or one that Python knows."""
    for function in functions:
        closure = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        if name in closure:
            yield closure[name].cell_contents
            return
    names = functions[0].__globals__
    if name in names and names[name] is not getattr(builtins, name, None):
        yield names[name]


def _found(thing: Any, code: CodeType) -> tuple[Any, str]:
    """The piece of source that a thing was made from, parsed and as it stands there."""
    lines = linecache.getlines(code.co_filename, getattr(sys.modules.get(thing.__module__), "__dict__", None))
    text = "".join(lines)
    kinds = ast.ClassDef if inspect.isclass(thing) else (ast.FunctionDef, ast.Lambda)
    around = [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds) and _holds(node, code)]
    node = around[-1]  # the innermost, as outer ones are walked first
    if isinstance(node, ast.Lambda):
        return node, ast.get_source_segment(text, node) or ""
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    return node, textwrap.dedent("".join(lines[first - 1 : node.end_lineno])).rstrip() + "\n"


def _holds(node: Any, code: CodeType) -> bool:
    """Whether all that has a width in the code stands in a piece of source."""
    begin, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    known: list[Any] = [place for place in code.co_positions() if None not in place]
    spans = [((line, column), (last, until)) for line, last, column, until in known]
    wide = [(one, other) for one, other in spans if one < other]
    return bool(wide) and all(begin <= one and other <= end for one, other in wide)
