"""Tables of what happens in every case. Each field is found by running, and knows why it is so.

>>> table(modes=["MISSING", "MINOR"], cache=["hit", "miss"])
modes    cache hit               cache miss
MISSING  no message              PAGEFAULT, flags 0
MINOR    PAGEFAULT, flags MINOR  no message
"""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import NamedTuple

from uffdsim import kernels, words
from uffdsim.course.render import card, table_html, table_markdown, table_text
from uffdsim.errors import Mistake, Unknown, quoted
from uffdsim.grammar import OPS, Trait, meant, ops
from uffdsim.questions import Subject, aspect
from uffdsim.scenario import Scenario, Step
from uffdsim.trace import Trace
from uffdsim.uapi import PAGE_SIZE

DEFAULTS = {
    "backing": "hugetlb-2M",
    "sharing": "usual",
    "modes": "MINOR",
    "cache": "hit",
    "touch": "load",
    "features": "",
    "kernel": kernels.DEFAULT,
}
"""What may differ from case to case, and what it is when nothing is said."""
CHOICES = {
    "backing": tuple(PAGE_SIZE),
    "sharing": ("shared", "private", "usual"),
    "cache": ("hit", "miss"),
    "touch": ops(Trait.TOUCH),
}
"""The choices where there are but a few."""
TAKES = {
    "modes": 'names of modes, as "MISSING", "MISSING MINOR" or "" for none at all',
    "features": 'names of features, as "SIGBUS"',
    "kernel": "the name of a simulated kernel",
}
"""What the others take."""
BYTE = 0x41
NO_CASE = "–"


class Case(NamedTuple):
    """One field: what was chosen, the answer, why, and the trace. Without a trace, there is no such case."""

    choices: dict[str, str]
    answer: str
    why: str = ""
    trace: Trace | None = None

    @property
    def scenario(self) -> Scenario | None:
        """What was run, for a lab or another kernel."""
        return self.trace.scenario if self.trace else None

    def __repr__(self):
        chosen = ", ".join(f"{key} {value or 'none'}" for key, value in self.choices.items())
        return f"{chosen}: {self.answer}" + (f". {self.why}" if self.why else "")


class Table:
    """Cases, by what was chosen for them: ``table["MINOR", "hit"]`` is one of them, in the order of the dimensions."""

    def __init__(self, about: str, dimensions: Mapping[str, tuple[str, ...]], cases: Mapping[tuple[str, ...], Case]):
        self.about, self.dimensions, self.cases = about, dict(dimensions), dict(cases)

    def __getitem__(self, choices: str | tuple[str, ...]) -> Case:
        choices = (choices,) if isinstance(choices, str) else choices
        if choices not in self.cases:
            there = "; ".join(f"{name}: {', '.join(map(repr, those))}" for name, those in self.dimensions.items())
            raise Unknown(f"there is no case {choices!r}; choose one of each of {there}")
        return self.cases[choices]

    def __iter__(self):
        return iter(self.cases.values())

    def __len__(self):
        return len(self.cases)

    @property
    def header(self) -> tuple[str, ...]:
        """A name for each column: the dimensions but the last, then what the last one may be."""
        *rows, last = self.dimensions
        return (*rows, *(f"{last} {value or 'none'}" for value in self.dimensions[last]))

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """A row for each choice of the dimensions but the last."""
        *heads, last = self.dimensions.values()
        return [
            (*(value or "none" for value in head), *(self.cases[(*head, value)].answer for value in last))
            for head in product(*heads)
        ]

    def to_markdown(self) -> str:
        """The table, for Markdown."""
        return table_markdown(self.header, self.rows)

    def __repr__(self):
        return table_text(self.header, self.rows)

    def _repr_html_(self):
        return card("plain", "", table_html(self.header, self.rows, self.about, len(self.dimensions) - 1))


