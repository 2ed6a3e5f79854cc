"""Dedup: who is told now, who later, and who not at all.

A channel that was told of a check is not told of it again within the dedup time, unless it has got worse.
While there is a silence (a pause that somebody declared, or a breach that this one follows from), nobody is
told of anything but recoveries; nor is a channel that has heard too much of a contract lately, unless it is
critical. What is held back is not lost: it is told when that time is up, if the episode is still open then. A
recovery is told to whoever heard of the episode, and to nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from floe_dagster.notify.wire import to_json
from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.parcel import Parcel, ParcelState
from floe_dagster.plan.check import Severity
from floe_dagster.plan.wording import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from floe_dagster.notify.alert import Alert


_OVER = "over before it was told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A parcel as dedup sees it: what one channel was told, or will be.

    Attributes:
        key: of the parcel.
        group: the episode.
        at: when it was written, or until when it was held.
    """

    key: str
    channel: str
    group: str
    severity: Severity
    transition: Transition
    state: ParcelState
    at: datetime

    def counts(self, now: datetime) -> bool:
        """Whether the channel heard it, or will without fail unless the channel itself fails."""
        return self.state is ParcelState.SENT or (self.state is ParcelState.PENDING and self.at <= now)

    def held(self, now: datetime) -> bool:
        """Whether it still waits for the dedup time to be up."""
        return self.state is ParcelState.PENDING and self.at > now


@dataclass(frozen=True, slots=True)
class Send:
    """Tell it now."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Tell it then, if it is still so."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Do not tell it; recorded all the same."""

    state: ParcelState
    reason: str


Decision = Send | Hold | Drop


class Silence(Protocol):
    """A reason why nobody is told for now; `Pause` and `Inhibition` are."""

    @property
    def over_at(self) -> datetime:
        """When it is over."""

    @property
    def words(self) -> str:
        """Why, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many messages a contract may cause in one channel.

    Attributes:
        messages: so many within `per`; 0 for any number.
        told: when a channel was told of a contract, in minutes, by (contract, channel).
    """

    messages: int = 0
    per: timedelta = timedelta(hours=1)
    told: dict[tuple[str, str], set[datetime]] = field(default_factory=dict)

    def full_until(self, contract: str, channel: str, at: datetime) -> datetime | None:
        """Until when the channel has heard enough of the contract; None where it has not."""
        # what is held until later has not been heard yet, and may never be
        told = self.told.get((contract, channel), ())
        minutes = sorted(each for each in told if at - self.per < each <= at)
        if not self.messages or len(minutes) < self.messages or _minute(at) in minutes:
            return None
        return minutes[-self.messages] + self.per

    def note(self, contract: str, channel: str, at: datetime) -> None:
        """Count a message that is going out."""
        self.told.setdefault((contract, channel), set()).add(_minute(at))


