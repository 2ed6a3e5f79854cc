"""Digest: what people are told of several alerts at once: a headline, counts by name, and a line for each.

Every text is visible and of one line; a channel escapes it for its own form, and shows as many lines as it
holds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.channels._telling import BEHIND, LONGEST_FACT, is_over, link, listed, message
from floe_dagster.channels._text import shown
from floe_dagster.notify.digest import tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from floe_dagster.notify.alert import Alert

LONGEST_LINE = 300
_LONGEST_LIST = 140
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One alert in a line.

    Attributes:
        link: where to look in Dagster; empty where there is none.
        over: whether nothing is wrong any more.
    """

    text: str
    link: str
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Several alerts for people.

    Attributes:
        facts: what there is to know of all of them, by name.
        entries: what is open first, and the worst first.
    """

    headline: str
    facts: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Lines under one title, which is empty where there is but one section."""

    title: str
    entries: tuple[Entry, ...]


def digest(alerts: Sequence[Alert]) -> Digest:
    """What people are told of these alerts, of which the worst comes first."""
    contracts = list(dict.fromkeys(each.contract for each in alerts))
    return Digest(
        headline=headline(alerts),
        facts=tuple(_facts(alerts)),
        entries=tuple(_entry(each, named=len(contracts) > 1) for each in alerts),
    )


def headline(alerts: Sequence[Alert], longest: int = 140) -> str:
    """How the worst of them stands, how many there are, and of what."""
    over = sum(is_over(each) for each in alerts)
    there = " and ".join(
        _counted(count, one, many)
        for count, one, many in (
            (len(alerts) - over, "alert", "alerts"),
            (over, "recovery", "recoveries"),
        )
        if count
    )
    contracts = {each.contract: each.contract_title for each in alerts}
    of = next(iter(contracts.values())) if len(contracts) == 1 else f"{len(contracts)} contracts"
    environments = ", ".join(dict.fromkeys(each.environment for each in alerts))
    stands = "RESOLVED" if is_over(alerts[0]) else alerts[0].severity.upper()
    return shown(f"{stands}: {there} of {of} [{environments}]", longest)


def fitting(
    entries: Iterable[Entry], cost: Callable[[Entry], int], room: int, most: int
) -> tuple[Entry, ...]:
    """As many of the first entries as there is room for.

    Args:
        entries: the worst first.
        cost: how much room one takes.
        room: how much there is.
        most: entries, whatever room is left.
    """
    kept: list[Entry] = []
    for each in entries:
        room -= cost(each)
        if room < 0 or len(kept) == most:
            break
        kept.append(each)
    return tuple(kept)


def sections(entries: Sequence[Entry]) -> tuple[Section, ...]:
    """What is open and what is over, told apart where there is both."""
    open_ = tuple(each for each in entries if not each.over)
    over = tuple(each for each in entries if each.over)
    titled = [("Open", open_), ("Over", over)]
    told = [(title if open_ and over else "", some) for title, some in titled if some]
    return tuple(Section(title=title, entries=some) for title, some in told)


def left_out(entries: Sequence[Entry], kept: Sequence[Entry]) -> str:
    """What is said of the entries for which there was no room; empty where there was room for all."""
    rest = entries[len(kept) :]
    if not rest:
        return ""
    over = sum(each.over for each in rest)
    which = f", {over:,} of them over" if 0 < over < len(rest) else ""
    return f"and {len(rest):,} more{which}; see floe alerts list"


def plain(found: Digest, *, most: int, room: int) -> Iterator[str]:
    """The lines of a digest as plain text, without its headline.

    Args:
        found: the digest.
        most: entries.
        room: characters of all entries together.
    """
    yield from (f"{name}: {value}" for name, value in found.facts)
    kept = fitting(found.entries, lambda each: len(each.text) + len(each.link) + 6, room, most)
    for section in sections(kept):
        yield ""
        if section.title:
            yield f"{section.title}:"
        for each in section.entries:
            yield f"- {each.text}"
            if each.link:
                yield f"  {each.link}"
    if more := left_out(found.entries, kept):
        yield from ("", more)


def _facts(alerts: Sequence[Alert]) -> Iterator[tuple[str, str]]:
    for transition, severities in tally(alerts).items():
        yield transition.capitalize(), ", ".join(f"{count:,} {name}" for name, count in severities.items())
    titles = {each.contract: each.contract_title for each in alerts}
    if len(titles) == 1:
        versions = dict.fromkeys(f"{each.contract_title} {each.version}" for each in alerts)
        yield "Contract", listed(tuple(versions), _LONGEST_LIST)
    else:
        yield "Contracts", listed(tuple(titles.values()), _LONGEST_LIST)
    people = {
        "Owner": [each.owner for each in alerts if each.owner],
        "Read by": [name for each in alerts for name in each.consumers],
        "Feeds": [name for each in alerts for name in each.downstream],
    }
    for name, values in people.items():
        if values:
            yield name, listed(tuple(dict.fromkeys(values)), _LONGEST_LIST)
    if clues := Counter(each.background[0] for each in alerts if each.background):
        yield BEHIND, shown(clues.most_common(1)[0][0], LONGEST_FACT)


def _entry(alert: Alert, *, named: bool) -> Entry:
    over = is_over(alert)
    stands = "" if over else alert.severity.upper()
    place = shown(alert.contract_title, _LONGEST_NAME) if named else ""
    lead = " in ".join(each for each in (stands, place) if each)
    lead = f"{lead}: " if lead else ""
    text = f"{lead}{message(alert, LONGEST_LINE - len(lead))}"
    return Entry(text=text, link=link(alert), over=over)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
