"""Files that several processes change, and that may be damaged."""

import subprocess
import sys
from threading import Thread

import pytest

from uffdsim import kept


def test_only_one_of_all_threads_and_processes_is_at_work(tmp_path):
    code = "from pathlib import Path; from uffdsim import kept; n = Path('n')\n"
    code += "for _ in range(30):\n with kept.alone(Path()): n.write_text(str(int(n.read_text()) + 1))"
    (tmp_path / "n").write_text("0")
    others = [subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path) for _ in range(2)]

    def more():
        for _ in range(30):
            with kept.alone(tmp_path):
                n = int((tmp_path / "n").read_text())
                (tmp_path / "n").write_text(str(n + 1))

    threads = [Thread(target=more) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait() for other in others] == [0, 0]
    assert (tmp_path / "n").read_text() == "120"


def test_nobody_waits_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "PATIENCE", 0.05)
    with kept.alone(tmp_path), pytest.raises(OSError, match="another program has held .*lock for 0.05 seconds"):
        with kept.alone(tmp_path):
            pass
    with kept.alone(tmp_path):
        pass


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), kept.alone(tmp_path / "nowhere"):
        pass


def test_where_the_library_is_missing_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "filelock", None)
    with pytest.raises(OSError, match=r"filelock is missing: pip install 'uffdsim\[widgets\]'"), kept.alone(tmp_path):
        pass


def test_what_is_set_aside_replaces_nothing(tmp_path):
    for text in "abc":
        (tmp_path / "work.json").write_text(text)
        kept.aside(tmp_path / "work.json")
    found = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert found == {"work.unreadable.json": "a", "work.unreadable1.json": "b", "work.unreadable2.json": "c"}
