"""ODCS: a document of the Open Data Contract Standard as a `Contract`, and the last to know its spelling.

What 3.0.x says otherwise is read as 3.1.0 would say it. Items of an array are a nested column `[]`, keys
and values of a map `[key]` and `[value]`. A server's customProperties count as its options, and `type`
among them names the real type of a server of type custom. Reading is lenient, so that one mistake does not
hide the others.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, Literal

from floe_dagster.contract.model import (
    Column,
    Constraint,
    Contract,
    Dataset,
    Member,
    Promise,
    Relationship,
    Server,
    Support,
)
from floe_dagster.contract.node import Node
from floe_dagster.contract.problem import Problem
from floe_dagster.contract.reference import Missing, Target, known_in, resolve_column, resolve_element
from floe_dagster.contract.rules import rules
from floe_dagster.contract.validate import MAX_PROBLEMS
from floe_dagster.contract.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from floe_dagster.contract.loader import Tree
    from floe_dagster.contract.model import Scalar

_PROMISES: Final = {
    "ly": "latency",
    "fy": "frequency",
    "av": "availability",
    "re": "retention",
    "th": "throughput",
    "er": "errorRate",
    "ga": "generalAvailability",
    "es": "endOfSupport",
    "el": "endOfLife",
    "td": "timeToDetect",
    "tn": "timeToNotify",
    "tr": "timeToRepair",
}
_SPELLINGS: Final = _PROMISES | {
    name.lower(): name for name in (*_PROMISES.values(), "freshness", "timeOfAvailability")
}
# promises about the contract or about us; `slaDefaultElement` names a column, which they are not about
_WITHOUT_ELEMENT: Final = (
    *("generalAvailability", "endOfSupport", "endOfLife"),
    *("timeToDetect", "timeToNotify", "timeToRepair"),
)
_ONE_DATASET: Final = "all columns must be of one dataset; make a relationship for each dataset"
_OF_EVERY_SERVER: Final = ("id", "server", "type", "environment", "description", "roles", "customProperties")


def read_contract(tree: Tree, text: str, source: str) -> tuple[Contract, tuple[Problem, ...]]:
    """The contract of a document, and every reference in it that leads nowhere.

    Args:
        tree: the document; what is wrong in it by the JSON schema is left out.
        text: what it was read from, for its digest.
        source: the file's name, for messages.

    Raises:
        TooManyProblems: so many references lead nowhere that the rest is not looked at.
    """
    reader = _Reader(tree)
    return reader.contract(text, source), tuple(reader.problems)


class TooManyProblems(Exception):  # noqa: N818
    """A document has more problems than anybody reads; it carries the first of them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


