"""Processes that are killed at any moment, and processes that run at once: nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter, defaultdict
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pytest

from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.state.store import open_store
from tests.state.ticks import MINUTE, START, outcome, record
from tests.state.worker import CADENCE, CHECKS, deliver, work

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TOGETHER = """
import sys
from floe_dagster.errors import StoreError
from floe_dagster.state.store import open_store
from tests.state.ticks import outcome, record

store = open_store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for minute in range(40):
    record(store, *(outcome(check, minute, broken=True, tick=f"{sys.argv[2]}-{minute}") for check in range(5)))
"""


def start(*command: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    return process


@contextmanager
def at_work(url: str, folder: Path, last: int) -> Iterator[tuple[int, BinaryIO]]:
    """A process at work: its id, and what it tells, a byte for each thing.

    It is a copy of this one, since thirty that import everything take a minute.
    """
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work(url, folder, last, lambda: os.write(tell, b"."))
            code = 0
        except BaseException:  # noqa: BLE001  nothing of the tests goes on in this process
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    os.close(tell)
    with os.fdopen(told, "rb", buffering=0) as pipe:
        yield child, pipe


def lines(file: Path) -> list[str]:
    """What was noted; a last line that was cut off by a kill counts for nothing."""
    return file.read_text(encoding="utf-8").split("\n")[:-1] if file.exists() else []


@pytest.fixture
def kills(store_url) -> int:
    return 20 if store_url.startswith("sqlite") else 6


@pytest.mark.requirement("C-07")
@pytest.mark.requirement("D-03")
def test_a_process_killed_at_any_moment_loses_nothing_and_doubles_nothing(store_url, tmp_path, kills):
    moments = random.Random(20261120)
    killed = 0
    while killed < kills:
        with at_work(store_url, tmp_path, 1_000_000) as (process, told):
            for _ in range(moments.randint(1, 6)):  # however slow the machine is, some ticks are whole
                assert told.read(1)
            time.sleep(moments.uniform(0.0, 0.05))
            os.kill(process, signal.SIGKILL)
            assert os.WTERMSIG(os.waitpid(process, 0)[1]) == signal.SIGKILL
        killed += 1
    with open_store(store_url) as store:
        last = len(store.ticks()) + 1
    with at_work(store_url, tmp_path, last) as (process, _):
        assert os.waitpid(process, 0)[1] == 0

    with open_store(store_url) as store:
        drain(store, tmp_path, last)
        the_outcomes_are_all_there(store, tmp_path, last)
        every_transition_has_one_parcel_for_each_channel(store)
        every_parcel_was_accepted_and_in_order(store, tmp_path)
        assert len(store.ticks()) == last


def drain(store, folder: Path, last: int) -> None:
    for more in range(1, 10_000):
        deliver(store, folder, last + more)
        if not store.parcels(state=ParcelState.PENDING, limit=1):
            return
    pytest.fail("the outbox does not get empty")


def the_outcomes_are_all_there(store, folder: Path, last: int) -> None:
    stored = {each.id for each in store.outcomes()}
    assert set(lines(folder / "committed")) <= stored
    assert len(stored) == last * CHECKS
    assert sum(each.total for each in store.totals() if each.counted == "outcomes") == last * CHECKS
    assert {(each.start - START) / MINUTE % CADENCE for each in store.segments()} == {0}
    assert len(store.segments()) == sum(1 + (last - 1) // (check + 1) for check in range(CHECKS))


def every_transition_has_one_parcel_for_each_channel(store) -> None:
    wanted = Counter(
        {(each.id, sequence): 2 for each in store.episodes() for sequence in range(1, each.sequence + 1)}
    )
    assert Counter((each.group, each.sequence) for each in store.parcels()) == wanted


def every_parcel_was_accepted_and_in_order(store, folder: Path) -> None:
    assert {each.state for each in store.parcels()} == {ParcelState.SENT}
    accepted = [each.split(" ") for each in lines(folder / "accepted")]
    assert {key for key, *_ in accepted} == {each.key for each in store.parcels()}
    first = defaultdict(list)
    for _, group, channel, sequence, _ in accepted:
        if sequence not in first[group, channel]:
            first[group, channel].append(sequence)
    assert all(order == sorted(order, key=int) for order in first.values())


@pytest.mark.requirement("C-03")
def test_two_processes_that_record_the_same_checks_at_once_have_one_episode_of_each(store_url):
    running = [start(sys.executable, "-c", TOGETHER, store_url, name) for name in ("one", "other")]
    for each in running:
        each.stdin.write("go\n")
        each.stdin.flush()
    said = [each.communicate(timeout=120)[1] for each in running]
    assert [(each.returncode, text) for each, text in zip(running, said, strict=True)] == [(0, "")] * 2

    with open_store(store_url) as store:
        assert len(store.outcomes()) == 2 * 40 * 5
        assert len(store.episodes()) == 5
        assert len(store.parcels()) == 5
        assert len(store.segments()) == 5
        assert sum(each.total for each in store.totals() if each.counted == "episodes") == 5


def test_a_tick_that_was_not_committed_is_measured_again_under_the_same_ids(store_url):
    def die():
        raise KeyboardInterrupt

    with open_store(store_url) as store:
        with pytest.raises(KeyboardInterrupt):
            record(store, outcome(broken=True), before_committing=die)
        [step] = record(store, outcome(broken=True))

        assert [each.id for each in store.outcomes()] == [outcome(broken=True).id]
        assert [each.group for each in store.parcels()] == [step.episode.id]


def test_a_clock_that_jumps_back_an_hour_records_outcomes_and_changes_no_episode(store_url):
    with open_store(store_url) as store:
        record(store, outcome(0, 0, broken=True))
        record(store, outcome(0, -60))
        assert len(store.episodes(open_only=True)) == 1

        record(store, outcome(0, 15))
        assert len(store.episodes(open_only=True)) == 0
        assert len(store.outcomes()) == 3
        assert store.outcomes()[0].at == START - timedelta(hours=1)
