"""The command line."""

import json
import subprocess
import sys

import need
import pytest

from uffdsim import cache, doctor, kernels, library
from uffdsim.__main__ import main
from uffdsim.commands import scenarios
from uffdsim.linux import program
from uffdsim.machine import Machine
from uffdsim.scenario import Scenario
from uffdsim.trace import Trace

GOOD = Scenario([{"op": "mmap", "id": "a", "backing": "anon", "pages": 1}, {"op": "load", "vma": "a"}], "good")
ANSWERS = '{"step": 0, "status": "done", "errno": null}\n{"step": 1, "status": "done", "value": 0}\n'
BLOCKED = Scenario(
    [
        {"op": "mmap", "id": "a", "backing": "anon", "pages": 1},
        {"op": "userfaultfd", "id": "u"},
        {"op": "api", "fd": "u"},
        {"op": "register", "fd": "u", "vma": "a", "modes": ["MISSING"]},
        {"op": "load", "vma": "a"},
        {"op": "load", "vma": "a"},
    ]
)


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.json"
    path.write_text(GOOD.dumps())
    return str(path)


def said(capsys):
    """Standard output, and the lines of standard error."""
    captured = capsys.readouterr()
    return captured.out, captured.err.splitlines()


# run


def test_run_prints_a_line_a_step(good, capsys):
    assert main(["run", good]) == 0
    assert said(capsys) == (ANSWERS, [])


@pytest.mark.parametrize("name", ["01-hugetlb-minor-continue", "33-dontneed-then-minor-again"])
def test_run_prints_what_a_recording_has(name, capsys):
    path = library.data() / "scenarios" / f"{name}.json"
    assert main(["run", str(path)]) == 0
    assert said(capsys) == (library.recording("6.18", name).read_text(), [])


def test_run_writes_a_file_a_scenario(good, tmp_path, capsys):
    out = tmp_path / "new" / "folder"
    assert main(["run", good, "--output", str(out)]) == 0
    assert (out / "good.jsonl").read_text() == ANSWERS
    assert said(capsys) == ("", [])


def test_run_takes_any_kernel(capsys):
    path = library.data() / "scenarios" / "01-hugetlb-minor-continue.json"
    assert main(["run", str(path), "--kernel", "recorded-6.1"]) == 0
    assert json.loads(said(capsys)[0].splitlines()[4])["features"] == 0x1FFF


def test_a_kernel_that_is_unknown_runs_nothing(good, capsys):
    assert main(["run", good, good, "--kernel", "linux-2.4"]) == 2
    out, (line,) = said(capsys)
    assert out == ""
    assert line.startswith('there is no kernel "linux-2.4"')


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not JSON: "),
        ("[]", "a scenario is a JSON object"),
        ('{"format": "uffdsim-scenario/1", "steps": [{"op": "fork"}, {"op": "jump"}]}', "step 1: "),
        ('{"format": "uffdsim-scenario/1", "steps": [{"op": "load", "vma": "a"}]}', "step 0: load: "),
        ('{"format": "uffdsim-scenario/1", "steps": ' + "9" * 5000 + "}", "not JSON: "),
        ("[" * 100_000, ""),
        ("\xff".encode("latin-1"), "not UTF-8: "),
    ],
)
def test_a_bad_file_is_one_line_and_the_others_still_run(text, why, good, tmp_path, capsys):
    bad = tmp_path / "bad.json"
    bad.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["run", str(bad), good]) == 2
    out, (line,) = said(capsys)
    assert out == ANSWERS
    assert line.startswith(f"{bad}: {why}")


# run, and a scenario that comes to no end


BEFORE = [  # what is answered before main, which waits, is to take another step
    '{"step": 0, "status": "done", "errno": null}',
    '{"step": 1, "status": "done", "errno": null}',
    '{"step": 2, "status": "done", "errno": null, "features": 131071, "ioctls": 9223372036854775811}',
    '{"step": 3, "status": "done", "errno": null, "ioctls": 316}',
    '{"step": 4, "status": "blocked"}',
]
WAITS = "main waits in step 4 (reads page 0 of a) until its fault is answered"


@pytest.fixture(params=["linux-6.18", "linux"])
def any_kernel(request):
    if request.param == "linux":
        need.userfaultfd()
        need.compiler()
    return request.param


def test_what_was_answered_until_a_thread_is_stuck_is_printed_and_then_who_waits(any_kernel, good, tmp_path, capsys):
    path = tmp_path / "stuck.json"
    path.write_text(BLOCKED.dumps())
    assert main(["run", str(path), good, "--kernel", any_kernel]) == 2
    out, lines = said(capsys)
    assert out.splitlines() == [*BEFORE, *ANSWERS.splitlines()]
    assert lines == [f"{path}: step 5: main cannot take this step (reads page 0 of a): {WAITS}"]


def test_the_same_in_words(any_kernel, tmp_path, capsys):
    path = tmp_path / "stuck.json"
    path.write_text(BLOCKED.dumps())
    assert main(["run", str(path), "--kernel", any_kernel, "--explain"]) == 2
    out, lines = said(capsys)
    assert out.splitlines()[0] == f"{any_kernel}, 6 steps" and out.splitlines()[-1] == f"      {WAITS}"
    assert len(out.splitlines()) == 7 and len(lines) == 1


