"""Whether channels can be used: all are looked at at once, and one that hangs delays no other."""

from __future__ import annotations

import threading
import time

import pytest
from pydantic import BaseModel

from floe_dagster.channels import Destination, OpenChannels
from floe_dagster.delivery.reach import in_time, reach
from floe_dagster.errors import DeliveryError

pytestmark = pytest.mark.requirement("D-01")


class Options(BaseModel):
    """None at all."""


class Named:
    options = Options

    def __init__(self, name: str) -> None:
        self.name = name

    def write(self, alert, options):
        raise NotImplementedError


def channels(*names: str, **broken: str) -> OpenChannels:
    return OpenChannels({each: Destination(Named(each), Options()) for each in names}, broken)


def test_each_says_what_is_wrong_with_it_and_the_broken_ones_are_among_them():
    def check(destination):
        match destination.channel.name:
            case "refuses":
                raise DeliveryError("example.com: HTTP 403")
            case "raises":
                raise ZeroDivisionError("https://secret.example/")
        return "fine"

    assert reach(channels("well", "refuses", "raises", unset="HOOK is not set"), check) == {
        "raises": "the channel raised ZeroDivisionError",
        "refuses": "example.com: HTTP 403",
        "unset": "HOOK is not set",
        "well": "",
    }


def test_those_that_hang_cost_one_patience_together_and_delay_no_other():
    over = threading.Event()
    before = time.monotonic()
    try:
        found = reach(
            channels("a", "b", "c", "well"),
            lambda each: "fine" if each.channel.name == "well" else str(over.wait(20)),
            seconds=0.3,
        )
    finally:
        over.set()

    assert time.monotonic() - before < 3
    assert found.pop("well") == ""
    assert {each.partition(" within ")[0] for each in found.values()} == {"it did not show"}


def test_what_hangs_holds_no_process_up():
    over = threading.Event()
    try:
        in_time({"hangs": lambda: over.wait(20)}, 0.05)
        hanging = [each for each in threading.enumerate() if each.name == "floe-hangs"]
        assert [each.daemon for each in hanging] == [True]
    finally:
        over.set()
