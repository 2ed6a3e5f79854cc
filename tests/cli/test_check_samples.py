"""`floe check` shows rows that break a promise where the manifest lets it, and nothing of the rest of them."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
from pathlib import Path
from typing import ClassVar

import duckdb
import pytest

from floe_dagster.cli import main
from floe_dagster.cli.check import run_checks
from floe_dagster.cli.table import print_verdicts
from floe_dagster.monitor import Monitor
from floe_dagster.settings import load_settings
from floe_dagster.watchlist import load_watchlist

pytestmark = pytest.mark.requirement("B-09")

GOLDEN = Path(__file__).parents[1] / "golden" / "cli" / "samples.txt"
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: shop
name: Shop
version: 1.0.0
status: active
servers:
  - {server: db, type: duckdb, database: shop.duckdb, schema: main}
schema:
  - name: people
    properties:
      - {name: id, logicalType: string, primaryKey: true}
      - {name: mail, logicalType: string, required: true, classification: restricted}
      - {name: note, logicalType: string, unique: true}
      - {name: city, logicalType: string, classification: public, logicalTypeOptions: {maxLength: 5}}
      - {name: never, logicalType: string}
"""
ROWS = [
    ("canary-key-1", None, "canary-note", "canary-city-1\x1b[31m", "canary-never"),
    ("canary-key-2", "canary-mail", "canary-note", "<b>Ulm</b>", "canary-never"),
    ("canary-key-3", "canary-mail", "x", "Ulm", "canary-never"),
]
ON = "samples: {rows: 5, show: [public], salt: 'a salt for tests only'}\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.odcs.yaml").write_text(CONTRACT)
    with duckdb.connect("shop.duckdb") as database:
        database.execute("create table people (id text, mail text, note text, city text, never text)")
        database.executemany("insert into people values (?, ?, ?, ?, ?)", ROWS)
    return tmp_path


