"""Slack: the alert as a message of blocks, POSTed to an incoming webhook.

Blocks (https://docs.slack.dev/reference/block-kit/blocks): at most 50; a header has 150 characters, a
section 3000, and messages of more than about 13,000 bytes are refused as a whole. A webhook can neither edit
nor thread, so that a recovery is a message of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from pydantic import Field

from floe_dagster.channels._http import ByHttp, Url, to_body
from floe_dagster.channels._telling import headline, link, message, told
from floe_dagster.channels._text import cut
from floe_dagster.notify.letter import Post

if TYPE_CHECKING:
    from pydantic import BaseModel

    from floe_dagster.notify.alert import Alert

_HEADER = 150
_MESSAGE = 1200
_FACT = 150
_EVERYBODY = re.compile(r"@(?=channel|here|everyone)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp|lt|gt);|.", re.DOTALL)


class Options(ByHttp):
    """What can be set."""

    url: Url = Field(description="of the incoming webhook; it is a password, and so never shows")


class Slack:
    """Writes Block Kit."""

    options: type[BaseModel] = Options

    def write(self, alert: Alert, options: BaseModel) -> Post:
        """A header, the sentence, the facts in two columns, and where to look."""
        chosen = cast("Options", options)
        return Post(
            url=chosen.url.get_secret_value(),
            body=to_body(_message(alert)),
            headers={"Content-Type": "application/json; charset=utf-8"},
            timeout_seconds=chosen.timeout_seconds,
        )


CHANNEL = Slack()


def escaped(text: str, longest: int) -> str:
    """Text that Slack takes for neither a link, a mention nor an entity, cut between characters.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    calm = _EVERYBODY.sub("@\u2060", text)
    safe = calm.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if len(safe) <= longest:
        return safe
    kept, room = "", longest - 3
    for each in _ENTITY.findall(safe):
        if len(kept) + len(each) > room:
            break
        kept += each
    return f"{kept}..."


def _message(alert: Alert) -> dict[str, object]:
    facts = [f"*{name}*\n{escaped(value, _FACT)}" for name, value in told(alert)]
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _title(alert), "emoji": False}},
        {"type": "section", "text": _mrkdwn(escaped(message(alert), _MESSAGE))},
        {"type": "section", "fields": [_mrkdwn(each) for each in facts]},
    ]
    if url := link(alert):
        # `|` ends the address within the brackets; the rest of what would end it is quoted already.
        blocks.append({"type": "context", "elements": [_mrkdwn(f"<{_entities(url)}|Look in Dagster>")]})
    # What a notification shows where blocks are not: of a phone, of a screen reader.
    return {"text": escaped(headline(alert), _HEADER), "blocks": blocks}


def _title(alert: Alert) -> str:
    return cut(_EVERYBODY.sub("@\u2060", headline(alert)), _HEADER)


def _mrkdwn(text: str) -> dict[str, object]:
    # verbatim: no name and no address in the text is made into a mention or a link
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _entities(url: str) -> str:
    return url.replace("&", "&amp;")
