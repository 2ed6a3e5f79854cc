"""Errors: the whole tree, and nothing that does not pickle.

    FloeError
    ├── UsageError              the command was called wrongly (exit 2)
    ├── SettingsError           floe.yaml cannot be used, with every problem in it (exit 2)
    ├── ContractError           a contract cannot be read, with every problem in it (exit 2)
    ├── PluginError             a shelf holds two things of one name, or one that does not load
    ├── WarehouseError          a warehouse did not answer; carries a cause
    ├── StoreError              what we remember cannot be read or written
    │   ├── StoreAbsentError    there is none yet
    │   └── StoreVersionError   the store is newer or older than this code
    └── DeliveryError           a letter was not accepted; carries whether to try again

Foreign exceptions are translated where they enter, so that nobody above has to know the driver.
A message says what, where, and what to do. Errors carry strings and numbers only, since Dagster moves
them between processes.
"""

from __future__ import annotations


class FloeError(Exception):
    """Base of everything that floe-dagster raises on purpose."""


class UsageError(FloeError):
    """The command was called wrongly."""


class SettingsError(FloeError):
    """The platform manifest cannot be used; the message lists every problem in it."""


class ContractError(FloeError):
    """A contract cannot be read; the message lists every problem in it."""


class PluginError(FloeError):
    """A shelf holds two plugins of one name, or one that does not load."""


class WarehouseError(FloeError):
    """A warehouse did not answer.

    Args:
        message: what happened and what to do.
        cause: one of the values of `floe_dagster.plan.metric.Cause`.
    """

    def __init__(self, message: str, cause: str = "broken") -> None:
        super().__init__(message, cause)
        self.message = message
        self.cause = cause

    def __str__(self) -> str:
        return self.message


class StoreError(FloeError):
    """What we remember cannot be read or written."""


class StoreAbsentError(StoreError):
    """Nothing was recorded yet; the message names the command that makes the store."""


class StoreVersionError(StoreError):
    """The store was written by another version; the message names the command that mends it."""


class DeliveryError(FloeError):
    """A letter was not accepted.

    Args:
        message: what the other side answered.
        retry: whether the same letter may be accepted later.
        after_seconds: how long the other side asked to be left alone, if it did.
    """

    def __init__(self, message: str, *, retry: bool = True, after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry = retry
        self.after_seconds = after_seconds

    def __reduce__(self) -> tuple[object, ...]:
        return (_delivery_error, (self.message, self.retry, self.after_seconds))


def _delivery_error(message: str, retry: bool, after_seconds: float | None) -> DeliveryError:  # noqa: FBT001
    return DeliveryError(message, retry=retry, after_seconds=after_seconds)
