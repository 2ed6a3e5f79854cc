"""Reports as files: an index and a page for each domain, whatever the domains are called."""

from __future__ import annotations

import html
import re
from pathlib import PurePosixPath
from urllib.parse import unquote

import pytest

from floe_dagster.published import publish
from floe_dagster.report.slices import NO_DOMAIN
from floe_dagster.settings import Settings
from floe_dagster.settings.model import Reports
from tests.report.conftest import HOUR, NOW, Health, History, check, contract, outcome, plan

pytestmark = [pytest.mark.requirement("G-04"), pytest.mark.requirement("G-03")]

HOSTILE = (
    "../../etc/cron.d/evil",
    "..\\..\\evil",
    "/etc/passwd",
    "..",
    ".",
    "~root",
    "shop sales",
    "shop-sales",
    "Shop/Sales",
    "SHOP-SALES",
    "verkäufe",
    "verka\u0308ufe",
    "売上",
    "חנות\u202e",
    "a" * 500,
    "a" * 501,
    "nul\x00byte",
    "lone \ud800",
    "con",
    "aux.html",
    '"><script>alert(1)</script>',
    "javascript:alert(1)",
    "line\nbreak",
    "-rf",
)


def of_domains(*domains):
    """A report of one contract for each domain."""
    history = History.empty()
    for number, domain in enumerate(domains):
        of = contract(f"contract-{number}", domain=domain)
        rule = check("data.rule")
        history.plans.append(plan(of, rule))
        history.outcomes.append(outcome(rule, of))
        history.segments.append(history.segment(history.outcomes[-1], Health.GOOD, NOW - HOUR, NOW))
    return history.report()


def settings(folder, pages_above=1):
    return Settings(root=folder, reports=Reports(folder="reports", pages_above=pages_above))


def links(page):
    return [html.unescape(each) for each in re.findall(r'href="([^"#]+)"', page.read_text())]


@pytest.fixture
def hostile(tmp_path):
    return publish(of_domains(*HOSTILE, None), settings(tmp_path), "daily-2026-11-20")


def test_whatever_a_domain_is_called_its_page_stays_in_the_folder(hostile, tmp_path):
    folder = tmp_path / "reports" / "sla-daily-2026-11-20"
    assert len(hostile.pages) == len(HOSTILE) + 1
    assert {each.parent for each in hostile.pages} == {folder}
    assert {each for each in tmp_path.rglob("*") if each.is_file()} == {*hostile.files, *hostile.pages}
    for each in hostile.pages:
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*-[0-9a-f]{8}\.html", each.name), each.name
        assert len(each.name) < 100


def test_no_two_domains_share_a_page_even_where_case_does_not_count(hostile):
    assert len({each.name.casefold() for each in hostile.pages}) == len(HOSTILE) + 1


def test_the_index_leads_to_every_page_and_every_page_back(hostile):
    (index,) = (each for each in hostile.files if each.suffix == ".html")
    found = links(index)
    assert all(not PurePosixPath(each).is_absolute() and ".." not in each for each in found)
    assert {(index.parent / unquote(each)).resolve() for each in found} == set(hostile.pages)
    for each in hostile.pages:
        assert {(each.parent / link).resolve() for link in links(each)} == {index}


def test_what_a_domain_is_called_is_text_on_its_page(hostile):
    for each in (*hostile.pages, *hostile.files):
        if each.suffix == ".html":
            assert "<script" not in each.read_text()
            assert "\u202e" not in each.read_text()


def test_the_same_report_gives_the_same_pages_and_another_domain_no_other_name(tmp_path):
    first = publish(of_domains("a b", "a-b"), settings(tmp_path / "one"), "x")
    second = publish(of_domains("a-b", "c", "a b"), settings(tmp_path / "two"), "x")
    names = {each.name for each in first.pages}
    assert names < {each.name for each in second.pages}


def test_contracts_without_a_domain_have_a_page_together(tmp_path):
    written = publish(of_domains(None, None, "shop"), settings(tmp_path), "x")
    assert len(written.pages) == 2
    (page,) = (each for each in written.pages if each.name.startswith("no-domain"))
    text = page.read_text()
    assert NO_DOMAIN in text
    assert text.count('<section class="contract"') == 2


def test_one_page_tells_all_up_to_as_many_contracts_as_the_settings_say(tmp_path):
    report = of_domains("a", "b", "c")
    assert publish(report, settings(tmp_path, pages_above=3), "x").pages == ()
    assert len(publish(report, settings(tmp_path, pages_above=2), "y").pages) == 3


def test_a_page_of_a_domain_tells_its_own_contracts_and_numbers_alone(tmp_path):
    written = publish(of_domains("a", "a", "b"), settings(tmp_path), "x")
    (page,) = (each for each in written.pages if each.name.startswith("b-"))
    text = page.read_text()
    assert "Contract-2" in text
    assert "Contract-0" not in text
    assert "1</span> of 1<br>" in text
