"""Types: values that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import DateTime, Text
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Dialect

MaybeText = TypeVar("MaybeText", str, str | None)


class Moment(TypeDecorator[datetime]):
    """A point in time, in UTC, exact to the microsecond; a naive one is refused.

    SQLite keeps no zone and so is given none: its text is that of SQLAlchemy's own type, which sorts by time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], datetime | str | None]:
        """What makes a value of a point in time."""
        make = _text_of if dialect.name == "sqlite" else _utc

        def made(value: datetime | None) -> datetime | str | None:
            return None if value is None else make(value)

        return made

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[datetime | str | None], datetime | None]:
        """What makes a point in time of a value."""
        del coltype
        return _read_text if dialect.name == "sqlite" else _read_moment  # type: ignore[return-value]

    def sent(self, values: list[datetime | None], dialect: Dialect) -> list[str | None]:
        """The values of a whole column, few of which differ in a tick; PostgreSQL reads them as text."""
        make = _text_of if dialect.name == "sqlite" else _zoned_text_of
        texts = {each: make(each) for each in set(values) if each is not None}
        return [None if each is None else texts[each] for each in values]


def _utc(value: datetime) -> datetime:
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone; a point in time must")
    return value.astimezone(UTC)


def _zoned_text_of(value: datetime) -> str:
    return _utc(value).isoformat(" ", "microseconds")


def _text_of(value: datetime) -> str:
    return _zoned_text_of(value)[:26]


def _read_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


def _read_moment(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


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
        return self._keep

    def kept(self, values: list[MaybeText]) -> list[MaybeText]:
        """The values of a whole column; where all are plain ASCII and short, as they are."""
        texts = [each for each in values if each is not None]
        joined = "".join(texts)
        short_enough = self.most_bytes is None or max(map(len, texts), default=0) <= self.most_bytes
        if joined.isascii() and "\0" not in joined and short_enough:
            return values
        return [self._keep(each) for each in values]

    def _keep(self, value: MaybeText) -> MaybeText:
        most = self.most_bytes
        if value is None:
            return None
        return short(plain(value), most) if most else plain(value)


def plain(text: str) -> str:
    """The text with what no database keeps replaced by a question mark."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")


def short(text: str, most_bytes: int) -> str:
    """The text, or its beginning and a digest where it is longer than that."""
    if text.isascii() and len(text) <= most_bytes:
        return text
    raw = text.encode()
    if len(raw) <= most_bytes:
        return text
    digest = sha256(raw).hexdigest()
    return raw[: most_bytes - len(digest) - 1].decode("utf-8", "ignore") + "~" + digest
