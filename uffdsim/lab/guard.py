"""Callbacks that cannot fail in silence."""

import traceback
from collections.abc import Callable
from functools import partial
from html import escape
from threading import RLock

from uffdsim.scenario import ScenarioError
from uffdsim.trace import KernelError

EXPECTED = (ScenarioError, KernelError, ValueError, OSError)
"""What a person may cause, and is told in a sentence."""


class Guard:
    """Runs callbacks one at a time, also where they come in threads, and ``after`` each of them shows the result.

    What a person did wrong becomes ``notice``; what the lab did wrong is kept in ``errors`` and given to ``tell``.
    """

    def __init__(self, after: Callable[[], None], tell: Callable[[str], None]) -> None:
        self.after = after
        self.tell = tell
        self.lock = RLock()
        self.busy = False
        """Whether a callback is under way; what it sets off itself is part of it."""
        self.notice = ""
        self.errors: list[BaseException] = []

    def __call__(self, action: Callable, *args: object, **keys: object) -> None:
        """Do it, and show the result, whatever that is."""
        with self.lock:
            if self.busy:
                action(*args, **keys)
            else:
                self._run(partial(action, *args, **keys))

    def aside(self, action: Callable, *args: object) -> None:
        """Do what a page asks for by itself: nobody has done anything since, so what a person was told stays, and
        nothing else is shown than what the action shows."""
        with self.lock:
            self._run(partial(action, *args), aside=True)

    def show(self, *_: object) -> None:
        """Show how things are, where nothing has been done to them; a widget may be observed by this."""
        with self.lock:
            if not self.busy:
                self._run(None)

    def _run(self, action: Callable[[], object] | None, aside: bool = False) -> None:
        self.busy = True
        if not aside:
            self.notice = ""
        failed = len(self.errors)
        expected = () if aside else EXPECTED  # what a page asks for wrongly is no person's mistake
        try:
            if action:
                action()
        except expected as error:
            self.notice = str(error)
        except Exception as error:
            self.errors.append(error)
        if not aside:
            self._show()
        self.busy = False
        if len(self.errors) > failed:
            self.tell(_banner(self.errors[-1]))
        elif not aside:
            self.tell("")

    def _show(self) -> None:
        try:
            self.after()
        except Exception as error:
            self.errors.append(error)


def _banner(error: BaseException) -> str:
    """An error in words, as HTML."""
    where = "".join(traceback.format_exception(error)[-3:])
    return (
        '<div class="uffdsim-error" role="alert"><strong>The lab made a mistake: '
        f"{escape(type(error).__name__)}: {escape(str(error))}.</strong> What you did is kept; "
        f"Undo takes it back.<pre>{escape(where)}</pre></div>"
    )