def test_nothing_half_answered_is_written_to_a_file(tmp_path, capsys):
    path = tmp_path / "stuck.json"
    path.write_text(BLOCKED.dumps())
    assert main(["run", str(path), "--output", str(tmp_path / "out")]) == 2
    assert said(capsys)[0] == "" and not (tmp_path / "out").exists()


ENDLESS = Scenario(
    [
        {"op": "file", "id": "F", "backing": "hugetlb-2M", "pages": 1},
        {"op": "mmap", "id": "m", "file": "F"},
        {"op": "userfaultfd", "id": "u"},
        {"op": "api", "fd": "u"},
        {"op": "register", "fd": "u", "vma": "m", "modes": ["WP"]},
        {"op": "store", "vma": "m", "value": 1},
        {"op": "writeprotect", "fd": "u", "vma": "m", "mode": ["WP"]},
        {"op": "register", "fd": "u", "vma": "m", "modes": ["MISSING"]},
        {"op": "store", "vma": "m", "value": 2},
    ]
)


def test_a_fault_without_end_is_the_end_of_what_is_printed(any_kernel, tmp_path, monkeypatch, capsys):
    if any_kernel == "linux":
        need.huge_pages(1)
    monkeypatch.setattr(program, "LIMIT", 1)
    path = tmp_path / "endless.json"
    path.write_text(ENDLESS.dumps())
    assert main(["run", str(path), "--kernel", any_kernel]) == 2
    out, (line,) = said(capsys)
    assert [json.loads(answer)["step"] for answer in out.splitlines()] == list(range(8))
    assert line.startswith(f"{path}: step 8: ") and "for ever at page 0 of m" in line


# run --explain


@pytest.mark.parametrize("name", ["01-hugetlb-minor-continue", "32-event-fork", "08-two-threads-one-page"])
def test_explain_tells_what_print_of_a_machine_tells(name, capsys):
    path = library.data() / "scenarios" / f"{name}.json"
    assert main(["run", str(path), "--explain"]) == 0
    assert said(capsys) == (f"{Machine.replay(library.scenario(name))}\n", [])


def test_explain_is_for_any_kernel(capsys):
    path = library.data() / "scenarios" / "01-hugetlb-minor-continue.json"
    assert main(["run", str(path), "--explain", "--kernel", "recorded-6.1"]) == 0
    out = said(capsys)[0].splitlines()
    assert out[0] == "recorded-6.1, 17 steps" and "   8  t1 reads page 0 of watched → waits" in out[9:]
    assert "        t1 was woken: reads page 0 of watched → 0x41" in out


def test_explain_says_in_the_end_who_still_waits(tmp_path, capsys):
    path = tmp_path / "waits.json"
    path.write_text(BLOCKED.first(5).dumps())
    assert main(["run", str(path), "--explain"]) == 0
    assert said(capsys)[0].splitlines()[-1] == f"      {WAITS}"


def test_explain_and_output_are_not_for_both(good, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["run", good, "--explain", "--output", str(tmp_path)])


# Files


def test_a_file_that_cannot_be_read_is_one_line_and_the_others_still_run(good, tmp_path, capsys):
    assert main(["run", str(tmp_path / "none.json"), str(tmp_path), good]) == 2
    out, lines = said(capsys)
    assert out == ANSWERS
    assert lines == [f"{tmp_path / 'none.json'}: No such file or directory", f"{tmp_path}: Is a directory"]


def test_a_folder_that_cannot_be_made_is_named(good, capsys):
    assert main(["run", good, "--output", good]) == 2
    assert said(capsys) == ("", [f"{good}: File exists"])


def test_two_files_of_one_name_are_not_written_over_each_other(good, tmp_path, capsys):
    (tmp_path / "other").mkdir()
    twin = tmp_path / "other" / "good.json"
    twin.write_text(GOOD.dumps())
    assert main(["run", good, str(twin), "--output", str(tmp_path / "out")]) == 2
    out, (line,) = said(capsys)
    assert "good.jsonl" in line
    assert not (tmp_path / "out").exists()
    assert main(["run", good, str(twin)]) == 0


def test_a_reader_that_goes_away_is_no_error(good):
    command = [sys.executable, "-m", "uffdsim", "run", *[good] * 500]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


COMMANDS = ["run FILE", "compare FILE --with linux-6.1", "export FILE", "kernels", "limits"]
FULL, CLOSED = "No space left on device", "Bad file descriptor"


def shell(line, good):
    command = f"{sys.executable} -m uffdsim {line.replace('FILE', good)}"
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("where, why", [(">/dev/full", FULL), (">&-", CLOSED)], ids=["full", "closed"])
def test_an_output_that_takes_nothing_is_one_line(command, where, why, good):
    done = shell(f"{command} {where}", good)
    assert (done.returncode, done.stderr) == (2, f"standard output: {why}\n")