class _Reader:
    def __init__(self, tree: Tree) -> None:
        self.root = Node.root(tree)
        self.known = known_in(self.root)
        self.problems: dict[Problem, None] = {}
        self.reason = ""

    def contract(self, text: str, source: str) -> Contract:
        root = self.root
        description, team, custom = root.child("description"), root.child("team"), _custom(root)
        return Contract(
            id=root.text("id") or "",
            version=root.text("version") or "",
            api_version=root.text("apiVersion") or "",
            status=root.text("status") or "",
            source=source,
            digest=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            name=root.text("name"),
            domain=root.text("domain"),
            data_product=root.text("dataProduct"),
            tenant=root.text("tenant"),
            purpose=description.text("purpose") if description else None,
            tags=root.texts("tags"),
            servers=tuple(_server(each) for each in root.children("servers")),
            datasets=tuple(self.dataset(each) for each in root.children("schema")),
            promises=tuple(self.promise(each) for each in root.children("slaProperties")),
            team_name=team.text("name") if team else None,
            team=tuple(
                _member(each) for each in (team.children("members") if team else root.children("team"))
            ),
            support=tuple(_support(each) for each in root.children("support")),
            consumers=_consumers(custom.get("consumers")),
            custom=custom,
        )

    def dataset(self, node: Node) -> Dataset:
        name = node.text("name") or ""
        return Dataset(
            **node.place(),
            name=name,
            physical_name=node.text("physicalName") or name,
            physical_type=node.text("physicalType"),
            description=node.text("description"),
            columns=tuple(self.column(each, name, "") for each in node.children("properties")),
            rules=rules(node),
            relationships=tuple(
                self.relationship(each, name, None) for each in node.children("relationships")
            ),
            tags=node.texts("tags"),
            custom=_custom(node),
            id=node.text("id"),
        )

    def column(self, node: Node, dataset: str, within: str, name: str | None = None) -> Column:
        name = name or node.text("name") or ""
        full = f"{within}{name}"
        return Column(
            **node.place(),
            name=name,
            physical_name=node.text("physicalName") or name,
            logical_type=node.text("logicalType"),
            physical_type=node.text("physicalType"),
            description=node.text("description"),
            required=node.flag("required"),
            unique=node.flag("unique"),
            primary_key=node.flag("primaryKey"),
            primary_key_position=node.whole("primaryKeyPosition"),
            partition=node.whole("partitionKeyPosition") or 0 if node.flag("partitioned") else None,
            values=_values(node),
            constraints=tuple(_constraints(node)),
            rules=rules(node),
            relationships=tuple(
                self.relationship(each, dataset, full) for each in node.children("relationships")
            ),
            columns=tuple(self.nested(node, dataset, f"{full}.")),
            classification=node.text("classification"),
            critical=node.flag("criticalDataElement"),
            tags=node.texts("tags"),
            measure=node.text("semanticType") == "measure",
            id=node.text("id"),
        )

    def nested(self, node: Node, dataset: str, within: str) -> Iterator[Column]:
        for each in node.children("properties"):
            yield self.column(each, dataset, within)
        if items := node.child("items"):
            yield self.column(items, dataset, within, "[]")
        if entries := node.child("map"):
            for part in ("key", "value"):
                if half := entries.child(part):
                    yield self.column(half, dataset, within, f"[{part}]")

    def relationship(self, node: Node, dataset: str, column: str | None) -> Relationship:
        """A foreign key of a column, or of a dataset where `column` is None."""
        self.reason = "it does not say where it goes"
        origin: tuple[str, ...] | None = (column,) if column else self.origin(node, dataset)
        written = tuple(_one_or_more(node.value.get("to")))
        targets = [self.target(node, "to", text) for text in written]
        found = [each for each in targets if isinstance(each, Target)]
        place = node.place()
        if origin is None or not found or len(found) < len(targets):
            afar = bool(origin and written) and all(each == "elsewhere" for each in targets)
            return Relationship(
                **place,
                columns=origin or (),
                unresolved=_ONE_DATASET if found and "elsewhere" in targets else self.reason,
                elsewhere=written if afar else (),
            )
        if len({each.dataset for each in found}) > 1:
            self.refuse(node, "to", _ONE_DATASET)
        elif len(found) != len(origin):
            self.refuse(
                node, "to", f"{len(found)} columns for {len(origin)}; name one for each, in the same order"
            )
        else:
            columns = tuple(each.column or "" for each in found)
            return Relationship(**place, columns=origin, to_dataset=found[0].dataset, to_columns=columns)
        return Relationship(**place, columns=origin, unresolved=self.reason)

    def origin(self, node: Node, dataset: str) -> tuple[str, ...] | None:
        found = [self.target(node, "from", text) for text in _one_or_more(node.value.get("from"))]
        columns = [each for each in found if isinstance(each, Target)]
        if not columns or len(columns) < len(found):
            return None
        if any(each.dataset != dataset for each in columns):
            self.refuse(
                node, "from", f"a relationship starts at its own dataset, {quoted(dataset)}; move it there"
            )
            return None
        return tuple(each.column or "" for each in columns)

    def target(self, node: Node, key: str, text: str) -> Target | Literal["elsewhere"] | None:
        match resolve_column(text, self.known):
            case Missing(elsewhere=afar, certain=certain) if afar and key == "to":
                self.miss(node, key, "lint.reference", Missing(afar, certain))
                return "elsewhere"
            case Missing() as missing:
                self.miss(node, key, "lint.reference", missing)
                return None
            case found:
                return found

    def promise(self, node: Node) -> Promise:
        written = node.text("property") or ""
        name = _SPELLINGS.get(written.lower(), written)
        default = None if name in _WITHOUT_ELEMENT else self.root.text("slaDefaultElement")
        elements, unresolved = self.elements(node, node.text("element"), default)
        return Promise(
            **node.place(),
            property=name,
            value=node.scalar("value"),
            value_ext=node.scalar("valueExt"),
            unit=node.text("unit"),
            elements=elements,
            unresolved=unresolved,
            id=node.text("id"),
            description=node.text("description"),
            driver=node.text("driver"),
            schedule=node.text("schedule") if node.text("scheduler") in (None, "cron") else None,
        )

    def elements(
        self, node: Node, own: str | None, default: str | None
    ) -> tuple[tuple[tuple[str, str | None], ...], str | None]:
        found: list[tuple[str, str | None]] = []
        unresolved = None
        for text in filter(None, map(str.strip, (own or default or "").split(","))):
            match resolve_element(text, self.known):
                case Missing() as missing:
                    unresolved = missing.message
                    at, key = (node, "element") if own else (self.root, "slaDefaultElement")
                    self.miss(at, key, "lint.element", missing)
                case target:
                    found.append((target.dataset, target.column))
        return tuple(found), unresolved

    def miss(self, node: Node, key: str, rule: str, missing: Missing) -> None:
        problem = Problem(
            rule=rule,
            severity="error" if missing.certain else "warning",
            **node.place(key),
            message=missing.message,
        )
        self.note(problem)

    def refuse(self, node: Node, key: str, message: str) -> None:
        self.note(Problem(rule="lint.reference", severity="error", **node.place(key), message=message))

    def note(self, problem: Problem) -> None:
        self.reason = problem.message
        if len(self.problems) >= MAX_PROBLEMS:
            raise TooManyProblems(tuple(self.problems))
        self.problems[problem] = None


