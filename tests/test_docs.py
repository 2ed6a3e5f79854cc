"""The docs name everything that there is, and what they show works."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
import typer
import yaml
from pydantic import BaseModel

from floe_dagster.cli import app
from floe_dagster.contract.document import read
from floe_dagster.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "floe_dagster"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
REFERENCE = "\n".join(each.read_text() for each in (ROOT / "docs").rglob("*.md"))

NOT_KEYS = {"root", "source", "broken"}
"""Fields of `Settings` that the manifest does not have."""


SAY_A_RULE = {"error": 1, "warning": 1, "miss": 2, "_Refused": 0, "_problem": 2}
"""What the contract room calls to report a problem, and which argument is the rule without its prefix."""


def on_shelf(shelf: str) -> list[str]:
    return sorted(each.stem for each in (PACKAGE / shelf).glob("*.py") if not each.stem.startswith("_"))


def commands() -> list[str]:
    def walk(command: click.Command, name: str) -> Iterator[str]:
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name
        for each, child in (inner or {}).items():
            yield from walk(child, f"{name} {each}")

    return sorted(walk(typer.main.get_command(app), "floe"))


def keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if model is Settings and name in NOT_KEYS:
            continue
        yield field.alias or name
        for inner in (
            field.annotation,
            *(every for one in get_args(field.annotation) for every in (one, *get_args(one))),
        ):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from keys(inner)


def rules() -> list[str]:
    """The lint rules that the contract room names: in full, or where a call gives the part after its prefix."""
    found = set[str]()
    for path in (PACKAGE / "contract").glob("*.py"):
        tree = ast.parse(path.read_text())
        texts = {
            each.value
            for each in ast.walk(tree)
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        }
        found |= {each for each in texts if re.fullmatch(r"(file|yaml|schema|lint|contract)\.[a-z-]+", each)}
        prefixes = [each for each in ("yaml.", "schema.", "lint.") if each in texts]
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=args) if (
                    name in SAY_A_RULE
                ):
                    for each in args[SAY_A_RULE[name] :][:1]:
                        if isinstance(each, ast.Constant) and re.fullmatch(
                            "[a-z]+(-[a-z]+)*", str(each.value)
                        ):
                            found |= {f"{prefix}{each.value}" for prefix in prefixes}
    return sorted(found - {"schema.json"})


def blocks(language: str) -> list[tuple[str, str]]:
    pattern = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [
        (f"{page.relative_to(ROOT)}, block {n}", text)
        for page in PAGES
        for n, text in enumerate(pattern.findall(page.read_text()), 1)
    ]


def is_named(name: str) -> bool:
    return f"`{name}`" in REFERENCE


@pytest.mark.parametrize("shelf", ["checks", "channels", "warehouses"])
def test_everything_on_a_shelf_is_documented(shelf: str) -> None:
    assert [each for each in on_shelf(shelf) if not is_named(each)] == []


@pytest.mark.requirement("C-06")
def test_every_kind_of_check_has_a_runbook_of_one_form() -> None:
    folder = ROOT / "docs" / "runbook"
    kinds = [*on_shelf("checks"), "contract"]
    assert sorted(each.stem for each in folder.glob("*.md") if each.stem != "README") == sorted(kinds)
    index = (folder / "README.md").read_text()
    form = [
        "What it means",
        "Look at first",
        "What it usually is",
        "Wake somebody when",
        "Silence it rightly",
    ]
    for kind in kinds:
        text = (folder / f"{kind}.md").read_text()
        assert text.startswith(f"# `{kind}`: ")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == form
        assert f"[`{kind}`]({kind}.md)" in index


def test_every_command_is_documented() -> None:
    found = commands()
    assert "floe contract lint" in found
    assert [each for each in found if each not in REFERENCE] == []


def test_every_setting_is_documented() -> None:
    found = set(keys(Settings))
    assert {"cadence", "freshness", "info_at", "dedup", "severity"} <= found
    assert [each for each in sorted(found) if not is_named(each)] == []


def test_every_lint_rule_is_documented() -> None:
    found = rules()
    assert {"yaml.duplicate-key", "schema.unknown-key", "lint.severity", "contract.duplicate-id"} <= set(
        found
    )
    assert [each for each in found if not is_named(each)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda each: str(each.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    local = [each.partition("#")[0] for each in targets if not re.match(r"[a-z]+:|#", each)]
    assert [each for each in local if not (page.parent / each).exists()] == []


@pytest.mark.parametrize(
    ("place", "text"), blocks("yaml"), ids=lambda each: each if ", block" in each else ""
)
def test_every_example_in_yaml_can_be_used(
    place: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = yaml.safe_load(text)
    if "apiVersion" in document:
        assert read(text, place).problems == ()
    elif set(document) <= set(Settings.model_fields):
        for name in re.findall(r"\$\{(\w+)\}", text):
            monkeypatch.setenv(name, "https://example.com")
        path = tmp_path / "floe.yaml"
        path.write_text(text)
        assert load_settings(path).broken == {}


@pytest.mark.parametrize(
    ("place", "text"), blocks("python"), ids=lambda each: each if ", block" in each else ""
)
def test_every_example_in_python_is_python(place: str, text: str) -> None:
    compile(text, place, "exec")


def test_there_are_examples() -> None:
    assert len(blocks("yaml")) >= 2
    assert len(blocks("python")) >= 1
