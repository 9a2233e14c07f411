"""Files that are written whole, or not at all: who is stopped while writing has the old one still."""

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Let a file have this text, in UTF-8.

    :raises OSError: if that cannot be; then the file is as it was.
    """
    half = path.with_name(f"{path.name}.{os.getpid()}.half")
    try:
        half.write_text(text, encoding="utf-8")
        half.replace(path)
    except OSError:
        half.unlink(missing_ok=True)
        raise
