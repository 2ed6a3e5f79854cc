"""Dispatch: what a tick, a sensor and the command line call to have the outbox carried."""

from __future__ import annotations

import logging
import random
from functools import partial
from typing import TYPE_CHECKING

from floe_dagster.delivery.bundle import bundled
from floe_dagster.delivery.carrier import Carrier
from floe_dagster.delivery.drain import Drain
from floe_dagster.delivery.lane import Road, one_by_one
from floe_dagster.delivery.post import Client, HttpClient
from floe_dagster.delivery.reach import in_time, reach
from floe_dagster.delivery.renewal import road_of_retelling
from floe_dagster.delivery.transports import Outside, open_transports
from floe_dagster.errors import DeliveryError, FloeError
from floe_dagster.lineage import CHANNEL, channel_of
from floe_dagster.notify.digest import Grouping
from floe_dagster.notify.letter import Renewing, Together

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from floe_dagster.channels import Destination, OpenChannels
    from floe_dagster.delivery.outbox import Outbox
    from floe_dagster.delivery.report import DeliveryReport
    from floe_dagster.outcome.parcel import Topic
    from floe_dagster.settings import Settings

RENEWAL_SECONDS = 16.0
"""how long a renewal may take, over all channels; above the longest timeout of ours"""

_log = logging.getLogger("floe_dagster.delivery")


class Delivery:
    """Carries what waits in the outbox to the manifest's channels, and lineage to its transports.

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
        client = client or HttpClient()
        self._carrier = Carrier(settings.root, clock, client)
        self._transports = open_transports(settings, Outside(root=settings.root, clock=clock, client=client))

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
    def people(self) -> frozenset[str]:
        """The channels that people read, by name."""
        return frozenset(
            name for name, each in self._channels.ready.items() if isinstance(each.channel, Together)
        )

    @property
    def renews(self) -> bool:
        """Whether there is a channel whose receiver forgets what it is not told again."""
        return any(isinstance(each.channel, Renewing) for each in self._channels.ready.values())

    def renew(self, told: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
        """Say of what is open that it still is, to channels whose receivers forget, all of them at once.

        Does not raise, and ends in time: what hangs is left behind, and said again the next time.

        To be called more often than the shortest `lasts_seconds` of a channel; what it says again is nothing
        new to anybody.

        Args:
            told: by channel, what it was told of each open episode; see `told_so_far`.

        Returns:
            What went wrong, by channel.
        """
        ready = self._channels.ready
        wanted = {name: payloads for name, payloads in sorted(told.items()) if name in ready}
        found = in_time(
            {name: partial(self._renewed, payloads, ready[name]) for name, payloads in wanted.items()},
            RENEWAL_SECONDS,
        )
        late = f"no answer within {RENEWAL_SECONDS:g} s"
        problems = {name: why for name in wanted if (why := found.get(name, late))}
        for name, reason in problems.items():
            _log.warning("what is open could not be renewed at %s: %s", name, reason)
        return problems

    def _renewed(self, payloads: Sequence[str], destination: Destination) -> str:
        try:
            self._carrier.renew(payloads, destination)
        except DeliveryError as error:
            return error.message
        except Exception as error:  # noqa: BLE001 - a channel from elsewhere may raise anything
            return f"the channel raised {type(error).__name__}"
        return ""

    def health_check(self) -> Mapping[str, str]:
        """What is wrong with each channel and transport, by name, or an empty text. Nothing is sent.

        A channel has the name that the manifest gives it; a transport that of its channel in the outbox.
        """
        return {
            **reach(self._channels, self._carrier.check),
            **reach(self._transports, lambda each: each.check()),
        }

    def _way_of_alerts(self, channel: str) -> Road | str:
        if (reason := self._channels.broken.get(channel)) is not None:
            return reason
        destination = self._channels.ready.get(channel)
        if destination is None:
            return f'the manifest has no channel "{channel}"; add it under alerts.channels'
        if isinstance(destination.channel, Renewing):
            return road_of_retelling(
                self._store, channel, partial(self._carrier.retell, destination=destination)
            )
        alerts = self._settings.alerts
        grouping = Grouping(by=alerts.group, above=alerts.group_above)
        together = isinstance(destination.channel, Together) and alerts.group != "none"
        return Road(
            carry=lambda claims: self._carrier.alerts([each.parcel.payload for each in claims], destination),
            bundles=partial(bundled, grouping=grouping) if together else one_by_one,
            gathers=together,
        )

    def _way_of_events(self, channel: str) -> Road | str:
        if (reason := self._transports.broken.get(channel)) is not None:
            return reason
        transport = self._transports.ready.get(channel)
        if transport is None and channel == CHANNEL:
            return "lineage is off; set lineage.file to send what waits"
        if transport is None:
            name = channel.removeprefix(channel_of(""))
            return f'the manifest has no transport "{name}"; add it under lineage.transports'
        return Road(
            carry=lambda claims: transport.carry([each.parcel.payload for each in claims]),
            bundles=transport.bundles,
        )
