"""Simulated kernels.

A module is named after what it stands for in the kernel, and a function that stands for one of the kernel's has its
name. Where to begin: with the story of one fault, in the order in which it happens.

1. ``touch``: a thread reads or writes a byte. While the page table's entry allows it, the kernel never runs.
2. ``fault``: where it does not, do_user_addr_fault finds the VMA and asks whether the access is allowed;
   handle_mm_fault hands the fault on to its kind of memory. What is handed on is ``vm_fault``.
3. ``memory`` (handle_pte_fault: anonymous memory and files), with ``shmem`` and ``filemap`` for pages of files and
   ``cow`` for writes to what is mapped for reading; or ``hugetlb`` (hugetlb_fault). On the way each asks
   ``userfaultfd_k`` whether the page is user space's to bring, to map, or to let be written.
4. ``userfaultfd``: handle_userfault leaves a message and sleeps; wake_userfault, called by whoever answers, lets it go
   on, and the fault begins anew at 2.
5. The handler's side: ``descriptor`` (opened, closed), ``register``, ``read``, and its ``answers``: ``mfill`` with
   ``fills`` (COPY, ZEROPAGE, CONTINUE, POISON), ``writeprotect`` and ``rwprotect`` with ``protection``, ``move``.
6. All else that touches memory or takes it away: ``gup`` (the kernel faults pages in), ``memfd``, ``mmap``, ``mremap``,
   ``mm``, ``madvise``, ``mlock``, ``mprotect``, ``fork``, ``zap``, and ``events``, by which a handler hears about it.

Around them: ``session`` runs steps, ``task`` is a thread in the kernel and tells what it does there (with ``pages`` and
``waiters``, of what and of whom), ``syscalls`` says which system call an op is, ``span`` what range a step means,
``state`` what a kernel knows, ``versions`` how kernels differ, ``changes`` since when and ``releases`` in words;
``inspect`` shows what /proc would, and ``pagemap`` is what a program can ask of it.
"""

from uffdsim.kernel.session import Session
from uffdsim.kernel.versions import VERSIONS
from uffdsim.scenario import Scenario
from uffdsim.trace import Trace


class Simulated:
    """The simulated kernel of that name."""

    def __init__(self, name: str) -> None:
        self.version = VERSIONS[name]
        self.name = name
        self.about = self.version.about

    def session(self, scenario: Scenario | None = None) -> Session:
        """This kernel, about to be given steps one by one; those of a scenario, if it is known already."""
        return Session(self.version, scenario)

    def run(self, scenario: Scenario) -> Trace:
        """Run a scenario from an empty process on.

        :raises ScenarioError: if a step is given to a thread that is blocked.
        :raises KernelError: for what the model leaves out. The ``trace`` of either has what was answered before.
        """
        session = self.session(scenario)
        for step in scenario:
            session.step(step)
            if session.dead:
                break
        return session.trace
