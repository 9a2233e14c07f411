"""Random scenarios, valid and free of races: what the simulated and a real kernel are both asked.

Hypothesis makes every choice in them, so a scenario that fails a test shrinks to a short one that fails it too.
"""

from functools import cache

from draft import TOUCHING, Draft, Mapping
from hypothesis import strategies as st

from uffdsim.kernel.state import VM_UFFD_RWP, VM_UFFD_WP
from uffdsim.kernel.versions import VERSIONS
from uffdsim.scenario import Scenario, Step
from uffdsim.uapi import PAGE_SIZE, Feature, PageIs

HUGE_PAGES = 40
"""As many huge pages as one scenario may need."""

MODES = (
    ("MISSING",), ("MISSING",), ("MISSING", "WP"), ("WP",), ("WP",), ("MINOR",), ("MINOR",), ("MISSING", "MINOR"),
    ("MISSING", "MINOR"), ("WP", "MINOR"), ("MISSING", "WP", "MINOR"), (),
)  # fmt: skip
RWP_MODES = (
    ("RWP",), ("RWP",), ("RWP",), ("MISSING", "RWP"), ("MISSING", "RWP"), ("RWP",), ("RWP",), ("MISSING", "RWP"),
    ("MINOR", "RWP"), ("MINOR", "RWP"), ("MISSING", "MINOR", "RWP"), ("WP", "RWP"),
)  # fmt: skip
"""The same with read-write protection, for descriptors that asked for it."""
FOR_ANON = 5
"""So many of them are for anonymous memory too."""
EVENTS = ("EVENT_FORK", "EVENT_REMAP", "EVENT_REMOVE", "EVENT_UNMAP")
RARE = ("SIGBUS", "WP_ASYNC", "EXACT_ADDRESS")
OTHERS = tuple(f.name for f in Feature if f.name not in EVENTS + RARE + ("RWP", "RWP_ASYNC"))
FILLS = {"copy": ("WP", "DONTWAKE"), "zeropage": ("DONTWAKE",), "continue": ("WP", "DONTWAKE"), "poison": ("DONTWAKE",)}
SUITS = {
    "copy": lambda vma: True,
    "poison": lambda vma: True,
    "zeropage": lambda vma: not vma.is_hugetlb,
    "continue": lambda vma: not vma.is_anonymous,
    "writeprotect": lambda vma: vma.flags & VM_UFFD_WP,
    "rwprotect": lambda vma: vma.flags & VM_UFFD_RWP,
    "move": lambda vma: vma.is_anonymous,
}
"""What each ioctl is for."""
PROTECTIONS = ("writeprotect", "rwprotect")
ADVICE = ("DONTNEED", "DONTNEED", "DONTNEED", "REMOVE", "REMOVE", "POPULATE_READ", "POPULATE_WRITE", "FREE", "DONTFORK")


