"""One page fault, as the paths that serve it hand it on (struct vm_fault), and the codes that end it."""

from uffdsim.kernel.mm import page_at, place
from uffdsim.kernel.state import Pte
from uffdsim.runs import Run

RETRY = "VM_FAULT_RETRY"
SIGBUS = "VM_FAULT_SIGBUS"
SEGV = "VM_FAULT_SIGSEGV"
HWPOISON = "VM_FAULT_HWPOISON"


class Fault:
    """One fault, as struct vm_fault has it.

    ``address`` is the byte that was touched. ``start`` to ``end`` are the pages to be served: the one touched,
    and, when memory is filled in bulk, those behind it. A path that meets a change shortens ``end``.
    ``user`` tells faults of user mode from the kernel's own, ``may_wait`` (FAULT_FLAG_ALLOW_RETRY) whether the
    locks may be dropped to wait.
    """

    __slots__ = ("address", "end", "may_wait", "pte", "run", "start", "task", "user", "vma", "write")

    def __init__(self, task, run: Run, address: int, write: bool, user: bool, end: int = 0, may_wait: bool = True):
        self.task = task
        self.run = run
        self.vma = run.value
        self.address = address
        self.start = address & -self.vma.page_size
        self.end = max(min(end, run.end), self.start + self.vma.page_size)
        self.write = write
        self.user = user
        self.may_wait = may_wait
        self.pte: Pte | None = None

    @property
    def where(self) -> str:
        return place(self.task, self.start, self.vma)

    @property
    def place(self) -> tuple[str, int]:
        """The page that is wanted: its mapping and its number."""
        return page_at(self.task, self.start, self.vma)

    @property
    def index(self) -> int:
        """The page of the file that is wanted."""
        return self.vma.index(self.start)

    @property
    def one_page(self) -> int:
        return self.start + self.vma.page_size

    def shorten(self, end: int):
        """Serve no page from ``end`` on."""
        self.end = max(min(self.end, end), self.one_page)

    def install(self, pte: Pte, function: str, text: str):
        """Write the page table entries of the pages served."""
        self.task.do(function, text)
        self.task.state.put(("ptes", self.task.mm), self.start, self.end, pte)
