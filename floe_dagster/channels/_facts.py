"""Facts: an alert as programs read it, whatever the channel.

The names are a published interface (`docs/alerts.md`): a name may be added, and none changes its meaning
without a new `SCHEMA`.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from floe_dagster.notify.alert import Alert

SCHEMA = "floe.alert/1"


def facts(alert: Alert) -> dict[str, object]:
    """The alert's attributes as JSON values, in the order of the class, times as RFC 3339."""
    return {each.name: _plain(getattr(alert, each.name)) for each in fields(alert)}


def to_text(value: object) -> str:
    """One line of JSON, in ASCII: hostile text can then neither break a line nor fail to be encoded."""
    return json.dumps(value, allow_nan=False)


def rfc3339(moment: datetime) -> str:
    """A time in the form of RFC 3339, in UTC with `Z`."""
    return moment.isoformat().replace("+00:00", "Z")


def _plain(value: object) -> object:
    match value:
        case datetime():
            return rfc3339(value)
        case float() if not math.isfinite(value):
            return str(value)
        case tuple():
            return list(value)
        case _:
            return value
