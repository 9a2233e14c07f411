"""Handlers with a bug each, to be found and mended. Each comes with the story of a program that had it."""

import inspect
import textwrap
from collections.abc import Callable
from typing import NamedTuple

from uffdsim import kernels
from uffdsim.course.handle.form import alike
from uffdsim.course.handle.judge import Judgement, judge
from uffdsim.course.handle.source import handed_in
from uffdsim.course.progress import Progress, keep_in
from uffdsim.course.render import block, card, paragraphs
from uffdsim.errors import Unknown, quoted
from uffdsim.grammar import meant
from uffdsim.trace import KernelError


class Bug(NamedTuple):
    """A broken handler: its name, what went wrong because of it, and the trials that the mended one must pass."""

    name: str
    story: str
    handler: Callable
    trials: tuple[str, ...]

    @property
    def source(self) -> str:
        """The handler as text, to be copied and mended."""
        lines = inspect.getsource(self.handler).split("\n")
        return textwrap.dedent("\n".join(lines)).strip()

    def judge(self, handler: Callable, kernel: str = kernels.DEFAULT) -> Judgement:
        """Whether a handler is mended: through the trials that this bug fails, and some that it passes.

        :raises KernelError: if there is no such kernel, or it leaves out one of these trials.
        """
        written = handed_in(handler, kernel=kernel)
        found = judge(handler, self.trials, kernel)
        if found.left_out:
            which = ", ".join(found.left_out)
            raise KernelError(f"{kernel} cannot show whether it is mended, as it leaves out {which}; take a later one")
        self.keep(handler, found, "handler", self.name, written=written)
        return found

    def keep(
        self,
        handler: Callable,
        found: Judgement,
        kind: str,
        name: str,
        progress: Progress | None = None,
        written: dict | None = None,
    ):
        """Keep what a handler came to. The broken one as it was given is no try, whoever wrote it down again."""
        found.work = ((kind, name),)
        if not alike(handler, self.handler):
            found.unkept = keep_in(progress, kind, name, bool(found), written)

    def __repr__(self):
        last = f"Mend it, and give it to bug({self.name!r}).judge(…)."
        return "\n\n".join([f"{self.name}\n{textwrap.fill(self.story, 100)}", self.source, last])

    def _repr_html_(self):
        return self.card("handler", self.name)

    def card(self, kind: str, name: str) -> str:
        """It as HTML: under which kind and name it is kept is not always its own."""
        work = [(kind, name)]
        return card("open", f"Bug hunt: {self.name}", paragraphs(self.story), block(self.source), work=work)


def one_answer_for_all(event, u):
    u.continue_(event.vma, event.page)


def no_wake_after_eexist(event, u):
    if event.minor:
        u.continue_(event.vma, event.page)
    elif event.missing:
        u.copy(event.vma, event.page, value=event.data)  # EEXIST: somebody was faster, so all is well


def always_four_pages(event, u):
    u.copy(event.vma, 0, pages=4, value=event.data)


def wake_and_forget(event, u):
    if event.minor:
        u.continue_(event.vma, event.page, mode="DONTWAKE")
    elif event.missing:
        u.copy(event.vma, event.page, value=event.data, mode="DONTWAKE")


def hot_again(event, u):
    if event.missing:
        while u.copy(event.vma, event.page, value=event.data).errno == "EAGAIN":
            pass


def zeros_are_cheap(event, u):
    if event.data == 0:
        u.zeropage(event.vma, event.page)
    else:
        u.copy(event.vma, event.page, value=event.data)


def still_in_the_cache(event, u):
    if event.minor:
        u.continue_(event.vma, event.page)
    elif event.missing:
        u.copy(event.vma, event.page, value=event.data)


def nothing_is_lost(event, u):
    value = event.data or 0
    u.copy(event.vma, event.page, value=value)


def the_page_comes_back(event, u):
    if event.missing:
        u.copy(event.vma, event.page, value=event.data)


def every_message_is_a_fault(event, u):
    if event.minor:
        u.continue_(event.vma, event.page)
    else:
        u.copy(event.vma, event.page, value=event.data)


