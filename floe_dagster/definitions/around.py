"""Around: what stands around datasets in the asset graph, and how their making went."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from queue import Empty, SimpleQueue

import dagster as dg

from floe_dagster.definitions.naming import Bound
from floe_dagster.surroundings import Made, MadeOf, Place, Surroundings

_log = logging.getLogger(__name__)

_SECONDS = 2.0
"""how long a look into Dagster's history may take; an alert goes out without it then"""

_MOST = 200
"""assets that are asked for at once"""

_MOST_DOWNSTREAM = 100
"""assets that are remembered of what is made of a dataset"""

_FAILED = frozenset({dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED})
_GOING = frozenset({dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING})

Graph = Mapping[dg.AssetKey, frozenset[dg.AssetKey]]


def surroundings_of(
    assets: Sequence[dg.AssetsDefinition | dg.AssetSpec], bound: Iterable[Bound]
) -> Surroundings:
    """What feeds the datasets of contracts, and what is made of them, by what these assets depend on."""
    places = {dg.AssetKey(each.key): each.place for each in bound}
    fed_by = _fed_by(assets)
    made_into = _turned(fed_by)
    upstream = defaultdict[str, dict[str, None]](dict)
    for key, (contract, _) in places.items():
        feeding = (places[each][0] for each in _reached(key, fed_by, places) if each in places)
        upstream[contract] |= dict.fromkeys(each for each in feeding if each != contract)
    downstream = {place: _names(_reached(key, made_into)) for key, place in places.items()}
    return Surroundings(
        upstream={contract: tuple(feeding) for contract, feeding in upstream.items() if feeding},
        downstream=downstream,
    )


def made_of(
    instance: dg.DagsterInstance, keys: Mapping[Place, dg.AssetKey], seconds: float = _SECONDS
) -> MadeOf:
    """How the making of datasets went, as an instance remembers; nothing where it does not say so in time.

    It is not asked again once it did not: a tick with many alerts waits but once.

    Args:
        instance: whose history.
        keys: the asset of every dataset.
        seconds: how long a look may take.
    """
    away = False

    def look(places: Collection[Place]) -> Mapping[Place, Made]:
        nonlocal away
        wanted = {keys[each]: each for each in places if each in keys}
        if away or not wanted:
            return {}
        found = in_time(lambda: _made(instance, list(wanted)[:_MOST]), seconds)
        away = found is None
        return {wanted[key]: made for key, made in (found or {}).items()}

    return look


def in_time(
    look: Callable[[], Mapping[dg.AssetKey, Made]], seconds: float
) -> Mapping[dg.AssetKey, Made] | None:
    """What a look found; None where it failed or took too long, which is logged and disturbs nobody."""
    found = SimpleQueue[Mapping[dg.AssetKey, Made] | None]()

    def run() -> None:
        try:
            found.put(look())
        except Exception as error:  # noqa: BLE001  an alert never waits for what is only good to know
            _log.warning("Dagster did not say how assets were made: %s: %s", type(error).__name__, error)
            found.put(None)

    threading.Thread(target=run, name="floe-around", daemon=True).start()
    try:
        return found.get(timeout=seconds)
    except Empty:
        _log.warning("Dagster did not say within %s s how assets were made; alerts go without it", seconds)
        return None


def _made(instance: dg.DagsterInstance, keys: Sequence[dg.AssetKey]) -> Mapping[dg.AssetKey, Made]:
    entries = [each.asset_entry for each in instance.get_asset_records(keys)]
    ids = sorted({each.last_run_id for each in entries if each.last_run_id})
    records = instance.get_run_records(dg.RunsFilter(run_ids=ids)) if ids else ()
    runs = {each.dagster_run.run_id: each for each in records}
    return {
        each.asset_key: _of(each.last_materialization, runs.get(each.last_run_id or "")) for each in entries
    }


def _of(made: dg.EventLogEntry | None, run: dg.RunRecord | None) -> Made:
    status = run.dagster_run.status if run else None
    failed = run is not None and status in _FAILED and (made is None or made.run_id != run.dagster_run.run_id)
    return Made(
        at=_time(made.timestamp if made else None),
        failed_at=_time(run.end_time) if run and failed else None,
        running_since=_time(run.start_time) if run and status in _GOING else None,
    )


def _time(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None


def _fed_by(assets: Iterable[dg.AssetsDefinition | dg.AssetSpec]) -> Graph:
    specs = (spec for each in assets for spec in ([each] if isinstance(each, dg.AssetSpec) else each.specs))
    return {spec.key: frozenset(each.asset_key for each in spec.deps) - {spec.key} for spec in specs}


def _turned(graph: Graph) -> Graph:
    turned = defaultdict[dg.AssetKey, set[dg.AssetKey]](set)
    for key, others in graph.items():
        for each in others:
            turned[each].add(key)
    return {key: frozenset(others) for key, others in turned.items()}


def _reached(start: dg.AssetKey, graph: Graph, ends: Collection[dg.AssetKey] = ()) -> Iterator[dg.AssetKey]:
    """The assets that arrows lead to, the nearest first; no arrow is followed beyond those that end it."""
    seen, waiting = {start}, deque([start])
    while waiting:
        key = waiting.popleft()
        if key != start:
            yield key
            if key in ends:
                continue
        fresh = sorted(graph.get(key, frozenset()) - seen)
        seen |= set(fresh)
        waiting.extend(fresh)


def _names(keys: Iterable[dg.AssetKey]) -> tuple[str, ...]:
    return tuple(key.to_user_string() for key, _ in zip(keys, range(_MOST_DOWNSTREAM), strict=False))
