"""Contracts are found where they are looked for, and a file that cannot be read is a problem of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from floe_dagster.contract.find import find, load
from floe_dagster.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = "apiVersion: v3.1.0\nkind: DataContract\nversion: 1.0.0\nstatus: active\nid: {id}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "b.odcs.yaml",
        "a.odcs.yml",
        "deep/er/c.odcs.yaml",
        ".hidden/d.odcs.yaml",
        "notes.yaml",
        "readme.md",
    ):
        path = tmp_path / "contracts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CONTRACT.format(id=name))
    return tmp_path


def names(root: Path, *patterns: str) -> list[str]:
    return [each.relative_to(root).as_posix() for each in find(root, patterns)]


@pytest.mark.requirement("A-04")
def test_a_folder_is_every_contract_below_it_in_order(folder: Path) -> None:
    expected = ["contracts/a.odcs.yml", "contracts/b.odcs.yaml", "contracts/deep/er/c.odcs.yaml"]
    assert names(folder, "contracts") == expected
    assert names(folder, ".") == expected


def test_a_glob_is_the_files_it_fits(folder: Path) -> None:
    assert names(folder, "contracts/*.odcs.yaml") == ["contracts/b.odcs.yaml"]
    assert names(folder, "contracts/**/c.*") == ["contracts/deep/er/c.odcs.yaml"]
    assert names(folder, str(folder / "contracts" / "*.yml")) == ["contracts/a.odcs.yml"]
    assert names(folder, "nothing/*.yaml") == []


def test_a_file_is_itself_whatever_its_name_and_is_found_once(folder: Path) -> None:
    assert names(folder, "contracts/notes.yaml", "contracts/../contracts/notes.yaml") == [
        "contracts/notes.yaml"
    ]
    odd = folder / "a[1].yaml"
    odd.write_text("")
    assert names(folder, "a[1].yaml") == ["a[1].yaml"]


def test_what_is_named_and_not_there_is_wrong_use(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"missing.odcs.yaml: no such file or folder; name a contract"):
        find(folder, ["contracts", "missing.odcs.yaml"])


def test_no_contract_at_all_is_fine(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    assert find(tmp_path, ["contracts"]) == ()
    assert load([]) == ()


def test_contracts_of_one_id_are_both_in_error_and_name_each_other(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.yaml", "b.yaml", "c.yaml")]
    for path, name in zip(paths, ("same", "same", "other"), strict=True):
        path.write_text(CONTRACT.format(id=name))
    first, second, third = load(paths)
    assert (first.contract, second.contract) == (None, None)
    assert third.contract is not None
    problem = first.problems[-1]
    assert (problem.rule, problem.path, problem.line) == ("contract.duplicate-id", "id", 5)
    assert (
        problem.message == f'the id "same" is also the id of {paths[1]}; give each contract an id of its own'
    )
    assert str(paths[0]) in second.problems[-1].message


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        (b"id: a\nname: \xff\n", "file.encoding", 2),
        (b"x" * 1_000_001, "file.too-large", 0),
        ("ä".encode() * 500_001, "file.too-large", 0),
        (b"a: \x00", "yaml.control-character", 1),
        ("id: a".encode("utf-16"), "file.encoding", 1),
        (b"", "yaml.no-mapping", 0),
    ],
)
def test_a_file_that_is_no_text_is_a_problem(tmp_path: Path, content: bytes, rule: str, line: int) -> None:
    path = tmp_path / "a.odcs.yaml"
    path.write_bytes(content)
    (reading,) = load([path])
    assert reading.contract is None
    assert [(each.rule, each.line) for each in reading.problems] == [(rule, line)]


def test_a_mark_at_the_beginning_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.odcs.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + CONTRACT.format(id="a").encode())
    assert load([path])[0].contract is not None


def test_what_cannot_be_opened_is_a_problem(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    missing, folder, pipe = load([tmp_path / "missing.yaml", tmp_path, tmp_path / "pipe"])
    assert "No such file" in missing.problems[0].message
    assert [each.problems[0].rule for each in (missing, folder, pipe)] == ["file.unreadable"] * 3
