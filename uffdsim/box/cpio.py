"""Archives in the format that the kernel unpacks its first files from: cpio, "newc"."""

from collections.abc import Mapping

DIRECTORY, PROGRAM = 0o040755, 0o100755
END = "TRAILER!!!"


def archive(files: Mapping[str, bytes | None]) -> bytes:
    """An archive of files that may be run, by their paths; a path with None is a directory.

    Source: Documentation/driver-api/early-userspace/buffer-format.rst.
    """
    members = [_member(number, path, data) for number, (path, data) in enumerate(files.items(), 1)]
    return b"".join([*members, _member(0, END, b"")])


def _member(number: int, path: str, data: bytes | None) -> bytes:
    name = path.encode() + b"\0"
    content = data or b""
    mode = DIRECTORY if data is None else PROGRAM
    fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name), 0]
    head = b"070701" + b"".join(b"%08X" % field for field in fields)
    return _padded(head + name) + _padded(content)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
