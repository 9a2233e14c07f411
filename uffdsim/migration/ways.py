"""The ways to move a machine."""

from dataclasses import dataclass

from uffdsim.migration.units import Amount, MigrationError, seconds

STEPS = {
    "copy": "While the guest runs, its memory is copied, through the mapping that is not registered.",
    "pause": "The guest pauses, and starts at the destination.",
    "resume": "It runs before the map that says which pages are stale has arrived.",
    "decide": "At its first touch a page is copied once more if it is stale; either way CONTINUE maps it. Once the map "
    "has arrived, the rest is done in the background.",
}
"""How a machine moves with minor faults, in the steps of their author: A. Rasmussen, cover letter of v4, February 2021
(20210204183433.1431202-1-axelrasmussen)."""


@dataclass(frozen=True)
class StopAndCopy:
    """The guest stands still while all of its memory is sent."""

    name = "stop and copy"


@dataclass(frozen=True)
class PreCopy:
    """Rounds while the guest runs; it stands still for the last one only.

    :param rounds: how many while it runs, at most.
    :param downtime: it is stopped as soon as the rest can be sent in this time.
    """

    rounds: int = 30
    downtime: Amount[float] = Amount(seconds, "the downtime that is allowed", 0.3)
    name = "pre-copy"

    def __post_init__(self) -> None:
        _check_rounds(self.rounds)


@dataclass(frozen=True)
class PostCopy:
    """The guest is moved at once, and its memory comes after it."""

    name = "post-copy"


@dataclass(frozen=True)
class Hybrid:
    """Some rounds of pre-copy, then post-copy of the pages that are stale.

    In mode ``missing`` they have to be unmapped, and their memory given back, before the guest may run: else it would
    read what is stale. In mode ``minor`` they were written through the other mapping, and the guest's own has none of
    them yet.

    STEPS has the four steps of the author of minor faults.

    :param rounds: of pre-copy.
    :param early: step 3: the guest does not wait for the map; None: if the mode allows it.
    """

    rounds: int = 1
    early: bool | None = None
    name = "pre-copy, then post-copy"

    def __post_init__(self) -> None:
        _check_rounds(self.rounds)


Way = StopAndCopy | PreCopy | PostCopy | Hybrid


def _check_rounds(rounds: int) -> None:
    if rounds != int(rounds) or not 1 <= rounds <= 1000:
        raise MigrationError(f"there cannot be {rounds} rounds: take a whole number from 1 to 1000")
