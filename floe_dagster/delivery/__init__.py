"""Delivery: carries what waits in the outbox, at least once, to where it belongs.

A parcel is claimed for the time of a lease, carried outside of any transaction, and acknowledged; an
acknowledgement is void where another dispatcher has taken the parcel over in the meantime. So the tick, the
sensors and a person at the command line may drain the same outbox at once, and a kill at any point loses
nothing. What cannot be ruled out is that a letter arrives twice, where its answer was lost; it then has the
same id.

Only this room knows the outside. Alerts go through one lane per channel, and lineage events through one per
transport, so that a slow one delays no other.
"""

from floe_dagster.delivery.beside import Beside
from floe_dagster.delivery.dispatch import Delivery
from floe_dagster.delivery.report import DeliveryReport

__all__ = ["Beside", "Delivery", "DeliveryReport"]