def _minute(at: datetime) -> datetime:
    """What comes within one minute counts as one message."""
    return at.replace(second=0, microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """What an alert means for the outbox.

    Attributes:
        parcels: one for each channel, those that are not to be carried among them.
        withdrawn: parcels that were held and have been overtaken, by key, and why.
    """

    parcels: tuple[Parcel, ...] = ()
    withdrawn: Mapping[str, str] = field(default_factory=dict)


def about(alert: Alert) -> str:
    """What an alert is about: contract, server and check."""
    return key_of(alert).text


def key_of(alert: Alert) -> Key:
    """The same as a key."""
    return Key(contract=alert.contract, server=alert.server, check=alert.check)


def parcels_for(
    alert: Alert,
    channels: Iterable[str],
    heard: Mapping[str, Sequence[Heard]],
    *,
    dedup: timedelta,
    silence: Silence | None = None,
    pace: Pace | None = None,
) -> Dispatch:
    """The parcels of an alert.

    Args:
        alert: what is to be said.
        channels: where it was routed to; for a recovery, whoever was told of the episode counts instead.
        heard: what channels were told, by what it was about.
        dedup: how long the same is not said again.
        silence: why nobody is told of it for now.
        pace: how much a channel may hear of a contract.
    """
    history = heard.get(about(alert), ())
    wanted = channels
    if alert.transition is Transition.RESOLVED:
        knowing = (each for each in history if each.group == alert.episode)
        wanted = (each.channel for each in knowing if each.state is not ParcelState.UNROUTED)
    elif not (wanted := tuple(channels)):
        return Dispatch(parcels=(_unrouted(alert),))
    why = _OVER if alert.transition is Transition.RESOLVED else "overtaken by what came of it"
    parcels, withdrawn = list[Parcel](), dict[str, str]()
    for channel in dict.fromkeys(wanted):
        own = [each for each in history if each.channel == channel]
        full = pace.full_until(alert.contract, channel, alert.at) if pace else None
        decision = decide(alert, own, dedup=dedup, silence=silence, full_until=full)
        parcels.append(parcel_of(alert, channel, decision))
        withdrawn |= {each.key: why for each in own if _overtaken(each, alert)}
    return Dispatch(parcels=tuple(parcels), withdrawn=withdrawn)


def decide(
    alert: Alert,
    heard: Sequence[Heard],
    *,
    dedup: timedelta,
    silence: Silence | None = None,
    full_until: datetime | None = None,
) -> Decision:
    """What to do with an alert for one channel.

    Args:
        alert: what is to be said.
        heard: what this channel was told about the same check.
        dedup: how long the same is not said again.
        silence: why nobody is told of it for now.
        full_until: until when the channel has heard enough of this contract.
    """
    episode = [each for each in heard if each.group == alert.episode]
    knows = any(each.counts(alert.at) for each in episode)
    if alert.transition is Transition.RESOLVED:
        return Send() if knows else _unheard(episode)
    if silence is not None:
        return Hold(silence.over_at, silence.words)
    if alert.transition in (Transition.ESCALATED, Transition.FLAPPING) and knows:
        return Send()
    again = _again(alert, heard, dedup)
    if full_until is None or alert.severity is Severity.CRITICAL or not isinstance(again, Send):
        return again
    return Hold(full_until, f"told much of this contract lately; held until {moment(full_until)}")


def _unheard(episode: Sequence[Heard]) -> Decision:
    if any(each.state is ParcelState.DEAD for each in episode):
        return Drop(ParcelState.SKIPPED, "its opening never reached this channel")
    return Drop(ParcelState.SUPPRESSED, _OVER)


def _again(alert: Alert, heard: Sequence[Heard], dedup: timedelta) -> Decision:
    recent = [
        each
        for each in heard
        if each.transition is not Transition.RESOLVED and each.counts(alert.at) and each.at > alert.at - dedup
    ]
    if not recent or alert.severity.rank > max(each.severity.rank for each in recent):
        return Send()
    last = max(each.at for each in recent)
    return Hold(last + dedup, f"told at {moment(last)} already; held until {moment(last + dedup)}")


def _overtaken(heard: Heard, alert: Alert) -> bool:
    if heard.group != alert.episode:
        return False
    is_reminder = heard.transition is Transition.REMINDED and heard.state is ParcelState.PENDING
    return heard.held(alert.at) or is_reminder


def _unrouted(alert: Alert) -> Parcel:
    return parcel_of(alert, "", Drop(ParcelState.UNROUTED, "no route takes it; see alerts.routes"))


def parcel_of(alert: Alert, channel: str, decision: Decision | None = None) -> Parcel:
    """An alert for one channel; told now where nothing else was decided."""
    state, reason, not_before = ParcelState.PENDING, "", None
    match decision:
        case Hold(until, why):
            reason, not_before = why, until
        case Drop(dropped, why):
            state, reason = dropped, why
        case _:
            pass
    parts = ("alert", alert.episode, str(alert.sequence), channel, alert.occasion)
    return Parcel(
        key="/".join(parts if alert.occasion else parts[:-1]),
        topic="alert",
        channel=channel,
        group=alert.episode,
        sequence=alert.sequence,
        payload=to_json(alert),
        created_at=alert.at,
        about=about(alert),
        severity=alert.severity,
        transition=alert.transition,
        state=state,
        reason=reason,
        not_before=not_before,
    )
