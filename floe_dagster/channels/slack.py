"""Slack: the alert, or several of them, as a message of blocks, POSTed to an incoming webhook.

Blocks (https://docs.slack.dev/reference/block-kit/blocks): at most 50; a header has 150 characters, a
section 3000, and messages of more than about 13,000 bytes are refused as a whole. A webhook can neither edit
nor thread, so that a recovery is a message of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from pydantic import Field

from floe_dagster.channels._digest import digest, fitting, left_out, sections
from floe_dagster.channels._http import ByHttp, Url, to_body
from floe_dagster.channels._telling import BEHIND, LONGEST_PROMISE, behind, headline, links, message, told
from floe_dagster.channels._text import cut
from floe_dagster.notify.letter import Post

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import BaseModel

    from floe_dagster.channels._digest import Entry
    from floe_dagster.notify.alert import Alert

_HEADER = 150
_MESSAGE = 1000
_CLUE = 300
_LETTER = 12_800
_FACT = 150
_FIELDS = 10
_LINE = 500
_LINES = 25
_AROUND = 500
"""bytes of what stands around the lines: titles of sections, and how many more there are"""
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
        return _post(_message(alert), options)

    def write_together(self, alerts: Sequence[Alert], options: BaseModel) -> Post:
        """A header, the counts in two columns, and a section for each of the worst."""
        return _post(_digest(alerts), options)


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


def _post(message: dict[str, object], options: BaseModel) -> Post:
    chosen = cast("Options", options)
    return Post(
        url=chosen.url.get_secret_value(),
        body=to_body(message),
        headers={"Content-Type": "application/json; charset=utf-8"},
        timeout_seconds=chosen.timeout_seconds,
    )


def _message(alert: Alert) -> dict[str, object]:
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _title(headline(alert)), "emoji": False}},
        {"type": "section", "text": _mrkdwn(escaped(message(alert, _MESSAGE), _MESSAGE))},
        *_facts(told(alert)),
    ]
    # What a notification shows where blocks are not: of a phone, of a screen reader.
    document: dict[str, object] = {"text": escaped(headline(alert), _HEADER), "blocks": blocks}
    where, why = _links(alert), [f"\u2022 {escaped(each, _CLUE)}" for each in behind(alert)]
    while why and len(to_body([document, where, _behind(why)])) > _LETTER:
        why.pop()
    while where and len(to_body([document, where])) > _LETTER:
        where.pop()
    blocks += [_behind(why)] if why else []
    blocks += [{"type": "context", "elements": [_mrkdwn(each) for each in where]}] if where else []
    return document


def _facts(facts: Sequence[tuple[str, str]]) -> Iterator[dict[str, object]]:
    """Sections of facts; one holds so many of them and no more."""
    for start in range(0, len(facts), _FIELDS):
        some = facts[start : start + _FIELDS]
        yield {"type": "section", "fields": [_mrkdwn(_fact(name, value)) for name, value in some]}


def _behind(why: Sequence[str]) -> dict[str, object]:
    return {"type": "section", "text": _mrkdwn("\n".join((f"*{BEHIND}*", *why)))}


def _links(alert: Alert) -> list[str]:
    # `|` ends the address within the brackets; the rest of what would end it is quoted already.
    return [f"<{_entities(url)}|{name}>" for name, url in links(alert)]


def _digest(alerts: Sequence[Alert]) -> dict[str, object]:
    found = digest(alerts)
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _title(found.headline), "emoji": False}}
    ]
    blocks += _facts(found.facts)
    document: dict[str, object] = {"text": escaped(found.headline, _HEADER), "blocks": blocks}
    room = _LETTER - _AROUND - len(to_body(document))
    kept = fitting(found.entries, lambda each: len(to_body(_line(each))) + 2, room, _LINES)
    for section in sections(kept):
        if section.title:
            blocks.append({"type": "section", "text": _mrkdwn(f"*{section.title}*")})
        blocks += [_line(each) for each in section.entries]
    if more := left_out(found.entries, kept):
        blocks.append({"type": "context", "elements": [_mrkdwn(more)]})
    return document


def _line(entry: Entry) -> dict[str, object]:
    url = _entities(entry.link)
    look = f" <{url}|Look>" if url and len(url) <= _LINE else ""
    return {"type": "section", "text": _mrkdwn(f"{escaped(entry.text, _LINE)}{look}")}


def _fact(name: str, value: str) -> str:
    return f"*{name}*\n{escaped(value, LONGEST_PROMISE if name == 'Promised' else _FACT)}"


def _title(text: str) -> str:
    return cut(_EVERYBODY.sub("@\u2060", text), _HEADER)


def _mrkdwn(text: str) -> dict[str, object]:
    # verbatim: no name and no address in the text is made into a mention or a link
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _entities(url: str) -> str:
    return url.replace("&", "&amp;")
