"""History: answers what checks ask of the past, from what is recorded of one contract on one server.

It reads and never writes. Each kind of question takes a statement or a few, however many checks ask it; where
the store does not answer, only these checks are not measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from floe_dagster.checks.server import shows_a_server
from floe_dagster.errors import StoreError
from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.times import times_of
from floe_dagster.plan.metric import Answer, Cause, Measured, NotMeasured, Probe, Question
from floe_dagster.plan.past import (
    Deadlines,
    Due,
    Earlier,
    KeptTime,
    Looks,
    PastAnswer,
    Reach,
    Reached,
    Record,
    Response,
    Responses,
    ResponseTimes,
)
from floe_dagster.report.deadline import lookers, passed, thing
from floe_dagster.report.excuse import excuse
from floe_dagster.report.sla import compliance, held
from floe_dagster.state.recall import Around, Of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from floe_dagster.outcome.episode import Episode
    from floe_dagster.outcome.pause import Pause
    from floe_dagster.outcome.segment import Segment
    from floe_dagster.plan.check import Check, Plan
    from floe_dagster.state.reader import StoreReader
    from floe_dagster.state.recall import Seen, Tally

Remembered = Callable[[], AbstractContextManager["StoreReader | None"]]
"""Opens what is remembered, for as long as it is read; there may be nothing."""

RESPONSE = "response"
"""The kind that looks at episodes, and so never at its own."""


@dataclass(frozen=True)
class History:
    """What is recorded of a contract on a server.

    Attributes:
        plan: the compiled contract; what a question is about is looked up in it.
        server: the server's name.
        store: where it is recorded.
        every: how often a kind is measured, in seconds.
    """

    plan: Plan
    server: str
    store: Remembered
    every: Callable[[str], float]

    def recall(
        self, questions: tuple[Question, ...], answers: Mapping[Question, Answer], now: datetime
    ) -> dict[Question, Answer]:
        """Answer every question; see `plan.past.Memory`."""
        found: dict[Question, Answer]
        try:
            with self.store() as reader:
                found = dict(self._recalled(reader, questions, answers, now)) if reader else {}
        except StoreError as error:
            found = dict.fromkeys(questions, NotMeasured(Cause.UNREACHABLE, str(error)))
        never = NotMeasured(Cause.UNSUPPORTED, "nothing is recorded of which it could be told")
        found |= dict(self._reached(questions, answers))
        return {each: found.get(each, never) for each in questions}

    def _reached(
        self, questions: Iterable[Question], answers: Mapping[Question, Answer]
    ) -> Iterator[tuple[Question, Answer]]:
        """What the store is not needed for: the probes that were just made."""
        for each in questions:
            if isinstance(each.metric, Reached):
                probes = [answers.get(Question(table, Probe())) for table in each.metric.tables]
                made = [probe for probe in probes if probe is not None]
                answered = sum(map(shows_a_server, made))
                yield each, Measured(Reach(server=self.server, tried=len(made), answered=answered))

    def _recalled(
        self,
        reader: StoreReader,
        questions: Sequence[Question],
        answers: Mapping[Question, Answer],
        now: datetime,
    ) -> Iterator[tuple[Question, Answer]]:
        kept = [(each, each.metric) for each in questions if isinstance(each.metric, KeptTime)]
        looked = [(each, each.metric) for each in questions if isinstance(each.metric, Earlier | Due)]
        lasted = [(each, each.metric) for each in questions if isinstance(each.metric, Responses)]
        pauses = self._pauses(reader, [metric.seconds for _, metric in (*kept, *looked)], now)
        for question, answer in (
            *self._records(reader, kept, pauses, now),
            *self._looks(reader, looked, answers, pauses, now),
            *self._responses(reader, lasted, now),
        ):
            yield question, Measured(answer)

    def _pauses(self, reader: StoreReader, seconds: Sequence[float], now: datetime) -> tuple[Pause, ...]:
        return reader.pauses(start=_ago(now, max(seconds)), end=now) if seconds else ()

    def _of(self, checks: Iterable[Check]) -> Of:
        names = tuple(dict.fromkeys(each.id for each in checks))
        return Of(contract=self.plan.contract.id, server=self.server, checks=names)

    def _key(self, check: Check) -> Key:
        return Key(contract=self.plan.contract.id, server=self.server, check=check.id)

    def _every(self, checks: Iterable[Check]) -> float:
        return max((self.every(each.kind) for each in checks), default=0.0)

    # How long promises were kept.

    def _records(
        self,
        reader: StoreReader,
        asked: Sequence[tuple[Question, KeptTime]],
        pauses: Sequence[Pause],
        now: datetime,
    ) -> Iterator[tuple[Question, PastAnswer]]:
        if not asked:
            return
        checks = {question: self._meant(question, metric) for question, metric in asked}
        every = {self._key(check): check for several in checks.values() for check in several}
        start = _ago(now, max(metric.seconds for _, metric in asked))
        states = reader.states(every)
        by_key = defaultdict[Key, list["Segment"]](list)
        for each in reader.segments(start=start, end=now, contract=self.plan.contract.id):
            if each.key in every:
                by_key[each.key].append(each)
        tallies = {
            seconds: {
                each.check: each
                for each in reader.tallies(self._of(every.values()), start=_ago(now, seconds))
            }
            for seconds in {metric.seconds for _, metric in asked}
        }
        for question, metric in asked:
            mine = checks[question]
            segments = [
                each for check in mine for each in self._held(check, by_key[self._key(check)], pauses, now)
            ]
            streaks = (states[key].streak for key in map(self._key, mine) if key in states)
            counted = [
                tallies[metric.seconds][each.id] for each in mine if each.id in tallies[metric.seconds]
            ]
            went = compliance(segments, _ago(now, metric.seconds), now)
            record = Record(
                good=went.good,
                bad=went.bad,
                unknown=went.unknown,
                excused=went.excused,
                every_seconds=self._every(mine),
                in_a_row=max(streaks, default=0),
            )
            yield question, _counted(record, counted)

    def _meant(self, question: Question, metric: KeptTime) -> tuple[Check, ...]:
        return tuple(
            each
            for each in self.plan.checks
            if each.table == question.table
            and (each.metrics == (metric.asked,) if metric.asked is not None else each.kind == metric.kind)
        )

    def _held(
        self, check: Check, segments: Iterable[Segment], pauses: Sequence[Pause], now: datetime
    ) -> tuple[Segment, ...]:
        hold = timedelta(seconds=2 * self.every(check.kind))
        return excuse(held(segments, now, {"*": hold}), pauses)

    # What was seen.

    def _looks(
        self,
        reader: StoreReader,
        asked: Sequence[tuple[Question, Earlier | Due]],
        answers: Mapping[Question, Answer],
        pauses: Sequence[Pause],
        now: datetime,
    ) -> Iterator[tuple[Question, PastAnswer]]:
        if not asked:
            return
        looking = {question: lookers(self.plan, question.table, metric.asked) for question, metric in asked}
        start = _ago(now, max(metric.seconds for _, metric in asked))
        by_check = defaultdict[str, list["Seen"]](list)
        of = self._of(check for several in looking.values() for check in several)
        for each in reader.seen(of, start=start):
            by_check[each.check].append(each)
        for question, metric in asked:
            mine = looking[question]
            seen = sorted(
                ((each.at, thing(each.actual)) for check in mine for each in by_check[check.id]),
                key=lambda pair: pair[0],
            )
            recent = tuple(each for each in seen if each[0] >= _ago(now, metric.seconds))
            every = self._every(mine)
            match metric:
                case Earlier():
                    yield question, Looks(recent, every)
                case Due():
                    looks = (*recent, *_look_now(answers.get(Question(question.table, metric.asked)), now))
                    near = timedelta(seconds=2 * every)
                    excused = [each for each in pauses if each.excuses and self._about(mine, each)]
                    back, until = _ago(now, metric.seconds), now + timedelta.resolution
                    found = passed(metric, looks, near, back, until, excused=excused)
                    yield question, Deadlines(tuple(found))

    def _about(self, checks: Iterable[Check], pause: Pause) -> bool:
        return any(pause.matches(self._key(each), each.kind) for each in checks)

    # How long episodes took.

    def _responses(
        self, reader: StoreReader, asked: Sequence[tuple[Question, Responses]], now: datetime
    ) -> Iterator[tuple[Question, PastAnswer]]:
        if not asked:
            return
        start = _ago(now, max(metric.seconds for _, metric in asked))
        broken = [
            each
            for each in reader.episodes(start=start, end=now, contract=self.plan.contract.id)
            if each.broken and each.kind != RESPONSE and each.key.server == self.server
        ]
        around = reader.around(each.id for each in broken)
        for question, metric in asked:
            since = _ago(now, metric.seconds)
            yield (
                question,
                ResponseTimes(
                    tuple(
                        _response(each, around.get(each.id, Around()), now)
                        for each in broken
                        if (not metric.datasets or each.dataset in metric.datasets)
                        and (each.resolved_at is None or each.resolved_at >= since)
                    )
                ),
            )


def _ago(now: datetime, seconds: float) -> datetime:
    return now - timedelta(seconds=seconds)


def _counted(record: Record, tallies: Sequence[Tally]) -> Record:
    """A record with how often it was looked."""
    failed = [each for each in tallies if each.last_broken is not None]
    newest = max(failed, key=lambda each: each.last_broken or datetime.min.replace(tzinfo=UTC), default=None)
    return replace(
        record,
        looks=sum(each.known for each in tallies),
        failures=sum(each.broken for each in tallies),
        last_failure=newest.last_broken if newest else None,
        reason=newest.message if newest else "",
    )


def _look_now(answer: Answer | None, now: datetime) -> Iterator[tuple[datetime, datetime | None]]:
    match answer:
        case Measured(value=(datetime() | None) as newest):
            yield now, newest
        case _:
            return


def _response(episode: Episode, around: Around, now: datetime) -> Response:
    times = times_of(episode, last_kept=around.last_kept, told_at=around.told_at)
    if times is None:
        raise ValueError(f"the episode {episode.id} was never broken")
    open_for = (now - episode.broken_since) if episode.resolved_at is None else None
    untold = (now - episode.opened_at) if around.waiting else None
    repair = times.repair if times.repair is not None else open_for
    notify = times.notify if times.notify is not None else untold
    return Response(
        title=f"{episode.dataset}: {episode.title}",
        opened_at=episode.opened_at,
        detect_low=times.detect_low.total_seconds(),
        detect=None if times.detect is None else times.detect.total_seconds(),
        notify=None if notify is None else max(notify.total_seconds(), 0.0),
        repair=None if repair is None else max(repair.total_seconds(), 0.0),
    )
