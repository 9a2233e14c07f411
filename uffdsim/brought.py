"""JSON that people bring: pasted, mailed, edited elsewhere, or kept for a year."""

import json
from typing import Any

from uffdsim.errors import Mistake


def loads(text: str) -> Any:
    """What a JSON text says. A byte order mark before it, which some editors write, is passed over.

    :raises Mistake: if it is no JSON, or holds what cannot be kept: a key twice in one object, half of a character, a
        number of thousands of digits.
    """
    if not isinstance(text, str):
        raise Mistake(f"this takes JSON as a text, and was given a value of type {type(text).__name__}")
    try:
        data = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_no_repeats)
        json.dumps(data, ensure_ascii=False).encode()
    except Mistake:
        raise
    except UnicodeEncodeError as error:
        half = ascii(error.object[error.start]).strip("'")
        raise Mistake(f"{half} is half of a character, which no file can hold") from None
    except RecursionError:
        raise Mistake("nested too deeply") from None
    except ValueError as error:  # not JSON, or a number of thousands of digits
        raise Mistake(f"not JSON: {str(error).partition(';')[0]}") from None
    return data


def _no_repeats(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Mistake(f'"{twice}" appears twice in one object')
    return found
