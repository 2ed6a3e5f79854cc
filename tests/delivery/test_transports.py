"""Lineage by its transports, over real receivers, whatever goes wrong with one of them."""

from __future__ import annotations

import json
import logging
from collections import Counter
from datetime import timedelta

import pytest

from floe_dagster.delivery.post import HttpClient
from floe_dagster.delivery.transports import Outside, open_transports
from floe_dagster.errors import DeliveryError
from floe_dagster.lineage import events_for, parcels
from floe_dagster.monitor import Monitor
from floe_dagster.outcome.parcel import Parcel
from floe_dagster.settings import Settings, load_settings
from floe_dagster.watchlist import load_watchlist
from tests.delivery.parcels import START as NOON
from tests.delivery.receiver import drip, hang, hang_up, status
from tests.delivery.test_addresses import REFUSED
from tests.lineage.facts import BROKEN, END, KEPT, PLAN, SERVER, START
from tests.project import Project

pytestmark = pytest.mark.requirement("E-03")


@pytest.fixture
def marquez(receiver):
    """The options of a transport to the receiver."""
    return {"type": "http", "url": f"http://127.0.0.1:{receiver.server_port}", "timeout_seconds": 10}


@pytest.fixture
def tell(post):
    """Writes the events of so many runs into the outbox, for each channel."""

    def write(runs, *channels):
        events = (
            events_for(
                [KEPT if number % 2 else BROKEN],
                PLAN,
                server=SERVER,
                namespace=f"run {number}",
                started_at=START.replace(microsecond=number),
                ended_at=END,
            )
            for number in range(runs)
        )
        post(*(parcel for each in events for parcel in parcels(each, NOON, channels)))

    return write


def sent(receiver):
    return [json.loads(body) for _, _, body in receiver.received]


def runs(events):
    """What was told of each run, in its order."""
    found = {}
    for each in events:
        found.setdefault(each["run"]["runId"], []).append(each["eventType"])
    return found


def test_events_are_posted_one_by_one_to_where_every_backend_takes_them(platform, marquez, receiver, tell):
    tell(3, "lineage.marquez")
    report = platform(lineage={"transports": {"marquez": marquez | {"api_key": "CANARY"}}}).drain("lineage")
    assert report.sent == 6
    assert {path for path, _, _ in receiver.received} == {"/api/v1/lineage"}
    assert {headers["Authorization"] for _, headers, _ in receiver.received} == {"Bearer CANARY"}
    assert {headers["Content-Type"] for _, headers, _ in receiver.received} == {"application/json"}
    assert sorted(runs(sent(receiver)).values()) == [
        ["START", "COMPLETE"],
        ["START", "FAIL"],
        ["START", "FAIL"],
    ]


@pytest.mark.parametrize(
    ("url", "endpoint", "path"),
    [
        ("", "api/v1/lineage", "/api/v1/lineage"),
        ("/", "/api/v1/lineage", "/api/v1/lineage"),
        ("/prefix", "api/v1/lineage", "/prefix/api/v1/lineage"),
        ("/prefix/whole", "", "/prefix/whole"),
        ("", "events?source=floe", "/events?source=floe"),
    ],
)
def test_the_endpoint_comes_after_the_prefix_of_the_url(
    platform, marquez, receiver, tell, url, endpoint, path
):
    tell(1, "lineage.marquez")
    marquez |= {"url": marquez["url"] + url, "endpoint": endpoint}
    assert platform(lineage={"transports": {"marquez": marquez}}).drain("lineage").sent == 2
    assert {each for each, _, _ in receiver.received} == {path}


