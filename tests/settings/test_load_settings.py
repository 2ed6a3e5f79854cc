"""The manifest is read with all its problems at once, and keeps its secrets."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.contract.wording import meant
from floe_dagster.errors import SettingsError
from floe_dagster.settings import Settings, load_settings
from floe_dagster.settings.variables import replaced

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.requirement("A-07")

KEYS = [each for each in Settings.model_fields if each not in ("root", "source", "broken")]


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return tmp_path / "floe.yaml"


def problems(path: Path, text: str, **environ: str) -> list[str]:
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as raised:
        load_settings(path, environ)
    return [each.removeprefix(f"{path}:") for each in str(raised.value).splitlines()]


def loaded(path: Path, text: str, **environ: str) -> Settings:
    path.write_text(text, "utf-8")
    return load_settings(path, environ)


def test_no_manifest_is_the_defaults_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings() == Settings(root=tmp_path)


def test_an_empty_manifest_is_the_defaults_in_its_folder(manifest: Path) -> None:
    assert loaded(manifest, "") == Settings(root=manifest.parent, source=str(manifest))
    assert load_settings(manifest.parent, {}) == load_settings(manifest, {})


def test_a_manifest_that_is_not_there_says_what_to_do(manifest: Path) -> None:
    with pytest.raises(SettingsError, match=r"floe.yaml: there is no manifest; create the file"):
        load_settings(manifest, {})


def test_every_value_is_read(manifest: Path) -> None:
    settings = loaded(
        manifest,
        """
environment: ${ENVIRONMENT:-dev}
contracts: [contracts, "more/*.odcs.yaml"]
store: postgresql://${USER}:${PASSWORD}@${HOST:-localhost}/floe
timeout: ${TIMEOUT:-12}
cadence: {availability: 90, freshness: 15 min, schema: PT2H, quality: "1 d"}
grading: {critical_within: 1d, open_after: "${OPEN:-2}"}
connections:
  shop: {password: "${PASSWORD}", port: "${PORT:-5432}", ssl: true}
alerts:
  dedup: 0
  channels:
    log: {type: file, path: alerts.jsonl}
  routes:
  - {channels: [log], severity: info, kinds: [freshness]}
publish: on_change
""",
        USER="ann",
        PASSWORD="hush",
        ENVIRONMENT="prod",
    )
    assert settings.environment == "prod"
    assert settings.contracts == ("contracts", "more/*.odcs.yaml")
    assert settings.store == "postgresql://ann:hush@localhost/floe"
    assert settings.timeout == timedelta(seconds=12)
    assert settings.cadence.availability == timedelta(seconds=90)
    assert settings.cadence.freshness == timedelta(minutes=15)
    assert settings.cadence.schema_ == timedelta(hours=2)
    assert settings.cadence.quality == timedelta(days=1)
    assert (settings.grading.critical_within, settings.grading.open_after) == (timedelta(days=1), 2)
    assert settings.connections == {"shop": {"password": "hush", "port": "5432", "ssl": True}}
    assert settings.alerts.dedup == timedelta(0)
    assert settings.alerts.channels["log"].model_extra == {"path": "alerts.jsonl"}
    assert settings.alerts.routes[0].kinds == ("freshness",)
    assert settings.broken == {}


def test_every_problem_is_told_at_once_with_its_line(manifest: Path) -> None:
    text = """enviroment: prod
