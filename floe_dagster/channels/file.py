"""File: one line of JSON per alert, appended; for log shippers, and for people with grep."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pydantic import Field

from floe_dagster.channels._facts import SCHEMA, facts, to_text
from floe_dagster.channels._http import Closed
from floe_dagster.notify.letter import Line

if TYPE_CHECKING:
    from pydantic import BaseModel

    from floe_dagster.notify.alert import Alert


class Options(Closed):
    """What can be set."""

    path: str = Field(min_length=1, description="the file; a relative path starts at the manifest's folder")


class File:
    """Writes JSON Lines."""

    options: type[BaseModel] = Options

    def write(self, alert: Alert, options: BaseModel) -> Line:
        """The alert as one object, which names its schema first."""
        return Line(path=cast("Options", options).path, text=to_text({"schema": SCHEMA, **facts(alert)}))


CHANNEL = File()
