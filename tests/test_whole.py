"""Files that are written whole, or not at all."""

import errno
import os
import subprocess
import time
from pathlib import Path

import need
import pytest

from uffdsim import whole


def test_a_file_has_what_was_written_last_and_nothing_lies_beside_it(tmp_path):
    path = tmp_path / "work.json"
    whole.write(path, "one")
    whole.write(path, "zwölf")
    assert path.read_text(encoding="utf-8") == "zwölf" and list(tmp_path.iterdir()) == [path]


def test_who_is_stopped_while_writing_has_the_old_one_still(tmp_path, monkeypatch):
    path = tmp_path / "work.json"
    whole.write(path, "old")

    def full(self, text, encoding):
        self.open("w").close()
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        whole.write(path, "new")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        whole.write(tmp_path / "nowhere" / "work.json", "")


def test_what_somebody_was_stopped_at_is_swept(tmp_path):
    path = tmp_path / "work[1].json"
    old, new = tmp_path / "work[1].json.1.half", tmp_path / "work[1].json.2.half"
    for half in (old, new):
        half.write_text("")
    os.utime(old, (time.time() - 3600,) * 2)
    whole.write(path, "{}")
    assert not old.exists() and new.exists()


def test_of_a_full_disk_the_error_has_the_files_name(tmp_path):
    disk = tmp_path / "disk"
    need.tmpfs(disk, "size=64k")
    try:
        whole.write(disk / "work.json", "old")
        with pytest.raises(OSError) as error:
            whole.write(disk / "work.json", "x" * 100_000)
        assert error.value.filename == str(disk / "work.json") and error.value.errno == errno.ENOSPC
        assert (disk / "work.json").read_text() == "old" and len(list(disk.iterdir())) == 1
    finally:
        subprocess.run(["umount", disk], check=True)
