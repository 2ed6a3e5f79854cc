"""Carrying beside other work: nobody waits for it before the end, and nothing new is left out."""

from __future__ import annotations

import threading
import time

from floe_dagster.delivery import Beside, DeliveryReport


class Slow:
    """A drain that ends when it is told to."""

    def __init__(self):
        self.begun = threading.Semaphore(0)
        self.goes_on = threading.Semaphore(0)
        self.at_once = 0
        self.most_at_once = 0

    def __call__(self):
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.release()
        assert self.goes_on.acquire(timeout=20)
        self.at_once -= 1
        return DeliveryReport(sent=1)


def test_nothing_begun_is_nothing_delivered():
    assert Beside(DeliveryReport).end() is None


def test_a_drain_that_found_nothing_is_a_report_all_the_same():
    beside = Beside(DeliveryReport)
    beside.begin()
    assert beside.end() == DeliveryReport()


def test_whoever_begins_goes_on_at_once_and_what_is_new_by_then_is_carried_by_one_more_drain():
    slow = Slow()
    beside = Beside(slow)
    beside.begin()
    assert slow.begun.acquire(timeout=20)
    for _ in range(5):
        beside.begin()
    for _ in range(2):
        slow.goes_on.release()
    assert beside.end().sent == 2
    assert slow.most_at_once == 1


def test_what_is_begun_after_a_drain_is_over_is_carried_too():
    count = []
    beside = Beside(lambda: count.append(1) or DeliveryReport(sent=1))
    beside.begin()
    deadline = time.monotonic() + 20
    while not count and time.monotonic() < deadline:
        time.sleep(0.001)
    beside.begin()
    assert beside.end().sent == len(count) == 2
