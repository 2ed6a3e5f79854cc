"""Pages: what stands around a letter in a picture, and letters that are text."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path

_STYLE = (Path(__file__).parent / "page.css").read_text()


def page(inside: str, by: str, *, kind: str = "") -> str:
    """A page that shows this, and says below how it was drawn."""
    return (
        f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style><body>'
        f'<div class="card {kind}">{inside}</div><div class="by">{escape(by)}</div>'
    )


def terminal(text: str, by: str) -> str:
    """Text as a terminal shows it."""
    return page(f"<pre>{text}</pre>", by, kind="terminal")


def document(found: object) -> str:
    """JSON with its names and texts told apart, as HTML."""
    text = escape(json.dumps(found, indent=2, ensure_ascii=False), quote=False)
    return re.sub(
        r'("(?:[^"\\]|\\.)*")(: )?',
        lambda part: f"<i>{part[1]}</i>: " if part[2] else f"<u>{part[1]}</u>",
        text,
    )


def command(line: str) -> str:
    """A command as it was typed, as HTML."""
    return f"<b>$ {escape(line)}</b>\n"
