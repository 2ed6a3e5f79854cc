"""Dispatch: what a tick, a sensor and the command line call to have the outbox carried."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING

from floe_dagster.delivery.carrier import Carrier
from floe_dagster.delivery.drain import Drain
from floe_dagster.delivery.post import Client, HttpClient
from floe_dagster.errors import DeliveryError, FloeError
from floe_dagster.notify.letter import Renewing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from floe_dagster.channels import OpenChannels
    from floe_dagster.delivery.lane import Carry
    from floe_dagster.delivery.outbox import Outbox
    from floe_dagster.delivery.report import DeliveryReport
    from floe_dagster.outcome.parcel import Topic
    from floe_dagster.settings import Settings

EVENTS_AT_ONCE = 500

_log = logging.getLogger("floe_dagster.delivery")


class Delivery:
    """Carries what waits in the outbox to the manifest's channels and to the lineage file.

    Args:
        store: what waits.
        channels: where alerts can go.
        settings: the manifest.
        clock: the time, aware, UTC.
        client: who carries letters by HTTP.
        jitter: a number from 0 to 1, another one each time.
    """

    def __init__(
        self,
        store: Outbox,
        channels: OpenChannels,
        settings: Settings,
        clock: Callable[[], datetime],
        client: Client | None = None,
        *,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._channels = channels
        self._settings = settings
        self._clock = clock
        self._jitter = jitter
        self._carrier = Carrier(settings.root, clock, client or HttpClient())

    def drain(self, topic: Topic, *, budget_seconds: float = 20.0, limit: int = 5000) -> DeliveryReport:
        """Carry what is due, and say what became of it. Does not raise: what is undelivered goes on waiting.

        Args:
            topic: alerts or lineage.
            budget_seconds: after this time nothing more is begun; what has been begun may take 5 s longer.
            limit: the most parcels to claim.
        """
        drain = Drain(
            self._store,
            topic,
            self._way_of_alerts if topic == "alert" else self._way_of_events,
            clock=self._clock,
            jitter=self._jitter,
            budget_seconds=budget_seconds,
            limit=limit,
        )
        try:
            drain.run()
        except FloeError as error:
            drain.problems["outbox"] = str(error)
            _log.warning("the outbox cannot be read or written: %s", error)
        except Exception as error:  # noqa: BLE001 - a pipeline never fails for an alert; it is logged in full
            drain.problems["outbox"] = type(error).__name__
            _log.exception("the outbox could not be drained")
        finally:
            drain.close()
        return drain.report()

    @property
    def renews(self) -> bool:
        """Whether there is a channel whose receiver forgets what it is not told again."""
        return any(isinstance(each.channel, Renewing) for each in self._channels.ready.values())

    def renew(self, told: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
        """Say of what is open that it still is, to channels whose receivers forget. Does not raise.

        To be called more often than the shortest `lasts_seconds` of a channel; what it says again is nothing
        new to anybody.

        Args:
            told: by channel, what it was told last of each open episode; see `told_last`.

        Returns:
            What went wrong, by channel.
        """
        problems: dict[str, str] = {}
        for name, payloads in sorted(told.items()):
            if (destination := self._channels.ready.get(name)) is None:
                continue
            try:
                self._carrier.renew(payloads, destination)
            except DeliveryError as error:
                problems[name] = error.message
            except Exception as error:  # noqa: BLE001 - a channel from elsewhere may raise anything
                problems[name] = f"the channel raised {type(error).__name__}"
        for name, reason in problems.items():
            _log.warning("what is open could not be renewed at %s: %s", name, reason)
        return problems

    def health_check(self) -> Mapping[str, str]:
        """What is wrong with each channel of the manifest, by name, or an empty text. Nothing is sent."""
        found = dict(self._channels.broken)
        for name, destination in self._channels.ready.items():
            try:
                self._carrier.check(destination)
                found[name] = ""
            except DeliveryError as error:
                found[name] = error.message
            except Exception as error:  # noqa: BLE001 - a channel from elsewhere may raise anything
                found[name] = f"the channel raised {type(error).__name__}"
        return dict(sorted(found.items()))

    def _way_of_alerts(self, channel: str) -> tuple[Carry, int] | str:
        if (reason := self._channels.broken.get(channel)) is not None:
            return reason
        destination = self._channels.ready.get(channel)
        if destination is None:
            return f'the manifest has no channel "{channel}"; add it under alerts.channels'
        return (lambda claims: self._carrier.alert(claims[0].parcel.payload, destination)), 1

    def _way_of_events(self, _channel: str) -> tuple[Carry, int] | str:
        file = self._settings.lineage.file
        if not file:
            return "lineage is off; set lineage.file to send what waits"
        return (
            lambda claims: self._carrier.events([each.parcel.payload for each in claims], file)
        ), EVENTS_AT_ONCE
