"""What a step made, and later steps work on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uffdsim.machine.call import Call
from uffdsim.scenario import ScenarioError

if TYPE_CHECKING:
    from uffdsim.machine.machine import Machine


class Thing:
    """Something that a step made, under its id. Two of the same id on the same machine are equal."""

    kind = ""

    def __init__(self, machine: Machine, id: str):
        self.machine = machine
        self.id = id

    def __repr__(self) -> str:
        call = self._call()
        if call is None:
            return f"{self.id}: undone"
        return f"{self.id}: {self._about()}{'' if call.ok else f' → {call.outcome}'}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and (self.machine, self.id) == (other.machine, other.id)

    def __hash__(self) -> int:
        return hash((self.kind, self.id))

    @property
    def call(self) -> Call:
        """The call that made it.

        :raises ScenarioError: if that was undone.
        """
        call = self._call()
        if call is None:
            raise ScenarioError(f"there is no {self.kind} {self.id} any more: the step that made it was undone")
        return call

    def _call(self) -> Call | None:
        index = self.machine.scenario.names.step_of(self.kind, self.id)
        return None if index is None else Call(self.machine, index, self.machine.scenario[index])

    def _about(self) -> str:
        raise NotImplementedError
