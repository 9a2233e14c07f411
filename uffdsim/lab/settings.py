"""What a person chooses before anything happens, and how each choice changes the steps that set things up.

A lab begins with a *base*: the steps up to the first thing that happens to memory. Settings are read from it
(``Settings.of``), and a setting that was changed is written into it again (``Settings.applied``).
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from uffdsim import kernels, words
from uffdsim.errors import Mistake, quoted
from uffdsim.grammar import Trait, meant
from uffdsim.lab.handlers import HANDLERS
from uffdsim.scenario import Scenario, Step
from uffdsim.uapi import Feature

BACKINGS = ("hugetlb-2M", "shmem", "anon")
SHARINGS = ("shared", "private")
MODES = ("MISSING", "MINOR", "WP", "RWP")
SEVERAL = ("modes", "features")
"""The settings of which several may be chosen."""
MOST_PAGES = 16

BASE = Scenario(
    [
        {"op": "file", "id": "F", "backing": "hugetlb-2M", "pages": 4},
        {"op": "mmap", "id": "plain", "file": "F"},
        {"op": "mmap", "id": "watched", "file": "F"},
        {"op": "userfaultfd", "id": "u"},
        {"op": "api", "fd": "u", "features": []},
        {"op": "register", "fd": "u", "vma": "watched", "modes": ["MINOR"]},
    ]
)
"""One file mapped twice; one of the mappings is watched."""


@dataclass(frozen=True)
class Settings:
    """One choice of everything there is to choose."""

    kernel: str = kernels.DEFAULT
    backing: str = "hugetlb-2M"
    pages: int = 4
    sharing: str = "shared"
    """How the watched mapping maps its file; the other one shares it always."""
    modes: tuple[str, ...] = ("MINOR",)
    features: tuple[str, ...] = ()
    """What UFFDIO_API is asked for, whether or not the kernel knows it."""
    handler: str = "by hand"

    @classmethod
    def of(cls, base: Iterable[Step], kernel: str = kernel, handler: str = handler) -> "Settings":
        """The settings that a base has by itself."""
        scenario = Scenario(base)
        file = next(iter(scenario.files.values()), None)
        maps, watching = list(scenario.mappings.values()), _watching(scenario)
        watched = next((mapping for mapping in maps if mapping.id in watching), maps[-1] if maps else None)
        shared = watched.shared if watched else file is not None
        register, api = _first(scenario, "register"), _first(scenario, "api")
        return cls(
            kernel=kernel,
            backing=file.backing if file else "anon",
            pages=file.pages if file else watched.pages if watched else 4,
            sharing="shared" if shared else "private",
            modes=register["modes"] if register else (),
            features=api["features"] if api else (),
            handler=handler,
        )

    def applied(self, base: Iterable[Step]) -> list[Step]:
        """The base with every setting that it does not have by itself."""
        base = list(base)
        had = Settings.of(base, self.kernel, self.handler)
        if self.backing != had.backing or self.pages != had.pages:
            base = _backed(base, self.backing, self.pages)
        if self.sharing != had.sharing or self.backing != had.backing:
            base = [self._shared(step, _watching(base)) for step in base]
        return [self._asked(step, had) for step in base]

    def _shared(self, step: Step, watching: set[str]) -> Step:
        if step.op == "mmap" and (step["id"] in watching or self.backing == "anon"):
            return _with(step, sharing=self.sharing)
        return step

    def _asked(self, step: Step, had: "Settings") -> Step:
        if step.op == "register" and self.modes != had.modes:
            return _with(step, modes=self.modes)
        if step.op == "api" and self.features != had.features:
            return _with(step, features=self.features)
        return step

    def __str__(self):
        modes = " + ".join(self.modes) or "no mode"
        features = f" · asks for {', '.join(self.features)}" if self.features else ""
        sharing = " private" if self.sharing == "private" else ""
        return f"{self.kernel} · {self.backing}{sharing} · {modes} · {self.handler}{features}"

    def unlike(self, other: "Settings") -> str:
        """What is chosen here, where the other settings differ: ``modes MINOR``."""
        names = [field.name for field in fields(self) if getattr(self, field.name) != getattr(other, field.name)]
        return ", ".join(f"{name} {shown(getattr(self, name))}" for name in names)

    def changed(self, **choices: Any) -> "Settings":
        """These settings but for some choices. What is chosen already may be chosen, even if it is offered nowhere.

        :raises Mistake: for an unknown choice, naming those there are.
        :raises KernelError: for an unknown kernel.
        """
        chosen = {name: _checked(name, choice, getattr(self, name, None)) for name, choice in choices.items()}
        backing = chosen.get("backing", self.backing)
        if "sharing" not in chosen and backing.startswith("anon") != self.backing.startswith("anon"):
            chosen["sharing"] = "private" if backing.startswith("anon") else "shared"
        return replace(self, **chosen)


def _checked(name: str, choice: Any, had: Any) -> Any:
    """A choice of a setting that had another until now.

    :raises Mistake: if it is none.
    :raises KernelError: if it should be a kernel, and is not.
    """
    if name not in NAMES:
        raise Mistake(f'"{name}" is not a setting; the settings are {", ".join(NAMES)}{meant(name, NAMES)}')
    several = name in SEVERAL
    if several and isinstance(choice, str | list | tuple):
        choice = (choice,) if isinstance(choice, str) else tuple(choice)
    if choice == had and type(choice) is type(had):
        return choice
    if name == "pages":
        if type(choice) is not int or not 1 <= choice <= MOST_PAGES:
            raise Mistake(f"pages: {quoted(choice)} must be a number from 1 to {MOST_PAGES}")
        return choice
    if name == "kernel":
        kernels.kernel(choice)
        return choice
    known = _known(name)
    bad = [one for one in (choice if isinstance(choice, tuple) and several else (choice,)) if one not in known]
    if bad:
        raise Mistake(f"{name}: {quoted(bad[0])} must be one of {', '.join(known)}{meant(bad[0], known)}")
    return choice


def _known(name: str) -> tuple[str, ...]:
    """The choices of a setting that has a list of them."""
    return {
        "backing": BACKINGS,
        "sharing": SHARINGS,
        "modes": MODES,
        "features": tuple(Feature.__members__),
        "handler": tuple(HANDLERS),
    }[name]


NAMES = tuple(field.name for field in fields(Settings))
"""Every setting."""


def shown(choice: object) -> str:
    """A choice in words: ``MISSING and MINOR``, ``none``, ``4``."""
    if isinstance(choice, list | tuple):
        return words.listed(choice) if choice else "none"
    return str(choice)


def split(scenario: Iterable[Step]) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """The base of a scenario, and its acts: all from the first step on that does more than set up."""
    steps = tuple(scenario)
    n = next((index for index, step in enumerate(steps) if Trait.SETS_UP not in step.traits), len(steps))
    return steps[:n], steps[n:]


def _first(steps: Iterable[Step], op: str) -> Step | None:
    return next((step for step in steps if step.op == op), None)


def _watching(base: Iterable[Step]) -> set[str]:
    return {step["vma"] for step in base if step.op == "register"}


def _with(step: Step, **keys: object) -> Step:
    return Step(step.op, **{**step.given, **keys})


def _backed(base: list[Step], backing: str, pages: int) -> list[Step]:
    """The base with other memory under its mappings."""
    if backing == "anon":
        base = [step for step in base if step.op != "file"]
        return [_anonymous(step, pages) if step.op == "mmap" else step for step in base]
    if not _first(base, "file"):
        base = [Step("file", id="F", backing=backing, pages=pages), *base]
    base = [_with(step, backing=backing, pages=pages) if step.op == "file" else step for step in base]
    return [_of_a_file(step, pages) if step.op == "mmap" else step for step in base]


def _anonymous(step: Step, pages: int) -> Step:
    keys = {key: value for key, value in step.given.items() if key not in ("file", "offset", "sharing")}
    return Step("mmap", **{**keys, "backing": "anon", "pages": pages})


def _of_a_file(step: Step, pages: int) -> Step:
    keys = {key: value for key, value in step.given.items() if key not in ("backing", "pages", "sharing")}
    keys.setdefault("file", "F")
    if "pages" in step.given and "file" in step.given:
        keys["pages"] = min(step["pages"], pages)
    return Step("mmap", **keys)
