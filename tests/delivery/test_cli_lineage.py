"""`floe lineage`: events that were given up, and carrying them after all."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from floe_dagster.cli.lineage import app
from floe_dagster.errors import UsageError
from floe_dagster.lineage import events_for, parcels
from tests.delivery.parcels import START as NOON
from tests.delivery.receiver import status
from tests.lineage.facts import BROKEN, END, PLAN, SERVER, START

pytestmark = pytest.mark.requirement("E-03")

EVENTS = events_for([BROKEN], PLAN, server=SERVER, namespace="floe", started_at=START, ended_at=END)
FAIL = f"lineage/{EVENTS[1]['run']['runId']}/FAIL/marquez"


@pytest.fixture
def floe(tmp_path, receiver):
    """Runs `floe lineage` beside a manifest with one transport."""
    manifest = tmp_path / "floe.yaml"
    manifest.write_text(
        f"store: sqlite:///{tmp_path}/floe.db\n"
        f"lineage: {{transports: {{marquez: {{type: http, url: 'http://127.0.0.1:{receiver.server_port}'}}}}}}\n"
    )

    def run(*arguments, code=0):
        done = CliRunner().invoke(app, [*arguments, "--config", str(manifest)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.stdout

    return run


@pytest.fixture
def refused(floe, post, platform, receiver):
    """The end of a run whose event the backend has refused."""
    url = f"http://127.0.0.1:{receiver.server_port}"
    post(*parcels(EVENTS, NOON, ("lineage.marquez",)))
    receiver.script = [status(201), status(400)]
    platform(lineage={"transports": {"marquez": {"type": "http", "url": url}}}).drain("lineage")


def test_what_was_given_up_is_listed_with_the_reason(floe, refused):
    said = "contract_check.urn:flights:1.flights.destination.required: 127.0.0.1: HTTP 400"
    assert floe("dead").splitlines() == [f"2026-03-29 12:00  {FAIL}  {said}"]
    (entry,) = json.loads(floe("dead", "--format", "json"))["events"]
    assert (entry["key"], entry["event"], entry["transport"]) == (FAIL, "FAIL", "lineage.marquez")


@pytest.mark.parametrize("which", [FAIL, "--all"])
def test_it_is_carried_after_all(floe, refused, which):
    assert floe("replay", which).startswith("1 delivered")
    assert floe("dead") == "no event was given up\n"


def test_what_is_still_not_accepted_is_exit_code_3(floe, refused, receiver):
    receiver.script = [status(503)]
    assert floe("replay", "--all", code=3).startswith("1 to be tried again")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [([], "name the events"), (["k", "--all"], "name the events"), (["k"], "not given up")],
)
def test_what_cannot_be_replayed_says_so(floe, refused, arguments, said):
    with pytest.raises(UsageError, match=said):
        floe("replay", *arguments)
