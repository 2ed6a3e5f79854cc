"""The reference: every construct of the standard, with what is done for it (`docs/reference/odcs.md`).

What is executed, not executable or informational is found by compiling specimens, and where it can be asked
by letting each warehouse plan it; only what metadata is used for is said by us. A construct that nobody
accounts for is an error of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from floe_dagster.contract.properties import PLACES
from floe_dagster.contract.vocabulary import Word, vocabulary
from floe_dagster.plan.check import Check, Declined, PlanItem
from floe_dagster.plan.compile import compile_contract
from floe_dagster.plan.metadata import OURS, used_for
from floe_dagster.plan.metric import Question
from floe_dagster.plan.past import Past
from floe_dagster.plan.specimen import Specimen, specimens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from floe_dagster.plan.check import CheckKind
    from floe_dagster.plan.metric import Warehouse

EXECUTED = "executed"
NOT_EXECUTABLE = "not executable"
INFORMATIONAL = "informational"
METADATA = "metadata"
NOT_USED = "not used"

_MEANINGS = {
    EXECUTED: "asked of the data, by the check kind that is named",
    NOT_EXECUTABLE: "never passed: `floe plan` and `floe check` list it with the reason",
    INFORMATIONAL: "for people: `floe plan` and `floe check` list it",
    METADATA: "no promise about data; it is used as is said",
    NOT_USED: "accepted, and makes no difference",
}
_SECTIONS = {
    "servers": "Servers",
    "schema": "Datasets and columns",
    "quality": "Rules, of a dataset or a column",
    "relationships": "Relationships, of a dataset or a column",
    "slaProperties": "Service levels",
    "team": "Team and support",
    "support": "Team and support",
}
_REST = "The contract, and what may stand in many places"
_HEAD = """\
# What is done for each construct of the standard

Every construct of the Open Data Contract Standard v3.2.0, and of the older versions that are read.
This page is written by `floe_dagster/plan/reference.py`, which compiles a tiny contract for each construct
and tells what came of it; values in reasons and notes are those of the tiny contract.
The tests hold the page to it, and `UPDATE_GOLDEN=1 python -m pytest tests/plan/test_reference.py` renews it.

What stands below a column in `properties`, `items` or `map` is spelled as a column here, and a row says where
another thing is done for it.
What may stand in many places has a row for each place, and its own parts once.
"""

_OF_OURS = """\
## What is ours in `customProperties`

