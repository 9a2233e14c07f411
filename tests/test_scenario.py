"""A scenario is checked as a whole before anything runs, and written back as it was read."""

import json

import pytest

from uffdsim import grammar, library
from uffdsim.grammar import BACKINGS, OPS
from uffdsim.scenario import FORMAT, Scenario, ScenarioError, Step
from uffdsim.scenario.scenario import REPORTED

FILE = {"op": "file", "id": "F", "backing": "hugetlb-2M", "pages": 2}
MAP = {"op": "mmap", "id": "m", "file": "F"}
OPEN = {"op": "userfaultfd", "id": "u"}


def scenario(*steps, **keys):
    return {"format": FORMAT, "steps": list(steps), **keys}


@pytest.mark.parametrize("name", library.scenarios())
def test_every_scenario_is_written_back_as_it_was_read(name):
    text = (library.data() / "scenarios" / f"{name}.json").read_text()
    read = Scenario.loads(text)
    assert read.to_json() == json.loads(text)
    assert Scenario.loads(read.dumps()) == read
    assert Scenario.loads(read.dumps(one_line=True)) == read
    assert "\n" not in read.dumps(one_line=True)


WRONG = {
    "not json": ("{", "not JSON"),
    "not an object": ("[]", "a scenario is a JSON object"),
    "no format": ({"steps": []}, f'"format" must be "{FORMAT}", not null'),
    "other format": (scenario(format="uffdsim-scenario/2"), '"format" must be'),
    "unknown head key": (scenario(title="x"), '"title" is not a key of a scenario; its keys are format, name, about'),
    "name no string": (scenario(name=3), '"name" must be a string, not 3'),
    "steps no list": ({"format": FORMAT, "steps": {}}, '"steps" must be a list'),
    "step no object": (scenario(7), 'step 0: 7 must be an object with an "op"'),
    "no op": (scenario({"id": "F"}), 'step 0: "op" is missing'),
    "unknown op": (scenario({"op": "mapp"}), 'step 0: "op": "mapp" is not an op; the ops are file, mmap'),
    "op no string": (scenario({"op": ["file"]}), 'step 0: "op": ["file"] is not an op'),
    "unknown key": (
        scenario({**FILE, "size": 2}),
        'step 0: file: "size" is not a key of file; its keys are id, backing',
    ),
    "missing key": (scenario({"op": "file", "id": "F", "pages": 1}), 'step 0: file: "backing" is missing'),
    "unknown value": (
        scenario({**FILE, "backing": "ext4"}),
        '"backing": "ext4" must be one of hugetlb-2M, hugetlb-1G, sh',
    ),
    "negative": (scenario({**FILE, "pages": -1}), 'step 0: file: "pages": -1 must be an integer from 0'),
    "boolean for integer": (scenario({**FILE, "pages": True}), '"pages": true must be an integer'),
    "float for integer": (scenario({**FILE, "pages": 2.0}), '"pages": 2.0 must be an integer'),
    "name too long": (scenario({**FILE, "id": "F" * 32}), "must be 1 to 31 letters, digits"),
    "name with newline": (scenario({**FILE, "id": "F\n"}), "must be 1 to 31 letters, digits"),
    "thread": (scenario({"op": "fork", "thread": ""}), 'step 0: fork: "thread": "" must be 1 to 31'),
    "note": (scenario({"op": "fork", "note": 1}), 'step 0: fork: "note": 1 must be a string'),
    "twice": (scenario(FILE, FILE), 'step 1: file: "id": "F" is the name of the file of step 0 already'),
    "not there": (scenario(MAP), 'step 0: mmap: "file": there is no file "F" (there are: none yet)'),
    "later": (scenario(FILE, {"op": "load", "vma": "m"}, MAP), 'step 1: load: "vma": there is no mapping "m"'),
    "file and backing": (scenario(FILE, {**MAP, "backing": "anon"}), 'either "file" or "backing", and not both'),
    "neither": (scenario({"op": "mmap", "id": "m", "pages": 1}), 'either "file" or "backing"'),
    "no length": (
        scenario({"op": "mmap", "id": "m", "backing": "anon"}),
        '"pages" is missing; only a mapping of a file',
    ),
    "unknown mode": (
        scenario(FILE, MAP, OPEN, {"op": "register", "fd": "u", "vma": "m", "modes": ["MAJOR"]}),
        'step 3: register: "modes": ["MAJOR"] must be a list with any of MISSING, WP, MINOR',
    ),
    "mode of another op": (
        scenario(FILE, MAP, OPEN, {"op": "zeropage", "fd": "u", "vma": "m", "mode": ["WP"]}),
        'step 3: zeropage: "mode": ["WP"] must be a list with any of DONTWAKE',
    ),
    "mode no list": (
        scenario(OPEN, {"op": "api", "fd": "u", "features": "SIGBUS"}),
        "must be a list with any of PAGEFAULT",
    ),
    "offset outside": (
        scenario(FILE, MAP, {"op": "load", "vma": "m", "offset": 1 << 21}),
        'step 2: load: "offset": 2097152 is not in the page; it must be below 2097152',
    ),
    "byte": (
        scenario(FILE, MAP, {"op": "store", "vma": "m", "value": 256}),
        '"value": 256 must be an integer from 0 to 255',
    ),
}


