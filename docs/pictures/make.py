"""The pictures of `docs/images/channels`: one alert as each channel writes it, drawn as it is shown.

    .venv/bin/python -m docs.pictures.make [channel ...]

Needs Chromium and pngquant, and for Alertmanager the program itself. The letters are the real ones; what
draws them is ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html import escape
from pathlib import Path
from typing import Any

from docs.pictures.browser import take
from docs.pictures.cards import slack, teams
from docs.pictures.pages import command, document, page, terminal
from floe_dagster.channels import open_channels
from floe_dagster.delivery.carrier import Carrier
from floe_dagster.delivery.post import HttpClient
from floe_dagster.notify.wire import to_json
from floe_dagster.settings import Settings
from tests.alertmanager.conftest import recommended, towards
from tests.alertmanager.programs import found, run_alertmanager
from tests.channels.alerts import EXPLAINED as ALERT

FOLDER = Path(__file__).parents[1] / "images/channels"
OPTIONS: dict[str, dict[str, object]] = {
    "apprise": {"url": "ntfys://ntfy.example/data"},
    "console": {},
    "email": {"host": "smtp.example.com", "sender": "floe@example.com", "to": ["data@example.com"]},
    "file": {"path": "alerts.jsonl"},
    "pagerduty": {"routing_key": "0" * 32},
    "sentry": {"dsn": "https://key@sentry.example/42"},
    "slack": {"url": "https://hooks.slack.example/services/T/B/X"},
    "teams": {"url": "https://teams.example/workflows?sig=x"},
    "webhook": {"url": "https://hooks.example/floe"},
}


def letter(kind: str) -> Any:
    """What the channel writes."""
    channels = {"it": {"type": kind, **OPTIONS[kind]}}
    it = open_channels(Settings.model_validate({"alerts": {"channels": channels}})).ready["it"]
    return it.channel.write(ALERT, it.options)


def picture(kind: str) -> str:
    """The page of a channel."""
    match kind:
        case "alertmanager":
            by = "What Alertmanager's own tool says of an alert; indented, without status and receivers."
            return terminal(alertmanager(), by)
        case "slack":
            return page(slack(json.loads(letter(kind).body)), drawn("Slack"))
        case "teams":
            return page(teams(json.loads(letter(kind).body)), drawn("Microsoft Teams"))
        case "email":
            by = "The HTML part of the mail, as Chromium shows it."
            return page(mail(letter(kind).message), by, kind="mail")
        case "console":
            return terminal(escape(letter(kind).text), "What the process logs.")
        case "file":
            typed = command("tail -n 1 alerts.jsonl | python3 -m json.tool")
            return terminal(
                typed + document(json.loads(letter(kind).text)), "One line of the file, indented."
            )
        case "apprise":
            told = letter(kind)
            inside = f"<h1>{escape(told.title)}</h1><pre>{escape(told.body)}</pre>"
            return page(inside, "What Apprise is handed; how it looks is up to the service that it goes to.")
        case "sentry":
            event = json.loads(letter(kind).body.splitlines()[-1])
            return terminal(document(event), "The event that Sentry is sent.")
        case _:
            return terminal(document(json.loads(letter(kind).body)), "The body of the letter, indented.")


def drawn(by: str) -> str:
    """What is said below a card."""
    return f"Drawn from the letter by floe's own renderer; not a screenshot of {by}."


def mail(message: bytes) -> str:
    """The head of a mail, and its HTML part."""
    read = message_from_bytes(message, policy=policy.default)
    part = read.get_body(("html",))
    assert part is not None, "every mail has a part in HTML"
    names = ("From", "To", "Subject")
    head = "".join(f"<span>{each}</span><b>{escape(str(read[each]))}</b>" for each in names)
    return f'<div class="from">{head}</div>{part.get_content()}'


def alertmanager() -> str:
    """What a real Alertmanager holds after it was sent the alert by our own delivery."""
    (amtool,) = found("amtool")
    with tempfile.TemporaryDirectory() as folder:
        config = towards(recommended(), "http://127.0.0.1:9")
        with run_alertmanager(Path(folder), config) as running:
            channel = {"type": "alertmanager", "url": running.url}
            settings = Settings.model_validate({"root": folder, "alerts": {"channels": {"it": channel}}})
            carrier = Carrier(Path(folder), lambda: datetime.now(UTC), HttpClient())
            carrier.alert(to_json(ALERT), open_channels(settings).ready["it"])

            def ask(*more: str) -> str:
                line = (amtool, f"--alertmanager.url={running.url}", "alert", "query", *more)
                return subprocess.run(line, capture_output=True, text=True, check=True, timeout=30).stdout  # noqa: S603

            (held,) = json.loads(ask("--output=json"))
            shown = ("labels", "annotations", "startsAt", "endsAt", "generatorURL")
            short, long = command("amtool alert query"), command("amtool alert query --output=json")
            return f"{short}{escape(ask())}\n{long}{document({name: held[name] for name in shown})}"


def main(kinds: list[str]) -> None:
    """Make the pictures of these channels, or of all."""
    for each in kinds or sorted([*OPTIONS, "alertmanager"]):
        file = FOLDER / f"{each}.png"
        take(picture(each), file)
        print(f"{file.relative_to(FOLDER.parents[2])}: {file.stat().st_size / 1000:.0f} kB")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
