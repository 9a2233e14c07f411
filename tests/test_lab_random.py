"""Whatever anybody does in a lab, in any order: it holds together, and its pictures say what is so."""

from hypothesis import given
from hypothesis import strategies as st

from uffdsim import kernels
from uffdsim.lab.handlers import HANDLERS
from uffdsim.lab.model import Model
from uffdsim.lab.settings import BACKINGS, MODES, NAMES
from uffdsim.pictures import draw
from uffdsim.scenario import ScenarioError, Step
from uffdsim.trace import KernelError

KERNELS = ["linux-7.3", "linux-6.18", "linux-6.1", "linux-5.11-v5", "linux-5.11-v6"]
PAGE = st.integers(0, 4)
VMA = st.sampled_from(["plain", "watched", "watched.2"])
THREAD = st.sampled_from(["main", "t1", "t2"])
RANGE = {"vma": VMA, "page": PAGE, "pages": st.integers(0, 2)}
FILL = {"fd": st.just("u"), **RANGE, "mode": st.lists(st.just("DONTWAKE"), max_size=1)}
KEYS = {
    "load": {"thread": THREAD, "vma": VMA, "page": PAGE},
    "store": {"thread": THREAD, "vma": VMA, "page": PAGE, "value": st.integers(0, 255)},
    "kload": {"thread": THREAD, "vma": VMA, "page": PAGE},
    "read_event": {"fd": st.just("u")},
    "continue": FILL,
    "copy": {**FILL, "value": st.integers(0, 255)},
    "zeropage": FILL,
    "poison": FILL,
    "writeprotect": {"fd": st.just("u"), **RANGE, "mode": st.lists(st.just("WP"), max_size=1)},
    "move": {**FILL, "from": VMA, "from_page": PAGE},
    "wake": {"fd": st.just("u"), **RANGE},
    "register": {"fd": st.just("u"), **RANGE, "modes": st.lists(st.sampled_from(MODES), unique=True)},
    "unregister": {"fd": st.just("u"), **RANGE},
    "close": {"fd": st.just("u")},
    "madvise": {"thread": THREAD, **RANGE, "advice": st.sampled_from(["DONTNEED", "REMOVE"])},
    "mprotect": {"thread": THREAD, **RANGE, "prot": st.sampled_from(["r", "rw", "none"])},
    "mlock": {"thread": THREAD, **RANGE},
    "munlock": {"thread": THREAD, **RANGE},
    "munmap": {"thread": THREAD, **RANGE},
    "mremap": {"thread": THREAD, "vma": VMA, "to": st.just("watched.2")},
    "punch": {"thread": THREAD, "file": st.just("F"), "page": PAGE, "pages": st.just(1)},
    "fork": {"thread": THREAD},
    "kstore": {"thread": THREAD, "vma": VMA, "page": PAGE, "value": st.integers(0, 255)},
    "pwrite": {"thread": THREAD, "file": st.just("F"), "page": PAGE, "value": st.integers(0, 255)},
    "truncate": {"thread": THREAD, "file": st.just("F"), "pages": PAGE},
    "allocate": {"thread": THREAD, "file": st.just("F"), "page": PAGE, "pages": st.just(1)},
    "rwprotect": {"fd": st.just("u"), **RANGE, "mode": st.lists(st.just("RWP"), max_size=1)},
    "set_mode": {"fd": st.just("u"), "enable": st.lists(st.just("RWP_ASYNC"), max_size=1)},
    "poll": {"fd": st.just("u")},
    "read_events": {"fd": st.just("u"), "count": st.integers(1, 3)},
    "pagemap_scan": {"thread": THREAD, **RANGE, "returns": st.just(["WRITTEN", "PRESENT"])},
}
ACTS = st.one_of(*(st.tuples(st.just(op), st.fixed_dictionaries(keys)) for op, keys in KEYS.items()))
CHOICES = st.one_of(
    st.fixed_dictionaries({"kernel": st.sampled_from(KERNELS)}),
    st.fixed_dictionaries({"features": st.sampled_from([[], ["RWP"], ["RWP", "RWP_ASYNC"]])}),
    st.fixed_dictionaries({"modes": st.lists(st.sampled_from(MODES), unique=True)}),
    st.fixed_dictionaries({"backing": st.sampled_from(BACKINGS)}),
    st.fixed_dictionaries({"handler": st.sampled_from(list(HANDLERS))}),
    st.fixed_dictionaries({"pages": st.integers(1, 4)}),
)
DEEDS = st.lists(
    st.one_of(
        st.none(),  # so that a list shrinks to less than its shortest length
        ACTS,
        st.tuples(st.just("choose"), CHOICES),
        st.sampled_from([(name, {}) for name in ("undo", "redo", "back", "next", "reset", "next_act", "back_act")]),
    ),
    min_size=10,
    max_size=40,
).map(lambda deeds: [deed for deed in deeds if deed])


