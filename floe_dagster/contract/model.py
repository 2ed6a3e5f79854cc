"""The contract: what was promised, as frozen values.

ODCS words end at `contract/odcs.py`; from here on we speak of datasets, columns, rules and promises.
Every element knows where it stands in its document: `path` in the spelling of the standard
(`schema[0].properties[2].quality[0]`), and `line`, counted from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """Something that stands in a contract document."""

    path: str
    line: int = 0


class Operator(StrEnum):
    """How a measured number is held against a promised one (ODCS data quality, comparison operators)."""

    EQUAL = "="
    NOT_EQUAL = "!="
    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="
    BETWEEN = "between"
    NOT_BETWEEN = "not between"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A promise about one measured value.

    Attributes:
        operator: how to compare.
        value: the promised value; for BETWEEN and NOT_BETWEEN a pair (low, high).
    """

    operator: Operator
    value: Scalar | tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Element):
    """What every quality rule has, whatever its type."""

    id: str | None = None
    name: str | None = None
    description: str | None = None
    dimension: str | None = None
    severity: str | None = None
    unit: str | None = None
    schedule: str | None = None
    business_impact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryRule(Rule):
    """A rule on one of the standard's own metrics.

    Attributes:
        metric: nullValues, missingValues, invalidValues, duplicateValues or rowCount.
        arguments: the metric's arguments as written.
        threshold: None where the contract promises nothing about the number.
    """

    metric: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    threshold: Threshold | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlRule(Rule):
    """A rule whose number comes from the contract author's own query."""

    query: str
    threshold: Threshold | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomRule(Rule):
    """A rule for a named engine: ours (`floe`), Great Expectations, or one that we do not run.

    Attributes:
        stored: where it names a suite that is kept outside of the contract, what that holds; None where
            nobody has looked.
    """

    engine: str
    implementation: str | Mapping[str, object]
    stored: Stored | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRule(Rule):
    """A rule for people to read; never executed."""


Stored = tuple[Mapping[str, object], ...] | str
"""The expectations of a suite, or why there are none."""

AnyRule = LibraryRule | SqlRule | CustomRule | TextRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint(Element):
    """One option of a column's logical type, such as a minimum.

    Attributes:
        name: the option in snake case: min_length, max_length, pattern, format, minimum, maximum,
            exclusive_minimum, exclusive_maximum, multiple_of, min_items, max_items, unique_items, ...
        value: as written.
    """

    name: str
    value: Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Afar:
    """The key of a dataset in another contract, on the same server.

    Attributes:
        contract: that contract's id.
        table: the dataset's physical name, as the server of the referring contract finds it.
        keys: the physical names of its columns.
    """

    contract: str
    table: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship(Element):
    """A foreign key.

    Attributes:
        columns: the referring columns, by logical name.
        to_dataset: the dataset referred to, by logical name.
        to_columns: the columns referred to, by logical name, in the order of `columns`.
        unresolved: why the target could not be read from the contract, where it could not.
        elsewhere: the references as written, where another contract may have what they point at.
        afar: the target, where another contract turned out to have it.
    """

    columns: tuple[str, ...]
    to_dataset: str = ""
    to_columns: tuple[str, ...] = ()
    unresolved: str | None = None
    elsewhere: tuple[str, ...] = ()
    afar: Afar | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Element):
    """A column of a dataset, or a field nested in one.

    Attributes:
        partition: its place among the columns that the data is partitioned by, 0 where that is not said; None
            where it is none of them.
    """

    name: str
    physical_name: str
    logical_type: str | None = None
    physical_type: str | None = None
    description: str | None = None
    required: bool = False
    unique: bool = False
    primary_key: bool = False
    primary_key_position: int | None = None
    partition: int | None = None
    values: tuple[Scalar, ...] | None = None
    constraints: tuple[Constraint, ...] = ()
    rules: tuple[AnyRule, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    columns: tuple[Column, ...] = ()
    classification: str | None = None
    critical: bool = False
    tags: tuple[str, ...] = ()
    measure: bool = False
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset(Element):
    """A dataset of a contract: a table, a view, a file."""

    name: str
    physical_name: str
    physical_type: str | None = None
    description: str | None = None
    columns: tuple[Column, ...] = ()
    rules: tuple[AnyRule, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    tags: tuple[str, ...] = ()
    custom: Mapping[str, object] = field(default_factory=dict)
    id: str | None = None

    def column(self, name: str) -> Column | None:
        """The column of that logical or physical name."""
        return next((each for each in self.columns if name in (each.name, each.physical_name)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise(Element):
    """A service level of a contract (ODCS `slaProperties`).

    Attributes:
        property: in the standard's long spelling where it is one of the standard's: freshness, latency,
            availability, retention, frequency, ...
        value: as written.
        unit: as written.
        elements: what it is promised of, as (dataset, column) by logical name; the column is None where
            the promise is for a whole dataset, and there is no element where it is for the whole contract.
        unresolved: why an element could not be resolved, where it could not.
        driver: regulatory, analytics or operational.
        schedule: a cron expression, where the contract has one for this promise.
    """

    property: str
    value: Scalar
    value_ext: Scalar = None
    unit: str | None = None
    elements: tuple[tuple[str, str | None], ...] = ()
    unresolved: str | None = None
    id: str | None = None
    description: str | None = None
    driver: str | None = None
    schedule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Server(Element):
    """Where the data is.

    Attributes:
        name: the contract's name for it.
        type: duckdb, local, postgres, sqlite (as custom), ...
        environment: prod, dev, ... where the contract says.
        options: every other key of the server, as written: path, format, host, port, database, schema, ...
    """

    name: str
    type: str
    environment: str | None = None
    options: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in the team of a contract."""

    username: str
    name: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """A channel through which the team can be reached; for display, never a destination."""

    channel: str
    url: str | None = None
    tool: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A data contract.

    Attributes:
        id: the contract's id; one contract in one platform.
        version: free text, usually semantic.
        api_version: of the standard, such as v3.1.0.
        source: the file it was read from, as given; messages name it.
        digest: SHA-256 of the text, in hex; the key of compiled plans.
        custom: customProperties, by property name.
    """

    id: str
    version: str
    api_version: str
    status: str
    source: str
    digest: str
    name: str | None = None
    domain: str | None = None
    data_product: str | None = None
    tenant: str | None = None
    purpose: str | None = None
    tags: tuple[str, ...] = ()
    servers: tuple[Server, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    promises: tuple[Promise, ...] = ()
    team_name: str | None = None
    team: tuple[Member, ...] = ()
    support: tuple[Support, ...] = ()
    consumers: tuple[str, ...] = ()
    custom: Mapping[str, object] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What people call it: its name, else its id."""
        return self.name or self.id

    @property
    def owner(self) -> str | None:
        """Who answers for it: the owner in the team, else its first member, else the team's name."""
        owners = [each for each in self.team if (each.role or "").lower() in ("owner", "data owner")]
        member = next(iter(owners or self.team), None)
        return (member.username if member else None) or self.team_name

    def dataset(self, name: str) -> Dataset | None:
        """The dataset of that logical or physical name."""
        return next((each for each in self.datasets if name in (each.name, each.physical_name)), None)
