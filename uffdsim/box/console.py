"""What a kernel in a box said on its console: what it died of."""

import re

RIP = re.compile(r"RIP: 0010:(\w+)(?:\.[\w.]+)?\+0x")
"""Where the processor was: the function, and what the compiler added to its name (``.cold``, ``.part.0``)."""
LAST_WORDS = re.compile(r"Kernel panic - not syncing: (.*)")


def died_in(console: str) -> str | None:
    """The kernel's function that it died in; None if it does not say so.

    The first one counts: what follows is its result. Source: show_ip() of arch/x86/kernel/dumpstack.c.
    """
    found = RIP.search(console)
    return found and found[1]


def last_words(console: str) -> str:
    """Why it is no more, in one line: of a panic its reason, or else the last thing that it, or QEMU, had to say."""
    if panic := LAST_WORDS.search(console):
        return panic[1].strip()
    lines = [line.strip() for line in console.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
