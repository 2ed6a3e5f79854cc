"""Nodes: a mapping of a document with its place, read leniently.

What has the wrong type reads as missing: the JSON schema has said so already, and the rest can still be
judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from floe_dagster.contract.loader import spell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.contract.loader import Steps, Tree
    from floe_dagster.contract.model import Scalar


class Place(TypedDict):
    """Where an element stands, as the model's elements take it."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Node:
    """A mapping in a document."""

    tree: Tree
    steps: Steps
    value: Mapping[str, object]

    @classmethod
    def root(cls, tree: Tree) -> Node:
        """The whole document; an empty one where it is no mapping."""
        return cls(tree, (), tree.value if isinstance(tree.value, dict) else {})

    def place(self, *steps: str | int) -> Place:
        """Where this node stands, or something inside of it."""
        path = (*self.steps, *steps)
        return {"path": spell(path), "line": self.tree.line(path)}

    def scalar(self, key: str) -> Scalar:
        """A scalar as it is."""
        value = self.value.get(key)
        return value if isinstance(value, (str, int, float)) else None

    def text(self, key: str) -> str | None:
        """Text; None where there is none, or where it is empty."""
        value = self.value.get(key)
        return value if isinstance(value, str) and value else None

    def flag(self, key: str) -> bool:
        """Whether it is true."""
        return self.value.get(key) is True

    def whole(self, key: str) -> int | None:
        """A whole number."""
        value = self.value.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of a list."""
        value = self.value.get(key)
        return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()

    def child(self, key: str) -> Node | None:
        """A mapping."""
        value = self.value.get(key)
        return Node(self.tree, (*self.steps, key), value) if isinstance(value, dict) else None

    def children(self, key: str) -> tuple[Node, ...]:
        """The mappings of a list."""
        value = self.value.get(key)
        entries = enumerate(value) if isinstance(value, list) else ()
        return tuple(
            Node(self.tree, (*self.steps, key, at), each) for at, each in entries if isinstance(each, dict)
        )
