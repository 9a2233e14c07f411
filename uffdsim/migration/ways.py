"""The ways to move a machine."""

from dataclasses import dataclass

from uffdsim.migration.units import MigrationError, seconds


@dataclass(frozen=True)
class StopAndCopy:
    """The guest stands still while all of its memory is sent."""

    name = "stop and copy"


@dataclass(frozen=True)
class PreCopy:
    """Rounds while the guest runs; it stands still for the last one only.

    :param rounds: at the most so many while it runs.
    :param downtime: it is stopped as soon as the rest can be sent in this time.
    """

    rounds: int = 30
    downtime: float | str = 0.3
    name = "pre-copy"

    def __post_init__(self):
        object.__setattr__(self, "downtime", seconds(self.downtime, "the downtime that is allowed"))
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

    These are the four steps of the author of minor faults (A. Rasmussen, cover letter of v4, February 2021)::

        1. copy      the memory is copied while the guest runs, through the mapping that is not registered
        2. pause     the guest pauses, and starts at the destination
        3. resume    it runs before the map of the stale pages has arrived
        4. decide    at the first touch of each page: up to date, or first to be copied; either way CONTINUE;
                     and in the background for the rest, once the map is there

    :param rounds: of pre-copy.
    :param early: step 3: the guest does not wait for the map; None: if the mode allows it.
    """

    rounds: int = 1
    early: bool | None = None
    name = "pre-copy, then post-copy"

    def __post_init__(self):
        _check_rounds(self.rounds)


Way = StopAndCopy | PreCopy | PostCopy | Hybrid


def _check_rounds(rounds: int) -> None:
    if rounds != int(rounds) or not 1 <= rounds <= 1000:
        raise MigrationError(f"there are to be {rounds} rounds: take a whole number from 1 to 1000")
