"""Rendering: what a person sees, byte for byte."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from floe_dagster.report.meanings import MEANINGS
from floe_dagster.report.render import to_csv, to_figures, to_html, to_json, to_markdown, to_rows, to_table
from floe_dagster.report.slices import by_domain

GOLDEN = Path(__file__).parents[1] / "golden" / "report"
FORMATS = {"html": to_html, "md": to_markdown, "json": to_json, "txt": to_table, "csv": to_csv}
PROMISES = ("deadlines", "responses")
HISTORIES = ["minute", "month", "nothing", "many", "rich", "week"]


@pytest.fixture(params=HISTORIES)
def report(request):
    return request.getfixturevalue(request.param)


@pytest.mark.requirement("G-03")
@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", ["rich", "minute", "nothing", "week"])
def test_a_report_reads_as_agreed(request, name, suffix):
    """`FLOE_GOLDEN=write pytest tests/report` writes the files."""
    text = FORMATS[suffix](request.getfixturevalue(name))
    file = GOLDEN / name / f"report.{suffix}"
    if os.environ.get("FLOE_GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_report_gives_the_same_bytes(rich, suffix):
    assert FORMATS[suffix](replace(rich)) == FORMATS[suffix](rich)


def test_no_hash_seed_shows_in_a_report(rich):
    """The order of a set would differ between processes, and a report built again would not be the same."""
    script = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('histories', {str(Path(__file__).parent / 'conftest.py')!r})\n"
        "made = importlib.util.module_from_spec(spec); sys.modules['histories'] = made; spec.loader.exec_module(made)\n"
        "from floe_dagster.report.render import to_html\n"
        "broken = {'contracts/broken.odcs.yaml': 'line 3: a mapping was expected'}\n"
        "sys.stdout.buffer.write(to_html(made.one_of_everything().report(unreadable=broken)).encode())\n"
    )
    for seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            check=True,
        )
        assert ran.stdout.decode() == to_html(rich)


class Page(HTMLParser):
    """The tags of a page, what stands in it, and whether every tag is closed."""

    VOID = ("meta", "br", "wbr", "path", "rect")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def attributes(self, name):
        return [attributes[name] for _, attributes in self.tags if name in attributes]


def test_a_page_is_whole_and_loads_nothing(report):
    page = Page(to_html(report))
    assert page.open == []
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert all(each.startswith("#") for each in page.attributes("href"))
    assert set(page.attributes("href")) <= {f"#{each}" for each in page.attributes("id")}
    assert page.attributes("src") == page.attributes("style") == []
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))


def test_the_policy_allows_the_style_sheet_by_hash_and_nothing_else(rich):
    text = to_html(rich)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = [each for each in Page(text).attributes("content") if "default-src" in each]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style
    assert "@import" not in style


def test_every_picture_is_told_in_words(rich):
    page = Page(to_html(rich))
    pictures = sum(tag == "svg" and attributes.get("role") == "img" for tag, attributes in page.tags)
    titles = sum(tag == "title" for tag, _ in page.tags) - 1
    assert pictures == titles > 0
    assert "kept 22 h, broken 2 h, unknown 0 s" in page.text


def test_a_page_reads_without_its_style_sheet(rich):
    words = " ".join(
        " ".join(Page(re.sub(r"<style>.*?</style>", "", to_html(rich), flags=re.DOTALL)).text).split()
    )
    for said in (
        "Broken now 1",
        "critical flights.dest",
        "7,602 rows of flights",
        "99.90 % missed",
        "no data",
    ):
        assert said in words


@pytest.mark.parametrize("suffix", ["html", "md", "txt"])
def test_a_report_says_in_words_what_its_numbers_mean(rich, suffix):
    text = re.sub(r"\s+", " ", FORMATS[suffix](rich))
    for term, meaning in MEANINGS.items():
        assert term in text
        assert meaning in text


@pytest.mark.parametrize("suffix", ["html", "md", "txt"])
def test_an_empty_store_is_told_kindly_with_what_to_run(nothing, suffix):
    text = FORMATS[suffix](nothing)
    assert "There is nothing to report on yet" in text
    assert "floe check contracts/ --record" in text
    assert "%" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("suffix", ["html", "md", "txt"])
def test_a_first_look_is_said_to_be_one(minute, month, suffix):
    assert "Only 1 min 10 s have been observed" in FORMATS[suffix](minute)
    assert "have been observed" not in FORMATS[suffix](month)


def test_no_data_is_never_shown_as_all_well(everything):
    everything.segments.clear()
    everything.episodes.clear()
    everything.outcomes.clear()
    report = everything.report()
    for text in (to_html(report), to_markdown(report), to_table(report)):
        assert "Nothing has been measured in this window" in text
        # what the numbers mean says that no data is not 100 %
        assert "100 %" not in text.replace("which is not 100 %", "").replace("which is not\n100 %", "")
    assert [row["compliance_pct"] for row in to_rows(report)] == [None] * len(to_rows(report))
    assert "floe/compliance_pct" not in to_figures(report)


def test_three_hundred_contracts_fit_on_a_page(many):
    text = to_html(many)
    assert len(text) < 3_000_000
    page = Page(text)
    sections = [attributes["id"] for tag, attributes in page.tags if tag in ("section", "details")]
    assert len(sections) == 300
    assert any(tag == "details" for tag, _ in page.tags)
    assert len(to_markdown(many)) < 30_000
    assert "and JSON reports have them all" in to_markdown(many)


def test_the_month_of_a_contract_takes_little_room_however_often_it_changed(month):
    strips = [each for each in Page(to_html(month)).attributes("d") if each]
    assert max(len(each) for each in strips) < 5_000


def test_json_has_every_check_and_numbers_are_numbers(rich):
    document = json.loads(to_json(rich))
    assert (document["schema"], document["schema_version"]) == ("floe.sla_report", 2)
    flights = document["contracts"][0]
    assert len(flights["checks"]) == 6
    quality = next(each for each in flights["kinds"] if each["kind"] == "quality")
    assert quality["compliance"] == {
        "ratio": 0.75,
        "coverage": 1.0,
        "low": 0.75,
        "high": 0.75,
        "good_seconds": 64800.0,
        "bad_seconds": 21600.0,
        "unknown_seconds": 0.0,
        "excused_seconds": 0.0,
    }
    assert document["open_breaches"][0]["actual"] == 7602
    assert document["window"]["observed_since"] == "2026-11-20T08:00:00+00:00"


def test_every_key_of_the_json_is_documented(rich, week):
    """Keys that are names of other things (a status, a term) stand in the page as well."""

    def keys(value):
        match value:
            case dict():
                yield from value
                for each in value.values():
                    yield from keys(each)
            case list():
                for each in value:
                    yield from keys(each)

    page = (Path(__file__).parents[2] / "docs" / "reports.md").read_text()
    document = json.loads(to_json(rich))
    said = set(keys({name: value for name, value in document.items() if name != "meanings"}))
    said |= set(keys([each[what] for each in json.loads(to_json(week))["contracts"] for what in PROMISES]))
    assert [each for each in sorted(said) if f"`{each}`" not in page] == []
    assert f"`schema_version` is {document['schema_version']}" in page


@pytest.mark.requirement("G-03")
def test_json_is_of_the_form_that_its_schema_says(report):
    file = files("floe_dagster.report") / "schemas" / "sla_report-2.schema.json"
    form = json.loads(file.read_text())
    Draft202012Validator.check_schema(form)
    document = json.loads(to_json(report))
    assert [each.message for each in Draft202012Validator(form).iter_errors(document)] == []
    assert (form["properties"]["schema_version"]["const"], document["schema_version"]) == (2, 2)
    assert set(document) == set(form["properties"])


def test_a_sheet_has_a_row_for_each_kind_of_each_contract_and_no_formula(everything):
    everything.plans[0] = replace(
        everything.plans[0], contract=replace(everything.plans[0].contract, name="=cmd|' /C calc'!A0")
    )
    report = everything.report()
    rows = list(csv.DictReader(io.StringIO(to_csv(report))))
    assert len(rows) == sum(len(each.kinds) for each in report.contracts)
    assert rows[2]["title"] == "'=cmd|' /C calc'!A0"
    assert (rows[2]["kind"], rows[2]["compliance"], rows[2]["bad_seconds"]) == ("quality", "0.75", "21600")
    assert rows[2]["target"] == ""


def test_with_links_the_page_is_an_index_of_domains(rich):
    links = {"aviation": "sla-x/aviation.html", "no domain": "sla-x/none.html"}
    page = Page(to_html(rich, links=links))
    assert {each for each in page.attributes("href") if not each.startswith("#")} == set(links.values())
    assert "section" not in {tag for tag, _ in page.tags}
    assert "../sla.html" in Page(to_html(by_domain(rich)["aviation"], back="../sla.html")).attributes("href")


def test_a_week_tells_its_best_and_worst_changes_and_maintenance(week):
    text = to_markdown(week)
    for said in (
        "# Weekly SLA report · prod",
        "2026-W46, 9 Nov 2026 to 15 Nov 2026, Europe/Berlin",
        "## Worst kept",
        "## Best kept",
        "## Error budgets",
        "## Trends",
        "version 1.1.0 to 1.2.0: freshness of flights.at: 1 d to 4 h",
        "## Maintenance and mutes",
        "at the end of the week",
    ):
        assert said in text
    assert "excused" in to_html(week)


def test_what_is_no_number_does_not_break_json(everything):
    everything.outcomes[0] = replace(everything.outcomes[0], actual=float("nan"))
    everything.outcomes[1] = replace(everything.outcomes[1], actual=float("inf"))
    checks = json.loads(to_json(everything.report()))["contracts"][0]["checks"]
    assert {"nan", "inf"} <= {each["actual"] for each in checks}


def test_rows_and_figures_are_what_dagster_takes(rich):
    dg = pytest.importorskip("dagster")
    rows = to_rows(rich)
    table = dg.MetadataValue.table([dg.TableRecord(each) for each in rows])
    assert len(table.records) == sum(len(each.kinds) for each in rich.contracts)
    assert rows[0]["open_breaches"] == 0
    assert rows[2] == {
        "contract": "Flights",
        "server": "local",
        "kind": "quality",
        "compliance_pct": 75.0,
        "coverage_pct": 100.0,
        "lowest_pct": 75.0,
        "highest_pct": 75.0,
        "target_pct": None,
        "target_met": None,
        "budget_left_min": None,
        "trend": "degrading",
        "excused_min": 0.0,
        "open_breaches": 1,
        "checks_passed": 0,
        "checks_failed": 1,
        "checks_warned": 1,
        "checks_unknown": 0,
        "checks_not_executable": 1,
        "checks_not_yet_measured": 1,
    }
    figures = to_figures(rich)
    assert all(isinstance(each, int | float) and each == each for each in figures.values())
    assert figures["floe/open_breaches"] == 1


def test_a_terminal_gets_colour_only_where_it_can_show_it(rich):
    assert "\x1b" not in to_table(rich)
    assert "\x1b[" in to_table(rich, colour=True)
    assert max(len(each) for each in to_table(rich, width=100).splitlines()) <= 100