def table(of: str = "message", **choices: str | Iterable[str]) -> Table:
    """What one touch of one page leads to, in every case.

    A file is mapped twice, page 0 is written through the one mapping (``cache="hit"``) or not, the other is registered,
    and a thread touches page 0 through that.

    :param of: what is asked of the touch: a name of ``questions.ASPECTS``.
    :param choices: for names of DEFAULTS, one value or several; the last one named is across, the others are down.
    :raises Mistake: for an unknown name, or a value that it does not take.
    :raises KernelError: if there is no such kernel.
    """
    for name in choices:
        if name not in DEFAULTS:
            choices_are = f"the choices are {', '.join(DEFAULTS)}{meant(name, DEFAULTS)}"
            raise Mistake(f'"{name}" is not something to choose; {choices_are}')
    for name, value in choices.items():
        if not isinstance(value, str | list | tuple):
            raise Mistake(f"{name} must be one value or a list of them, and is {quoted(value)}")
    many = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in choices.items()}
    dimensions = {name: values for name, values in many.items() if len(values) > 1} or {"modes": ("MINOR",)}
    fixed = DEFAULTS | {name: values[0] for name, values in many.items() if len(values) == 1}
    cases = {}
    for chosen in product(*dimensions.values()):
        cases[chosen] = case(of, **fixed | dict(zip(dimensions, chosen, strict=True)))
    usual = ("usual", "")
    said = {name: value for name, value in fixed.items() if value not in usual and name not in dimensions}
    about = ", ".join(f"{name} {value}" for name, value in said.items())
    return Table(f"{_asks(of, cases)} ({about})", dimensions, cases)


def _asks(of: str, cases: dict) -> str:
    """The question that every field answers."""
    trace = next((case.trace for case in cases.values() if case.trace), None)
    return aspect(of).asks(_touch(trace)) if trace else of


def case(of: str = "message", **choices: str) -> Case:
    """What one touch leads to, in one case; what is left out is as in DEFAULTS.

    :raises Mistake: for a value that its name does not take, or for what cannot be asked of the touch.
    """
    chosen, one = DEFAULTS | choices, aspect(of)
    scenario = _scenario(chosen)
    if scenario is None:
        return Case(chosen, NO_CASE, "There is no file, and so no page cache.")
    if not one.fits(scenario[-1]):
        raise Mistake(f'"{of}" cannot be asked about a {chosen["touch"]}')
    trace = kernels.kernel(chosen["kernel"]).run(scenario)
    for index, (step, found) in enumerate(zip(scenario, trace.observations, strict=False)):
        if found.get("errno") and index < len(scenario) - 1:
            why = " ".join(aspect("errno").ask(Subject(trace, index)).reasons)
            return Case(chosen, f"{words.call(step.op, step.traits)}: {found['errno']}", why, trace)
    asked = one.ask(_touch(trace))
    return Case(chosen, asked.truth, " ".join(asked.reasons), trace)


def _touch(trace: Trace) -> Subject:
    return Subject(trace, len(trace.scenario) - 1, "watched")


def _scenario(chosen: dict[str, str]) -> Scenario | None:
    """The program of a case; None if memory without a file is to be in the page cache."""
    _check(chosen)
    without_file = chosen["backing"].startswith("anon")
    if without_file and chosen["cache"] == "hit":
        return None
    steps = _memory(chosen, without_file)
    if chosen["cache"] == "hit":
        steps.append(Step("store", vma="plain", page=0, value=BYTE))
    steps += [Step("userfaultfd", id="u"), Step("api", fd="u", features=chosen["features"].split())]
    if chosen["modes"]:
        steps.append(Step("register", fd="u", vma="watched", modes=chosen["modes"].replace("|", " ").split()))
    value = {"value": 1} if "value" in OPS[chosen["touch"]].keys else {}
    return Scenario([*steps, Step(chosen["touch"], vma="watched", page=0, thread="t1", **value)])


def _memory(chosen: dict[str, str], without_file: bool) -> list[Step]:
    sharing = {} if chosen["sharing"] == "usual" else {"sharing": chosen["sharing"]}
    if without_file:
        return [Step("mmap", id="watched", backing=chosen["backing"], pages=2, **sharing)]
    return [
        Step("file", id="F", backing=chosen["backing"], pages=2),
        Step("mmap", id="plain", file="F"),
        Step("mmap", id="watched", file="F", **sharing),
    ]


def _check(chosen: dict[str, str]):
    for name, value in chosen.items():
        if not isinstance(value, str) or value not in CHOICES.get(name, (value,)):
            takes = words.listed(CHOICES[name], "or") if name in CHOICES else TAKES[name]
            raise Mistake(f"{name} takes {takes}, and not {value!r}")
