"""ISO 8601: how text has to be written for every engine to read it as a time, and as the same one.

Engines take more, each in its own way: 24:00, 10:30 PM, a space before the offset.
"""

from __future__ import annotations

_DATE, _CLOCK = r"\d{4}-\d{2}-\d{2}", r"\d{2}:\d{2}(:\d{2}(\.\d+)?)?"
_OFFSET = r"(Z|[+-]\d{2}(:?\d{2})?)"

ZONED = f"^{_DATE}[T ]{_CLOCK}{_OFFSET}$"
"""A timestamp with an offset."""
NAIVE = f"^{_DATE}([T ]{_CLOCK})?$"
"""A date, or a timestamp without an offset."""
WITHOUT_ZONE = f"^({_DATE}[T ])?{_CLOCK}"
"""How a timestamp or a time of day begins, and where it ends if it has no offset."""
WITH_ZONE = f"{WITHOUT_ZONE}{_OFFSET}$"
"""A timestamp or a time of day with an offset."""
CLOCK = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?$"
"""A time of day without an offset."""
ENDS = ("0001-01-01 00:00:00+00:00", "9999-12-31 23:59:59.999999+00:00")
"""The first and the last instant that every engine and Python can tell."""