Any other property that begins with `floe.`, or one that stands elsewhere, does nothing, and is a warning of
`floe contract lint`.
"""


class UnaccountedError(Exception):
    """Constructs of the standard for which nobody says what is done; the message lists them."""


Done = tuple[tuple[str, ...], str, str]
"""Variants of a construct, what becomes of them, and in what words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One construct, with what is done for it.

    Attributes:
        word: the construct.
        done: what is done, once for all variants of which the same is true.
    """

    word: Word
    done: tuple[Done, ...]


def entries(
    kinds: Mapping[str, CheckKind],
    warehouses: Mapping[str, Warehouse],
    types: Mapping[str, str],
    *,
    uses: Callable[[str], str | None] = used_for,
) -> tuple[Entry, ...]:
    """Every construct of the standard, in its order.

    Args:
        kinds: the check kinds, by name.
        warehouses: one of each, by name; they only plan, and are not connected to.
        types: the server types that can be opened, with the warehouse that opens them.
        uses: what a construct is used for that no check is made of; None where nobody knows.

    Raises:
        UnaccountedError: nobody says what is done for a construct.
    """
    found = [
        (word, _of_checks(word.path, kinds, warehouses, types) or _of_metadata(uses(word.path)))
        for word in vocabulary()
    ]
    if unknown := [word.path for word, done in found if not done]:
        raise UnaccountedError(f"nobody says what is done for {', '.join(unknown)}; see plan/metadata.py")
    return tuple(Entry(word=word, done=tuple(done)) for word, done in found)


def page(found: Sequence[Entry]) -> str:
    """The reference as Markdown."""
    counts = [(fate, sum(_fate(each) == fate for each in found)) for fate in _MEANINGS]
    rows = (f"| {fate} | {_MEANINGS[fate]} | {count} |" for fate, count in counts)
    legend = ("| what is done | what it means | constructs |", "|---|---|---|", *rows)
    parts = [_HEAD, "\n".join(legend), *_sections(found), _ours()]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _fate(entry: Entry) -> str:
    """The best that is done in any variant."""
    return min((fate for _, fate, _ in entry.done), key=list(_MEANINGS).index)


def _of_checks(
    path: str, kinds: Mapping[str, CheckKind], warehouses: Mapping[str, Warehouse], types: Mapping[str, str]
) -> list[Done]:
    if path.startswith("servers[].type = "):
        return [((), *_of_server(path.partition(" = ")[2], types))]
    tried = [(each.variant, _of_specimen(each, kinds, warehouses)) for each in specimens(path)]
    alike = groupby(tried, key=lambda pair: pair[1])
    return [(tuple(variant for variant, _ in pairs), *done) for done, pairs in alike]


def _of_metadata(said: str | None) -> list[Done]:
    if said is None:
        return []
    return [((), METADATA, said) if said else ((), NOT_USED, "")]


def _of_server(kind: str, types: Mapping[str, str]) -> tuple[str, str]:
    if kind in types:
        return METADATA, f"opened by the warehouse `{types[kind]}`"
    return NOT_EXECUTABLE, "there is no warehouse for it; its checks say so"


def _of_specimen(
    specimen: Specimen, kinds: Mapping[str, CheckKind], warehouses: Mapping[str, Warehouse]
) -> tuple[str, str]:
    items = compile_contract(specimen.contract, kinds).items
    return _of_item(next(each for each in items if _covers(each, specimen.construct)), warehouses)


def _covers(item: PlanItem, construct: str) -> bool:
    # a promise of several datasets stands in the ledger once for each: slaProperties[0]#orders
    return any(each.partition("#")[0] == construct for each in item.covers)


def _of_item(item: PlanItem, warehouses: Mapping[str, Warehouse]) -> tuple[str, str]:
    if isinstance(item, Declined):
        return NOT_EXECUTABLE, item.reason
    if not isinstance(item, Check):
        return INFORMATIONAL, item.note
    if not item.metrics:
        return EXECUTED, f"`{item.kind}`, from the contract alone"
    if all(isinstance(each, Past) for each in item.metrics):
        return EXECUTED, f"`{item.kind}`, from what was recorded"
    found = able(item, warehouses)
    if len(found) == len(warehouses):
        return EXECUTED, f"`{item.kind}`, on every warehouse"
    on = ", ".join(f"`{each}`" for each in found)
    return (EXECUTED, f"`{item.kind}`, on {on}") if found else (NOT_EXECUTABLE, "no warehouse can ask it")


def able(check: Check, warehouses: Mapping[str, Warehouse]) -> tuple[str, ...]:
    """The names of the warehouses that have a statement for everything that a check asks of one."""
    asked = tuple(Question(check.table, each) for each in check.metrics if not isinstance(each, Past))
    return tuple(
        name
        for name, warehouse in warehouses.items()
        if {each for statement in warehouse.explain(asked) for each in statement.questions} >= set(asked)
    )


def _sections(found: Iterable[Entry]) -> Iterator[str]:
    titles = dict.fromkeys((_REST, *_SECTIONS.values()))
    by_title = {title: [each for each in found if _section(each) == title] for title in titles}
    for title, each in by_title.items():
        rows = "\n".join(map(_row, each))
        yield f"## {title}\n\n| construct | since | what is done |\n|---|---|---|\n{rows}"


def _ours() -> str:
    rows = "\n".join(f"| `{name}` | {', '.join(PLACES[name])} | {said} |" for name, said in OURS.items())
    return f"{_OF_OURS}\n| property | of a | what it does |\n|---|---|---|\n{rows}"


def _section(entry: Entry) -> str:
    return _SECTIONS.get(entry.word.path.partition(".")[0].partition("[")[0], _REST)


def _row(entry: Entry) -> str:
    word = entry.word
    since = f"{word.since} to {word.until}" if word.until else word.since
    whole = len(entry.done) == 1
    told = "; ".join(_told(variants if not whole else (), fate, said) for variants, fate, said in entry.done)
    return f"| `{word.path}` | {since} | {_in_a_cell(told)} |"


def _in_a_cell(text: str) -> str:
    return text.replace("|", "\\|")


def _told(variants: tuple[str, ...], fate: str, said: str) -> str:
    of = f"{', '.join(variants)}: " if any(variants) else ""
    return f"{of}{fate}{': ' if said else ''}{said}"
