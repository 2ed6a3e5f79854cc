"""Looking: gathers what health is made of. Never raises, and ends in seconds whatever hangs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.channels import open_channels
from floe_dagster.delivery.carrier import Carrier
from floe_dagster.delivery.post import HttpClient
from floe_dagster.delivery.reach import in_time, reach
from floe_dagster.delivery.transports import Outside, open_transports
from floe_dagster.errors import FloeError, StoreAbsentError
from floe_dagster.health.carrying import LATELY, NEWS, PATIENCE
from floe_dagster.health.facts import Due, Facts, Nothing, PutAside, Recorded, Silent
from floe_dagster.lineage import CHANNEL
from floe_dagster.outcome.outcome import Key
from floe_dagster.plan.wording import span
from floe_dagster.schedule import CADENCES, cadence_of, check_seconds, interval
from floe_dagster.settings import store_url
from floe_dagster.spool import spool_of
from floe_dagster.state.lookup import kept_key
from floe_dagster.state.standing import standing_of
from floe_dagster.state.store import find_reader
from floe_dagster.validity import validity, validity_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from floe_dagster.health.facts import Memory
    from floe_dagster.settings import Alerting
    from floe_dagster.spool import Spool
    from floe_dagster.state.reader import StoreReader
    from floe_dagster.state.standing import Standing
    from floe_dagster.watchlist import Watchlist

STORE_SECONDS = 15.0
"""how long the store may take, which is longer than it takes to find that nobody is there"""


def look(
    watchlist: Watchlist, clock: Callable[[], datetime], refused: Mapping[str, str] | None = None
) -> Facts:
    """Look at everything. Changes nothing, sends nothing, and makes no store where there is none.

    Args:
        watchlist: what is watched.
        clock: the time, aware, UTC.
        refused: contract files that Dagster cannot hold, and why.
    """
    settings, now = watchlist.settings, clock()
    due = tuple(_due(watchlist))
    ticking = {each.cadence for each in due} | ({"schema"} if watchlist.readings else set())
    outside = Outside(root=settings.root, clock=clock, client=HttpClient())
    memory = in_time({"store": lambda: _memory(watchlist, due, now)}, STORE_SECONDS)
    return Facts(
        now=now,
        memory=memory.get("store", Silent(reason=f"the store: no answer within {span(STORE_SECONDS)}")),
        put_aside=_put_aside(spool_of(settings)),
        cadences={each: interval(settings.cadence, each) for each in CADENCES if each in ticking},
        due=due,
        channels=reach(open_channels(settings), Carrier(settings.root, clock, outside.client).check),
        routed=frozenset(_routed(settings.alerts)),
        lineage={
            "lineage.file" if name == CHANNEL else name: wrong
            for name, wrong in reach(open_transports(settings, outside), lambda each: each.check()).items()
        },
        readable=sum(each.valid for each in watchlist.readings),
        unusable={
            each.source: validity(each, None, tick="", now=now).message
            for each in watchlist.readings
            if not each.valid
        },
        quarantined=dict(refused or {}),
        connections={
            name.removeprefix("connections."): why
            for name, why in settings.broken.items()
            if name.startswith("connections.")
        },
        linked=bool(settings.dagster_url),
    )


def _due(watchlist: Watchlist) -> Iterator[Due]:
    cadence = watchlist.settings.cadence
    for watch in watchlist.watches:
        for each in watch.plan.checks:
            yield Due(
                key=Key(contract=watch.plan.contract.id, server=watch.server_name, check=each.id),
                cadence=cadence_of(each),
                every=timedelta(seconds=check_seconds(cadence, each.kind, each.schedule)),
            )


def _routed(alerts: Alerting) -> Iterator[str]:
    for route in alerts.routes:
        yield from route.channels
    for stand_in in alerts.support:
        yield from stand_in.channels
    yield from alerts.incidents.overdue


def _memory(watchlist: Watchlist, due: Sequence[Due], now: datetime) -> Memory:
    try:
        reader = find_reader(store_url(watchlist.settings))
        if reader is None:
            return Nothing()
        with reader:
            return _recorded(reader, watchlist, due, now)
    except StoreAbsentError:
        return Nothing()
    except FloeError as error:
        return Silent(reason=str(error))
    except Exception as error:  # noqa: BLE001  whatever it is, it is what is wrong with the store
        return Silent(reason=f"the store: {type(error).__name__}")


def _recorded(reader: StoreReader, watchlist: Watchlist, due: Sequence[Due], now: datetime) -> Recorded:
    standing = standing_of(reader)
    measured = standing.measured()
    known = {each.key: at for each in due if (at := measured.get(kept_key(each.key)))}
    never = {each.key for each in due} - known.keys()
    return Recorded(
        place=reader.place,
        version=standing.version(),
        ticked=standing.ticked(CADENCES),
        measured=known,
        since=_known_since(standing, watchlist, never) if never else {},
        waiting=standing.waiting(now - PATIENCE),
        given_up=standing.given_up(now - LATELY),
        unrouted=standing.unrouted(now - NEWS),
    )


def _known_since(standing: Standing, watchlist: Watchlist, keys: Collection[Key]) -> dict[Key, datetime]:
    """Since when the contracts of these keys are as they are, or are there at all; new ones are left out."""
    contracts = {each.plan.contract.id: each.plan.contract for each in watchlist.watches}
    versions = standing.versions()
    files = {each: validity_key(contracts[each].source) for each in {key.contract for key in keys}}
    there = standing.first_good(files.values())
    since: dict[str, datetime] = {}
    for name, file in files.items():
        kept = kept_key(Key(contract=name, server="", check="")).contract
        if at := versions.get((kept, contracts[name].digest)) or there.get(file):
            since[name] = at
    return {each: since[each.contract] for each in keys if each.contract in since}


def _put_aside(spool: Spool) -> PutAside:
    try:
        paths = spool.paths()
        damaged = [*spool.folder.glob("*.damaged")] if spool.folder.is_dir() else []
        return PutAside(
            folder=str(spool.folder),
            outcomes=sum(each.read_bytes().count(b"\n") for each in paths),
            since=min((datetime.fromtimestamp(each.stat().st_mtime, UTC) for each in paths), default=None),
            damaged=len(damaged),
        )
    except FileNotFoundError:
        return PutAside(folder=str(spool.folder))  # somebody recorded it in the meantime
    except OSError as error:
        return PutAside(folder=str(spool.folder), reason=error.strerror or type(error).__name__)
