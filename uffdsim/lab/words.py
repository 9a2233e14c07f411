"""What a person chose and did, and what came of it, in words."""

from dataclasses import fields

from uffdsim.grammar import OPS, Trait
from uffdsim.lab.settings import Settings
from uffdsim.scenario import Step
from uffdsim.uapi import PagefaultFlag

VERBS = {"load": "reads", "kload": "lets the kernel read", "read_event": "reads a message of"}
FLAGS = {0: "0", 1: "WRITE", 3: "WRITE | WP", 4: "MINOR", 5: "WRITE | MINOR"}
"""The flags a PAGEFAULT message may have, by their number."""


def act(step: Step) -> str:
    """A step as a sentence without its full stop: ``t1 reads watched[0]``."""
    what = place(step)
    if step.op == "store":
        verb = f"writes {step['value']:#04x} to"
    elif step.op in VERBS:
        verb = VERBS[step.op]
    else:
        verb = f"calls {call_name(step.op)}" + (" on" if what else "")
    return f"{step.thread} {verb}{' ' + what if what else ''}{_extras(step)}"


def call(step: Step) -> str:
    """A step of the setting up: ``REGISTER of watched (MINOR)``."""
    what = place(step)
    return f"{call_name(step.op)}{' of ' + what if what else ''}{_extras(step)}"


def call_name(op: str) -> str:
    """What a program calls: ``CONTINUE``, ``madvise``."""
    return op.upper() if Trait.IOCTL in OPS[op].traits else op


def place(step: Step) -> str:
    """What a step is about: ``watched[0]``, ``watched[1–2]``, ``F[0]``, ``u``."""
    where = step.get("vma") or step.get("file")
    if where and "page" in step and ("page" in step.given or step.op in ("load", "store", "kload")):
        first, pages = step["page"], step.given.get("pages", 1)
        return f"{where}[{first}]" if pages == 1 else f"{where}[{first}–{first + pages - 1}]" if pages else f"{where}[]"
    return where or step.get("fd") or ""


def answer(step: Step, found: dict | None) -> str:
    """What a step answered: ``waits``, ``0x41``, ``EEXIST``, ``success``."""
    if found is None:
        return "left out"
    if found["status"] == "oops":
        return f"the kernel dies in {found['at']}"
    if found["status"] == "blocked":
        return "waits"
    if found.get("errno"):
        return found["errno"]
    if "signal" in found:
        return found["signal"]
    if "event" in found:
        return message(found)
    if "value" in found and step.op != "store":
        return f"{found['value']:#04x}"
    return "reports" if "vmas" in found else "done" if step.op == "store" else "success"


def message(found: dict) -> str:
    """A message of a userfaultfd: ``PAGEFAULT, MINOR, watched[0]``."""
    if found["event"] != "PAGEFAULT":
        return found["event"]
    return f"PAGEFAULT, flags {flags(found['flags'])}, {found['vma']}[{found['page']}]"


def flags(bits: int) -> str:
    """The flags of a PAGEFAULT message by their names."""
    return FLAGS.get(bits) or " | ".join(flag.name for flag in PagefaultFlag if flag & bits)


def count(number: int, thing: str) -> str:
    """So many things."""
    return f"{number or 'no'} {thing}{'s' * (number != 1)}"


def choice(value: object) -> str:
    """A choice of a setting."""
    return " and ".join(value) or "none" if isinstance(value, list | tuple) else str(value)


def settings(chosen: Settings) -> str:
    """The settings in a line: ``linux-6.18 · hugetlb-2M · MINOR · by hand``."""
    modes = " + ".join(chosen.modes) or "no mode"
    features = f" · asks for {', '.join(chosen.features)}" if chosen.features else ""
    sharing = " private" if chosen.sharing == "private" else ""
    return f"{chosen.kernel} · {chosen.backing}{sharing} · {modes} · {chosen.handler}{features}"


def changed(old: Settings, new: Settings) -> str:
    """What is chosen in the old settings, where the new ones differ: ``modes MINOR``."""
    names = [field.name for field in fields(Settings) if getattr(old, field.name) != getattr(new, field.name)]
    return ", ".join(f"{name} {choice(getattr(old, name))}" for name in names)


def _extras(step: Step) -> str:
    given = step.given
    parts = [str(given[key]) for key in ("advice", "prot") if key in given]
    parts += [" ".join(given[key]) for key in ("modes", "mode", "features") if given.get(key)]
    parts += [f"from {given['from']}[{step['from_page']}]"] if "from" in given else []
    parts += [f"to {given['to']}"] if "to" in given else []
    parts += [f"{given['value']:#04x}"] if "value" in given and step.op != "store" else []
    return f" ({', '.join(parts)})" if parts else ""
