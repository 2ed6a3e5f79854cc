from __future__ import annotations

import pytest

from floe_dagster.checks import load_kinds
from floe_dagster.errors import PluginError
from tests.plan.contracts import ROOT

KIND = """
from __future__ import annotations
from dataclasses import dataclass

@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    limit: int

class Mine:
    name = "{name}"
    cadence_seconds = 60
    def compile(self, contract, dataset, choices):
        return ()
    def judge(self, check, answers, now):
        return Terms(limit=1)

KIND = Mine()
"""


def test_ours_are_on_the_shelf():
    assert list(load_kinds()) == [
        "availability",
        "error_rate",
        "frequency",
        "freshness",
        "latency",
        "lifecycle",
        "quality",
        "response",
        "retention",
        "schema",
        "server",
        "throughput",
        "time_of_availability",
        "uptime",
        "vector",
    ]
    assert {name: kind.cadence_seconds for name, kind in load_kinds().items()}["availability"] == 300


@pytest.mark.requirement("A-12")
def test_yours_stand_beside_them(tmp_path):
    (tmp_path / "mine.py").write_text(KIND.format(name="mine"))
    (tmp_path / "_shared.py").write_text("raise RuntimeError('not a plugin')")
    (tmp_path / "__init__.py").write_text("")

    kinds = load_kinds(tmp_path)

    assert "mine" in kinds
    assert "freshness" in kinds
    assert kinds["mine"].judge(None, (), None).limit == 1


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert load_kinds(tmp_path / "checks") == load_kinds()


def test_the_same_file_is_the_same_kind_each_time():
    assert load_kinds(ROOT / "checks")["fill_rate"] is load_kinds(ROOT / "checks")["fill_rate"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import nothing_of_this_name", "mine.py cannot be imported: ModuleNotFoundError"),
        ("def broken(", "mine.py cannot be imported: SyntaxError"),
        ("x = 1", "mine.py exposes no KIND; name it _mine.py if it is no plugin"),
        ("KIND = 5", 'the KIND of "mine" is no check kind: it has no name and no cadence_seconds'),
        (KIND.format(name="freshness"), 'two check kinds are named "freshness"'),
    ],
)
def test_a_file_that_is_no_check_kind_says_what_to_do(tmp_path, text, message):
    (tmp_path / "mine.py").write_text(text)

    with pytest.raises(PluginError) as raised:
        load_kinds(tmp_path)

    assert message in str(raised.value)
