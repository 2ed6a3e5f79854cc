"""Lineage by Kafka, over the cluster of librdkafka itself that its own tests use: brokers on loopback."""

from __future__ import annotations

import json
import logging
import socket
import time

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
from openlineage.client.facet_v2 import parent_run
from openlineage.client.transport.kafka import KafkaConfig, KafkaTransport

from floe_dagster.delivery.post import HttpClient
from floe_dagster.delivery.transports import Outside, open_transports
from floe_dagster.delivery.transports.kafka import key_of
from floe_dagster.errors import DeliveryError
from floe_dagster.lineage import events_for, parcels
from floe_dagster.settings import Settings
from tests.delivery.parcels import START as NOON
from tests.delivery.test_addresses import REFUSED
from tests.lineage.facts import BROKEN, END, PLAN, SERVER, START

pytestmark = pytest.mark.requirement("E-03")

RUN = "0198c0de-0000-4000-8000-000000000001"
SILENT = logging.getLogger("tests.kafka")
SILENT.disabled = True


@pytest.fixture(scope="module")
def cluster():
    """The bootstrap servers of three brokers."""
    owner = Producer({"bootstrap.servers": "127.0.0.1:1", "test.mock.num.brokers": 3}, logger=SILENT)
    brokers = owner.list_topics(timeout=10).brokers.values()
    yield ",".join(f"{each.host}:{each.port}" for each in brokers)
    del owner


@pytest.fixture
def bus(cluster, request):
    """The options of a transport to the cluster, with a topic of its own."""
    topic = f"t{abs(hash(request.node.name))}"
    return {"type": "kafka", "topic": topic, "config": {"bootstrap.servers": cluster}, "timeout_seconds": 10}


@pytest.fixture
def opened(tmp_path):
    """The transport of these options."""

    def build(options, address="127.0.0.1"):
        settings = Settings.model_validate({"lineage": {"transports": {"bus": options}}})
        client = HttpClient()
        outside = Outside(root=tmp_path, clock=lambda: NOON, client=client, ask=lambda *_: [address])
        return open_transports(settings, outside)

    return build


def events(number=0, **more):
    return events_for(
        [BROKEN],
        PLAN,
        server=SERVER,
        namespace=f"run {number}",
        started_at=START.replace(microsecond=number),
        ended_at=END,
        **more,
    )


def received(bus, count):
    """Keys and values of the messages of a topic, by partition."""
    consumer = Consumer(
        {"bootstrap.servers": bus["config"]["bootstrap.servers"], "group.id": "tests"}, logger=SILENT
    )
    try:
        partitions = consumer.list_topics(bus["topic"], timeout=10).topics[bus["topic"]].partitions
        consumer.assign([TopicPartition(bus["topic"], each, 0) for each in partitions])
        found = []
        until = time.monotonic() + 10
        while len(found) < count and time.monotonic() < until:
            found += consumer.consume(count, timeout=0.2)
        return [(each.partition(), each.key().decode(), json.loads(each.value())) for each in found]
    finally:
        consumer.close()


def test_events_are_acknowledged_and_those_of_one_run_are_in_one_partition_in_their_order(
    platform, bus, post
):
    post(*(parcel for number in range(20) for parcel in parcels(events(number), NOON, ("lineage.bus",))))
    assert platform(lineage={"transports": {"bus": bus}}).drain("lineage").sent == 40
    told = {}
    for partition, key, event in received(bus, 40):
        told.setdefault((partition, event["run"]["runId"], key), []).append(event["eventType"])
    assert list(told.values()) == [["START", "FAIL"]] * 20
    assert {key for _, _, key in told} == {
        f"run:run {number}/contract_check.urn:flights:1.flights.destination.required" for number in range(20)
    }


def test_the_key_is_the_one_that_the_openlineage_client_gives(cluster):
    theirs = KafkaTransport(KafkaConfig(config={"bootstrap.servers": cluster}, topic="t"))
    job = Job(namespace="ours", name="check")
    root = parent_run.Root(run=parent_run.RootRun(runId=RUN), job=parent_run.RootJob(namespace="d", name="r"))
    above = {"run": parent_run.Run(runId=RUN), "job": parent_run.Job(namespace="dagster", name="j")}
    parent = parent_run.ParentRunFacet(**above)
    rooted = parent_run.ParentRunFacet(**above, root=root)
    for facets in ({}, {"parent": parent}, {"parent": rooted}):
        event = RunEvent(
            eventType=RunState.START, eventTime=END.isoformat(), run=Run(runId=RUN, facets=facets), job=job
        )
        ours = {
            "run": {"facets": {name: _plain(each) for name, each in facets.items()}},
            "job": {"namespace": "ours", "name": "check"},
        }
        assert key_of(ours) == theirs._get_message_key(event)
    (start, _) = events(parent_run_id=RUN, parent_job="floe_quality", dagster_namespace="dagster")
    assert key_of(start) == "run:dagster/floe_quality"


def _plain(facet):
    job = {"namespace": facet.job.namespace, "name": facet.job.name}
    root = facet.root and {"job": {"namespace": facet.root.job.namespace, "name": facet.root.job.name}}
    return {"job": job, **({"root": root} if root else {})}


def test_a_key_of_ones_own_is_that_of_every_message(bus, opened):
    transport = opened(bus | {"message_key": "floe"}).ready["lineage.bus"]
    assert transport.carry([json.dumps(each) for each in events()]) == "acknowledged"
    assert {key for _, key, _ in received(bus, 2)} == {"floe"}


