"""One page fault, as the paths that serve it hand it on (struct vm_fault), and what may end it."""

from typing import NamedTuple

from uffdsim import words
from uffdsim.kernel.mm import page_at
from uffdsim.kernel.pages import file_page
from uffdsim.kernel.state import Pte, Vma
from uffdsim.kernel.task import Task
from uffdsim.runs import Run
from uffdsim.uapi import SiCode

RETRY = "VM_FAULT_RETRY"
SIGBUS = "VM_FAULT_SIGBUS"
SEGV = "VM_FAULT_SIGSEGV"
HWPOISON = "VM_FAULT_HWPOISON"


class Stop(NamedTuple):
    """What ends an access that cannot succeed: the VM_FAULT code, the reason in words, and the code of its signal."""

    fault: str
    why: str
    si_code: SiCode


class Fault:
    """One fault, as struct vm_fault has it.

    ``address`` is the byte that was touched. ``start`` to ``end`` are the pages to be served: the one touched,
    and, when memory is filled in bulk, those behind it. A path that meets a change shortens ``end``.
    ``user`` tells faults of user mode from the kernel's own (FAULT_FLAG_USER), ``may_wait`` (FAULT_FLAG_ALLOW_RETRY)
    whether the locks may be dropped to wait. ``place`` is the page that is wanted, by its mapping and its number, and
    ``where`` the same in words. ``why`` says what ended the fault, if anything did.
    """

    __slots__ = (
        "address", "end", "may_wait", "place", "pte", "run", "start", "task", "user", "vma", "where", "why", "write",
    )  # fmt: skip

    def __init__(
        self, task: Task, run: Run, address: int, write: bool, user: bool, end: int = 0, may_wait: bool = True
    ) -> None:
        self.task = task
        self.run = run
        self.vma: Vma = run.value
        self.address = address
        self.start = address & -self.vma.page_size
        wanted = -(-min(end, run.end) // self.vma.page_size) * self.vma.page_size
        self.end = max(wanted, self.start + self.vma.page_size)
        self.write = write
        self.user = user
        self.may_wait = may_wait
        self.place = page_at(task, self.start, self.vma)
        self.where = words.page(*self.place)
        self.pte: Pte | None = None
        self.why = ""

    @property
    def index(self) -> int:
        """The page of the file that is wanted."""
        return self.vma.pgoff(self.start)

    @property
    def file_page(self) -> str:
        """The same in words: ``page 0 of F``."""
        return file_page(self.task, self.vma, self.index)

    @property
    def one_page(self) -> int:
        return self.start + self.vma.page_size

    def shorten(self, end: int) -> None:
        """Serve no page from ``end`` on."""
        self.end = max(min(self.end, end), self.one_page)

    def install(self, pte: Pte | None, function: str, text: str) -> None:
        """Write the page table entries of the pages served."""
        self.task.do(function, text)
        self.task.state.put(("ptes", self.task.mm), self.start, self.end, pte)

    def stop(self, code: str, function: str, question: str, answer: str, why: str) -> str:
        """Decide that the fault ends here, and keep the reason for whoever wanted the page.

        :returns: the VM_FAULT code, to be handed on.
        """
        self.task.decide(function, question, answer, why)
        self.why = why
        return code