class Author(Draft):
    """Writes one scenario."""

    huge = 0
    """How many huge pages it may need up to now."""

    @property
    def has_rwp(self) -> bool:
        """Whether the kernel has read-write protection."""
        return bool(VERSIONS[self.version].features & Feature.RWP)

    # Things.

    def file(self):
        backing = self.one(("shmem", "hugetlb-2M"))
        pages = self.number(1, 4) if backing != "shmem" or not self.once_in(4) else self.number(5, 40)
        if backing != "shmem":
            self.huge += pages
            if self.huge > HUGE_PAGES:
                return
        id = f"F{len(self.files) + 1}"
        if self.add("file", id=id, backing=backing, pages=pages):
            self.files[id] = self.steps[-1]

    def mmap(self, file: str | None = None):
        keys = {"id": f"m{len(self.mappings) + 1}"}
        if file:
            size, length = PAGE_SIZE[self.files[file]["backing"]], self.files[file]["pages"]
            pages = length
            keys |= {"file": file, "pages": pages}
            if self.once_in(5):
                keys["offset"] = offset = self.number(0, length)
                keys["pages"] = pages = max(1, length - offset + self.number(-1, 1))
        else:
            backing = self.one(("anon", "anon", "anon-hugetlb-2M"))
            size = PAGE_SIZE[backing]
            keys["backing"] = backing
            keys["pages"] = pages = self.number(1, 4) if size > 4096 else self.number(1, 6)
        if self.once_in(5 if file else 8):
            keys["sharing"] = "private" if file else "shared"
        if self.once_in(12):
            keys["prot"] = self.one(("r", "none"))
        if self.once_in(20):
            keys["locked"] = True
        alike = [id for id in self.there() if self.mappings[id].page_size == size] if self.mappings else []
        if alike and self.once_in(6):
            keys["over"] = over = self.one(alike)
            keys["over_page"] = self.number(0, self.mappings[over].pages - 1)
        if size > 4096:
            self.huge += pages
            if self.huge > HUGE_PAGES:
                return
        if self.add("mmap", threads=TOUCHING if "over" in keys else (), **keys):
            self.mappings[keys["id"]] = Mapping(size, pages, not file)

    def userfaultfd(self):
        id = f"u{len(self.descriptors) + 1}"
        keys = {"user_mode_only": True} if self.once_in(12) else {}
        if self.once_in(8):
            keys["blocking"] = True
        if self.once_in(12):
            keys["device"] = True
        if self.once_in(25):
            keys["user"] = "nobody"
        if not self.add("userfaultfd", id=id, **keys):
            return
        self.descriptors.append(id)
        if not self.once_in(25):
            self.api(id)

    def api(self, id: str | None = None):
        features = self.some(EVENTS, 3) + self.some(RARE, 12) + self.some(OTHERS, 5)
        if self.has_rwp and not self.once_in(4):
            features += ["RWP", *self.some(["RWP_ASYNC"], 5)]
        keys = {"raw": 1 << self.one((17, 30, 31, 63))} if self.once_in(40) else {}
        if self.once_in(40):
            keys["api"] = self.one((0, 0xA9, 0xAB))
        if self.once_in(25):
            keys["user"] = "nobody"
        self.add("api", fd=id or self.fd(), features=features, **keys)

    def fd(self) -> str:
        """A descriptor, made now if there is none yet."""
        if not self.descriptors:
            self.userfaultfd()
        return self.one(self.descriptors)

    def target(self, suits=lambda vma: True) -> dict:
        """A descriptor and a range for it: mostly one that it watches, and often one that a thread waits for."""
        watched, waiting = self.watched(suits), self.waiting()
        if watched and not self.once_in(8):
            fd, vma, first, length = self.one(watched)
            page = self.number(first, first + length - 1)
            keys = {"vma": vma, "page": page, "pages": self.number(1, first + length - page)}
            if waiting and not self.once_in(3):
                keys["vma"], keys["page"] = self.one(waiting)
                keys["pages"] = 1
                fd = next((watch[0] for watch in watched if watch[1] == keys["vma"]), fd)
        else:
            fd, keys = self.fd(), self.range()
        if self.once_in(15):
            fd = self.fd()
        return {"fd": fd, **self.cut(keys, self.mappings[keys["vma"]].page_size, 20)}

    def cut(self, keys: dict, size: int, seldom: int) -> dict:
        """A range, now and then one that does not consist of whole pages."""
        if self.once_in(seldom):
            keys["skew"] = self.one((1, -1, 4096, -4096, size, -size, size // 2))
        if self.once_in(seldom):
            keys["bytes"] = max(0, self.number(0, 2) * size + self.one((0, 4096, -4096, 1, -1, size // 2)))
            keys.pop("pages", None)
        return keys

    def range(self) -> dict:
        """Some pages of some mapping: mostly some that are there."""
        vma = self.one(self.there() if not self.once_in(20) else self.mappings)
        length = self.mappings[vma].pages
        keys = {"vma": vma}
        if not self.once_in(4):
            keys["page"] = page = self.number(0, length - 1)
            keys["pages"] = self.number(1, length - page)
            if self.once_in(15):
                keys["page"] = self.number(0, length + 1)
                keys["pages"] = self.number(0, length + 2)
        return self.cut(keys, self.mappings[vma].page_size, 12)

    def raw(self) -> dict:
        return {"raw": 1 << self.one((2, 3, 4, 7, 31, 63))} if self.once_in(40) else {}

    # Ops.

    def touch(self, op: str):
        watched = [watch[1] for watch in self.watched()]
        writes = op in ("store", "kstore")
        likely = [vma for vma in self.there() if vma not in watched] if writes and self.once_in(2) else watched
        protected = self.protected()
        if protected and not self.once_in(3):
            vma, page = self.one(protected)
            size = self.mappings[vma].page_size
        else:
            vma = self.one(likely if likely and not self.once_in(4) else self.mappings)
            size, length, _ = self.mappings[vma]
            page = self.number(0, length - 1 if not self.once_in(30) else length)
        keys = {"vma": vma, "page": page}
        if self.once_in(6):
            keys["offset"] = self.one((1, 100, 4095, size - 1))
        if writes:
            keys["value"] = self.number(1, 255)
        if not self.being_dropped(vma, keys["page"]):
            self.add(op, threads=TOUCHING, **keys)

    def load(self):
        self.touch("load")

    def store(self):
        self.touch("store")

    def kload(self):
        self.touch("kload")

    def kstore(self):
        self.touch("kstore")

    def read_event(self):
        fd = self.fd()
        child = f"u{len(self.descriptors) + 1}"
        if self.add("read_event", fd=fd, child=child):
            if self.sessions[0].observations[-1].get("event") == "FORK":
                self.descriptors.append(child)
            else:
                self.steps[-1] = Step("read_event", fd=self.steps[-1]["fd"], thread=self.steps[-1].thread)

    def read_events(self):
        fd = self.fd()
        child = f"u{len(self.descriptors) + 1}"
        keys = {"size": self.one((0, 31, 32, 63, 64))} if self.once_in(8) else {"count": self.number(1, 4)}
        if self.add("read_events", fd=fd, child=child, **keys):
            read = self.sessions[0].observations[-1].get("events", ())
            if any(message["event"] == "FORK" for message in read):
                self.descriptors.append(child)
            else:
                self.steps[-1] = Step("read_events", fd=fd, thread=self.steps[-1].thread, **keys)

    def poll(self):
        self.add("poll", fd=self.fd())

    def pagemap_scan(self):
        known = [name for name in PageIs.__members__ if self.once_in(40) or PageIs[name] & VERSIONS[self.version].scans]
        masks = {"mask": self.some(known, 8), "inverted": self.some(known, 8)}
        masks |= {"anyof": self.some(known, 12), "returns": self.some(known, 2)}
        keys = {"max_pages": self.one((1, 2, 513))} if self.once_in(6) else {}
        flags = self.one((["WP_MATCHING"], ["CHECK_WPASYNC"], ["WP_MATCHING", "CHECK_WPASYNC"], [], []))
        if self.once_in(3):
            masks = {"mask": ["WRITTEN"], "returns": ["WRITTEN"]}
        self.add("pagemap_scan", **self.range(), **masks, flags=flags, **keys, threads=TOUCHING)

    def register(self):
        keys = self.target() if self.once_in(3) else {"fd": self.fd(), **self.range()}
        anon = self.mappings[keys["vma"]].anon and not self.once_in(12)
        rwp = self.asked(keys["fd"], Feature.RWP) != self.once_in(10)
        modes = RWP_MODES if self.has_rwp and rwp and not self.once_in(5) else MODES
        keys["modes"] = self.one(modes[:FOR_ANON] if anon else modes)
        self.add("register", **keys, **self.raw())

    def unregister(self):
        self.add("unregister", **self.target())

    def wake(self):
        self.add("wake", **self.target())

    def fill(self, op: str):
        keys = self.target(SUITS[op])
        if op == "copy":
            keys["value"] = self.number(1, 255)
        self.add(op, **keys, mode=self.some(FILLS[op], 5), **self.raw())

    def copy(self):
        self.fill("copy")

    def zeropage(self):
        self.fill("zeropage")

    def continue_(self):
        self.fill("continue")

    def poison(self):
        self.fill("poison")

    def protect(self):
        """One of the two protections: mostly the one that something is registered for."""
        suiting = [op for op in PROTECTIONS if any(SUITS[op](vma) for vma in self.watching())]
        getattr(self, self.one(suiting if suiting and not self.once_in(6) else PROTECTIONS))()

    def writeprotect(self):
        mode = self.one((["WP"], ["WP"], ["WP"], [], [], [], ["DONTWAKE"], ["WP", "DONTWAKE"]))
        self.add("writeprotect", **self.target(SUITS["writeprotect"]), mode=mode, **self.raw())

    def rwprotect(self):
        mode = self.one((["RWP"], ["RWP"], ["RWP"], [], [], [], ["DONTWAKE"], ["RWP", "DONTWAKE"]))
        self.add("rwprotect", **self.target(SUITS["rwprotect"]), mode=mode, **self.raw())

    def put_out_of_reach(self):
        """A page comes, and then nobody may touch it: what RWP is for."""
        ranges = self.watched(SUITS["rwprotect"]) if any(map(SUITS["rwprotect"], self.watching())) else ()
        if ranges:
            fd, vma, first, length = self.one(ranges)
            keys = {"vma": vma, "page": self.number(first, first + length - 1)}
            kind, value = self.one(("store", "load")), self.number(1, 255)
            self.add(kind, **keys, **({"value": value} if kind == "store" else {}), threads=TOUCHING)
            self.add("rwprotect", fd=fd, **keys, mode=["RWP"])

    def set_mode(self):
        both = (["RWP_ASYNC"], [])
        self.add("set_mode", fd=self.fd(), enable=self.one(both), disable=self.one(both))

    def move(self):
        keys = self.target(SUITS["move"])
        alike = [id for id in self.there() if self.mappings[id].anon and self.mappings[id].page_size == 4096]
        keys["from"] = source = self.one(alike if alike and not self.once_in(5) else self.mappings)
        keys["from_page"] = self.number(0, self.mappings[source].pages - 1)
        if not self.once_in(4) and "bytes" not in keys:
            keys["pages"] = 1
        self.add("move", **keys, mode=self.some(("ALLOW_SRC_HOLES", "DONTWAKE"), 4), **self.raw())

    def close(self):
        self.add("close", fd=self.fd())

    def madvise(self):
        self.add("madvise", **self.range(), advice=self.one(ADVICE), threads=TOUCHING)

    def mprotect(self):
        self.add("mprotect", **self.range(), prot=self.one(("rw", "rw", "r", "none")), threads=TOUCHING)

    def munmap(self):
        self.add("munmap", **self.range(), threads=TOUCHING)

    def mremap(self):
        vma, to = self.one(self.there()), f"m{len(self.mappings) + 1}"
        if self.add("mremap", vma=vma, to=to, threads=TOUCHING):
            self.mappings[to] = self.mappings[vma]

    def mlock(self):
        self.add("mlock", **self.range(), threads=TOUCHING)

    def munlock(self):
        self.add("munlock", **self.range(), threads=TOUCHING)

    def punch(self):
        if self.files:
            file = self.one(self.files)
            page = self.number(0, self.files[file]["pages"] - 1)
            size = PAGE_SIZE[self.files[file]["backing"]]
            keys = self.cut({"page": page, "pages": self.number(1, 3)}, size, 6)
            self.add("punch", file=file, **keys, threads=TOUCHING)

    def allocate(self):
        if self.files:
            file = self.one(self.files)
            page = self.number(0, self.files[file]["pages"])
            size = PAGE_SIZE[self.files[file]["backing"]]
            self.huge += 4 if size > 4096 else 0
            if self.huge <= HUGE_PAGES:
                keys = self.cut({"page": page, "pages": self.number(1, 2)}, size, 6)
                self.add("allocate", file=file, **keys, threads=TOUCHING)

    def truncate(self):
        if self.files:
            file = self.one(self.files)
            self.add("truncate", file=file, pages=self.number(0, self.files[file]["pages"] + 1), threads=TOUCHING)

    def pwrite(self):
        if self.files:
            file = self.one(self.files)
            keys = {"page": self.number(0, self.files[file]["pages"]), "offset": self.one((0, 0, 1, 4095))}
            self.add("pwrite", file=file, **keys, value=self.number(1, 255), threads=TOUCHING)

    def fork(self):
        self.add("fork", threads=TOUCHING)

    def inspect(self):
        self.add("inspect", threads=TOUCHING[::-1])

    def more(self):
        """One more thing of any kind."""
        kind = self.one(("file", "mapping", "mapping", "mapping", "descriptor"))
        if kind == "file":
            self.file()
        elif kind == "descriptor":
            self.userfaultfd()
        else:
            self.mmap(self.one([None, *self.files]))

    def file_mapping(self):
        if self.files:
            self.mmap(self.one(self.files))

    def memory(self):
        """Memory without a file, and some in any case."""
        while not self.mappings or self.once_in(3):
            self.mmap()

    def nothing(self):
        """What a step shrinks to when the failure does not need it."""

    FILES = {"nothing": 1, "file": 2}
    MAPPINGS = {"nothing": 1, "file_mapping": 4}
    WATCHED = {"nothing": 1, "register": 14, "userfaultfd": 5}
    BEGINNING = [FILES] * 2 + [MAPPINGS] * 4 + [{"memory": 1}] + [WATCHED] * 4
    """How often each op is written, in the first steps."""
    OPS = {
        "nothing": 1, "load": 12, "store": 14, "kload": 3, "read_event": 2, "register": 6, "unregister": 2, "wake": 1,
        "copy": 5, "zeropage": 3, "continue_": 4, "poison": 2, "protect": 12, "move": 5, "close": 1, "madvise": 7,
        "mprotect": 3, "munmap": 3, "mremap": 3, "mlock": 2, "munlock": 1, "punch": 3, "fork": 2, "inspect": 6,
        "api": 1, "more": 4, "kstore": 3, "read_events": 2, "poll": 2, "pagemap_scan": 6, "allocate": 2, "truncate": 3,
        "pwrite": 2, "put_out_of_reach": 8, "set_mode": 1,
    }  # fmt: skip
    """And in the later ones."""
    ANSWERS = {
        "nothing": 100, "read_event": 18, "read_events": 4, "copy": 3, "continue_": 8, "zeropage": 1, "protect": 4,
        "wake": 4, "set_mode": 1,
    }  # fmt: skip
    """And what often comes instead while a thread waits."""

    def step(self, number: int):
        """The next step: at first one towards memory that is watched, later any."""
        ops = self.BEGINNING[number] if number < len(self.BEGINNING) else self.OPS
        # Both are always drawn: where a shrunk program no longer has a thread waiting, its later ops stay as they were.
        op, answer = self.weighted(ops), self.weighted(self.ANSWERS)
        getattr(self, answer if answer != "nothing" and self.blocked_steps() else op)()


@cache
def programs(version: str = "linux-6.18", length: int = 30) -> st.SearchStrategy[Scenario]:
    """Random scenarios: some memory that is watched, then at most ``length`` steps in it, and a look at the end."""
    author = st.shared(st.builds(Author, st.randoms(use_true_random=False), st.just(version)))
    # A strategy for each step, so that hypothesis drops all choices of a step at once; and a different one for each, so
    # that it does not copy choices from step to step: they mean something else there, and most programs would be dull.
    numbers = range(len(Author.BEGINNING) + length)
    steps = st.tuples(*(st.builds(Author.step, author, st.just(number)) for number in numbers))
    parts = st.tuples(steps, st.builds(Author.inspect, author))
    return st.builds(lambda author, _: Scenario(author.steps, "random"), author, parts)