def do(model, name, keys):
    """One deed; what it refuses, it refuses in words."""
    deed = getattr(model, name, None) if name not in KEYS else None
    try:
        deed(**keys) if deed else model.act(name, **keys)
    except (ScenarioError, KernelError, ValueError) as refusal:
        assert str(refusal)


def check(model):
    """What always holds."""
    assert len(model.trace.observations) == len(model.scenario)
    assert 0 <= model.at <= len(model.trace.events)
    assert model.outcome.ends == sorted(model.outcome.ends) and len(model.outcome.ends) == len(model.acts) + 1
    assert [n for n in model.outcome.firsts if n is not None] == sorted({*model.outcome.firsts} - {None})
    assert set(model.outcome.notes) >= {k for k, n in enumerate(model.outcome.firsts) if n is None}


@given(DEEDS)
def test_whatever_is_done_the_lab_holds_together(deeds):
    model = Model()
    for name, keys in deeds:
        do(model, name, keys)
        check(model)


@given(DEEDS)
def test_the_state_that_was_moved_to_is_that_of_the_place(deeds):
    model = Model()
    for name, keys in deeds:
        do(model, name, keys)
        assert model.state is not None
    assert model.state == model.trace.cursor(model.at).state


@given(DEEDS)
def test_pictures_agree_with_what_proc_would_show(deeds):
    model = Model()
    for name, keys in deeds:
        do(model, name, keys)
    model.go(model.end)
    look = model.scenario.then(Step("inspect", thread="somebody"))
    report = kernels.kernel(model.outcome.kernel).run(look).observations[-1]
    if "vmas" not in report:
        return  # the kernel has died
    rows = draw("tables", model.trace, model.at, size=(2000, 2000)).table.rows
    shown = {(what, page): (state, flags.split()) for what, page, state, flags, _ in rows if page.isdigit()}
    for mapping, pages in report["vmas"].items():
        for page, truth in enumerate(pages):
            # A mapping that could not be moved has left its new name to addresses with nothing there.
            state, flags = shown.get((mapping, str(page)), ("no mapping", []))
            assert (state == "no mapping") == (truth["vm_flags"] == "unmapped")
            mapped = ("writable", "read-only", "uffd-wp", "out of reach", "zero page")
            assert truth["present"] == state.startswith(mapped)
            assert truth["vm_flags"] == "unmapped" or set(truth["vm_flags"].split()) <= set(flags)
    for file, count in report["files"].items():
        states = [state for (what, _), (state, _) in shown.items() if what == f"{file} (page cache)"]
        assert sum(state not in ("hole", "") for state in states) == count


@given(st.lists(ACTS, min_size=1, max_size=25), ACTS)
def test_undo_takes_back_exactly_what_was_done(before, last):
    model = Model()
    for name, keys in before:
        do(model, name, keys)
    document, at, events = model.document, model.at, [repr(event) for event in model.trace.events]
    done = len(model.acts)
    do(model, *last)
    if len(model.acts) > done:
        model.undo()
    assert (model.document, model.at, [repr(event) for event in model.trace.events]) == (document, at, events)


@given(st.lists(ACTS, min_size=1, max_size=25), CHOICES)
def test_a_setting_taken_back_leaves_everything_as_it_was(before, choice):
    model = Model()
    for name, keys in before:
        do(model, name, keys)
    was = {name: getattr(model.settings, name) for name in NAMES}
    observations, at = model.trace.observations, model.at
    do(model, "choose", choice)
    do(model, "choose", was)
    assert (model.trace.observations, model.at) == (observations, at)