@pytest.fixture
def floe(monkeypatch, capsys):
    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["floe", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        written = capsys.readouterr()
        return left.value.code or 0, written.out, written.err

    return call


def manifest(root, samples):
    (root / "floe.yaml").write_text(f"store: sqlite:///{root}/floe.db\n{samples}")


def canaries(text):
    return sorted(set(re.findall(r"canary-[a-z]+", text)))


def said(verdict):
    quality = (each for each in verdict.outcomes if each.kind == "quality")
    return [(each.key, each.status, each.message) for each in quality]


def monitor_of(root, kind=Monitor):
    settings = load_settings(root / "floe.yaml")
    return kind(watchlist=load_watchlist(settings, [root / "shop.odcs.yaml"]))


def verdicts(root, **more):
    return run_checks(monitor_of(root), **more)


def test_people_see_the_key_hashed_and_what_may_be_shown(project, floe):
    manifest(project, ON)

    code, out, err = floe("check", "shop.odcs.yaml", "--config", "floe.yaml")

    assert (code, err, canaries(out)) == (1, "", ["canary-city"])
    assert "\x1b" not in out
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(out)
    assert out == GOLDEN.read_text()


def test_a_terminal_shows_the_same_lines(project):
    manifest(project, ON)

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    print_verdicts(verdicts(project, sampled=True), stream, everything=False)

    shown = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    assert canaries(shown) == ["canary-city"]
    assert r"canary-city-1\x1b[31m" in shown
    assert "(masked)" in shown


def test_programs_find_samples_under_a_key_of_their_own(project, floe):
    manifest(project, ON)

    _, out, _ = floe("check", "shop.odcs.yaml", "--config", "floe.yaml", "--format", "json")

    (contract,) = json.loads(out)["contracts"]
    samples = {each["check"]: each for each in contract["samples"]}
    assert sorted(samples) == ["people.city.max_length", "people.mail.required", "people.note.unique"]
    assert canaries(json.dumps(contract["outcomes"])) == []
    assert samples["people.city.max_length"]["columns"] == [
        {"name": "id", "values": "hashed"},
        {"name": "city", "values": "shown"},
    ]
    assert {row[1] for row in samples["people.city.max_length"]["rows"]} == {
        r"canary-city-1\x1b[31m",
        "<b>Ulm</b>",
    }
    (first,) = samples["people.mail.required"]["rows"]
    assert first[0] in {row[0] for row in samples["people.note.unique"]["rows"]}
    assert {row[1] for row in samples["people.note.unique"]["rows"]} == {"masked"}


def test_junit_has_no_samples_and_none_are_taken_for_it(project, floe):
    manifest(project, ON)
    _, with_samples, _ = floe("check", "shop.odcs.yaml", "--config", "floe.yaml", "--format", "junit")
    manifest(project, "")
    _, without, _ = floe("check", "shop.odcs.yaml", "--config", "floe.yaml", "--format", "junit")

    times = r' time="[0-9.]+"'
    assert canaries(with_samples) == []
    assert re.sub(times, "", with_samples) == re.sub(times, "", without)


class Counting(Monitor):
    """Knows how many statements were sent for samples, for each contract that any were taken of."""

    sent: ClassVar[list[int]] = []

    def _samples(self, watch, outcomes, warehouse):
        before = warehouse.statements()
        found = super()._samples(watch, outcomes, warehouse)
        self.sent.append(warehouse.statements() - before)
        return found


@pytest.mark.parametrize(
    ("samples", "sampled", "sent"),
    [("", True, []), ("samples: off\n", True, []), (ON, False, []), (ON, True, [3])],
    ids=["by default", "off", "nobody shows them", "on"],
)
def test_one_statement_is_sent_for_each_broken_check_and_none_where_samples_are_off(
    project, samples, sampled, sent
):
    manifest(project, samples)
    Counting.sent.clear()

    run_checks(monitor_of(project, Counting), sampled=sampled)

    assert Counting.sent == sent


def test_without_samples_the_output_has_no_trace_of_them(project, floe):
    manifest(project, "")
    _, text, _ = floe("check", "shop.odcs.yaml", "--config", "floe.yaml")
    _, out, _ = floe("check", "shop.odcs.yaml", "--config", "floe.yaml", "--format", "json")

    assert canaries(text + out) == []
    assert "sample" not in text + out


def test_keys_can_be_shown_and_no_more_rows_than_wanted(project, floe):
    manifest(project, "samples: {rows: 1, keys: shown}\n")

    _, out, _ = floe("check", "shop.odcs.yaml", "--config", "floe.yaml", "--format", "json")

    (contract,) = json.loads(out)["contracts"]
    assert {len(each["rows"]) for each in contract["samples"]} == {1}
    assert canaries(out) == ["canary-key"]


def test_without_a_salt_hashes_are_of_this_process_alone(project):
    manifest(project, "samples: {rows: 5}\n")

    def hashes():
        (verdict,) = verdicts(project, sampled=True)
        return {row[0].text for each in verdict.samples.values() for row in each.rows}

    first, second = hashes(), hashes()
    assert len(first) == len(second) == 2
    assert first.isdisjoint(second)


def test_a_recorded_check_shows_samples_and_records_none(project, floe, caplog):
    caplog.set_level(logging.DEBUG)
    manifest(
        project,
        ON + "alerts:\n  channels: {log: {type: file, path: alerts.jsonl}}\n"
        "  routes: [{channels: [log]}]\nlineage: {file: lineage.jsonl}\n",
    )

    code, out, _ = floe("check", "shop.odcs.yaml", "--config", "floe.yaml", "--record")

    assert (code, canaries(out)) == (1, ["canary-city"])
    kept = [each for each in project.iterdir() if each.name != "shop.duckdb" and each.is_file()]
    assert {"floe.db", "alerts.jsonl"} <= {each.name for each in kept}
    for each in kept:
        assert canaries(each.read_bytes().decode("latin-1")) == [], each
    assert canaries(caplog.text) == []


def test_a_sample_that_cannot_be_taken_leaves_the_verdict_as_it_is(project, floe):
    with duckdb.connect("shop.duckdb") as database:
        database.execute("alter table people drop column id")
    manifest(project, "")
    (without,) = verdicts(project)
    manifest(project, ON)
    (found,) = verdicts(project, sampled=True)

    assert said(found) == said(without)
    assert {each.gap for each in found.samples.values()} == {"one of its columns is not there"}
    _, out, _ = floe("check", "shop.odcs.yaml", "--config", "floe.yaml")
    assert "no sample: one of its columns is not there" in out
