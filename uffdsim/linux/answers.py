"""The observations of a scenario, from what steps.c says."""

import errno
import struct
from collections.abc import Iterable, Iterator
from signal import Signals
from typing import Any

from uffdsim.grammar import OPS, Trait
from uffdsim.linux.orders import REQUEST
from uffdsim.linux.places import Places
from uffdsim.scenario import Scenario, Step
from uffdsim.uapi import Errno, PageIs, Poll

WORDS = 5
"""How many words every answer has; what there may be several of follows."""
FLAGS = {"present": 63, "swap": 62, "file": 61, "uffd_wp": 57, "exclusive": 56}
"""What a page's entry in /proc/self/pagemap says, and in which bit."""


class Answers:
    """Reads what steps.c says, line by line, into ``observations``."""

    def __init__(self, scenario: Scenario, places: Places):
        self.scenario = scenario
        self.places = places
        self.observations: list[dict] = []
        self.busy: int | None = None
        """The step that could not be taken, as its thread was blocked; nothing follows."""
        self._threads: list[str] = []
        self._seen: list[list[str]] = []
        """What an inspect saw, before its answer."""
        self._made: list[str] = []
        """Mappings that have taken another's place."""
        self._gone: set[str] = set()
        """Mappings that have been unmapped whole, or moved away, or were never there."""

    def read(self, lines: Iterable[str]) -> None:
        """Read all lines."""
        for line in lines:
            kind, *words = line.split()
            if kind == "threads":
                self._threads = words
            elif kind in ("pages", "file"):
                self._seen.append([kind, *words])
            elif kind == "busy":
                self.busy = int(words[0])
            else:
                self._step(int(words[0]), None if kind == "blocked" else [int(word) for word in words[1:]])

    def _step(self, index: int, answer: list[int] | None) -> None:
        step = self.scenario[index]
        if index < len(self.observations) and answer is not None:
            entry = {"step": index, "thread": step.thread} | self._fields(step, answer)
            self.observations[-1].setdefault("completed", []).append(entry)
            return
        if answer is None:
            self.observations.append({"step": index, "status": "blocked"})
        else:
            self.observations.append({"step": index, "status": "done"} | self._fields(step, answer))
        self._remember(step, failed=answer is not None and answer[0] != 0)

    def _remember(self, step: Step, failed: bool) -> None:
        """Remember what a step put into another's place, took away, or failed to make: also while its event waits to be
        read."""
        tells = OPS[step.op].tells
        if failed:
            self._gone |= {step[key] for key, rule in OPS[step.op].keys.items() if rule.defines == "mapping"}
        elif step.get("over"):
            self._made.append(step["id"])
        elif tells == "REMAP":
            self._gone.add(step["vma"])
        elif tells == "UNMAP":
            mapping = self.places.mappings[step["vma"]]
            if mapping.is_all_in(step):
                self._gone.add(mapping.name)

    def _name(self, address: int) -> dict:
        return self.places.name(address, self._made)

    def _fields(self, step: Step, answer: list[int]) -> dict:
        """The fields of an observation that a finished step has."""
        error, signal, code, *words = answer
        words, more = words[:WORDS], words[WORDS:]
        traits = step.traits
        if Trait.TOUCH in traits and Trait.KERNEL not in traits:
            return {"signal": Signals(signal).name, "code": code} if signal else {"value": words[0]}
        if Trait.LOOK in traits:
            return self._inspect()
        fields: dict[str, Any] = {"errno": error_name(error)}
        if Trait.FILL in traits:
            _, argument = REQUEST[step.op]
            fields["done"] = struct.unpack("=q", struct.pack("=Q", words[argument - 1]))[0]
        elif error:
            pass
        elif Trait.TOUCH in traits:
            fields["value"] = words[0]
        elif step.op == "api":
            fields |= {"features": words[1], "ioctls": words[2]}
        elif step.op == "register":
            fields["ioctls"] = words[3]
        elif step.op == "read_events":
            fields["events"] = [self._event(*more[at : at + 4]) for at in range(0, len(more), 4)]
        elif step.op == "poll":
            fields["revents"] = [str(flag.name) for flag in Poll if flag & words[0]]
        elif step.op == "pagemap_scan":
            fields["walked"] = words[0]
            fields["regions"] = [self._region(*more[at : at + 3]) for at in range(0, len(more), 3)]
        elif Trait.READ in traits:
            fields |= self._event(*words[:4])
        return fields

    def _region(self, start: int, end: int, categories: int) -> dict:
        """A region that PAGEMAP_SCAN found."""
        names = [str(flag.name) for flag in PageIs if flag & categories]
        return {"start": self._name(start), "bytes": end - start, "categories": names}

    def _event(self, kind: int, first: int, second: int, third: int) -> dict:
        """What a message of a userfaultfd says: a byte that tells its kind, and up to three words."""
        where = self._name
        match kind & 0xFF:
            case 0x12:
                thread = str(third & 0xFFFFFFFF)
                ptid = self.scenario.threads[self._threads.index(thread)] if thread != "0" else None
                return {"event": "PAGEFAULT", "flags": first, **where(second), "ptid": ptid}
            case 0x13:
                return {"event": "FORK"}
            case 0x14:
                return {"event": "REMAP", "from": where(first), "to": where(second), "bytes": third}
            case 0x15:
                return {"event": "REMOVE", "start": where(first), "bytes": second - first}
            case 0x16:
                return {"event": "UNMAP", "start": where(first), "bytes": second - first}
        raise ValueError(f"event {kind:#x} is unknown")

    def _inspect(self) -> dict:
        index = len(self.observations)
        files = [(name, file) for name, file in self.places.files.items() if file.step < index]
        mappings = [mapping for mapping in self.places.mappings.values() if mapping.step < index]
        seen = iter(self._seen)
        self._seen = []
        blocks = {name: int(next(seen)[1]) * 512 // file.page_size for name, file in files}
        pages = {mapping.name: _pages(mapping.pages, seen) for mapping in mappings}
        vmas = {name: found for name, found in pages.items() if name not in self._gone}
        return {"vmas": vmas, "files": blocks}


def _pages(count: int, seen: Iterator[list[str]]) -> list[dict]:
    pages: list[dict] = []
    while len(pages) < count:
        _, alike, entry, *flags = next(seen)
        page: dict[str, Any] = {name: int(entry) >> bit & 1 for name, bit in FLAGS.items()}
        pages += [page | {"vm_flags": " ".join(flags)}] * int(alike)
    return pages


def error_name(number: int) -> str | None:
    """The name of an error number; None for success."""
    if not number:
        return None
    return Errno(number).name if number in list(Errno) else errno.errorcode.get(number, str(number))
