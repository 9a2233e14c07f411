"""The steps of a scenario as statements of C."""

from collections.abc import Iterable

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
PROT = {"none": "PROT_NONE", "r": "PROT_READ", "rw": "PROT_READ | PROT_WRITE"}


class Statements:
    """Says each step in C. ``name`` gives things their identifiers."""

    def __init__(self, scenario: Scenario, places: Places, name: Names):
        self._places = places
        self._name = name
        self._last_use = {step["fd"]: index for index, step in enumerate(scenario) if "fd" in step}
        self.last_look = max((index for index, step in enumerate(scenario) if Trait.LOOK in step.traits), default=-1)
        """The last step that inspects everything; -1 if there is none."""

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
        if index > self.last_look or not self._takes_away(step):
            return [f"{made};"]
        forget = [f"\tforget({self._name('mapping', step['vma'])});"]
        if "to" in step:
            forget += ["else", f"\tforget({self._name('mapping', step['to'])});"]
        return [f"{made};", f"if (!threads[{thread}].failed)", *forget] if function else [f"if ({made})", *forget]

    def _takes_away(self, step: Step) -> bool:
        """Whether the mapping is not looked at any more if this succeeds."""
        tells = OPS[step.op].tells
        if tells != "UNMAP":
            return tells == "REMAP"
        mapping = self._places.mappings[step["vma"]]
        start, size = mapping.range(step)
        return start <= mapping.start and start + size >= mapping.start + mapping.size

    def system_call(self, index: int, step: Step) -> str:
        """The call itself; below 0, it has failed.

        :raises ScenarioError: if it is none that a program has words for.
        """
        match step.op:
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
        """A new mapping, at its place."""
        mapping = self._places.mappings[step["id"]]
        shared = self._places.scenario.mappings[step["id"]].shared
        flags = ["MAP_SHARED" if shared else "MAP_PRIVATE"]
        flags += [] if step["file"] else ["MAP_ANONYMOUS"]
        flags += ["MAP_HUGETLB", "MAP_HUGE_2MB"] if step["backing"] in HUGE else []
        flags += ["MAP_LOCKED"] if step["locked"] else []
        what = "-1, 0"
        if step["file"]:
            what = f"{self._name('file', step['file'])}, {times(step['offset'], mapping.page_size)}"
        where = f"{self._name('mapping', mapping.name)}, {times(mapping.pages, mapping.page_size)}"
        lines = [f"map({where}, {PROT[step['prot']]}, {' | '.join(flags)}, {what});"]
        if index <= self.last_look and not 0 < mapping.size < TASK_SIZE:
            lines.append(f"forget({self._name('mapping', mapping.name)});")
        return lines

    def file(self, step: Step) -> list[str]:
        """A memory file of its size."""
        name, file = self._name("file", step["id"]), self._places.files[step["id"]]
        flags = f"MFD_HUGETLB | MFD_HUGE_{HUGE[step['backing']]}" if step["backing"] in HUGE else "0"
        define = "" if self.last_look >= 0 else "int "
        size = times(file.pages, file.page_size)
        return [
            f'{define}{name} = memfd_create("{step["id"]}", {flags});',
            f"result({name} < 0 ? {name} : ftruncate({name}, {size}));",
        ]

    def userfaultfd(self, step: Step) -> list[str]:
        """A new descriptor."""
        name = self._name("descriptor", step["id"])
        flags = "O_CLOEXEC | O_NONBLOCK" + (" | UFFD_USER_MODE_ONLY" if step["user_mode_only"] else "")
        return [f"int {name} = syscall(SYS_userfaultfd, {flags});", f"result({name});"]

    def on_descriptor(self, index: int, step: Step) -> list[str]:
        """A call on a userfaultfd. It never waits."""
        fd = self._name("descriptor", step["fd"])
        used_later = self._last_use[step["fd"]] > index
        match step.op:
            case "close":
                return [f"result(close({fd}));"] + ([f"{fd} = -1;"] if used_later else [])
            case "read_event":
                child = step["child"] if step["child"] in self._last_use else None
                return [f"int {self._name('descriptor', child)} = read_event({fd});" if child else f"read_event({fd});"]
            case "api":
                version = "UFFD_API" if step["api"] == UFFD_API else f"{step['api']:#x}"
                return [f"uffdio_api({fd}, {version}, {_flags(step)});"]
            case "set_mode":
                return [f"uffdio_set_mode({fd}, {_features(step['enable'])}, {_features(step['disable'])});"]
            case "poll":
                return [f"poll_for_messages({fd});"]
        if step.op not in REQUEST:
            raise ScenarioError(unmodelled(index, step, "export to C"))
        if step.op in OWN_IOCTLS:
            return [f"uffdio_{step.op}({fd}, {self._arguments(step)});"]
        return [f"range_ioctl({fd}, UFFDIO_{step.op.upper()}, {self._arguments(step)});"]

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
