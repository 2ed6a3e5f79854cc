"""Text: what strangers wrote into contracts, made safe to show, and short enough for who shows it."""

from __future__ import annotations

import re
import unicodedata

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])|\x9b[0-?]*[ -/]*[@-~]"
)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str, longest: int) -> str:
    """One line without escape sequences, control characters, or characters that turn or hide text.

    Args:
        text: as it came.
        longest: characters; what is longer ends in three dots.
    """
    # Nothing beyond this can be shown, whatever is removed: a megabyte is not walked for a line.
    plain = _ESCAPES.sub("", text[: 4 * longest])
    return cut("".join(" " if unicodedata.category(each) in _UNSEEN else each for each in plain), longest)


def shown(text: str, longest: int) -> str:
    """The same without space around it, and never empty: receivers refuse a message for an empty text."""
    return visible(text, longest).strip() or "?"


def cut(text: str, longest: int) -> str:
    """The text, or as much of it as fits with three dots after it."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
