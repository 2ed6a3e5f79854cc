"""Standing: what is said of an episode between its transitions, when nothing was measured just now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.notify.alert import Alert
from floe_dagster.outcome.outcome import stable_id
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.plan.wording import moment, span

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from floe_dagster.contract.model import Contract
    from floe_dagster.notify.dedup import Heard
    from floe_dagster.outcome.acknowledgement import Acknowledgement
    from floe_dagster.outcome.episode import Episode, Transition
    from floe_dagster.outcome.incident import Incident


def standing(
    episode: Episode,
    contract: Contract | None,
    transition: Transition,
    message: str,
    *,
    occasion: str = "",
    environment: str,
    at: datetime,
) -> Alert:
    """An alert about an episode as it stands.

    Args:
        episode: as it is now.
        contract: None where it is gone, or cannot be read.
        transition: what is told.
        message: for people.
        occasion: what tells it from others of the same sequence.
        environment: as the manifest names it.
        at: the time.
    """
    return Alert(
        id=stable_id("alert", episode.id, str(episode.sequence), *([occasion] if occasion else [])),
        episode=episode.id,
        sequence=episode.sequence,
        transition=transition,
        severity=episode.severity,
        contract=episode.key.contract,
        contract_title=contract.title if contract else episode.key.contract,
        version=contract.version if contract else episode.version,
        server=episode.key.server,
        dataset=episode.dataset,
        check=episode.key.check,
        element=episode.element,
        kind=episode.kind,
        title=episode.title,
        message=message,
        expected="",
        actual=None,
        since=episode.broken_since,
        at=at,
        environment=environment,
        owner=contract.owner if contract else None,
        consumers=contract.consumers if contract else (),
        source=contract.source if contract else "",
        broken=episode.broken,
        occasion=occasion,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """Something to say again of an open episode.

    Attributes:
        channels: where to.
    """

    episode: Episode
    message: str
    occasion: str
    channels: tuple[str, ...]


def reminders(
    episodes: Iterable[Episode],
    heard: Mapping[str, Sequence[Heard]],
    said: Mapping[str, Acknowledgement],
    *,
    people: Container[str],
    every: timedelta,
    now: datetime,
) -> Iterator[Reminder]:
    """What people are to be told again, since it is still open and nobody has acknowledged it.

    Args:
        episodes: the open ones, without those of which nobody is to be told for now.
        heard: what channels were told of each of them.
        said: what people said of them.
        people: the channels that people read; machines know by themselves what is open.
        every: how long after it was last told; none is never.
        now: the time.
    """
    if not every:
        return
    for each in episodes:
        answer = said.get(each.id)
        if not each.broken or (answer is not None and answer.holds(each)):
            continue
        last: dict[str, datetime] = {}
        for one in heard.get(each.id, ()):
            if one.channel in people:
                at = now if one.state is ParcelState.PENDING else one.at
                last[one.channel] = max(last.get(one.channel, at), at)
        due = tuple(sorted(name for name, at in last.items() if now - at >= every))
        if due:
            message = f"still open after {span(now - each.broken_since)}: {each.message}"
            yield Reminder(
                episode=each, message=message, occasion=f"reminder-{now:%Y%m%dT%H%M%SZ}", channels=due
            )


def overdue(
    incidents: Iterable[Incident],
    episodes: Mapping[str, Episode],
    heard: Mapping[str, Sequence[Heard]],
    *,
    people: Container[str],
    beside: Iterable[str],
    now: datetime,
) -> Iterator[Reminder]:
    """What is told since nobody has answered to an incident in time; once for each deadline.

    Args:
        incidents: the open ones.
        episodes: the open ones, by id.
        heard: what channels were told of each episode.
        people: the channels that people read.
        beside: channels that are told whether they know of it or not.
        now: the time.
    """
    beside = tuple(beside)
    for each in incidents:
        missed = each.overdue(now)
        still_open = [episodes[name] for name in each.open if name in episodes]
        if not missed or not still_open:
            continue
        worst = max(still_open, key=lambda one: (one.severity.rank, one.opened_at))
        known = heard.get(worst.id, ())
        occasion = f"overdue-{missed}-{each.priority}"
        told = {one.channel for one in known if one.key.endswith(f"/{occasion}")}
        knowing = (one.channel for one in known if one.channel in people and one.state is ParcelState.SENT)
        channels = tuple(name for name in dict.fromkeys((*knowing, *beside)) if name not in told)
        if channels:
            yield Reminder(
                episode=worst,
                message=f"{_missed(each, missed)}: {worst.message}",
                occasion=occasion,
                channels=channels,
            )


def _missed(incident: Incident, missed: str) -> str:
    done, by = {
        "acknowledge": ("acknowledged", incident.acknowledge_by),
        "respond": ("responded to", incident.respond_by),
    }[missed]
    return f"incident {incident.priority} was to be {done} by {moment(by)}, and nobody has"
