"""Teams: alerts as an Adaptive Card, POSTed to a workflow ("When a Teams webhook request is received").

A message has at most 28 KB. Text stands in runs of rich text, which are shown as they are: a text block would
read Markdown in it, and so links that a stranger wrote. A workflow answers 202 once it has taken the message;
whether it could then post it, it does not say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pydantic import Field

from floe_dagster.channels._digest import digest, fitting, left_out, sections
from floe_dagster.channels._http import ByHttp, Url, to_body
from floe_dagster.channels._telling import BEHIND, behind, headline, is_over, links, message, told
from floe_dagster.notify.letter import Post
from floe_dagster.plan.check import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from floe_dagster.channels._digest import Entry
    from floe_dagster.notify.alert import Alert

_CARD = "application/vnd.microsoft.card.adaptive"
_LINES = 40
_LETTER = 28_000
_AROUND = 1_000
"""bytes of what stands around the lines: the envelope, titles of sections, and how many more there are"""


class Options(ByHttp):
    """What can be set."""

    url: Url = Field(description="of the workflow; its signature is a password, and so it never shows")


class Teams:
    """Writes Adaptive Cards."""

    options: type[BaseModel] = Options

    def write(self, alert: Alert, options: BaseModel) -> Post:
        """A headline in the colour of how it stands, the sentence, the facts, and where to look."""
        return _post(_card(alert), options)

    def write_together(self, alerts: Sequence[Alert], options: BaseModel) -> Post:
        """A headline in the colour of the worst, the counts, and a line for each of the worst."""
        return _post(_digest(alerts), options)


CHANNEL = Teams()


def _post(card: dict[str, object], options: BaseModel) -> Post:
    chosen = cast("Options", options)
    attachment = {"contentType": _CARD, "contentUrl": None, "content": card}
    return Post(
        url=chosen.url.get_secret_value(),
        body=to_body({"type": "message", "attachments": [attachment]}),
        headers={"Content-Type": "application/json; charset=utf-8"},
        timeout_seconds=chosen.timeout_seconds,
    )


def _card(alert: Alert) -> dict[str, object]:
    body = [_title(headline(alert), alert), _text(_run(message(alert))), _facts(told(alert))]
    if why := behind(alert):
        title = _text(_run(BEHIND) | {"weight": "bolder"})
        body.append({"type": "Container", "items": [title, *(_text(_run(each)) for each in why)]})
    actions = [{"type": "Action.OpenUrl", "title": name, "url": url} for name, url in links(alert)]
    return _adaptive(headline(alert), body) | ({"actions": actions} if actions else {})


def _digest(alerts: Sequence[Alert]) -> dict[str, object]:
    found = digest(alerts)
    body = [_title(found.headline, alerts[0]), _facts(found.facts)]
    card = _adaptive(found.headline, body)
    room = _LETTER - _AROUND - len(to_body(card))
    kept = fitting(found.entries, lambda each: len(to_body(_line(each))) + 2, room, _LINES)
    for section in sections(kept):
        title = [_text(_run(section.title) | {"weight": "bolder"})] if section.title else []
        lines = [_line(each) for each in section.entries]
        body.append({"type": "Container", "separator": True, "items": title + lines})
    if more := left_out(found.entries, kept):
        body.append(_text(_run(more) | {"isSubtle": True}))
    return card


def _line(entry: Entry) -> dict[str, object]:
    look = _run("Look") | {"selectAction": {"type": "Action.OpenUrl", "url": entry.link}}
    return _text(_run(entry.text), *([_run(" "), look] if entry.link else []))


def _title(text: str, worst: Alert) -> dict[str, object]:
    return _text(_run(text) | {"size": "medium", "weight": "bolder", "color": _colour(worst)})


def _facts(facts: Sequence[tuple[str, str]]) -> dict[str, object]:
    lines = [_text(_run(f"{name}: ") | {"weight": "bolder"}, _run(value)) for name, value in facts]
    return {"type": "Container", "items": lines}


def _adaptive(headline: str, body: list[dict[str, object]]) -> dict[str, object]:
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "fallbackText": headline,
        "body": body,
    }


def _run(text: str) -> dict[str, object]:
    return {"type": "TextRun", "text": text}


def _text(*runs: dict[str, object]) -> dict[str, object]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _colour(alert: Alert) -> str:
    if is_over(alert):
        return "good"
    match alert.severity:
        case Severity.CRITICAL | Severity.ERROR:
            return "attention"
        case Severity.WARNING:
            return "warning"
        case _:
            return "accent"