def _server(node: Node) -> Server:
    custom = {name: value for name, value in _custom(node).items() if isinstance(value, (str, int, float))}
    given = {
        key: value
        for key in node.value
        if key not in _OF_EVERY_SERVER and (value := node.scalar(key)) is not None
    }
    kind = node.text("type") or ""
    real = custom.pop("type", None)
    return Server(
        **node.place(),
        name=node.text("server") or "",
        type=real if kind == "custom" and isinstance(real, str) else kind,
        environment=node.text("environment"),
        options={**custom, **given},
    )


def _member(node: Node) -> Member:
    name = node.text("name")
    return Member(username=node.text("username") or name or "", name=name, role=node.text("role"))


def _support(node: Node) -> Support:
    url, tool, scope = node.text("url"), node.text("tool"), node.text("scope")
    return Support(channel=node.text("channel") or url or "", url=url, tool=tool, scope=scope)


def _custom(node: Node) -> dict[str, object]:
    properties = node.children("customProperties")
    return {name: each.value.get("value") for each in properties if (name := each.text("property"))}


def _consumers(value: object) -> tuple[str, ...]:
    """A list of names, a list of mappings with a name, or names with commas between them."""
    entries = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    names = (each.get("name") if isinstance(each, dict) else each for each in entries)
    return tuple(each.strip() for each in names if isinstance(each, str) and each.strip())


def _values(node: Node) -> tuple[Scalar, ...] | None:
    entries = node.value.get("enum")
    if not isinstance(entries, list):
        return None
    values = (each.get("value") if isinstance(each, dict) else each for each in entries)
    return tuple(each for each in values if each is None or isinstance(each, (str, int, float)))


def _constraints(node: Node) -> Iterator[Constraint]:
    options = node.child("logicalTypeOptions")
    if options is None:
        return
    strict = {bound for bound in ("Minimum", "Maximum") if options.flag(f"exclusive{bound}")}
    for key, value in options.value.items():
        place, name = options.place(key), _snake(key)
        beside = key.removeprefix("exclusive").lower() in options.value
        if key.startswith("exclusive") and isinstance(value, bool) and (beside or not value):
            continue  # before v3.1.0 it said of the bound beside it whether that is exclusive
        if key.capitalize() in strict:
            name = f"exclusive_{name}"
        if isinstance(value, list):
            for at, each in enumerate(each for each in value if isinstance(each, (str, int, float))):
                yield Constraint(**options.place(key, at), name=name, value=each)
        elif isinstance(value, (str, int, float)):
            yield Constraint(**place, name=name, value=value)


def _snake(key: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()


def _one_or_more(value: object) -> Sequence[str]:
    entries = value if isinstance(value, list) else [value]
    return [each for each in entries if isinstance(each, str)]
