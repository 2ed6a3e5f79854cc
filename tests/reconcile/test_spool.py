"""The spool: what the store could not take is on disk for its owner alone, whole, and bounded."""

from __future__ import annotations

import json
import stat
from datetime import timedelta

import pytest

from floe_dagster.outcome.wire import to_dict
from floe_dagster.spool import Spool
from tests.outcome.outcomes import START, broken, kept

pytestmark = pytest.mark.requirement("C-07")


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path / ".floe" / "spool")


def test_what_is_put_aside_comes_back_the_oldest_first(spool):
    spool.put([kept(15)], START + timedelta(minutes=15))
    spool.put([kept(0), broken(5)], START)

    assert [each.outcomes for each in spool.batches()] == [(kept(0), broken(5)), (kept(15),)]


def test_only_its_owner_may_read_it(spool):
    path = spool.put([kept(0)], START)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_is_done_is_gone(spool):
    spool.put([kept(0)], START)
    for each in spool.batches():
        spool.done(each)
        spool.done(each)

    assert list(spool.batches()) == []


def test_it_takes_no_more_than_its_bound_and_leaves_no_half_of_it(spool):
    small = Spool(spool.folder, most_bytes=1500)
    small.put([kept(0)], START)

    with pytest.raises(OSError, match="takes no more"):
        small.put([kept(each) for each in range(9)], START)
    assert [len(each.outcomes) for each in small.batches()] == [1]


def test_a_damaged_line_is_kept_under_another_name_and_the_rest_is_read(spool):
    path = spool.put([kept(0)], START)
    path.write_text(path.read_text() + '{"form": 1}\n\0garbage\n' + json.dumps(to_dict(kept(5))) + "\n")

    (batch,) = spool.batches()
    assert (batch.outcomes, batch.damaged) == ((kept(0), kept(5)), 2)
    spool.done(batch)
    assert spool.paths() == []
    assert [each.suffix for each in spool.folder.iterdir()] == [".damaged"]


def test_a_link_is_not_followed(spool, tmp_path):
    elsewhere = tmp_path / "elsewhere.jsonl"
    elsewhere.write_text(json.dumps(to_dict(kept(0))) + "\n")
    spool.put([kept(1)], START)
    (spool.folder / "link.jsonl").symlink_to(elsewhere)

    assert [each.outcomes for each in spool.batches()] == [(kept(1),)]


def test_a_folder_that_cannot_be_made_is_an_error_of_its_own(tmp_path):
    (tmp_path / "spool").write_text("a file where a folder is needed")

    with pytest.raises(OSError, match="spool"):
        Spool(tmp_path / "spool").put([kept(0)], START)
