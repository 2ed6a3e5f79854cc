"""The health room: whether the monitor itself is well, and what to do where it is not.

`look` gathers facts and never raises, `examine` makes findings of them and does nothing else.
"""

from floe_dagster.health.examine import examine
from floe_dagster.health.finding import Aspect, Finding, Health
from floe_dagster.health.look import look

__all__ = ["Aspect", "Finding", "Health", "examine", "look"]
