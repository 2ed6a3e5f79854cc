"""Teams: the alert as an Adaptive Card, POSTed to a workflow ("When a Teams webhook request is received").

A message has at most 28 KB. Text stands in runs of rich text, which are shown as they are: a text block would
read Markdown in it, and so links that a stranger wrote. A workflow answers 202 once it has taken the message;
whether it could then post it, it does not say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pydantic import Field

from floe_dagster.channels._http import ByHttp, Url, to_body
from floe_dagster.channels._telling import headline, is_over, link, message, told
from floe_dagster.notify.letter import Post
from floe_dagster.plan.check import Severity

if TYPE_CHECKING:
    from pydantic import BaseModel

    from floe_dagster.notify.alert import Alert

_CARD = "application/vnd.microsoft.card.adaptive"


class Options(ByHttp):
    """What can be set."""

    url: Url = Field(description="of the workflow; its signature is a password, and so it never shows")


class Teams:
    """Writes Adaptive Cards."""

    options: type[BaseModel] = Options

    def write(self, alert: Alert, options: BaseModel) -> Post:
        """A headline in the colour of how it stands, the sentence, the facts, and where to look."""
        chosen = cast("Options", options)
        attachment = {"contentType": _CARD, "contentUrl": None, "content": _card(alert)}
        return Post(
            url=chosen.url.get_secret_value(),
            body=to_body({"type": "message", "attachments": [attachment]}),
            headers={"Content-Type": "application/json; charset=utf-8"},
            timeout_seconds=chosen.timeout_seconds,
        )


CHANNEL = Teams()


def _card(alert: Alert) -> dict[str, object]:
    title = _run(headline(alert)) | {"size": "medium", "weight": "bolder", "color": _colour(alert)}
    facts = [_text(_run(f"{name}: ") | {"weight": "bolder"}, _run(value)) for name, value in told(alert)]
    url = link(alert)
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "fallbackText": headline(alert),
        "body": [_text(title), _text(_run(message(alert))), {"type": "Container", "items": facts}],
        **({"actions": [{"type": "Action.OpenUrl", "title": "Look in Dagster", "url": url}]} if url else {}),
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
