"""C programs: compiled once, compiled again where they cannot be run, and somewhere else where they may not."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import need
import pytest

from uffdsim import cache, compiler
from uffdsim.compiler import CompileError, compiled

PROGRAM = """#include <stdio.h>
int main(int argc, char **argv) { (void)argv; puts("it runs"); return argc == 2 ? 0 : 2; }
"""


@pytest.fixture
def source(tmp_path, monkeypatch):
    need.compiler()
    cache._passing.cache_clear()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "small.c").write_text(PROGRAM)
    return folder


def runs(path):
    return subprocess.run([path, "now"], capture_output=True, text=True).stdout == "it runs\n"


def test_a_program_is_compiled_once_and_then_needs_no_compiler(source, tmp_path, monkeypatch):
    path = compiled(source)
    assert runs(path) and path.startswith(str(tmp_path / "cache"))
    made = os.stat(path).st_mtime_ns
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    assert compiler.refusal(source) == ""
    assert compiled(source) == path and os.stat(path).st_mtime_ns == made
    os.unlink(path)
    assert "sudo apt-get install gcc" in compiler.refusal(source)


@pytest.mark.parametrize("broken", ["empty", "text", "half", "not executable"])
def test_a_broken_program_is_compiled_again(source, broken):
    path = Path(compiled(source))
    whole = path.read_bytes()
    path.write_bytes({"empty": b"", "text": b"hello\n", "half": whole[: len(whole) // 2]}.get(broken, whole))
    path.chmod(0o644 if broken == "not executable" else 0o755)
    assert compiled(source) == str(path) and runs(path)


@pytest.mark.parametrize("options", ["noexec", "size=4k", "ro"])
def test_where_a_folder_takes_no_program_another_is_taken(source, tmp_path, options):
    folder = tmp_path / "cache"
    need.tmpfs(folder, options)
    try:
        path = compiled(source)
        assert runs(path) and not path.startswith(str(folder))
        assert compiled(source) == path
        assert not list(folder.glob("**/*.half"))
    finally:
        subprocess.run(["umount", folder], check=True)


def test_what_somebody_was_stopped_at_is_swept(source, tmp_path):
    folder = tmp_path / "cache" / "uffdsim"
    folder.mkdir(parents=True)
    old, new = folder / "small-1.7.half", folder / "small-2.8.half"
    for half in (old, new):
        half.write_text("")
    os.utime(old, (time.time() - 3600,) * 2)
    compiled(source)
    assert not old.exists() and new.exists()


def test_a_compiler_that_does_not_come_back_is_ended_with_all_that_it_started(source, tmp_path, monkeypatch):
    slow = tmp_path / "cc"
    slow.write_text(f"#!/bin/sh\n{shutil.which('sleep')} 1000.25 & wait\n")
    slow.chmod(0o755)
    monkeypatch.setenv("CC", str(slow))
    monkeypatch.setattr(compiler, "LIMIT", 0.2)
    with pytest.raises(CompileError, match="cc has not compiled small in 0.2 seconds"):
        compiled(source)
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert "1000.25" not in left


def test_a_program_that_does_not_compile_says_why_and_leaves_nothing(source, tmp_path):
    (source / "small.c").write_text("int main(void) { return nonsense; }\n")
    with pytest.raises(CompileError, match="cannot compile small: .*small.c"):
        compiled(source)
    assert not list((tmp_path / "cache").glob("**/*small*"))
