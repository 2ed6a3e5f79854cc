"""Delivery: carries what waits in the outbox, at least once, to where it belongs.

A parcel is claimed for the time of a lease, carried outside of any transaction, and acknowledged; an
acknowledgement is void where another dispatcher has taken the parcel over in the meantime. So the tick, the
sensors and a person at the command line may drain the same outbox at once, and a kill at any point loses
nothing. What cannot be ruled out is that a letter arrives twice, where its answer was lost; it then has the
same id.

Only this room and `lineage/emit.py` know the outside. Alerts go through one lane per channel, so that a slow
channel delays no other; lineage events are appended to their file many at a time.
"""

from floe_dagster.delivery.dispatch import Delivery
from floe_dagster.delivery.report import DeliveryReport

__all__ = ["Delivery", "DeliveryReport"]
