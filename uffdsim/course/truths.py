"""Truths: what a trace says to each aspect of a step, as a short text."""


from uffdsim.course import words
from uffdsim.course.asked import Asked, sleepers
from uffdsim.kernel.inspect import vm_flags
from uffdsim.kernel.versions import VERSIONS
from uffdsim.trace import Kind, State

NOBODY, SUCCESS, DIES, WAITS, GOES_ON = "nobody", "success", "the kernel dies", "it waits", "it goes on"
NOTHING, NEVER = "nothing", "it is never asked"


def _waits(state: State) -> list:
    return [wait for _, ctx in state.of_kind("ctx") for wait in (*ctx.pending, *ctx.reading, *ctx.events)]


def message(asked: Asked) -> str:
    """Which message was left for a handler to read."""
    if asked.observation["status"] == "oops":
        return DIES
    slept = {event.thread for _, event in asked.events() if event.kind is Kind.SLEEP}
    new = [words.message(dict(wait.message)) for wait in _waits(asked.state()) if wait.thread in slept]
    return " and ".join(new) or words.NO_MESSAGE


def read(asked: Asked) -> str:
    """What a read_event got."""
    found = asked.observation
    return words.message(found) if "event" in found else found.get("errno") or DIES


def ending(asked: Asked) -> str:
    """What became of the thread of a touch."""
    found = asked.observation
    if found["status"] != "done":
        return WAITS if found["status"] == "blocked" else DIES
    return found.get("signal") or found.get("errno") or GOES_ON


def errno(asked: Asked) -> str:
    """What a call answered."""
    found = asked.observation
    if found["status"] != "done":
        return WAITS if found["status"] == "blocked" else DIES
    return found.get("errno") or SUCCESS


def done(asked: Asked) -> str:
    """How many pages a fill says it has done."""
    found = asked.observation
    mapping = asked.state().get(("mapping", asked.step["vma"]))
    done = found.get("done", 0)
    return f"a negative number ({done})" if done < 0 else words.count(done // mapping.page_size, "page")


def woken(asked: Asked) -> str:
    """Which of the sleepers were woken."""
    asleep = sleepers(asked.state(before=True))
    woken = [event.target for _, event in asked.events() if event.kind is Kind.WAKE]
    return " and ".join(name for name in asleep if name in woken) or NOBODY


def value(asked: Asked) -> str:
    """Which byte a touch got."""
    found = asked.observation
    return words.byte(found["value"]) if found.get("value") is not None else ending(asked)


def smaps(asked: Asked) -> str:
    """Which of ``lo um uw ui`` smaps then shows for the page."""
    if asked.observation["status"] == "oops":
        return DIES
    vma = asked.state()["vmas", "main"].at(asked.address)
    return (vm_flags(VERSIONS[asked.trace.kernel], vma.flags) or "none of them") if vma else "not mapped any more"


def entry(asked: Asked) -> str:
    """What the page table then has for the page."""
    pte = asked.state()["ptes", "main"].at(asked.address)
    if pte is None:
        return NOTHING
    kinds = {"file": "the file's page", "anon": "a page of its own", "zero": "the zero page"}
    kinds |= {"wp-marker": "a write-protect marker", "poison-marker": "a poison marker"}
    protected = " (write-protected)" if pte.uffd_wp and pte.present else ""
    how = (", to be written" if pte.writable else ", to be read only") if pte.present else ""
    return kinds[pte.kind] + how + protected


def cached(asked: Asked) -> str:
    """How many pages of the file are then in the page cache."""
    file = asked.file
    return words.count(asked.state()["cache", file].total(), "page")


def decision(name: str):
    """The answer to the first question of that name that the kernel asked itself."""
    def truth(asked: Asked) -> str:
        return next((event.answer for _, event in asked.events() if event.question == name), NEVER)

    return truth