def test_further_headers_are_sent_and_an_empty_key_is_none(platform, marquez, receiver, tell):
    tell(1, "lineage.marquez")
    marquez |= {"api_key": "", "headers": {"X-Tenant": "CANARY"}}
    assert platform(lineage={"transports": {"marquez": marquez}}).drain("lineage").sent == 2
    (headers, *_) = [headers for _, headers, _ in receiver.received]
    assert headers["X-Tenant"] == "CANARY"
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (status(503), "HTTP 503"),
        (hang, "no answer within 1 s"),
        (drip, "no answer within 1 s"),
        (hang_up, "without an answer in HTTP"),
    ],
    ids=["503", "hang", "slow", "lost answer"],
)
def test_what_passes_is_tried_again_and_told_once_more_as_the_same_event(
    platform, marquez, receiver, tell, clock, states, fault, said
):
    tell(1, "lineage.marquez")
    receiver.script = [fault]
    delivery = platform(lineage={"transports": {"marquez": marquez | {"timeout_seconds": 1}}})
    report = delivery.drain("lineage")
    assert (report.sent, report.retried) == (0, 1)
    assert said in report.problems["lineage.marquez"]
    clock.pass_by(seconds=3)
    assert delivery.drain("lineage").sent == 2
    assert set(states().values()) == {"sent"}
    assert [each["eventType"] for each in sent(receiver)] == ["START", "START", "FAIL"]
    assert sent(receiver)[0] == sent(receiver)[1]


def test_who_asks_to_be_left_alone_is_left_alone(platform, marquez, receiver, tell, clock):
    tell(1, "lineage.marquez")
    receiver.script = [status(429, Retry_After="120")]
    delivery = platform(lineage={"transports": {"marquez": marquez}})
    delivery.drain("lineage")
    clock.pass_by(seconds=119)
    assert delivery.drain("lineage").sent == 0
    clock.pass_by(seconds=2)
    assert delivery.drain("lineage").sent == 2


def test_an_event_that_is_refused_is_given_up_and_can_be_replayed(platform, marquez, receiver, tell, store):
    tell(1, "lineage.marquez")
    receiver.script = [status(202), status(400)]
    delivery = platform(lineage={"transports": {"marquez": marquez}})
    report = delivery.drain("lineage")
    assert (report.sent, report.dead) == (1, 1)
    (dead,) = [each for each in store.parcels() if each.state == "dead"]
    assert "HTTP 400" in dead.reason
    assert store.replay(dead.key, now=NOON)
    assert delivery.drain("lineage").sent == 1


@pytest.mark.parametrize("hangs", [True, False], ids=["hangs", "cannot be written"])
def test_a_dead_transport_neither_delays_another_nor_makes_it_repeat_itself(
    platform, marquez, receiver, other_receiver, tell, tmp_path, clock, states, hangs
):
    (tmp_path / "folder").mkdir()
    other_receiver.script = [hang] * 100
    url = f"http://127.0.0.1:{other_receiver.server_port}"
    by_http = {"type": "http", "url": url, "timeout_seconds": 0.2}
    dead = by_http if hangs else {"type": "file", "path": "folder"}
    tell(5, "lineage", "lineage.marquez", "lineage.dead")
    delivery = platform(lineage={"file": "lineage.jsonl", "transports": {"marquez": marquez, "dead": dead}})
    assert delivery.drain("lineage").sent == 20
    for _ in range(2):
        clock.pass_by(minutes=20)
        assert delivery.drain("lineage").sent == 0
    lines = (tmp_path / "lineage.jsonl").read_text().splitlines()
    assert len(lines) == len(receiver.received) == 10
    assert list(runs(map(json.loads, lines))) == list(runs(sent(receiver)))
    assert {each for key, each in states().items() if key.endswith("/dead")} == {"pending"}


@pytest.mark.parametrize("variable", [True, False], ids=["to be mended", "dead"])
def test_what_has_piled_up_for_a_dead_transport_does_not_stand_in_the_way_of_another(
    platform, marquez, receiver, post, variable
):
    old = (
        Parcel(
            key=f"lineage/old-{each}/START/dead",
            topic="lineage",
            channel="lineage.dead",
            group=f"old-{each}",
            sequence=1,
            payload="{}",
            created_at=NOON - timedelta(hours=1),
        )
        for each in range(250)
    )
    new = parcels(
        events_for([KEPT], PLAN, server=SERVER, namespace="n", started_at=START, ended_at=END),
        NOON,
        ("lineage.marquez",),
    )
    post(*old, *new)
    dead = {} if variable else {"dead": {"type": "http", "url": "http://127.0.0.1:1"}}
    broken = {"lineage.dead": "URL is not set"} if variable else {}
    delivery = platform(lineage={"transports": {"marquez": marquez, **dead}}, broken=broken)
    assert delivery.drain("lineage", limit=240).sent == 2
    assert len(receiver.received) == 2