@pytest.mark.parametrize("where", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize("buffered", ["", "1"])
def test_where_no_complaint_can_be_heard_the_status_tells(where, buffered, good, monkeypatch):
    monkeypatch.setenv("PYTHONUNBUFFERED", buffered)
    done = shell(f"run nowhere.json FILE {where}", good)
    assert done.returncode == 2 and done.stdout == ANSWERS


def test_files_are_written_where_there_is_no_output(good, tmp_path):
    assert shell(f"run FILE --output {tmp_path / 'out'} >&-", good).returncode == 0
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_letters_that_the_output_does_not_know_are_written_in_others(good, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = shell("run --explain FILE", good)
    assert done.returncode == 0 and "\\u2192" in done.stdout


def test_ctrl_c_is_no_traceback(good, monkeypatch, capsys):
    def interrupted(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(scenarios, "_run", interrupted)
    assert main(["run", good]) == 130
    assert said(capsys) == ("", [])


def test_a_command_is_asked_for(capsys):
    with pytest.raises(SystemExit) as exit:
        main([])
    assert exit.value.code == 2


def test_the_package_is_light():
    code = "import sys, uffdsim; print(sorted(m for m in sys.modules if m.startswith('uffdsim.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {f"uffdsim.{name}" for name in ("kernel", "linux", "lab", "pictures", "doctor")}
    assert not heavy & set(json.loads(done.stdout.replace("'", '"')))


# The other commands


def test_kernels_lists_all_of_them(capsys):
    assert main(["kernels"]) == 0
    out, _ = said(capsys)
    *lines, last = out.splitlines()
    assert [line.split()[0] for line in lines] == kernels.names()
    assert last.startswith("Every other release is there too, derived") and "linux-5.11 to linux-7.3" in last


def test_kernels_say_what_came_since_when(capsys):
    assert main(["kernels", "--since"]) == 0
    out, _ = said(capsys)
    assert "7.3   the feature RWP\n" in out and "6.8   the feature MOVE\n" in out


def test_kernels_says_why_one_cannot_run_here(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # where nothing is compiled
    monkeypatch.setattr(cache, "_passing", lambda: tmp_path)
    program.program.cache_clear()
    none = doctor.Check("a C compiler", False, "none", "sudo apt-get install gcc libc6-dev")
    monkeypatch.setattr(doctor, "compiler", lambda: none)
    assert main(["kernels"]) == 0
    line = next(line for line in said(capsys)[0].splitlines() if line.startswith("linux "))
    assert "needs a C compiler" in line
    assert "sudo apt-get install gcc" in line


def test_doctor_is_never_an_error(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "checks", lambda: [doctor.Check("luck", False, "none", "find some")])
    assert main(["doctor"]) == 0
    assert said(capsys)[0] == "--  luck  none\n          find some\n"


def test_compare_tells_by_its_status_whether_they_are_alike(capsys):
    path = str(library.data() / "scenarios" / "36-move.json")
    assert main(["compare", path, "--kernel", "linux-6.18", "--with", "recorded-6.18"]) == 0
    assert "alike in every step" in said(capsys)[0]
    assert main(["compare", path, "--kernel", "recorded-6.1", "--with", "recorded-6.18"]) == 1
    assert "they differ at step 3" in said(capsys)[0]


def test_compare_goes_on_after_a_bad_file(good, tmp_path, capsys):
    bad = str(tmp_path / "none.json")
    assert main(["compare", bad, good, "--with", "linux-6.12"]) == 2
    out, lines = said(capsys)
    assert "alike in every step" in out
    assert len(lines) == 1


def test_a_full_disk_is_not_the_scenarios_fault_and_leaves_what_was_there(good, tmp_path, capsys):
    out = tmp_path / "out"
    need.tmpfs(out, "size=8k")
    try:
        assert main(["run", good, "--output", str(out)]) == 0
        (path,) = out.iterdir()
        before = path.read_text()
        (out / "rest").write_bytes(bytes(4096))
        assert main(["run", good, "--output", str(out)]) == 2
        assert said(capsys)[1] == [f"{path}: No space left on device"]
        assert path.read_text() == before and len(list(out.iterdir())) == 2
    finally:
        subprocess.run(["umount", out], check=True)


def test_record_keeps_what_the_live_kernel_always_answers(good, tmp_path, capsys):
    need.userfaultfd()
    need.compiler()
    assert main(["record", good, "--output", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "good.jsonl").read_text() == ANSWERS


def test_record_asks_the_kernel_that_is_named(good, tmp_path, capsys):
    assert main(["record", good, "--kernel", "linux-6.12", "--output", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "good.jsonl").read_text() == ANSWERS


def test_record_keeps_nothing_else(good, tmp_path, monkeypatch, capsys):
    values = iter(range(9))

    class Fickle:
        def run(self, scenario):
            return Trace(scenario, "linux", [{"step": 0, "status": "done", "value": next(values)}])

    monkeypatch.setattr(kernels, "kernel", lambda name: Fickle())
    assert main(["record", good, "--output", str(tmp_path / "out")]) == 2
    assert said(capsys)[1] == [f"{good}: step 0 is not answered alike every time, so nothing is recorded"]
    assert not (tmp_path / "out").exists()
