"""Steps on a userfaultfd as statements of C."""

from collections.abc import Iterable

from uffdsim.export.addresses import Addresses
from uffdsim.export.names import Names
from uffdsim.export.sizes import sized
from uffdsim.export.variables import Variables
from uffdsim.linux.orders import REQUEST
from uffdsim.linux.places import Places
from uffdsim.scenario import ScenarioError, Step
from uffdsim.uapi import UFFD_API
from uffdsim.words import unmodelled

OWN_IOCTLS = {"copy", "move"}
"""Those for which a program has a function of their own: their argument has more than a range and a mode."""


class OnDescriptors:
    """Says each step in C. ``name`` gives things their identifiers."""

    def __init__(self, places: Places, name: Names, variables: Variables):
        self._places = places
        self._name = name
        self._variables = variables
        self._addresses = Addresses(places, name)

    def userfaultfd(self, step: Step) -> list[str]:
        """A new descriptor."""
        flags = ["O_CLOEXEC"] + ["O_NONBLOCK"] * (not step["blocking"])
        flags += ["UFFD_USER_MODE_ONLY"] if step["user_mode_only"] else []
        call = f"{'userfaultfd_by_device(' if step['device'] else 'syscall(SYS_userfaultfd, '}{' | '.join(flags)})"
        opened = f"{self._variables.defined('descriptor', step['id'])} = {call};"
        return [*_by(step, opened), f"result({self._name('descriptor', step['id'])});"]

    def call(self, index: int, step: Step) -> list[str]:
        """A call on a userfaultfd that does not wait."""
        fd = self._name("descriptor", step["fd"])
        used_later = self._variables.last_use[step["fd"]] > index
        match step.op:
            case "close":
                return [f"result(close({fd}));"] + ([f"{fd} = -1;"] if used_later else [])
            case "read_event" | "read_events":
                return [self.read(step)]
            case "api":
                version = "UFFD_API" if step["api"] == UFFD_API else f"{step['api']:#x}"
                return _by(step, f"uffdio_api({fd}, {version}, {_flags(step)});")
            case "set_mode":
                return [f"uffdio_set_mode({fd}, {_features(step['enable'])}, {_features(step['disable'])});"]
            case "poll":
                return [f"poll_for_messages({fd});"]
        if step.op not in REQUEST:
            raise ScenarioError(unmodelled(index, step, "export to C"))
        if step.op in OWN_IOCTLS:
            return [f"uffdio_{step.op}({fd}, {self._arguments(step)});"]
        return [f"range_ioctl({fd}, UFFDIO_{step.op.upper()}, {self._arguments(step)});"]

    def read(self, step: Step, waits: bool = False) -> str:
        """A read of messages: by main, or by a thread ``t`` that waits for them."""
        verb = step.op.replace("read", "wait_for" if waits else "read")
        words = (["t"] if waits else []) + [self._name("descriptor", step["fd"])]
        if "size" in step:
            words.append(f"{step['count']} * sizeof(struct uffd_msg)" if step["size"] is None else str(step["size"]))
        child = (
            f"{self._variables.defined('descriptor', step['child'])} = "
            if step["child"] in self._variables.last_use
            else ""
        )
        return f"{child}{verb}({', '.join(words)});"

    def _arguments(self, step: Step) -> str:
        mapping = self._places.mappings[step["vma"]]
        _, size = mapping.range(step)
        words = [self._addresses.at(mapping.name, step["page"], step["skew"])]
        words += [self._addresses.at(step["from"], step["from_page"])] if "from" in step else []
        words += [sized(size, mapping.page_size)]
        words += [str(step["value"])] if "value" in step else []
        return ", ".join([*words, _flags(step)])


def _by(step: Step, call: str) -> list[str]:
    """A call of whoever makes it: root, or nobody."""
    return [call] if step["user"] == "root" else ["effective_user(NOBODY);", call, "effective_user(ROOT);"]


def _features(names: Iterable[str]) -> str:
    """Features; 0 where there is none."""
    return " | ".join(f"UFFD_FEATURE_{name}" for name in names) or "0"


def _flags(step: Step) -> str:
    """The modes or features asked for; 0 where none can be."""
    mode = f"UFFDIO_{step.op.upper()}_MODE_"
    for key, prefix in (("features", "UFFD_FEATURE_"), ("modes", mode), ("mode", mode)):
        if key in step:
            words = [f"{prefix}{flag}" for flag in step[key]]
            return " | ".join(words + ([f"{step['raw']:#x}"] if step["raw"] else [])) or "0"
    return "0"