def test_what_a_dead_transport_has_not_told_within_a_day_is_given_up_visibly(platform, tell, clock, states):
    tell(1, "lineage.dead")
    delivery = platform(lineage={"transports": {"dead": {"type": "http", "url": "http://127.0.0.1:1"}}})
    clock.pass_by(hours=24)
    report = delivery.drain("lineage")
    assert (report.sent, report.dead) == (0, 2)
    assert set(states().values()) == {"dead"}


def test_a_thousand_events_arrive_in_the_order_of_their_runs(platform, marquez, receiver, tell, tmp_path):
    tell(500, "lineage", "lineage.marquez")
    lineage = {"file": "lineage.jsonl", "transports": {"marquez": marquez}}
    assert platform(lineage=lineage).drain("lineage").sent == 2000
    told = runs(sent(receiver))
    assert len(told) == 500
    assert {tuple(each) for each in told.values()} == {("START", "FAIL"), ("START", "COMPLETE")}
    assert len((tmp_path / "lineage.jsonl").read_text().splitlines()) == 1000


def test_a_transport_that_was_removed_keeps_what_waits(platform, marquez, tell, clock):
    tell(1, "lineage.marquez")
    assert platform().drain("lineage").problems == {
        "lineage.marquez": 'the manifest has no transport "marquez"; add it under lineage.transports'
    }
    clock.pass_by(minutes=5)
    assert platform(lineage={"transports": {"marquez": marquez}}).drain("lineage").sent == 2


def test_a_transport_that_lacks_a_variable_keeps_what_waits_and_disturbs_no_other(
    tmp_path, platform, tell, marquez, receiver
):
    (tmp_path / "floe.yaml").write_text(
        'lineage:\n  transports:\n    bus: {type: http, url: "${NOWHERE}"}\n    off: {type: http, url: "${NONE:-}"}\n'
    )
    settings = load_settings(tmp_path, {})
    assert set(settings.broken) == {"lineage.bus"}
    assert "NOWHERE is not set" in settings.broken["lineage.bus"]
    tell(1, "lineage.marquez", "lineage.bus")
    report = platform(broken=settings.broken, lineage={"transports": {"marquez": marquez}}).drain("lineage")
    assert (report.sent, report.retried) == (2, 1)


def test_the_health_of_every_transport_is_known_and_nothing_is_sent(platform, marquez, receiver, tmp_path):
    (tmp_path / "folder").mkdir()
    health = platform(
        broken={"lineage.off": "TOKEN is not set"},
        lineage={
            "file": "lineage.jsonl",
            "transports": {
                "marquez": marquez,
                "gone": {"type": "http", "url": "http://127.0.0.1:1"},
                "secret": {"type": "http", "url": "http://169.254.169.254/"},
                "wrong": {"type": "file", "path": "folder"},
            },
        },
    ).health_check()
    assert {name for name, trouble in health.items() if not trouble} == {"lineage", "lineage.marquez"}
    assert health["lineage.off"] == "TOKEN is not set"
    assert "cannot be reached" in health["lineage.gone"]
    assert "hands out credentials" in health["lineage.secret"]
    assert "cannot be written" in health["lineage.wrong"]
    assert receiver.received == []
    assert not (tmp_path / "lineage.jsonl").exists()


@pytest.fixture
def opened(tmp_path):
    """The transport of these options, where every host has one address."""

    def build(options, address="127.0.0.1"):
        settings = Settings.model_validate({"lineage": {"transports": {"it": options}}})
        client = HttpClient(lambda *_: [address])
        outside = Outside(root=tmp_path, clock=lambda: NOON, client=client, ask=lambda *_: [address])
        return open_transports(settings, outside)

    return build


