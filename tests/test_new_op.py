"""A new op, with keys and traits and nothing more: where it is not modelled it is refused by name, and it is told in
words wherever steps are told. Nobody forgets it without a word.

Whoever carries steps out, or writes them down as something else, belongs into REFUSE; whoever tells of them into TELL.
"""

import pytest

from uffdsim import pictures, uapi, words
from uffdsim.compare import compare
from uffdsim.errors import Told
from uffdsim.export import to_c, to_python
from uffdsim.grammar import OPS, TOUCH, Key, Op, Trait
from uffdsim.grammar.ops import BYTE, FD, FD_RANGE, RANGE, with_modes
from uffdsim.kernel import Simulated
from uffdsim.linux.orders import orders
from uffdsim.linux.places import Places
from uffdsim.machine import Machine
from uffdsim.recording import Recorded
from uffdsim.scenario import Scenario
from uffdsim.story import story
from uffdsim.trace import Trace

T = Trait
NEW = [
    (Op("poke", T.TOUCH | T.WRITE | T.WAITS, {**TOUCH, "value": Key(BYTE, required=True)}), {"vma": "a", "value": 65}),
    (Op("peek_at", T.TOUCH | T.KERNEL | T.WAITS, TOUCH), {"vma": "a", "page": 1}),
    (Op("graft", T.IOCTL | T.ANSWER | T.FILL, with_modes(uapi.ZeropageMode)), {"fd": "u", "vma": "a", "pages": 1}),
    (Op("watch_out", T.IOCTL | T.SETS_UP, FD_RANGE), {"fd": "u", "vma": "a", "page": 1}),
    (Op("scatter", T.MEMORY | T.TAKES | T.WAITS, RANGE, tells="REMOVE"), {"vma": "a"}),
    (Op("drain", T.READ, FD), {"fd": "u"}),
    (Op("shut", Trait(0), FD), {"fd": "u"}),
    (Op("pool", T.SETS_UP, {}), {}),
    (Op("stare", T.LOOK, {}), {}),
]


@pytest.fixture(params=NEW, ids=lambda new: new[0].name)
def new(request, monkeypatch):
    """A scenario that ends in the new op, as a step of t1."""
    op, keys = request.param
    monkeypatch.setitem(OPS, op.name, op)
    return Scenario(
        [
            {"op": "mmap", "id": "a", "backing": "anon", "pages": 2},
            {"op": "userfaultfd", "id": "u"},
            {"op": "api", "fd": "u"},
            {"op": "register", "fd": "u", "vma": "a", "modes": ["MISSING"]},
            {"op": op.name, "thread": "t1", **keys},
        ]
    )


REFUSE = {
    "a simulated kernel": Simulated("linux-6.18").run,
    "the live kernel": lambda scenario: orders(scenario, Places(scenario)),
    "a recording": Recorded("6.18").run,
    "a machine": Machine.replay,
    "export to C": to_c,
    "export to Python": to_python,
}


@pytest.mark.parametrize("carry_out", REFUSE.values(), ids=REFUSE)
def test_it_is_refused_by_name_where_it_is_not_modelled(new, carry_out):
    with pytest.raises(Told) as caught:
        carry_out(new)
    step = new[-1]
    assert step.op in str(caught.value) or words.call(step.op, step.traits) in str(caught.value)
    assert "step 4" in str(caught.value)


def test_a_machine_goes_on_as_if_it_had_never_been_given(new):
    m = Machine.replay(new.first(4))
    with pytest.raises(Told, match=f'has no "{new[-1].op}"') as caught:
        m.call(new[-1].op, **dict(new[-1].given))
    assert len(caught.value.trace.observations) == len(m.scenario) == 4
    assert m.mappings["a"].load(0, thread="t1").blocked


# Told.


class Answering:
    """A kernel that knows the new op, and gave this answer to it."""

    def __init__(self, name, answer):
        self.name, self.answer = name, answer

    def run(self, scenario):
        before = Simulated("linux-6.18").run(scenario.first(4)).observations
        return Trace(scenario, self.name, [*before, {"step": 4, "status": "done", **self.answer}])


def log(trace):
    return pictures.log_html(pictures.Moment(trace, len(trace.events), 0))


def picture(name):
    def tell(trace):
        drawn = pictures.draw(name, trace)
        return " ".join([drawn.sentence, *(cell for row in drawn.table.rows for cell in row)])

    return tell


TELL = {
    "deed": lambda trace: words.deed(trace.scenario[4]),
    "short": lambda trace: words.short(trace.scenario[4]),
    "step": lambda trace: words.step(trace.scenario[4]),
    "explained": lambda trace: words.explained(trace, 4)[0],
    "story": lambda trace: "\n".join(story(trace)),
    "begin": lambda trace: words.told(trace, trace.events[trace.begin(4)]),
    "compare": lambda trace: str(compare(trace.scenario, Answering("one", {}), Answering("two", {"errno": "EIO"}))),
    "sequence": picture("sequence"),
    "log": picture("log"),
}


@pytest.mark.parametrize("tell", TELL.values(), ids=TELL)
def test_it_is_told_in_words(new, tell, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    told = tell(Answering("some kernel", {"errno": None}).run(new))
    step = new[-1]
    assert words.call(step.op, step.traits) in told
    assert "_" not in words.call(step.op, step.traits) or Trait.IOCTL in step.traits
    assert words.where(step) in told


def test_what_it_answers_is_told_and_compared(new):
    trace = Answering("some kernel", {"errno": "EIO"}).run(new)
    assert words.answer(new[-1], trace.answer(4)) == "EIO"
    odd = [Answering(name, {"errno": None, "moons": moons}) for name, moons in (("one", 1), ("two", 2))]
    assert words.outcome(odd[0].run(new), 4).endswith("moons 1")
    assert compare(new, *odd).parting == 4 and "moons 2" in str(compare(new, *odd))
