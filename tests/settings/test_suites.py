"""Suites of a project of Great Expectations: found by name, within limits, and nowhere else."""

from __future__ import annotations

import json

import pytest

from floe_dagster.settings import SuiteFolder
from floe_dagster.settings.suites import MOST_EXPECTATIONS

pytestmark = pytest.mark.requirement("B-03")

EXISTS = {"type": "expect_column_to_exist", "kwargs": {"column": "id"}}


@pytest.fixture
def project(tmp_path):
    (tmp_path / "gx" / "expectations").mkdir(parents=True)
    return tmp_path / "gx"


def keep(project, path, *expectations):
    file = project / "expectations" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"name": "x", "expectations": list(expectations)}))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("nightly.json", "nightly"),
        ("my suite.json", "my suite"),
        ("orders/daily.json", "orders.daily"),
        ("orders.daily.json", "orders.daily"),
    ],
)
def test_a_suite_is_found_where_great_expectations_keeps_it(project, path, name):
    keep(project, path, EXISTS)

    assert SuiteFolder(project).find(name) == (EXISTS,)


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "..",
        "a/../../secret",
        "/etc/passwd",
        "a\\b",
        ".hidden",
        "a..b",
        "a.",
        "a\x00b",
        "x" * 201,
        "a\n",
    ],
)
def test_a_name_leads_to_no_other_file(project, name):
    (project / "secret.json").write_text(json.dumps({"expectations": [EXISTS]}))

    found = SuiteFolder(project).find(name)

    assert isinstance(found, str)
    assert "is no name of a suite" in found


def test_a_link_leads_to_no_other_file(project):
    (project / "secret.json").write_text(json.dumps({"expectations": [EXISTS]}))
    (project / "expectations" / "nightly.json").symlink_to(project / "secret.json")

    assert "a link that leads out of" in SuiteFolder(project).find("nightly")


def test_a_suite_that_is_not_there_is_told_with_the_nearest_name(project):
    keep(project, "orders/daily.json", EXISTS)

    assert SuiteFolder(project).find("orders.dayly").endswith('did you mean "orders.daily"?')


def test_where_there_is_no_project_the_setting_is_named(tmp_path):
    assert "set great_expectations.project in floe.yaml" in SuiteFolder(tmp_path / "gx").find("nightly")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("\xff", "is no JSON"),
        ("[]", "it has no list of expectations"),
        ('{"expectations": ["x"]}', "it has no list of expectations"),
        ('{"expectations": []}', "is empty"),
        ('{"x": "' + "x" * 1_000_000 + '"}', "is larger than 1,000,000 bytes"),
        (
            json.dumps({"expectations": [EXISTS] * (MOST_EXPECTATIONS + 1)}),
            "500 of a suite are run; split it",
        ),
    ],
    ids=["cut", "deep", "bytes", "list", "text", "empty", "large", "many"],
)
def test_a_file_that_cannot_be_used_says_why(project, text, reason):
    (project / "expectations" / "nightly.json").write_bytes(text.encode("latin-1"))

    assert reason in SuiteFolder(project).find("nightly")


def test_a_suite_is_read_once(project):
    keep(project, "nightly.json", EXISTS)
    folder = SuiteFolder(project)
    folder.find("nightly")
    (project / "expectations" / "nightly.json").unlink()

    assert folder.find("nightly") == (EXISTS,)
