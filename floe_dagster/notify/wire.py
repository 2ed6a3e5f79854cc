"""Wire: an alert as text, as it lies in the outbox until it is carried."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import Any

from floe_dagster.errors import DeliveryError
from floe_dagster.notify.alert import Alert
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity

VERSION = 1
"""Raised when text of before can no longer be read; a new attribute with a default is no reason to."""

_NAMES = tuple(each.name for each in fields(Alert))
_TUPLES = ("consumers", "downstream", "background")


def to_json(alert: Alert) -> str:
    """The alert as JSON text, in ASCII."""
    return json.dumps(
        {"version": VERSION, "alert": {name: getattr(alert, name) for name in _NAMES}},
        default=datetime.isoformat,
    )


def from_json(text: str) -> Alert:
    """The alert that was written; attributes that this version does not know are left out.

    Raises:
        DeliveryError: the text is not an alert of this version; trying again does not help.
    """
    try:
        document = json.loads(text)
        if (version := document["version"]) == VERSION:
            return _alert({name: value for name, value in document["alert"].items() if name in _NAMES})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DeliveryError(f"what lies in the outbox is not an alert: {error}", retry=False) from error
    raise DeliveryError(
        f"the alert is of version {version}, and this floe-dagster reads {VERSION}; upgrade floe-dagster",
        retry=False,
    )


def _alert(known: dict[str, Any]) -> Alert:
    return Alert(
        **known
        | {
            "transition": Transition(known["transition"]),
            "severity": Severity(known["severity"]),
            **{name: tuple(known.get(name, ())) for name in _TUPLES},
            "since": datetime.fromisoformat(known["since"]),
            "at": datetime.fromisoformat(known["at"]),
        }
    )
