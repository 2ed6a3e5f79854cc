"""Types: values that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import DateTime, Text
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Dialect


class Moment(TypeDecorator[datetime]):
    """A point in time, in UTC, exact to the microsecond; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite keeps no zone, and so is given none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone; a point in time must")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back to an aware one."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Words(Text):
    """Text from outside, of which none is refused.

    What PostgreSQL cannot keep (NUL, lone surrogates) is replaced; what is too long for its indexes is cut.

    Args:
        most_bytes: of text that an index holds; where there are more, a digest takes the place of the rest.
    """

    cache_ok = True

    def __init__(self, most_bytes: int | None = None) -> None:
        super().__init__()
        self.most_bytes = most_bytes

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """What makes a value of a text."""
        del dialect
        most = self.most_bytes

        def kept(value: str | None) -> str | None:
            if value is None:
                return None
            if value.isascii() and "\0" not in value and (most is None or len(value) <= most):
                return value
            return short(plain(value), most) if most else plain(value)

        return kept


def plain(text: str) -> str:
    """The text with what no database keeps replaced by a question mark."""
    return text.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")


def short(text: str, most_bytes: int) -> str:
    """The text, or its beginning and a digest where it is longer than that."""
    raw = text.encode()
    if len(raw) <= most_bytes:
        return text
    digest = sha256(raw).hexdigest()
    return raw[: most_bytes - len(digest) - 1].decode("utf-8", "ignore") + "~" + digest