def test_a_name_that_is_no_text_is_a_key_all_the_same(bus, opened):
    (start, _) = events(parent_run_id=RUN, parent_job="a\ud800b")
    assert opened(bus).ready["lineage.bus"].carry([json.dumps(start)]) == "acknowledged"
    assert {key for _, key, _ in received(bus, 1)} == {"run:run 0/a?b"}


def test_brokers_that_are_there_are_healthy(bus, opened):
    assert opened(bus).ready["lineage.bus"].check() == "3 brokers answer"


@pytest.mark.parametrize("hangs", [False, True], ids=["refuses", "hangs"])
def test_brokers_that_are_not_there_cost_no_more_than_the_timeout_and_lose_nothing(
    bus, platform, post, clock, hangs, states
):
    listener = socket.create_server(("127.0.0.1", 0)) if hangs else None
    port = listener.getsockname()[1] if listener else 1
    dead = bus | {"config": {"bootstrap.servers": f"127.0.0.1:{port}"}, "timeout_seconds": 0.5}
    post(*parcels(events(), NOON, ("lineage.bus",)))
    report = platform(lineage={"transports": {"bus": dead}}).drain("lineage")
    assert report.seconds < 10
    assert report.retried == 1
    assert report.problems["lineage.bus"].startswith("kafka: not acknowledged within 0.5 s")
    clock.pass_by(minutes=1)
    assert platform(lineage={"transports": {"bus": bus}}).drain("lineage").sent == 2
    assert set(states().values()) == {"sent"}
    if listener:
        listener.close()


def test_a_message_that_is_too_large_is_given_up_and_takes_no_other_with_it(bus, platform, post, store):
    huge = dict(events(1)[0], padding="x" * 1_500_000)
    post(*parcels([events(0)[0], huge, events(2)[0]], NOON, ("lineage.bus",)))
    report = platform(lineage={"transports": {"bus": bus}}).drain("lineage")
    assert (report.sent, report.dead) == (2, 1)
    (dead,) = [each for each in store.parcels() if each.state == "dead"]
    assert dead.reason == "kafka: MSG_SIZE_TOO_LARGE"


@pytest.mark.parametrize("address", REFUSED)
def test_no_broker_is_asked_at_an_address_that_none_has(bus, opened, address):
    transport = opened(bus | {"config": {"bootstrap.servers": "SSL://kafka:9093"}}, address).ready[
        "lineage.bus"
    ]
    for attempt in (lambda: transport.carry(["{}"]), transport.check):
        with pytest.raises(DeliveryError, match="kafka is") as caught:
            attempt()
        assert not caught.value.retry


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"topic": None}, "topic: Input should be a valid string"),
        ({"config": {}}, "config: has no bootstrap.servers"),
        ({"config": {"bootstrap.servers": ""}}, "config: has no bootstrap.servers"),
        ({"config": {"bootstrap.servers": "k", "debug": "CANARY"}}, "debug is set by floe"),
        ({"config": {"bootstrap.servers": "k", "error_cb": "CANARY"}}, "error_cb is set by floe"),
        ({"config": {"bootstrap.servers": "k", "sasl.password": ["CANARY"]}}, "config.sasl.password"),
        ({"messageKey": "CANARY"}, 'did you mean "message_key"?'),
    ],
)
def test_options_that_cannot_be_used_say_so_and_show_no_value(bus, opened, change, said):
    found = opened(bus | change)
    assert found.ready == {}
    assert said in found.broken["lineage.bus"]
    assert "CANARY" not in found.broken["lineage.bus"]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"sasl.pasword": "CANARY"}, 'kafka: config "sasl.pasword" is not one that librdkafka takes'),
        ({"security.protocol": "CANARY"}, 'kafka: config "security.protocol" is not one'),
        ({"security.protocol": "ssl", "ssl.ca.pem": "CANARY"}, "kafka: config is not one"),
    ],
)
def test_what_librdkafka_does_not_take_waits_to_be_mended_and_shows_no_value(bus, opened, config, said):
    transport = opened(bus | {"config": {**bus["config"], **config}}).ready["lineage.bus"]
    with pytest.raises(DeliveryError) as caught:
        transport.carry(['{"run": {}, "job": {"namespace": "n", "name": "n"}}'])
    assert caught.value.retry
    assert said in caught.value.message
    assert "CANARY" not in caught.value.message


def test_without_the_package_it_says_what_to_install(bus, opened, monkeypatch):
    monkeypatch.setattr("floe_dagster.delivery.transports.kafka.find_spec", lambda _: None)
    assert 'pip install "floe-dagster[kafka]"' in opened(bus).broken["lineage.bus"]


def test_secrets_are_in_no_repr_log_message_or_row(
    bus, platform, post, store, tmp_path, clock, caplog, capfd
):
    caplog.set_level(logging.DEBUG)
    login = {"sasl.username": "CANARY", "sasl.password": "CANARY", "sasl.mechanisms": "PLAIN"}
    config = {"security.protocol": "sasl_plaintext", **login, **bus["config"]}
    lineage = {"transports": {"bus": bus | {"config": config, "timeout_seconds": 0.5}}}
    settings = Settings.model_validate({"lineage": lineage})
    delivery = platform(lineage=lineage)
    post(*parcels(events(), NOON, ("lineage.bus",)))
    said = [repr(settings), repr(delivery.health_check())]
    for _ in range(2):
        said.append(repr(delivery.drain("lineage")))
        clock.pass_by(minutes=1)
    said += [repr(each) for each in store.parcels()]
    said += [caplog.text, *capfd.readouterr()]
    database = b"".join(each.read_bytes() for each in tmp_path.glob("floe.db*"))
    assert "CANARY" not in "".join(said)
    assert b"CANARY" not in database
