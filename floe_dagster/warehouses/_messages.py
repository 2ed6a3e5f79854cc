"""Messages: what an engine said, made fit for a person and for an alert."""

from __future__ import annotations

import re

_LONGEST = 300
_QUOTED = re.compile(r"""'[^']*'|"[^"]*\"""")
_STATEMENT = re.compile(r"\n\s*(?:LINE \d|\^)")


def shortened(message: str) -> str:
    """A sentence or two on one line, without the statement that the engine quotes."""
    line = " ".join(_STATEMENT.split(message.strip(), maxsplit=1)[0].split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def without_values(message: str) -> str:
    """A message about a value, without the value: no row of data belongs into a message."""
    return _QUOTED.sub("…", message)
