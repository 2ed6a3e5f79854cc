"""Documents: the text of a contract, read as far as it can be, with all that is wrong in it at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from floe_dagster.contract.lint import lint
from floe_dagster.contract.loader import load
from floe_dagster.contract.odcs import TooManyProblems, read_contract
from floe_dagster.contract.problem import Problem
from floe_dagster.contract.standard import VERSIONS
from floe_dagster.contract.validate import MAX_PROBLEMS, validate
from floe_dagster.contract.wording import listed, nearest, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from floe_dagster.contract.loader import Tree
    from floe_dagster.contract.model import Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of reading a document.

    Attributes:
        source: the file's name as given.
        contract: None where a problem is an error.
        problems: everything that is wrong, in the order of lines.
        id_line: where the contract says its id; 0 where it does not.
        text: of the document, where it was read as a contract, so that it can be kept.
    """

    source: str
    contract: Contract | None
    problems: tuple[Problem, ...]
    id_line: int = 0
    text: str = field(default="", repr=False)

    @property
    def valid(self) -> bool:
        """Whether the contract can be used."""
        return self.contract is not None


def read(text: str, source: str) -> Reading:
    """Read a contract. Never raises for what is in the text.

    Args:
        text: the document.
        source: the file's name, for messages.
    """
    tree = load(text)
    if tree.problems:
        return unreadable(source, *tree.problems)
    if not isinstance(tree.value, dict):
        return unreadable(source, _problem(tree, "yaml.no-mapping", "", _not_a_mapping(tree.value)))
    wrong_version, validated_as = _version(tree, tree.value.get("apiVersion"))
    if validated_as is None:
        return unreadable(source, *wrong_version)
    found = [*wrong_version, *validate(tree, validated_as)]
    try:
        contract, unresolved = read_contract(tree, text, source)
    except TooManyProblems as many:
        return unreadable(source, *_in_order([*found, *many.problems]))
    problems = _in_order([*found, *unresolved, *islice(lint(contract, tree), MAX_PROBLEMS)])
    broken = any(each.severity == "error" for each in problems)
    id_line = tree.lines.get(("id",), 0)
    return Reading(
        source=source,
        contract=None if broken else contract,
        problems=problems,
        id_line=id_line,
        text=text,
    )


def unreadable(source: str, *problems: Problem) -> Reading:
    """The reading of a document that is no contract."""
    return Reading(source=source, contract=None, problems=problems)


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Each problem once, by line; of very many the first, and a word that there are more."""
    ordered = sorted(set(problems), key=lambda each: (each.line, each.path, each.rule, each.message))
    if len(ordered) < MAX_PROBLEMS:
        return tuple(ordered)
    message = f"there are more than {MAX_PROBLEMS:,} problems; mend these, then the rest is looked at"
    last = Problem(
        rule="contract.too-many", severity="error", path="", line=ordered[-1].line, message=message
    )
    return (*ordered[:MAX_PROBLEMS], last)


def _not_a_mapping(value: object) -> str:
    what = (
        "the document is empty" if value is None else f"a contract is a mapping, and this is {quoted(value)}"
    )
    return f"{what}; begin with apiVersion, kind, id, version and status"


def _version(tree: Tree, version: object) -> tuple[tuple[Problem, ...], str | None]:
    """What is wrong with the apiVersion, and the version to validate by; None where that cannot be said."""
    if version is None:
        # the schema says that it is missing; everything else is held against the newest one
        return (), VERSIONS[0]
    if version in VERSIONS:
        return (), str(version)
    written = tree.texts.get(("apiVersion",)) or (version if isinstance(version, str) else "")
    return (_problem(tree, "schema.api-version", "apiVersion", _other_version(written)),), None


def _other_version(version: str) -> str:
    if version.removeprefix("v").startswith(("2.", "0.", "1.")):
        return f"{quoted(version)} is too old to be read; convert the contract to v3.1.0"
    near = nearest(version, VERSIONS) if version.startswith(("3", "v3")) else None
    hint = f"; did you mean {quoted(near)}?" if near else f"; known: {listed(VERSIONS)}"
    return f"{quoted(version)} is no version of the standard that is read{hint}"


def _problem(tree: Tree, rule: str, path: str, message: str) -> Problem:
    line = tree.line((path,) if path else ())
    return Problem(rule=rule, severity="error", path=path, line=line, message=message)
