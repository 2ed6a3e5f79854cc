"""Cards: the blocks of Slack and the cards of Teams as HTML, about as these show them.

Only what our letters hold is known; anything else ends the script, so that no picture leaves something out.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def slack(message: Mapping[str, Any]) -> str:
    """A message of Block Kit."""
    return "".join(_block(each) for each in message["blocks"])


def teams(message: Mapping[str, Any]) -> str:
    """A message with one Adaptive Card."""
    (attachment,) = message["attachments"]
    card = attachment["content"]
    actions = "".join(f"<a>{escape(each['title'])}</a>" for each in card.get("actions", ()))
    return "".join(_element(each) for each in card["body"]) + f'<div class="buttons">{actions}</div>'


def _block(block: Mapping[str, Any]) -> str:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": text}}:
            return f"<h1>{escape(text)}</h1>"
        case {"type": "section", "fields": fields}:
            told = "".join(f"<div>{_mrkdwn(each)}</div>" for each in fields)
            return f'<div class="fields">{told}</div>'
        case {"type": "section", "text": text}:
            return f"<p>{_mrkdwn(text)}</p>"
        case {"type": "context", "elements": elements}:
            told = "".join(f"<span>{_mrkdwn(each)}</span>" for each in elements)
            return f'<div class="context">{told}</div>'
        case _:
            raise SystemExit(f"the picture of Slack does not know the block {block}")


def _mrkdwn(text: Mapping[str, Any]) -> str:
    """Its text is escaped for HTML by Slack's own rules, but for links in angle brackets."""
    linked = re.sub(r"<(https?://[^|>]*)\|([^>]*)>", r"<a>\2</a>", text["text"])
    return re.sub(r"(?m)^\*([^*\n]+)\*$", r"<b>\1</b>", linked).replace("\n", "<br>")


def _element(element: Mapping[str, Any]) -> str:
    match element:
        case {"type": "RichTextBlock", "inlines": runs}:
            return "<div>" + "".join(_run(each) for each in runs) + "</div>"
        case {"type": "Container", "items": items}:
            return '<div class="group">' + "".join(_element(each) for each in items) + "</div>"
        case _:
            raise SystemExit(f"the picture of Teams does not know the element {element}")


def _run(run: Mapping[str, Any]) -> str:
    known = {"type", "text", "size", "weight", "color", "isSubtle", "selectAction"}
    if extra := set(run) - known:
        raise SystemExit(f"the picture of Teams does not know {sorted(extra)} of a run of text")
    look = [run.get(name, "") for name in ("size", "weight", "color")] + ["subtle"] * bool(
        run.get("isSubtle")
    )
    return f'<span class="{" ".join(look).strip()}">{escape(run["text"])}</span>'
