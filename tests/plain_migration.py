"""A migration, plainly: every touch, message, request, piece of a page and wake is an event in one heap.

This is what `uffdsim.migration` has to equal, to the last picosecond. It knows of no short cut: it looks at every
touch of every CPU, pushes piece after piece, and lets everybody stand in the queues that there are. So it is slow,
and can be read.
"""

from collections import defaultdict, deque
from heapq import heappop, heappush
from itertools import count

import numpy as np

from uffdsim.migration.plan import LATER
from uffdsim.migration.postcopy import CHECKED, FETCHED, LOCAL, SHARED, Faults

# What comes first of things that happen at one time.
MAPPED, REQUEST, SEND, TOUCH = range(4)


def written(guest, begin, end):
    """Of each page, whether it is written in a stretch of guest time."""
    dirty = np.zeros(guest.pages, bool)
    for cpu in range(guest.vcpus):
        for _, page, write in every_touch(guest, cpu, begin, end):
            dirty[page] |= write
    return dirty


def every_touch(guest, cpu, begin, end=1 << 62):
    """One touch of a CPU after the other."""
    while begin < min(end, guest.last_touch(cpu)):
        after = min(begin + 100 * guest.step, guest.phase_at(begin)[1], end)
        yield from zip(*(column.tolist() for column in guest.touches(cpu, begin, after)), strict=True)
        begin = after