@pytest.mark.parametrize("address", REFUSED)
def test_no_event_goes_to_an_address_that_no_receiver_has(opened, address):
    transport = opened({"type": "http", "url": "http://marquez"}, address).ready["lineage.it"]
    for attempt in (lambda: transport.carry(["{}"]), transport.check):
        with pytest.raises(DeliveryError) as caught:
            attempt()
        assert not caught.value.retry


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"type": "htp", "url": "CANARY"}, 'type: there is no transport of this type; did you mean "http"?'),
        ({"type": "http"}, "url: Field required"),
        ({"type": "http", "url": "CANARY"}, "url: is not an http or https URL with a host"),
        ({"type": "http", "url": "http://me:CANARY@marquez"}, "url: holds a user or a password"),
        ({"type": "http", "url": "http://marquez", "apikey": "CANARY"}, 'did you mean "api_key"?'),
        ({"type": "http", "url": "http://marquez", "api_key": "CANARY\r\nX: y"}, "a header cannot carry"),
        ({"type": "http", "url": "http://marquez", "headers": {"X": "CANARY\n"}}, "a header cannot carry"),
        ({"type": "http", "url": "http://marquez", "headers": {"CAN ARY": "x"}}, "not that of a header"),
        ({"type": "http", "url": "http://marquez", "headers": {"Host": "CANARY"}}, "set by floe"),
        ({"type": "http", "url": "http://marquez", "endpoint": "//CANARY"}, "is no path"),
        ({"type": "http", "url": "http://marquez", "timeout_seconds": 60}, "less than or equal to 15"),
        ({"type": "file"}, "path: Field required"),
    ],
)
def test_options_that_cannot_be_used_say_so_and_show_no_value(opened, options, said):
    found = opened(options)
    assert found.ready == {}
    assert said in found.broken["lineage.it"]
    assert found.broken["lineage.it"].startswith("lineage.transports.it")
    assert "CANARY" not in found.broken["lineage.it"]


def test_secrets_are_in_no_repr_log_event_or_row(
    tmp_path, marquez, receiver, tell, clock, store, store_url, platform, caplog, capfd
):
    caplog.set_level(logging.DEBUG)
    lineage = {
        "transports": {
            "marquez": marquez
            | {"url": marquez["url"] + "/CANARY", "endpoint": "CANARY", "api_key": "CANARY"}
            | {"headers": {"X-Key": "CANARY"}},
            "gone": {"type": "http", "url": "http://127.0.0.1:1/CANARY", "api_key": "CANARY"},
        }
    }
    settings = Settings.model_validate({"root": tmp_path, "lineage": lineage})
    tell(2, "lineage.marquez", "lineage.gone")
    receiver.script = [status(503), hang_up, status(400)]
    delivery = platform(lineage=lineage)
    said = [repr(settings), str(settings), repr(delivery.health_check())]
    for _ in range(3):
        said.append(repr(delivery.drain("lineage")))
        clock.pass_by(minutes=1)
    said += [repr(each) for each in store.parcels()]
    said += [caplog.text, *capfd.readouterr(), *map(json.dumps, sent(receiver))]
    database = b"".join(each.read_bytes() for each in tmp_path.glob("floe.db*"))
    assert receiver.received
    assert "CANARY" not in "".join(said)
    assert b"CANARY" not in database


def test_a_tick_carries_nothing_of_it_and_so_costs_no_time_where_the_backend_hangs(tmp_path, receiver):
    project = Project(tmp_path)
    url = f"http://127.0.0.1:{receiver.server_port}"
    project.manifest(
        "lineage: {file: lineage.jsonl}",
        f"lineage: {{file: lineage.jsonl, transports: {{marquez: {{type: http, url: '{url}'}}}}}}",
    )
    receiver.script = [hang] * 10
    monitor = Monitor(watchlist=load_watchlist(load_settings(project.root)))
    assert monitor.tick("availability").outcomes
    assert receiver.received == []
    assert not (tmp_path / "lineage.jsonl").exists()
    waiting = monitor.store.parcels(topic="lineage")
    assert Counter(each.channel for each in waiting) == dict.fromkeys(("lineage", "lineage.marquez"), 4)
