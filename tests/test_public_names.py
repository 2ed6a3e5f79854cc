"""What is public is documented, and what the package exposes is what it says it does."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import floe_dagster

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    each
    for each in (ROOT / "floe_dagster").rglob("*.py")
    if not each.stem.startswith("_") or each.stem == "__init__"
    if "migrations" not in each.parts  # Alembic gives the names there
)

Named = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public(body: list[ast.stmt]) -> Iterator[Named]:
    yield from (each for each in body if isinstance(each, Named) and not each.name.startswith("_"))


def is_told_elsewhere(node: Named) -> bool:
    """A property's setter, an overload, or a method that says it overrides one."""
    names = {ast.unparse(each).rpartition(".")[2] for each in node.decorator_list}
    return bool(names & {"overload", "override", "setter"})


def methods_of_protocols() -> set[str]:
    """What a protocol of ours documents; its implementations need not say it again."""
    trees = (ast.parse(each.read_text()) for each in (ROOT / "floe_dagster").rglob("*.py"))
    protocols = (
        each
        for tree in trees
        for each in ast.walk(tree)
        if isinstance(each, ast.ClassDef) and any(ast.unparse(base) == "Protocol" for base in each.bases)
    )
    return {method.name for each in protocols for method in public(each.body) if ast.get_docstring(method)}


def undocumented(path: Path, known: set[str]) -> Iterator[str]:
    module = ast.parse(path.read_text())
    if not ast.get_docstring(module):
        yield "the module"
    for each in public(module.body):
        if not ast.get_docstring(each) and not is_told_elsewhere(each):
            yield each.name
        if isinstance(each, ast.ClassDef):
            yield from (
                f"{each.name}.{method.name}"
                for method in public(each.body)
                if not ast.get_docstring(method)
                and not is_told_elsewhere(method)
                and method.name not in known
            )


@pytest.fixture(scope="session")
def known() -> set[str]:
    return methods_of_protocols()


@pytest.mark.parametrize("path", MODULES, ids=lambda each: str(each.relative_to(ROOT)))
def test_every_public_name_has_a_docstring(path: Path, known: set[str]) -> None:
    assert list(undocumented(path, known)) == []


def test_a_name_without_a_docstring_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(
        '"""A: b."""\ndef told():\n    """Yes."""\ndef bare(): ...\nclass C:\n    """Yes."""\n    def m(self): ...\n'
    )
    assert list(undocumented(path, set())) == ["bare", "C.m"]


def test_the_package_exposes_what_it_says() -> None:
    code = (
        "import floe_dagster as f, types;"
        "exposed = {n for n in [*vars(f), *f.__all__] if not n.startswith('_')"
        " and not isinstance(vars(f).get(n), types.ModuleType)} - {'TYPE_CHECKING', 'annotations'};"
        "print(exposed == set(f.__all__), all(callable(getattr(f, n)) for n in f.__all__))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "True True\n", done.stderr


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="build_definition"):
        floe_dagster.build_definition  # noqa: B018
