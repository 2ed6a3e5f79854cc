"""Files: which ones belong to a dataset, and that their types are taken as they are."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from floe_dagster.plan.metric import (
    Cause,
    Columns,
    LastChange,
    Newest,
    Offenders,
    Oldest,
    Query,
    Question,
    RowCount,
    Table,
)
from floe_dagster.plan.offence import Compares, NotIn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def ask(warehouse: Any, *metrics: Any, table: str = "t") -> list[Any]:
    return list(warehouse.ask(tuple(Question(Table(table), each) for each in metrics)).values())


def test_a_glob_is_one_dataset_and_the_newest_file_its_last_change(
    tmp_path: Path, opened: Callable[..., Any]
) -> None:
    for day, stamp in ((1, 1_700_000_000), (2, 1_700_000_500), (3, 1_700_000_100)):
        folder = tmp_path / "in" / f"day={day}"
        folder.mkdir(parents=True)
        (folder / "part.csv").write_text(f"a,b\n{day},x\n")
        os.utime(folder / "part.csv", (stamp, stamp))
    warehouse = opened("local", path="in/*/*.csv", format="csv")
    rows, changed, columns = ask(warehouse, RowCount(), LastChange(), Columns(), table="anything")
    assert (rows.value, changed.value) == (3, datetime.fromtimestamp(1_700_000_500, UTC))
    assert [each.name for each in columns.value] == ["a", "b", "day"]


def test_a_folder_holds_a_file_for_each_dataset(tmp_path: Path, opened: Callable[..., Any]) -> None:
    (tmp_path / "in" / "many").mkdir(parents=True)
    (tmp_path / "in" / "t.csv").write_text("a\n1\n")
    for each in range(3):
        (tmp_path / "in" / "many" / f"{each}.csv").write_text("a\n1\n2\n")
    warehouse = opened("local", path="in", format="csv")
    assert ask(warehouse, RowCount())[0].value == 1
    assert ask(warehouse, RowCount(), table="many")[0].value == 6
    assert ask(warehouse, RowCount(), table="t.csv")[0].value == 1
    assert ask(warehouse, RowCount(), table="none")[0].cause is Cause.NO_DATASET


def test_types_are_taken_as_the_file_has_them(tmp_path: Path, opened: Callable[..., Any]) -> None:
    late = "\n".join(f"{each},2024-01-01" for each in range(30_000))
    (tmp_path / "t.csv").write_text(f"n,day\n{late}\nn/a,soon\n")
    warehouse = opened("local", path="{model}.csv", format="csv")
    columns, rows, limit = ask(warehouse, Columns(), RowCount(), Offenders(Compares("n", ">", 5)))
    assert [each.logical_type for each in columns.value] == ["string", "string"]
    assert rows.value == 30_001
    assert limit.cause is Cause.BROKEN
    assert limit.reason == '"n" is VARCHAR and cannot be held against the limit 5'


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_types_are_looked_for_again_when_the_file_changed(
    suffix: str, tmp_path: Path, opened: Callable[..., Any]
) -> None:
    def write(value: str) -> None:
        duckdb.connect().execute(f"copy (select {value} as n, 'x' as b) to '{tmp_path}/t.{suffix}'")

    write("1")
    warehouse = opened("local", path="{model}." + suffix, format=suffix)
    for _ in range(2):
        assert [each.logical_type for each in ask(warehouse, Columns())[0].value] == ["integer", "string"]
    write("'n/a'")
    assert [each.logical_type for each in ask(warehouse, Columns())[0].value] == ["string", "string"]


def test_nested_values_and_odd_names_of_json_keep_their_types(
    tmp_path: Path, opened: Callable[..., Any]
) -> None:
    (tmp_path / "t.json").write_text('[{"it\'s \\"a\\"": {"b": [1]}, "Ö": [{"c": 1}]}]')
    warehouse = opened("local", path="t.json", format="json")
    columns, rows = ask(warehouse, Columns(), RowCount())
    assert [(each.name, each.logical_type) for each in columns.value] == [
        ('it\'s "a"', "object"),
        ("Ö", "array"),
    ]
    assert rows.value == 1


def test_timestamps_that_are_text_are_read_with_their_offsets(
    tmp_path: Path, opened: Callable[..., Any]
) -> None:
    (tmp_path / "t.jsonl").write_text(
        '{"at": "2024-01-01T00:30:00+01:00"}\n{"at": "2024-01-01 00:00:00.5"}\n{"at": "2023-12-31T23:59:59Z"}\n{"at": null}\n'
    )
    warehouse = opened("local", path="{model}.jsonl", format="jsonl")
    newest, oldest, berlin, later, listed = ask(
        warehouse,
        Newest("at"),
        Oldest("at"),
        Newest("at", "America/New_York"),
        Offenders(Compares("at", ">", "2023-12-31T23:59:59Z")),
        Offenders(NotIn("at", ("2023-12-31T23:59:59Z",))),
    )
    assert newest.value == datetime(2024, 1, 1, 0, 0, 0, 500000, UTC)
    assert oldest.value == datetime(2023, 12, 31, 23, 30, tzinfo=UTC)
    assert berlin.value == datetime(2024, 1, 1, 5, 0, 0, 500000, UTC)
    assert (later.value, listed.value) == (1, 2)


@pytest.mark.parametrize("text", ["20240101", "01/02/2024", "now", "2024-1-5", "Ann Smith", "2024-13-01"])
def test_text_that_is_no_iso_timestamp_is_not_guessed(
    text: str, tmp_path: Path, opened: Callable[..., Any]
) -> None:
    (tmp_path / "t.parquet").unlink(missing_ok=True)
    duckdb.connect().execute(
        f"copy (select '{text}' as at union all select '2024-01-01') to '{tmp_path}/t.parquet'"
    )
    newest, limit, rows = ask(
        opened("local", path="t.parquet", format="parquet"),
        Newest("at"),
        Offenders(Compares("at", "<", "2024-01-01")),
        RowCount(),
    )
    assert (newest.cause, limit.cause, rows.value) == (Cause.BROKEN, Cause.BROKEN, 2)
    assert text not in newest.reason + limit.reason


def test_zones_of_columns_are_kept(tmp_path: Path, opened: Callable[..., Any]) -> None:
    duckdb.connect().execute(
        f"copy (select timestamptz '2024-06-01 12:00:00+02' as at, time '10:00' as clock, uuid() as u) to '{tmp_path}/t.parquet'"
    )
    newest, later, clock, columns = ask(
        opened("local", path="t.parquet", format="parquet"),
        Newest("at", "Asia/Tokyo"),
        Offenders(Compares("at", ">=", "2024-06-01T10:00:00Z")),
        Offenders(Compares("clock", "<", "10:00:01")),
        Columns(),
    )
    assert newest.value == datetime(2024, 6, 1, 10, tzinfo=UTC)
    assert (later.value, clock.value) == (1, 1)
    assert [each.logical_type for each in columns.value] == ["timestamp", "time", "string"]


def test_a_query_may_use_the_other_files_of_the_contract_and_no_others(
    tmp_path: Path, opened: Callable[..., Any]
) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n2\n")
    (tmp_path / "u.csv").write_text("a\n1\n")
    warehouse = opened("local", path="{model}.csv", format="csv")
    both, none = ask(
        warehouse,
        Query("select count(*) from t where a not in (select a from u)"),
        Query("select count(*) from other"),
    )
    assert (both.value, none.cause) == (1, Cause.BROKEN)


@pytest.mark.parametrize("name", ["../secret", "a/b", "/etc/passwd", "..", "", "a\\b", "x\x00"])
def test_the_name_of_a_dataset_leads_nowhere_else(
    name: str, tmp_path: Path, opened: Callable[..., Any]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.csv").write_text("a\n1\n")
    assert (
        ask(opened("local", path="in/{model}.csv", format="csv"), RowCount(), table=name)[0].cause
        is Cause.MISCONFIGURED
    )


def test_the_name_of_a_dataset_is_no_pattern(tmp_path: Path, opened: Callable[..., Any]) -> None:
    (tmp_path / "ab.csv").write_text("a\n1\n")
    (tmp_path / "[x].csv").write_text("a\n1\n2\n")
    warehouse = opened("local", path="{model}.csv", format="csv")
    assert ask(warehouse, RowCount(), table="*")[0].cause is Cause.NO_DATASET
    assert ask(warehouse, RowCount(), table="[x]")[0].value == 2


def test_a_folder_that_is_not_there_is_unreachable(opened: Callable[..., Any]) -> None:
    given = ask(opened("local", path="gone/{model}.csv", format="csv"), RowCount())[0]
    assert (given.cause, given.reason) == (Cause.UNREACHABLE, "there is no folder gone; correct the path")


def test_a_format_that_is_not_read_says_which_are(opened: Callable[..., Any]) -> None:
    given = ask(opened("local", path="t.delta", format="delta"), RowCount())[0]
    assert given.cause is Cause.MISCONFIGURED
    assert 'format "delta" is not read here; write one of csv, parquet, json, jsonl' in given.reason


@pytest.mark.parametrize(
    ("name", "content"), [("t.parquet", b"nothing"), ("t.json", b"{"), ("t.csv", b"\xff\xfe\x00a,b\n\x80")]
)
def test_a_file_that_cannot_be_read_says_so_and_disturbs_no_other(
    name: str, content: bytes, tmp_path: Path, opened: Callable[..., Any]
) -> None:
    suffix = name.partition(".")[2]
    (tmp_path / name).write_bytes(content)
    duckdb.connect().execute(f"copy (select 1 as a) to '{tmp_path}/good.{suffix}'")
    broken, good = Question(Table("t"), RowCount()), Question(Table("good"), RowCount())
    answers = opened("local", path="{model}." + suffix, format=suffix).ask((broken, good))
    assert answers[good].value == 1
    assert answers[broken].cause is Cause.BROKEN
    assert answers[broken].reason.startswith(f"{name} cannot be read: ")


def test_an_encoding_that_is_not_read_says_which_are(opened: Callable[..., Any]) -> None:
    given = ask(opened("local", path="t.csv", format="csv", encoding="EBCDIC"), RowCount())[0]
    assert given.cause is Cause.MISCONFIGURED
    assert "write UTF-8, UTF-16 or ISO-8859-1" in given.reason


def test_a_delimiter_and_an_encoding_are_heeded(tmp_path: Path, opened: Callable[..., Any]) -> None:
    (tmp_path / "t.csv").write_bytes("name;n\nJürgen, der Große;1\n".encode("latin-1"))
    warehouse = opened("local", path="t.csv", format="csv", delimiter=";", encoding="ISO-8859-1")
    assert ask(warehouse, Offenders(NotIn("name", ("Jürgen, der Große",))))[0].value == 0