@pytest.mark.parametrize(
    ("given", "choices", "meant"),
    [
        *((slip, OPS, op) for slip, op in [
            ("laod", "load"), ("stroe", "store"), ("cpy", "copy"), ("regsiter", "register"), ("contineu", "continue"),
            ("unmap", "munmap"), ("WriteProtect", "writeprotect"), ("write-protect", "writeprotect"),
            ("readevent", "read_event"), ("zero_page", "zeropage"), ("userfaultdf", "userfaultfd"),
        ]),
        ("6.18", ["linux-6.1", "linux-6.18"], "linux-6.18"),
        ("6.1", ["linux-6.18", "linux-6.1"], "linux-6.1"),
        ("2M", BACKINGS, "hugetlb-2M"),
        ("minor", ["MISSING", "MINOR_SHMEM"], "MINOR_SHMEM"),
        ("MINOR_HUGETLB", ["MINOR_SHMEM", "MINOR_HUGETLBFS"], "MINOR_HUGETLBFS"),
        ("gest", ["guest", "host"], "guest"),
    ],
)  # fmt: skip
def test_what_is_near_is_asked_about(given, choices, meant):
    assert grammar.meant(given, choices) == f"; did you mean {meant}?"


@pytest.mark.parametrize("given", ["", "x", "jump", "touch", "fault", "zap", "1", "map of a file"])
def test_what_is_far_is_not(given):
    assert grammar.meant(given, OPS) == ""
    assert grammar.meant(given, ["linux-6.18", "linux-6.12"]) == ""


@pytest.mark.parametrize(
    "step",
    [
        {"op": "mincore", "vma": "m"},
        {"op": "epoll", "fd": "u"},
        {"op": "splice", "file": "F"},
        {"op": "ptrace"},
        {"op": "madvise", "vma": "m", "advice": "COLLAPSE"},
    ],
    ids=lambda step: " ".join(map(str, step.values())),
)
def test_what_no_scenario_can_ask_is_refused_with_where_to_read_of_it(step):
    with pytest.raises(ScenarioError) as caught:
        Scenario([FILE, MAP, OPEN, step])
    assert "; no scenario can ask for that, see `uffdsim limits`" in str(caught.value)
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize("data, message", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named_with_what_would_be_right(data, message):
    with pytest.raises(ScenarioError) as caught:
        Scenario.loads(data if isinstance(data, str) else json.dumps(data))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_given_twice_is_refused():
    text = f'{{"format": "{FORMAT}", "steps": [{{"op": "fork", "thread": "a", "thread": "b"}}]}}'
    with pytest.raises(ScenarioError, match='"thread" appears twice'):
        Scenario.loads(text)


def test_ops_that_take_a_descriptor_run_on_the_handler_unless_said():
    steps = Scenario([FILE, MAP, OPEN, {"op": "close", "fd": "u"}, {"op": "fork", "thread": "t9"}])
    assert [step.thread for step in steps] == ["main", "main", "handler", "handler", "t9"]
    assert steps.threads == ("main", "handler", "t9")


def test_raw_bits_join_the_named_ones():
    step = Step("register", fd="u", vma="m", modes=["MISSING", "MINOR"], raw=1 << 40)
    assert step.bits == 5 | 1 << 40


def test_defaults_are_there_without_being_written():
    step = Step("load", vma="m")
    assert (step["page"], step["offset"]) == (0, 0)
    assert step.to_json() == {"op": "load", "vma": "m"}


def test_a_longer_scenario_is_a_new_one():
    short = Scenario([FILE])
    longer = short.then(MAP)
    assert (len(short), len(longer)) == (1, 2)
    assert longer.first(1) == short and longer.first(9) == longer


def large(pages):
    return [{"op": "mmap", "id": "a", "backing": "anon", "pages": pages}, {"op": "inspect"}]


def test_a_look_at_more_pages_than_can_be_told_is_refused():
    Scenario(large(REPORTED))
    with pytest.raises(ScenarioError, match="step 1: inspect: 16,777,216 pages are mapped by then, and at most"):
        Scenario(large(1 << 24))
    halves = [{"op": "mmap", "id": id, "backing": "anon", "pages": REPORTED // 2 + 1} for id in "ab"]
    with pytest.raises(ScenarioError, match="step 2: inspect: 262,146 pages"):
        Scenario([*halves, {"op": "inspect"}])