root: /x
contracts: contracts/*.yaml
timeout: 0
store: ${NOPE}
cadence:
  freshness: soon
  availabilty: 3
alerts:
  channels:
    chat: {url: x}
    other: [1]
  routes:
  - channels: [caht]
    severity: warn
  - {}
publish: sometimes
grading: {info_at: 1.5, open_after: x}
"""
    assert problems(manifest, text) == [
        '1: enviroment: unknown key; did you mean "environment"?',
        f"2: root: unknown key{meant('root', KEYS)}",
        '3: contracts: "contracts/*.yaml" is no list; begin each entry with "- "',
        "4: timeout: 0 is too short; the least is 1 s",
        "5: store: the environment variable NOPE is not set; set it, or write ${NOPE:-default}",
        (
            '7: cadence.freshness: "soon" is no duration; write a number with s, min, h, d, w, mo or y (4 h, 15 min), '
            "or ISO 8601 (P1DT12H)"
        ),
        '8: cadence.availabilty: unknown key; did you mean "availability"?',
        '11: alerts.channels.chat: "type" is missing; add it',
        "12: alerts.channels.other: a list is no mapping of keys",
        '14: alerts.routes[0].channels[0]: there is no channel of this name; did you mean "chat"?',
        "15: alerts.routes[0].severity: \"warn\" is not one of 'info', 'warning', 'error' or 'critical'",
        '16: alerts.routes[1]: "channels" is missing; add it',
        "17: publish: \"sometimes\" is not one of 'every' or 'on_change'",
        "18: grading.info_at: 1.5 is too large; the most is 1.0",
        '18: grading.open_after: "x" should be a valid integer, unable to parse string as an integer',
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2\n", '2: a: "a" is already given on line 1; keep one of the two'),
        ("a: &x 1\n", '1: a: "&x" is an anchor'),
        ("- a\n", "1: the manifest is a mapping of keys; see docs/settings.md"),
        ("alerts: {dedup: ${X}}\n", "put a value with ${NAME} in quotes where it stands between { and }"),
        ("store: ${X\n", '1: store: "${X" has a reference that cannot be read; write ${NAME}'),
        ("schema_: 1\n", "1: schema_: unknown key"),
        ("cadence: {schema_: 1}\n", '1: cadence.schema_: unknown key; did you mean "schema"?'),
    ],
)
def test_what_is_no_manifest_is_refused(manifest: Path, text: str, problem: str) -> None:
    (found,) = problems(manifest, text)
    assert problem in found


def test_a_channel_or_connection_that_lacks_a_variable_is_set_aside_and_the_rest_goes_on(
    manifest: Path,
) -> None:
    settings = loaded(
        manifest,
        """
connections:
  shop: {password: "${SHOP}"}
  other: {password: "${OTHER}"}
alerts:
  channels:
    chat: {type: slack, url: "https://${HOST}/${TOKEN}"}
    log: {type: file}
  routes:
  - channels: [chat, log]
""",
        OTHER="x",
    )
    assert set(settings.connections) == {"other"}
    assert set(settings.alerts.channels) == {"log"}
    assert settings.alerts.routes[0].channels == ("chat", "log")
    assert settings.broken == {
        "connections.shop": "connections.shop.password: the environment variable SHOP is not set; set it, or write "
        "${SHOP:-default}",
        "channels.chat": "alerts.channels.chat.url: the environment variable HOST is not set; set it, or write "
        "${HOST:-default}",
    }


SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "text",
    [
        "timeout: ${S}",
        "publish: ${S}",
        "grading: {info_at: '${S}'}",
        "alerts: {routes: [{channels: ['${S}']}]}",
        "alerts: {routes: [{channels: ['a'], severity: '${S}'}]}",
        "alerts: '${S}'",
        "connections: '${S}'",
        "contracts: '${S}'",
        "connections: {a: {b: ['${S}']}}",
        "cadence: {schema: 'x${S}'}",
    ],
)
def test_no_problem_shows_what_a_variable_held(manifest: Path, text: str) -> None:
    found = "\n".join(problems(manifest, text, S=SECRET))
    assert SECRET not in found


def test_no_repr_shows_a_secret(manifest: Path) -> None:
    settings = loaded(
        manifest,
        'store: "postgresql://a:${S}@h/d"\nconnections: {a: {password: "${S}"}}\n'
        'alerts: {channels: {c: {type: slack, url: "${S}"}}}\n',
        S=SECRET,
    )
    assert settings.store.count(SECRET) == 1
    assert SECRET not in f"{settings!r} {settings} {settings.alerts!r} {settings.alerts.channels['c']!s}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", "1"),
        ("x${A}y${A}", "x1y1"),
        ("${NONE:-}", ""),
        ("${NONE:-a b}", "a b"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY}", ""),
        ("$${A}", "${A}"),
        ("$A", "$A"),
        ("${NESTED}", "${A}"),
    ],
)
def test_a_variable_is_replaced_as_a_shell_would(text: str, expected: str) -> None:
    assert replaced(text, {"A": "1", "EMPTY": "", "NESTED": "${A}"}) == expected


@given(st.text().filter(lambda text: "${" not in text))
def test_a_text_without_variables_stays_as_it_is(text: str) -> None:
    assert replaced(text, {}) == text


@pytest.mark.requirement("B-09")
@pytest.mark.parametrize(
    ("text", "rows"), [("", 0), ("samples: off", 0), ("samples: false", 0), ("samples: {rows: 0}", 0),
                       ("samples: {}", 5), ("samples: {rows: 7}", 7)],
)  # fmt: skip
def test_samples_are_off_until_the_manifest_has_them(manifest: Path, text: str, rows: int) -> None:
    assert loaded(manifest, text).samples.rows == rows


@pytest.mark.requirement("B-09")
def test_every_mistake_about_samples_is_told(manifest: Path) -> None:
    text = "samples:\n  rows: 101\n  keys: show\n  shwo: [public]\n  salt: ${S}\n  dagster: maybe\n"
    found = problems(manifest, text, S="short")
    assert [each.partition(": ")[2].partition(",")[0] for each in found] == [
        "samples.rows: 101 is too large; the most is 100",
        "samples.keys: \"show\" is not one of 'hashed' or 'shown'",
        'samples.shwo: unknown key; did you mean "show"?',
        'samples.salt: "${S}" is too short; the least is 16 characters',
        'samples.dagster: "maybe" should be a valid boolean',
    ]


@pytest.mark.requirement("B-09")
def test_the_salt_of_samples_is_a_secret(manifest: Path) -> None:
    settings = loaded(manifest, 'samples: {salt: "${S}"}', S="a-canary-of-sixteen")
    assert "canary" in settings.samples.salt
    assert "canary" not in f"{settings!r} {settings.samples!r} {settings.samples}"


@pytest.mark.requirement("C-06")
def test_pages_that_alerts_lead_to_are_read(manifest: Path) -> None:
    text = (
        "alerts:\n"
        "  runbook_url: https://wiki.example.com/floe/{kind}\n"
        "  source_url: https://git.example.com/repo/blob/main/{path}#L{line}\n"
        "  channels: {screen: {type: console, detail: reader}}\n"
    )
    alerts = loaded(manifest, text).alerts
    assert alerts.runbook_url == "https://wiki.example.com/floe/{kind}"
    assert alerts.source_url == "https://git.example.com/repo/blob/main/{path}#L{line}"
    assert alerts.channels["screen"].detail == "reader"


@pytest.mark.requirement("C-06")
@pytest.mark.parametrize(
    "url",
    [
        *("wiki", "ftp://wiki/{kind}", "javascript:alert(1)", "https://wiki/{path}", "https://wiki/{kind"),
        *(
            "https://user:password@wiki/{kind}",
            "https://wiki/a b",
            "https://wiki/<{kind}>",
            "https://{kind}|x",
        ),
    ],
)
def test_a_page_that_is_none_is_refused_with_what_to_write(manifest: Path, url: str) -> None:
    (said,) = problems(manifest, f'alerts:\n  runbook_url: "{url}"\n')
    assert said.startswith("2: alerts.runbook_url: ")
    assert "write an http or https URL, with {kind} where it is to be filled in" in said


@pytest.mark.requirement("D-07")
def test_a_level_of_detail_that_there_is_not_is_refused(manifest: Path) -> None:
    (said,) = problems(manifest, "alerts:\n  channels:\n    screen: {type: console, detail: ful}\n")
    assert "alerts.channels.screen.detail" in said
    assert "'full', 'reader' or 'minimal'" in said
