"""Files that are written whole, or not at all."""

from pathlib import Path

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
