"""Handlers that several tests put to trials: a plain one, and one that gets through everything."""

from uffdsim.course.handle.judge import judge


def naive(event, u):
    if event.minor:
        u.continue_(event.vma, event.page)
    elif event.missing:
        u.copy(event.vma, event.page, value=event.data)
    elif event.wp:
        u.writeprotect(event.vma, event.page)


class Mended:
    """A handler that gets through everything."""

    def __init__(self):
        self.gone = set()

    def __call__(self, event, u):
        if event.kind == "REMOVE":
            self.gone |= {(event.vma, event.page + n) for n in range(event.pages)}
        if event.kind == "PAGEFAULT":
            answer = self.fill(event, u)
            if answer.errno == "EAGAIN":
                u.later(event)
            elif not answer:
                u.wake(event.vma, event.page)

    def fill(self, event, u):
        if event.wp:
            return u.writeprotect(event.vma, event.page)
        if event.minor:
            return u.continue_(event.vma, event.page)
        if (event.vma, event.page) in self.gone:
            return u.copy(event.vma, event.page, value=0)
        if event.data is None:
            return u.poison(event.vma, event.page)
        return u.copy(event.vma, event.page, value=event.data)


MENDED = {
    "one answer for all": naive,
    "zeros are cheap": naive,
    "every message is a fault": naive,
    "wake and forget": naive,
}
"""What mends a bug; ``Mended`` does all others."""


def why(handler, trial, **keys):
    """Why a handler does not get through a trial."""
    row = judge(handler, trial, **keys)[trial]
    assert row.result == "✗ no"
    return row.why
