"""Callbacks one at a time, none of which fails in silence."""

from threading import Thread

from uffdsim.lab.guard import Guard


def test_callbacks_of_two_threads_do_not_come_into_each_other():
    under_way, seen, shown = [], [], []
    guard = Guard(lambda: shown.append(tuple(under_way)), lambda html: None)

    def slow(name):
        under_way.append(name)
        for _ in range(1000):
            seen.append(tuple(under_way))
        guard(lambda: None)
        under_way.remove(name)

    threads = [Thread(target=lambda name=name: [guard(slow, name) for _ in range(50)]) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) == {("a",), ("b",)}
    assert shown == [()] * 100
    assert not guard.errors


def test_what_a_callback_sets_off_is_part_of_it():
    shown = []
    guard = Guard(lambda: shown.append("after"), lambda html: None)
    guard(lambda: (guard(shown.append, "inner"), shown.append("outer")))
    assert shown == ["inner", "outer", "after"]


def test_to_show_is_to_do_nothing():
    shown = []
    guard = Guard(lambda: shown.append("after"), lambda html: None)
    guard.show({"name": "value", "new": 1})
    assert shown == ["after"]
    guard(lambda: (guard.show(), shown.append("done")))
    assert shown == ["after", "done", "after"]


def test_a_persons_mistake_is_noticed_and_the_labs_is_told():
    told = []
    guard = Guard(lambda: None, told.append)
    guard(int, "x")
    assert "invalid literal" in guard.notice and told == [""]
    guard(lambda: 1 / 0)
    assert "ZeroDivisionError: division by zero" in told[-1]
    guard(lambda: None)
    assert guard.notice == told[-1] == ""


def test_what_a_page_asks_by_itself_takes_back_nothing_that_a_person_was_told():
    told = []
    guard = Guard(lambda: None, told.append)

    def refuse():
        raise ValueError("not here")

    guard(lambda: 1 / 0)
    guard.aside(lambda: None)
    assert "ZeroDivisionError" in told[-1]
    guard(refuse)
    guard.aside(lambda: None)
    assert (guard.notice, told[-1]) == ("not here", "")
    guard.aside(lambda: 1 / 0)
    assert "ZeroDivisionError" in told[-1]
    guard.aside(refuse)
    assert "ValueError: not here" in told[-1] and guard.notice == "not here"


def test_what_a_page_asks_by_itself_shows_nothing_else():
    shown = []
    guard = Guard(lambda: shown.append("after"), lambda html: None)
    guard.aside(shown.append, "asked")
    assert shown == ["asked"]
