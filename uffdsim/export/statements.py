"""The steps of a scenario as statements of C."""

from collections.abc import Iterable

from uffdsim.export.memory import blocking
from uffdsim.export.names import Names
from uffdsim.export.sizes import sized, terms, times
from uffdsim.grammar import OPS, Trait
from uffdsim.linux.orders import REQUEST
from uffdsim.linux.places import APART, Places
from uffdsim.scenario import Scenario, ScenarioError, Step
from uffdsim.uapi import UFFD_API
from uffdsim.words import unmodelled

HUGE = {"hugetlb-2M": "2MB", "hugetlb-1G": "1GB", "anon-hugetlb-2M": "2MB"}
OWN_IOCTLS = {"copy", "move"}
"""Those for which a program has a function of their own: their argument has more than a range and a mode."""
TASK_SIZE = 1 << 47
SCAN = {
    "mask": "category_mask", "inverted": "category_inverted", "anyof": "category_anyof_mask", "returns": "return_mask",
    "flags": "flags",
}  # fmt: skip
"""What the masks of a scan are called in its argument."""
PROT = {"none": "PROT_NONE", "r": "PROT_READ", "rw": "PROT_READ | PROT_WRITE"}


class Statements:
    """Says each step in C. ``name`` gives things their identifiers."""

    def __init__(self, scenario: Scenario, places: Places, name: Names):
        self._places = places
        self._name = name
        self.last_use = {step["fd"]: index for index, step in enumerate(scenario) if "fd" in step}
        """The last step on each descriptor that is used at all."""
        self.last_look = max((index for index, step in enumerate(scenario) if Trait.LOOK in step.traits), default=-1)
        """The last step that inspects everything; -1 if there is none."""
        self.shared = self._shared(scenario)
        """The files and descriptors, by kind and id, that functions use beside main."""

    def _shared(self, scenario: Scenario) -> list[tuple[str, str]]:
        over = {step["file"] for step in scenario if step.get("over")}
        files = [("file", id) for id in scenario.files if self.last_look >= 0 or id in over]
        waiting = blocking(scenario)
        return files + [("descriptor", id) for id in scenario.names.descriptors if id in waiting]

    def sound_touch(self, step: Step) -> str:
        """A load or store that can do nothing but succeed."""
        mapping = self._places.mappings[step["vma"]]
        index = terms(step["page"], mapping.page_size, step["offset"]).removeprefix(" + ") or "0"
        byte = f"{self._name('mapping', mapping.name)}[{index}]"
        return f"value({byte} = {step['value']});" if Trait.WRITE in step.traits else f"value({byte});"

    def touch(self, step: Step) -> str:
        """A load or store that a thread does."""
        words = [self._name("thread", step.thread), self._at(step["vma"], step["page"], step["offset"])]
        words += [str(step["value"])] if Trait.WRITE in step.traits else []
        return f"{step.op}({', '.join(words)});"

    def calls(self, index: int, step: Step, function: str = "") -> list[str]:
        """A system call on memory: main's own, or that ``function`` makes on the step's thread."""
        thread = self._name("thread", step.thread)
        made = f"run({thread}, {function})" if function else f"result({self.system_call(index, step)})"
        done, failed = self._after(index, step)
        if not done:
            return [f"{made};"]
        asked = [f"{made};", f"if (!threads[{thread}].failed)"] if function else [f"if ({made})"]
        return [*asked, f"\t{done};", *(["else", f"\t{failed};"] if failed else [])]

    def _after(self, index: int, step: Step) -> tuple[str, str]:
        """What becomes of a mapping when a call has succeeded, and when it has failed; "" where nothing does."""
        looked_at = index <= self.last_look
        if step.get("over"):
            return _call("cover", step["id"]), _call("forget", step["id"]) if looked_at else ""
        if not looked_at or not self._takes_away(step):
            return "", ""
        return _call("forget", step["vma"]), _call("forget", step["to"]) if "to" in step else ""

    def _takes_away(self, step: Step) -> bool:
        """Whether the mapping is not looked at any more if this succeeds."""
        tells = OPS[step.op].tells
        return tells == "REMAP" or tells == "UNMAP" and self._places.mappings[step["vma"]].is_all_in(step)

    def system_call(self, index: int, step: Step) -> str:
        """The call itself; below 0, it has failed.

        :raises ScenarioError: if it is none that a program has words for.
        """
        match step.op:
            case "mmap":
                return f"(long)mmap({self._mapped(step)})"
            case "munmap" | "mlock" | "munlock":
                return f"{step.op}({self._range(step)})"
            case "mprotect":
                return f"mprotect({self._range(step)}, {PROT[step['prot']]})"
            case "madvise":
                return f"madvise({self._range(step)}, MADV_{step['advice']})"
            case "mremap":
                mapping = self._places.mappings[step["vma"]]
                size = sized(mapping.size, mapping.page_size)
                to = self._name("mapping", step["to"])
                return f"(long)mremap({self._at(step['vma'])}, {size}, {size}, MREMAP_MAYMOVE | MREMAP_FIXED, {to})"
            case "punch":
                file, flags = self._places.files[step["file"]], "FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE"
                where = [sized(size, file.page_size) for size in file.range(step)]
                return f"fallocate({self._name('file', step['file'])}, {flags}, {', '.join(where)})"
            case "allocate":
                file = self._places.files[step["file"]]
                where = [sized(size, file.page_size) for size in file.range(step)]
                return f"fallocate({self._name('file', step['file'])}, 0, {', '.join(where)})"
            case "truncate":
                size = times(step["pages"], self._places.files[step["file"]].page_size)
                return f"ftruncate({self._name('file', step['file'])}, {size})"
            case "pwrite":
                at = terms(step["page"], self._places.files[step["file"]].page_size, step["offset"])
                byte = f"&(uint8_t){{ {step['value']} }}"
                return f"pwrite({self._name('file', step['file'])}, {byte}, 1, {at.removeprefix(' + ') or '0'})"
            case "fork":
                return "fork_and_wait()"
        raise ScenarioError(unmodelled(index, step, "export to C"))

    def mmap(self, index: int, step: Step) -> list[str]:
        """A new mapping, at a place of its own."""
        mapping = self._places.mappings[step["id"]]
        lines = [f"map({self._mapped(step)});"]
        if index <= self.last_look and not 0 < mapping.size < TASK_SIZE:
            lines.append(f"{_call('forget', mapping.name)};")
        return lines

    def _mapped(self, step: Step) -> str:
        """Where something is mapped, and what."""
        mapping = self._places.mappings[step["id"]]
        shared = self._places.scenario.mappings[step["id"]].shared
        flags = ["MAP_SHARED" if shared else "MAP_PRIVATE"]
        flags += [] if step["file"] else ["MAP_ANONYMOUS"]
        flags += ["MAP_HUGETLB", "MAP_HUGE_2MB"] if step["backing"] in HUGE else []
        flags += ["MAP_LOCKED"] if step["locked"] else []
        flags += ["MAP_FIXED"] if step["over"] else []
        what = "-1, 0"
        if step["file"]:
            what = f"{self._name('file', step['file'])}, {times(step['offset'], mapping.page_size)}"
        where = f"{self._name('mapping', mapping.name)}, {times(mapping.pages, mapping.page_size)}"
        return f"{where}, {PROT[step['prot']]}, {' | '.join(flags)}, {what}"

    def pagemap_scan(self, step: Step) -> str:
        """A question about pages."""
        asked = {f".{field}": _masked(step, key) for key, field in SCAN.items() if step[key]}
        asked |= {".max_pages": str(step["max_pages"])} if step["max_pages"] else {}
        words = ", ".join(f"{field} = {value}" for field, value in asked.items()) or "0"
        return f"pagemap_scan({self._range(step)}, (struct pm_scan_arg){{ {words} }});"

    def file(self, step: Step) -> list[str]:
        """A memory file of its size."""
        name, file = self._name("file", step["id"]), self._places.files[step["id"]]
        flags = f"MFD_HUGETLB | MFD_HUGE_{HUGE[step['backing']]}" if step["backing"] in HUGE else "0"
        size = times(file.pages, file.page_size)
        return [
            f'{self._defined("file", step["id"])} = memfd_create("{step["id"]}", {flags});',
            f"result({name} < 0 ? {name} : ftruncate({name}, {size}));",
        ]

    def userfaultfd(self, step: Step) -> list[str]:
        """A new descriptor."""
        flags = ["O_CLOEXEC"] + ["O_NONBLOCK"] * (not step["blocking"])
        flags += ["UFFD_USER_MODE_ONLY"] if step["user_mode_only"] else []
        call = f"{'userfaultfd_by_device(' if step['device'] else 'syscall(SYS_userfaultfd, '}{' | '.join(flags)})"
        opened = f"{self._defined('descriptor', step['id'])} = {call};"
        return [*_by(step, opened), f"result({self._name('descriptor', step['id'])});"]

    def _defined(self, kind: str, id: str) -> str:
        """A file or a descriptor that is given its number: main's own, or one that others know too."""
        name = self._name(kind, id)
        return name if (kind, id) in self.shared else f"int {name}"

    def on_descriptor(self, index: int, step: Step) -> list[str]:
        """A call on a userfaultfd that does not wait."""
        fd = self._name("descriptor", step["fd"])
        used_later = self.last_use[step["fd"]] > index
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
        child = f"{self._defined('descriptor', step['child'])} = " if step["child"] in self.last_use else ""
        return f"{child}{verb}({', '.join(words)});"

    def _arguments(self, step: Step) -> str:
        mapping = self._places.mappings[step["vma"]]
        _, size = mapping.range(step)
        words = [self._at(mapping.name, step["page"], step["skew"])]
        words += [self._at(step["from"], step["from_page"])] if "from" in step else []
        words += [sized(size, mapping.page_size)]
        words += [str(step["value"])] if "value" in step else []
        return ", ".join([*words, _flags(step)])

    def _range(self, step: Step) -> str:
        mapping = self._places.mappings[step["vma"]]
        _, size = mapping.range(step)
        return f"{self._at(step['vma'], step['page'], step['skew'])}, {sized(size, mapping.page_size)}"

    def _at(self, vma: str, page: int = 0, more: int = 0) -> str:
        """The address of a page of a mapping, and some bytes more."""
        mapping = self._places.mappings[vma]
        if not -APART <= page * mapping.page_size + more <= mapping.size + APART:
            return f"(uint8_t *){(mapping.address(page) + more) % (1 << 64):#x}UL"
        return self._name("mapping", vma) + terms(page, mapping.page_size, more)


def _call(function: str, mapping: str) -> str:
    """A call about a mapping of that name."""
    return f'{function}("{mapping}")'


def _by(step: Step, call: str) -> list[str]:
    """A call of whoever makes it: root, or nobody."""
    return [call] if step["user"] == "root" else ["effective_user(NOBODY);", call, "effective_user(ROOT);"]


def _masked(step: Step, key: str) -> str:
    """What a scan asks for by a key."""
    return " | ".join(f"{'PM_SCAN' if key == 'flags' else 'PAGE_IS'}_{name}" for name in step[key])


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
