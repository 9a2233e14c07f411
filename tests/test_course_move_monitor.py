"""The monitor: a handler moves a small machine, and is judged by its bytes, its fetches and the clock."""

import pytest

from uffdsim.course.move.monitor import move
from uffdsim.course.move.world import PAGES, STALE
from uffdsim.course.progress import Progress
from uffdsim.errors import WrongType
from uffdsim.kernels import kernel


@pytest.fixture
def moved(tmp_path):
    return lambda handler: move(handler, keep=Progress(tmp_path))


def right(event, u):
    page = event.page if event else u.left[0]
    if page in u.stale:
        u.fetch(page)
    if not u.continue_(page):
        u.wake(page)


def failed(verdict):
    return [measure.name for measure in verdict.measures if not measure.holds]


def test_who_waits_first_and_the_rest_a_little_at_a_time_is_right(moved, tmp_path):
    verdict = moved(right)
    assert verdict and failed(verdict) == []
    assert Progress(tmp_path).entries["handler", "moving"].done


def test_so_is_to_map_all_that_is_up_to_date_at_once(moved):
    def handler(event, u):
        page = event.page if event else u.left[0]
        if page in u.stale:
            u.fetch(page)
        pages = 1
        while page + pages < PAGES and page + pages in u.left and page + pages not in u.stale:
            pages += 1
        if not u.continue_(page, pages):
            u.wake(page)

    assert moved(handler)


def test_what_it_prints_is_shown(moved):
    def handler(event, u):
        if event:
            print("asked for", event.page)
        right(event, u)

    assert "It printed: asked for " in repr(moved(handler)) and "asked for" in moved(handler)._repr_html_()


def test_it_may_be_a_class_or_a_generator(moved):
    class Handler:
        def __call__(self, event, u):
            right(event, u)

    def generator(u):
        event = yield
        while True:
            right(event, u)
            event = yield

    assert moved(Handler) and moved(generator)


def test_to_map_before_the_content_has_come_is_to_read_what_was(moved):
    def handler(event, u):
        page = event.page if event else u.left[0]
        u.continue_(page)
        if page in u.stale:
            u.fetch(page)

    verdict = moved(handler)
    assert not verdict and "it was mapped before its content came" in verdict.wrong


def test_what_the_guest_wrote_is_not_to_be_overwritten(moved):
    fetched = set()

    def handler(event, u):
        right(event, u)
        for page in sorted(set(range(PAGES)) - set(u.left) - fetched)[:1]:
            fetched.add(page)
            u.fetch(page)

    verdict = moved(handler)
    assert not verdict and "pages fetched" in failed(verdict)


def test_pages_that_nobody_touches_have_to_be_brought_too(moved):
    def handler(event, u):
        if event:
            right(event, u)

    verdict = moved(handler)
    assert not verdict and "nobody brought them" in verdict.wrong


def test_who_is_never_answered_sleeps(moved):
    verdict = moved(lambda event, u: None)
    assert "vcpu0 has slept for page" in verdict.wrong and f"{PAGES} pages" in verdict.wrong


def test_to_fetch_everything_is_too_much_and_too_slow(moved):
    def handler(event, u):
        page = event.page if event else u.left[0]
        u.fetch(page)
        u.continue_(page)

    assert failed(moved(handler)) == ["pages fetched", "until every page is there"]


def test_to_fetch_all_in_one_go_lets_somebody_wait(moved):
    def handler(event, u):
        for page in sorted(u.stale):
            u.fetch(page)
        u.continue_(0, PAGES)

    assert failed(moved(handler)) == ["longest wait for a page"]


def test_what_happened_can_be_run_again_in_a_lab(moved):
    scenario = moved(right).scenario
    fetches = [step for step in scenario if step.op == "store" and step.thread == "handler"]
    assert {step["page"] for step in fetches} == STALE
    trace = kernel("linux-6.18").run(scenario)
    assert not trace.asleep()


@pytest.mark.parametrize(
    ("handler", "told"),
    [
        (lambda event, u: u.fetch(PAGES), "is not a page of the guest: take a number from 0 to 47"),
        (lambda event, u: event.page, "raised AttributeError"),
        (lambda event, u: u.continue_(40, 40), "After 501 calls"),
        (lambda event, u: u.continue_(0, -1), "made a call that cannot be"),
        (lambda event, u: sum(range(10**12)), "does not come back: it was stopped"),
        (lambda event, u: [u.wake(0) for _ in range(100)], "do a little, then return"),
    ],
)
def test_what_a_handler_does_wrong_is_told_in_a_sentence(moved, handler, told):
    assert told in moved(handler).summary


def test_what_is_no_handler_is_told_so(moved):
    with pytest.raises(WrongType, match="def handler"):
        moved(3)
    with pytest.raises(WrongType, match="must take two things"):
        moved(lambda event: None)
