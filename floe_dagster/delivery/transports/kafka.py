"""Kafka: events as messages of a topic, with the keys that the OpenLineage client would give them.

The producer connects by itself: the hosts of `bootstrap.servers` are looked at before, but the addresses of
the brokers that these name are not. It logs nothing, and no message holds what a broker said. After a failure
it is dropped, since one that finds nobody tries on in the background for ever.

Needs `pip install "floe-dagster[kafka]"`.
"""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, Field, field_validator

from floe_dagster.channels._http import Closed
from floe_dagster.delivery.addresses import allowed
from floe_dagster.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from floe_dagster.delivery.transports import Outside
    from floe_dagster.state.records import Claim

AT_ONCE = 100
"""events per flush; the broker acknowledges each"""

SERVERS = "bootstrap.servers"
_PORT = 9092
_OURS = frozenset(
    {"message.timeout.ms", "delivery.timeout.ms", "log_level", "logger"}
    | {"error_cb", "log_cb", "stats_cb", "throttle_cb", "oauth_cb", "on_delivery", "debug"}
)
_FOR_GOOD = frozenset({"MSG_SIZE_TOO_LARGE", "INVALID_MSG", "INVALID_MSG_SIZE", "INVALID_RECORD"})
"""what is refused about a message itself, and so for ever"""

_silent = logging.getLogger("floe_dagster.delivery.kafka")
_silent.disabled = True


class Options(Closed):
    """What can be set."""

    topic: str = Field(min_length=1, max_length=249, description="the topic; empty is off")
    config: dict[str, str | int | float | bool] = Field(
        repr=False, description="of the producer, in librdkafka's words: `bootstrap.servers` and the rest"
    )
    message_key: str | None = Field(default=None, description="of every message, instead of one for each job")
    timeout_seconds: float = Field(default=2.0, gt=0, le=15, description="until events are acknowledged")

    @field_validator("config")
    @classmethod
    def _is_config(cls, config: dict[str, Any]) -> dict[str, Any]:
        if not config.get(SERVERS):
            raise ValueError(f"has no {SERVERS}; set it to host:port of one broker or several")
        if ours := sorted(_OURS & set(config)):
            raise ValueError(f"{ours[0]} is set by floe; remove it")
        if find_spec("confluent_kafka") is None:
            raise ValueError('confluent-kafka is not installed; pip install "floe-dagster[kafka]"')
        return config


class KafkaTransport:
    """Produces events, and waits for the brokers to have them."""

    options: ClassVar[type[BaseModel]] = Options

    def __init__(self, options: Options, outside: Outside) -> None:
        self._options = options
        self._outside = outside
        self._producer: Any = None
        self._trouble = ""

    def bundles(self, claims: Sequence[Claim]) -> Iterable[Sequence[Claim]]:
        """See `Transport.bundles`."""
        return (claims[each : each + AT_ONCE] for each in range(0, len(claims), AT_ONCE))

    def carry(self, events: Sequence[str]) -> str:
        """See `Transport.carry`."""
        refused: list[str] = []

        def told(error: Any, _message: object) -> None:
            if error is not None:
                refused.append(error.name())

        with self._opened() as producer:
            for each in events:
                key = (self._options.message_key or key_of(json.loads(each))).encode(errors="replace")
                producer.produce(self._options.topic, key=key, value=each.encode(), on_delivery=told)
            left = producer.flush(self._options.timeout_seconds + 1)
            if refused or left:
                raise self._failed(refused)
        return "acknowledged"

    def check(self) -> str:
        """See `Transport.check`."""
        with self._opened() as producer:
            brokers = producer.list_topics(timeout=self._options.timeout_seconds).brokers
        return f"{len(brokers)} brokers answer"

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        """The producer, with its errors as ours; dropped after one."""
        from confluent_kafka import KafkaException

        try:
            self._guard()
            if self._producer is None:
                self._producer = self._made()
            yield self._producer
        except KafkaException as error:
            self._producer = None
            raise self._failed([error.args[0].name()]) from None
        except BaseException:
            self._producer = None
            raise

    def _guard(self) -> None:
        trouble: DeliveryError | None = None
        for each in str(self._options.config[SERVERS]).split(","):
            host, port = _address(each)
            try:
                allowed(host, port, self._outside.ask)
            except DeliveryError as error:
                if not error.retry:
                    raise
                trouble = error
            else:
                return
        if trouble:
            raise trouble

    def _made(self) -> Any:
        from confluent_kafka import KafkaException, Producer

        self._trouble = ""
        ours = {
            "message.timeout.ms": int(self._options.timeout_seconds * 1000),
            "linger.ms": 0,
            "error_cb": self._heard,
        }
        given = {name: _spelt(value) for name, value in self._options.config.items()}
        try:
            return Producer({**ours, **given}, logger=_silent)
        except KafkaException as error:
            # what it says may hold the value
            named = [each for each in given if f'"{each}"' in str(error)]
            at = f'config "{named[0]}"' if named else "config"
            raise DeliveryError(f"kafka: {at} is not one that librdkafka takes") from None

    def _heard(self, error: Any) -> None:
        if error.name() != "_ALL_BROKERS_DOWN":
            self._trouble = error.name()

    def _failed(self, names: Sequence[str]) -> DeliveryError:
        """Why events were not acknowledged, by the names of librdkafka's errors."""
        name = names[0] if names else ""
        if name in ("", "_MSG_TIMED_OUT", "_TIMED_OUT"):
            because = f" ({self._trouble})" if self._trouble else ""
            waited = f"{self._options.timeout_seconds:g} s"
            return DeliveryError(f"kafka: not acknowledged within {waited}{because}")
        return DeliveryError(f"kafka: {name}", retry=not set(names) & _FOR_GOOD)


def key_of(event: Mapping[str, Any]) -> str:
    """The key that the OpenLineage client gives a run: its root job, else its parent's, else its own.

    So whoever reads a partition sees the runs of one job in their order.
    """
    parent = event["run"].get("facets", {}).get("parent", {})
    job = parent.get("root", {}).get("job") or parent.get("job") or event["job"]
    return f"run:{job['namespace']}/{job['name']}"


def _address(server: str) -> tuple[str, int]:
    """Host and port of one of the bootstrap servers: `[protocol://]host[:port]`."""
    text = server.strip().rpartition("://")[2]
    host, _, port = text.rpartition(":") if text.rpartition(":")[2].isdigit() else (text, "", "")
    return host.strip("[]"), int(port or _PORT)


def _spelt(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


TRANSPORT = KafkaTransport
