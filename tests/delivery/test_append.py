"""Lines appended to files: whole, in one write, and never on the end of a torn one."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from floe_dagster.delivery.append import append
from floe_dagster.errors import DeliveryError


def test_folders_and_file_are_made(tmp_path):
    append(tmp_path / "a" / "b" / "log.jsonl", ["one", "two"])
    assert (tmp_path / "a" / "b" / "log.jsonl").read_text() == "one\ntwo\n"


def test_lines_are_added_after_those_that_are_there(tmp_path):
    append(tmp_path / "log", ["one"])
    append(tmp_path / "log", ["two", "three"])
    assert (tmp_path / "log").read_text() == "one\ntwo\nthree\n"


def test_a_torn_line_spoils_no_other(tmp_path):
    (tmp_path / "log").write_text('{"half a li')
    append(tmp_path / "log", ["two"])
    assert (tmp_path / "log").read_text() == '{"half a li\ntwo\n'


def test_lines_of_many_writers_never_mix(tmp_path):
    def write(name):
        for _ in range(50):
            append(tmp_path / "log", [name * 3000])

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    lines = [each for each in (tmp_path / "log").read_text().splitlines() if each]
    assert len(lines) == 200
    assert {(len(each), len(set(each))) for each in lines} == {(3000, 1)}


@pytest.mark.parametrize("obstacle", ["a folder", "below a file"])
def test_a_file_that_cannot_be_written_may_be_so_later(tmp_path, obstacle):
    (tmp_path / "file").write_text("")
    path = tmp_path if obstacle == "a folder" else tmp_path / "file" / "log"
    with pytest.raises(DeliveryError) as caught:
        append(path, ["one"])
    assert caught.value.retry
    assert str(path) in caught.value.message


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full")
def test_a_full_disk_is_said_and_tried_again():
    with pytest.raises(DeliveryError, match="No space left") as caught:
        append(Path("/dev/full"), ["one"])
    assert caught.value.retry
