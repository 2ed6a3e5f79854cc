"""Bundle: which of the alerts that were claimed for a channel are carried in one letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.errors import DeliveryError
from floe_dagster.notify.digest import groups
from floe_dagster.notify.wire import from_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from floe_dagster.notify.alert import Alert
    from floe_dagster.notify.digest import Grouping
    from floe_dagster.state.records import Claim


def bundled(claims: Iterable[Claim], grouping: Grouping) -> Sequence[Sequence[Claim]]:
    """The claims, each in one bundle; one that holds no alert is alone, and so spoils no other."""
    readable: list[tuple[Claim, Alert]] = []
    alone: list[tuple[Claim]] = []
    for each in claims:
        try:
            readable.append((each, from_json(each.parcel.payload)))
        except DeliveryError:
            alone.append((each,))
    found = groups(readable, lambda pair: pair[1], grouping)
    return [*(tuple(claim for claim, _ in group) for group in found), *alone]