class OnceIsEnough:
    def __init__(self):
        self.seen = set()

    def __call__(self, event, u):
        if (event.vma, event.page) in self.seen:
            return
        self.seen.add((event.vma, event.page))
        u.copy(event.vma, event.page, value=event.data)
        u.wake(event.vma, event.page)


_ALL = (
    Bug(
        "one answer for all",
        "A virtual machine monitor turned its memory to huge pages and registered it both ways. Its handler knew one "
        "answer. The first guest page that nobody had written yet was a hole in the file, CONTINUE found nothing to "
        "map, and the guest hung at boot.",
        one_answer_for_all,
        ("minor", "missing", "both"),
    ),
    Bug(
        "no wake after EEXIST",
        "A micro virtual machine was restored by two helpers at once: one answered faults, one filled pages ahead. Now "
        "and then a guest's processor stopped for ever. COPY had said EEXIST, the handler took it for good news, and "
        "nobody woke those who waited.",
        no_wake_after_eexist,
        ("minor", "missing", "filled meanwhile"),
    ),
    Bug(
        "always four pages",
        "To save system calls, a build service answered each fault with a chunk. When a page in the middle of a chunk "
        "was there already, COPY stopped at it and said how far it had come. Nobody read that number.",
        always_four_pages,
        ("half there",),
    ),
    Bug(
        "wake and forget",
        "A handler filled pages with DONTWAKE, to wake a whole batch with one call at the end. On the way out of a "
        "rewrite, that call was lost. Every page was there, and every thread slept.",
        wake_and_forget,
        ("minor", "missing", "two threads"),
    ),
    Bug(
        "hot again",
        "With a balloon in the guest, memory was given back while faults were being answered. COPY said EAGAIN, and "
        "the handler tried again, and again, with all of a processor. It would have had to read the REMOVE message "
        "first: the very thing it was too busy to do.",
        hot_again,
        ("missing", "while the ground moves"),
    ),
    Bug(
        "zeros are cheap",
        "A migration skipped pages of zeros and answered them with ZEROPAGE, which takes no memory. Then somebody "
        "turned on huge pages, for which there is no page of zeros to map.",
        zeros_are_cheap,
        ("missing", "zeros on huge pages"),
    ),
    Bug(
        "still in the cache",
        "A pool of memory was shared by many guests, and a cleaner punched old pages out of the file. Between the "
        "message of a minor fault and CONTINUE the page could go. A log full of EFAULT was all that was left of the "
        "guest.",
        still_in_the_cache,
        ("both", "vanished"),
    ),
    Bug(
        "nothing is lost",
        "When the other side of a migration lost a page to a memory error, the handler handed out zeros: no crash, no "
        "message, and a database that was quietly wrong. The thread has to find out.",
        nothing_is_lost,
        ("missing", "lost"),
    ),
    Bug(
        "the page comes back",
        "A guest gave pages back and touched them later, sure to find zeros. It found its own old data: the handler "
        "fetched the page from where it had come from, as it did for every fault.",
        the_page_comes_back,
        ("missing", "given back"),
    ),
    Bug(
        "every message is a fault",
        "The handler was written when PAGEFAULT was all there was to read. Then a feature was asked for, to hear about "
        "forks; and the first fork ended the handler, and with it everybody who waited.",
        every_message_is_a_fault,
        ("minor", "forked"),
    ),
    Bug(
        "once is enough",
        "One message for each page: that was the plan, and what had been answered was crossed off. But pages are given "
        "back and fault again, and a thread that is woken too early faults twice.",
        OnceIsEnough,
        ("missing", "given back"),
    ),
)

BUGS: dict[str, Bug] = {bug.name: bug for bug in _ALL}
"""Every broken handler, by name."""


def bug(name: str) -> Bug:
    """The broken handler of that name.

    :raises Unknown: if there is none.
    """
    if not isinstance(name, str) or name not in BUGS:
        raise Unknown(f"there is no bug {quoted(name)}; there are {', '.join(BUGS)}{meant(name, BUGS)}")
    return BUGS[name]
