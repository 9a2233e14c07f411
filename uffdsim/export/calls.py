"""Steps on memory and files as statements of C."""

from uffdsim.export.addresses import Addresses
from uffdsim.export.names import Names
from uffdsim.export.sizes import sized, terms, times
from uffdsim.export.variables import Variables
from uffdsim.grammar import OPS, Trait
from uffdsim.linux.places import Places
from uffdsim.scenario import ScenarioError, Step
from uffdsim.words import unmodelled

HUGE = {"hugetlb-2M": "2MB", "hugetlb-1G": "1GB", "anon-hugetlb-2M": "2MB"}
TASK_SIZE = 1 << 47
SCAN = {
    "mask": "category_mask", "inverted": "category_inverted", "anyof": "category_anyof_mask", "returns": "return_mask",
    "flags": "flags",
}  # fmt: skip
"""What the masks of a scan are called in its argument."""
PROT = {"none": "PROT_NONE", "r": "PROT_READ", "rw": "PROT_READ | PROT_WRITE"}


class OnMemory:
    """Says each step in C. ``name`` gives things their identifiers."""

    def __init__(self, places: Places, name: Names, variables: Variables):
        self._places = places
        self._name = name
        self._variables = variables
        self._addresses = Addresses(places, name)

    def sound_touch(self, step: Step) -> str:
        """A load or store that can do nothing but succeed."""
        mapping = self._places.mappings[step["vma"]]
        index = terms(step["page"], mapping.page_size, step["offset"]).removeprefix(" + ") or "0"
        byte = f"{self._name('mapping', mapping.name)}[{index}]"
        return f"value({byte} = {step['value']});" if Trait.WRITE in step.traits else f"value({byte});"

    def touch(self, step: Step) -> str:
        """A load or store that a thread does."""
        words = [self._name("thread", step.thread), self._addresses.at(step["vma"], step["page"], step["offset"])]
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
        looked_at = index <= self._variables.last_look
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

        :raises ScenarioError: if a program has no words for it.
        """
        match step.op:
            case "mmap":
                return f"(long)mmap({self._mapped(step)})"
            case "munmap" | "mlock" | "munlock":
                return f"{step.op}({self._addresses.range(step)})"
            case "mprotect":
                return f"mprotect({self._addresses.range(step)}, {PROT[step['prot']]})"
            case "madvise":
                return f"madvise({self._addresses.range(step)}, MADV_{step['advice']})"
            case "mremap":
                mapping = self._places.mappings[step["vma"]]
                size = sized(mapping.size, mapping.page_size)
                old = f"{self._addresses.at(step['vma'])}, {size}, {size}"
                return f"(long)mremap({old}, MREMAP_MAYMOVE | MREMAP_FIXED, {self._name('mapping', step['to'])})"
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
        if index <= self._variables.last_look and not 0 < mapping.size < TASK_SIZE:
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
        return f"pagemap_scan({self._addresses.range(step)}, (struct pm_scan_arg){{ {words} }});"

    def file(self, step: Step) -> list[str]:
        """A memory file of its size."""
        name, file = self._name("file", step["id"]), self._places.files[step["id"]]
        flags = f"MFD_HUGETLB | MFD_HUGE_{HUGE[step['backing']]}" if step["backing"] in HUGE else "0"
        size = times(file.pages, file.page_size)
        return [
            f'{self._variables.defined("file", step["id"])} = memfd_create("{step["id"]}", {flags});',
            f"result({name} < 0 ? {name} : ftruncate({name}, {size}));",
        ]


def _call(function: str, mapping: str) -> str:
    """A call about a mapping of that name."""
    return f'{function}("{mapping}")'


def _masked(step: Step, key: str) -> str:
    """What a scan asks for by a key."""
    return " | ".join(f"{'PM_SCAN' if key == 'flags' else 'PAGE_IS'}_{name}" for name in step[key])
