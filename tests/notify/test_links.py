"""Pages that an alert leads to; a contract leads nowhere but to http and https."""

from __future__ import annotations

from dataclasses import replace

import pytest

from floe_dagster.contract.model import Dataset
from floe_dagster.notify.compose import alert_for
from floe_dagster.notify.links import Pages, is_page
from floe_dagster.outcome.episode import advance
from floe_dagster.outcome.policy import Policy
from tests.notify.alerts import CONTRACT, fresh, hours

pytestmark = pytest.mark.requirement("C-06")

PAGES = Pages(
    runbook="https://wiki.example.com/floe/{kind}.html",
    source="https://git.example.com/data/blob/main/{path}#L{line}",
)


def of(**custom):
    return replace(CONTRACT, custom=custom)


def test_an_alert_leads_to_the_page_of_its_kind_and_to_the_line_of_the_promise():
    outcome = fresh(0, hours(6))
    step = advance(None, outcome, Policy(cadence_seconds=900))
    alert = alert_for(step, outcome, CONTRACT, environment="prod", pages=PAGES)

    assert alert.runbook == "https://wiki.example.com/floe/freshness.html"
    assert alert.source_link == "https://git.example.com/data/blob/main/contracts/orders.odcs.yaml#L31"


def test_without_pages_there_are_no_links():
    assert Pages().of_kind("quality", "orders", CONTRACT) is None
    assert Pages().of_line("contracts/orders.odcs.yaml", 31) is None


def test_a_contract_or_a_dataset_may_name_a_page_of_its_own():
    own = of(**{"floe.runbook": "https://wiki.example.com/orders"})
    dataset = Dataset(
        path="schema[0]", name="orders", physical_name="orders", custom={"floe.runbook": "http://wiki/rows"}
    )

    assert Pages().of_kind("quality", "orders", own) == "https://wiki.example.com/orders"
    assert PAGES.of_kind("quality", "orders", own) == "https://wiki.example.com/orders"
    assert PAGES.of_kind("quality", "orders", replace(own, datasets=(dataset,))) == "http://wiki/rows"
    assert PAGES.of_kind("quality", "other", replace(own, datasets=(dataset,))) == (
        "https://wiki.example.com/orders"
    )


HOSTILE = [
    *(
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//evil.example",
        "ftp://evil.example/x",
    ),
    *(
        "https://",
        "http://user:password@evil.example",
        "https://evil.example/<script>",
        "https://evil.example/a b",
    ),
    *(
        "https://evil.example/\r\nx",
        'https://evil.example/"x',
        "https://evil.example/|x",
        "https://evil\u202e.example",
    ),
    *("http://[::", "https://x/" + "a" * 5000, "", "https://evil.example:0/"),
]


@pytest.mark.parametrize("url", [*HOSTILE, 5, None, ["https://x"], {"https": 1}], ids=repr)
def test_what_is_no_page_is_followed_nowhere(url):
    assert PAGES.of_kind("quality", "orders", of(**{"floe.runbook": url})) == (
        "https://wiki.example.com/floe/quality.html"
    )
    assert not isinstance(url, str) or not is_page(url)


@pytest.mark.parametrize("source", ["", "/etc/passwd", "../../x.yaml", "C:/x.yaml", "a/../b.yaml"])
def test_a_file_outside_of_the_repository_has_no_link(source):
    assert PAGES.of_line(source, 3) is None


def test_names_are_quoted_in_an_address():
    assert PAGES.of_line("my contracts/ö#?.yaml", 0) == (
        "https://git.example.com/data/blob/main/my%20contracts/%C3%B6%23%3F.yaml#L1"
    )
    assert PAGES.of_kind("../x?y", "orders", None) == "https://wiki.example.com/floe/..%2Fx%3Fy.html"