class PostCopy:
    """The same as `uffdsim.migration.postcopy.PostCopy`."""

    def __init__(self, plan, arrival, clean, resume, ran, known, pushes):
        self.plan, self.arrival, self.known = plan, arrival, known
        self.events, self.number = [], count()
        self.mapped = np.zeros(len(arrival), bool)
        self.clean = np.zeros(len(arrival), bool) if clean is None else clean.copy()
        self.unsent = arrival == LATER
        for page in np.flatnonzero(~self.unsent).tolist():
            self.at(int(arrival[page]), MAPPED, self.map, page)
        # The vCPUs.
        self.shift = [resume - ran] * plan.guest.vcpus
        self.touches = [every_touch(plan.guest, cpu, ran) for cpu in range(plan.guest.vcpus)]
        self.asleep = defaultdict(list)
        self.waiting = 0
        self.log = []
        for cpu in range(plan.guest.vcpus):
            self.next_touch(cpu)
        # The queue of the userfaultfd, its lock, its handlers, and who places pages that were asked for.
        self.lock_queue, self.lock_held = deque(), False
        self.messages, self.idle = deque(), plan.handlers
        self.to_place, self.placers = deque(), plan.placers
        # The source.
        hot = plan.guest.hot_pages(ran)
        first = hot[0].start if hot and plan.order == "hot first" else 0
        self.up, self.down, self.upwards = first, first - 1, True
        self.pushing, self.left = None, 0
        self.requests = deque()
        self.at(pushes - plan.lead, SEND, self.send)

    def at(self, time, what, do, *arguments):
        order = arguments[0] if what == TOUCH else next(self.number)
        heappush(self.events, (time, what, order, next(self.number), do, arguments))

    def run(self):
        while self.events:
            self.now, _, _, _, do, arguments = heappop(self.events)
            do(*arguments)
        names = "begin", "cpu", "end", "page", "kind"
        log = sorted([fault[name] for name in names] for fault in self.log)
        return Faults(*np.array(log, np.int64).reshape(-1, 5)[:, [0, 2, 3, 1, 4]].T)

    # vCPUs

    def next_touch(self, cpu):
        if self.mapped.all():
            return
        for when, page, _ in self.touches[cpu]:
            self.at(when + self.shift[cpu], TOUCH, self.touch, cpu, page)
            return

    def touch(self, cpu, page):
        if self.mapped[page]:
            self.next_touch(cpu)
            return
        fault = {"cpu": cpu, "page": page, "begin": self.now, "others": self.waiting, "kind": SHARED}
        fault["claims"], self.clean[page] = self.clean[page], False
        self.waiting += 1
        self.at(self.now + self.plan.trap, REQUEST, self.answer if self.plan.exits else self.queue, fault)
        if self.plan.exits:
            self.at(self.now + self.plan.trap, REQUEST, self.sleep, fault)

    def sleep(self, fault):
        if self.mapped[fault["page"]]:
            self.wake(fault)
        else:
            self.asleep[fault["page"]].append(fault)

    def wake(self, fault):
        self.at(self.now + self.plan.wake, MAPPED, self.resume, fault)

    def resume(self, fault):
        self.waiting -= 1
        self.shift[fault["cpu"]] += self.now - fault["begin"]
        fault["end"] = self.now
        self.log.append(fault)
        self.next_touch(fault["cpu"])

    def map(self, page):
        if not self.mapped[page]:
            self.mapped[page] = True
            self.arrival[page] = self.now
            for fault in self.asleep.pop(page, []):
                self.wake(fault)

    # The queue

    def queue(self, fault):
        self.lock_queue.append(fault)
        if not self.lock_held:
            self.hold_lock()

    def hold_lock(self):
        self.lock_held = True
        fault = self.lock_queue.popleft()
        time = self.plan.lock + self.plan.lock_each * (self.plan.handlers + fault["others"])
        self.at(self.now + time, MAPPED, self.queued, fault)

    def queued(self, fault):
        self.lock_held = False
        if self.lock_queue:
            self.hold_lock()
        self.sleep(fault)
        self.messages.append(fault)
        self.handle()

    def handle(self):
        while self.idle and self.messages:
            self.idle -= 1
            self.answer(self.messages.popleft())

    def handler_is_free(self):
        self.idle += 1
        self.handle()

    def answer(self, fault):
        """A handler takes up a message; or, where vCPUs leave the kernel, the vCPU itself does."""
        plan, page, extra = self.plan, fault["page"], 0
        read = 0 if plan.exits else plan.read
        crowd = plan.crowd * fault["others"] if plan.exits else 0
        if fault["claims"] and self.now >= self.known:
            fault["kind"] = LOCAL
            extra = plan.local + crowd
            self.at(self.now + read + extra, MAPPED, self.map, page)
        elif fault["claims"]:
            fault["kind"] = CHECKED
            back = plan.half + plan.half + plan.answer
            self.at(self.now + read + back + plan.local + crowd, MAPPED, self.map, page)
        else:
            self.at(self.now + read + plan.half, REQUEST, self.request, fault)
        if not plan.exits:
            self.at(self.now + read + extra, MAPPED, self.handler_is_free)

    def arrive(self, fault):
        """A page that was asked for is at the destination."""
        if self.plan.exits:
            crowd = self.plan.crowd * fault["others"]
            self.at(self.now + self.plan.place + crowd, MAPPED, self.map, fault["page"])
            return
        self.to_place.append(fault["page"])
        self.place()

    def place(self):
        while self.placers and self.to_place:
            self.placers -= 1
            self.at(self.now + self.plan.place, MAPPED, self.placed, self.to_place.popleft())

    def placed(self, page):
        self.placers += 1
        self.map(page)
        self.place()

    # The source

    def request(self, fault):
        if self.unsent[fault["page"]]:
            self.unsent[fault["page"]] = False
            fault["kind"] = FETCHED
            self.requests.append(fault)

    def send(self):
        if self.requests:
            fault = self.requests.popleft()
            pieces = self.plan.pieces
            if fault["page"] == self.pushing:
                pieces, self.pushing = self.left, None
            if self.plan.order == "outwards":
                self.up, self.down, self.upwards = fault["page"] + 1, fault["page"] - 1, True
            sent = self.now + pieces * self.plan.wire
            self.at(sent + self.plan.ahead + self.plan.half, MAPPED, self.arrive, fault)
            self.at(sent, SEND, self.send)
        elif self.pushing is not None or self.unsent.any():
            self.push()

    def push(self):
        if self.pushing is None:
            self.pushing, self.left = self.next_page(), self.plan.pieces
        page, after = self.pushing, self.now + self.plan.pace
        self.left -= 1
        if not self.left:
            self.pushing = None
            self.unsent[page] = False
            arrives = after + self.plan.lead + self.plan.half + self.plan.place_pushed
            self.at(arrives, MAPPED, self.map, page)
        self.at(after, SEND, self.send)

    def next_page(self):
        pages = len(self.arrival)
        if self.plan.order != "outwards" or self.upwards:
            while not self.unsent[self.up % pages]:
                self.up += 1
            self.up += 1
            found = (self.up - 1) % pages
        else:
            while not self.unsent[self.down % pages]:
                self.down -= 1
            self.down -= 1
            found = (self.down + 1) % pages
        self.upwards = not self.upwards
        return found
