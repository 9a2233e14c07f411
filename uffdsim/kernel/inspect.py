"""What /proc shows of the process: pagemap, smaps, and the sizes of its files (fs/proc/task_mmu.c)."""

from uffdsim.kernel.state import VM_LOCKED, VM_UFFD_MISSING, VM_UFFD_RWP, VM_UFFD_WP, Mapping, Pte, Vma
from uffdsim.kernel.task import Answer, Task
from uffdsim.kernel.versions import Version
from uffdsim.runs import Runs
from uffdsim.scenario import Step
from uffdsim.trace import State


def inspect(task: Task, step: Step) -> Answer:
    """The op inspect."""
    state = task.state
    counts = _map_counts(state)
    return {
        "vmas": {
            id: _pages(state, task.version, mapping, counts)
            for (_, id), mapping in state.of_kind("mapping")
            if mapping.listed
        },
        "files": {id: state["cache", id].total() for (_, id), file in state.of_kind("file") if not file.anonymous},
    }


def vm_flags(version: Version, flags: int) -> str:
    """Those of ``lo um uw ui ur`` that smaps shows, in its order: by bit; of two names for a bit, the last one."""
    names = {VM_UFFD_MISSING: "um", VM_UFFD_WP: "uw", VM_LOCKED: "lo", VM_UFFD_RWP: "ur"}
    if version.minor_flag:
        names[version.minor_flag] = "ui"
    return " ".join(names[bit] for bit in sorted(names) if flags & bit)


def _pages(state: State, version: Version, mapping: Mapping, counts: dict[str, Runs]) -> list[dict]:
    pages = []
    for start in range(mapping.start, mapping.end, mapping.page_size):
        vma = state["vmas", "main"].at(start)
        if vma is None:
            shown = dict.fromkeys(("present", "swap", "file", "uffd_wp", "exclusive"), 0) | {"vm_flags": "unmapped"}
        else:
            pte = state["ptes", "main"].at(start)
            shown = _entry(state, version, vma, pte, start, counts) | {"vm_flags": vm_flags(version, vma.flags)}
        pages.append(shown)
    return pages


def _entry(state: State, version: Version, vma: Vma, pte: Pte | None, address: int, counts: dict[str, Runs]) -> dict:
    present = pte is not None and pte.present
    file = vma.file if pte is not None and pte.kind == "file" else None
    if pte is None:
        exclusive = False
    elif file is not None:
        exclusive = counts[file].at(vma.pgoff(address)) == 1
    else:
        exclusive = pte.kind == "anon" and not any(state["mm", child].alive for child in pte.children)
    return {
        "present": int(present),
        "swap": int(pte is not None and not present and not vma.is_hugetlb),
        "file": int(file is not None),
        "uffd_wp": int(pte is not None and pte.uffd_wp and version.pagemap_wp),
        "exclusive": int(exclusive),
    }


def _map_counts(state: State) -> dict[str, Runs]:
    """For each file: how many page tables of living processes map each of its pages."""
    counts = {id: Runs() for (_, id), _ in state.of_kind("file")}
    for (_, mm), ptes in state.of_kind("ptes"):
        for start, end, pte in ptes if state["mm", mm].alive else ():
            if pte.kind == "file":
                for run in state["vmas", mm].over(start, end):
                    vma = run.value
                    left, right = vma.pgoff(max(start, run.start)), vma.pgoff(min(end, run.end))
                    for i, j, count in counts[vma.file].cut(left, right):
                        counts[vma.file].put(i, j, (count or 0) + 1)
    return counts
