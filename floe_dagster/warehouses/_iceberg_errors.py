"""Iceberg errors: what pyiceberg and what it stands on raise, as ours.

None of their texts is told: they hold addresses, statements, what a server answered, or values of rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Cause, NotMeasured

if TYPE_CHECKING:
    from floe_dagster.warehouses._iceberg import Lake

_UNREACHABLE = "does not answer; check catalogUrl and the network"
_REFUSED = "refuses the credentials; check them in the connection in floe.yaml"
_SAID: dict[str, tuple[Cause, str]] = {
    "SSLError": (Cause.UNREACHABLE, "has no certificate that is trusted here"),
    "Timeout": (Cause.TIMEOUT, "does not answer within the timeout; raise timeout in floe.yaml"),
    "TimeoutError": (Cause.TIMEOUT, "does not answer within the timeout; raise timeout in floe.yaml"),
    "UnauthorizedError": (Cause.DENIED, _REFUSED),
    "AuthorizationExpiredError": (Cause.DENIED, _REFUSED),
    "OAuthError": (Cause.DENIED, _REFUSED),
    "NoCredentialsError": (Cause.DENIED, "needs credentials, and there are none in the environment"),
    "ForbiddenError": (Cause.DENIED, "does not let this user read it"),
    "TooManyRequestsError": (Cause.LOCKED, "has had too many requests; ask it less often"),
    "ServiceUnavailableError": (Cause.UNREACHABLE, "is not available at the moment"),
    "ServerError": (Cause.UNREACHABLE, "failed by itself (an error of the server's)"),
    "InvalidURL": (Cause.MISCONFIGURED, "has an address that is none; correct catalogUrl"),
    "InvalidSchema": (Cause.MISCONFIGURED, "has an address that is none; correct catalogUrl"),
    "RESTError": (Cause.BROKEN, "answers what a REST catalogue of Iceberg does not; correct catalogUrl"),
    "JSONDecodeError": (
        Cause.BROKEN,
        "answers what a REST catalogue of Iceberg does not; correct catalogUrl",
    ),
    "ConnectionError": (Cause.UNREACHABLE, _UNREACHABLE),
    "RequestException": (Cause.UNREACHABLE, _UNREACHABLE),
    "TTransportException": (Cause.UNREACHABLE, _UNREACHABLE),
    "EndpointConnectionError": (Cause.UNREACHABLE, _UNREACHABLE),
    "ClientError": (Cause.DENIED, "refuses the request; check the credentials and what they allow"),
    "ProgrammingError": (
        Cause.MISCONFIGURED,
        "is in a database without the table iceberg_tables; correct catalogUrl",
    ),
    "DatabaseError": (Cause.UNREACHABLE, "is in a database that cannot be read; check catalogUrl"),
}
"""What a catalogue does that raises an error, by the name of its class or of one that it is of."""

_OF_FILES: dict[str, tuple[Cause, str]] = {
    "FileNotFoundError": (Cause.BROKEN, "is not there; the table is damaged, or was cleaned up meanwhile"),
    "PermissionError": (Cause.DENIED, "may not be read; check the credentials of the storage"),
    "OSError": (Cause.BROKEN, "cannot be read; check the storage and its credentials"),
}


def of_catalogue(error: Exception, lake: Lake) -> WarehouseError:
    """Why a catalogue cannot be opened."""
    if isinstance(error, WarehouseError):
        return error
    server = f'the Iceberg catalogue of server "{lake.known.server}"'
    if isinstance(error, ImportError) or type(error).__name__ == "NotInstalledError":
        return WarehouseError(
            f'{server} needs more than is installed; install "pyiceberg[{_EXTRAS[lake.kind]}]"',
            cause=Cause.MISCONFIGURED,
        )
    if _holds_no_catalogue(error):
        cause, said = _SAID["ProgrammingError"]
    else:
        cause, said = _looked_up(error, _SAID) or (Cause.BROKEN, f"cannot be opened ({type(error).__name__})")
    return WarehouseError(f"{server} {said}", cause=cause)


def of_table(error: Exception, name: str, lake: Lake) -> NotMeasured:
    """Why a table's metadata cannot be read."""
    if type(error).__name__ == "NoSuchIcebergTableError":
        return NotMeasured(Cause.NO_DATASET, f'"{name}" is there, and is no table of Iceberg')
    if _holds_no_catalogue(error) or (_looked_up(error, _SAID) and type(error).__module__ != "builtins"):
        told = of_catalogue(error, lake)
        return NotMeasured(Cause(told.cause), told.message)
    told = of_file(error, f"the metadata of {name}")
    gone = isinstance(error, OSError) and told.cause == Cause.BROKEN
    return NotMeasured(Cause.UNREACHABLE if gone else Cause(told.cause), told.message)


def of_file(error: Exception, what: str) -> WarehouseError:
    """Why a file of a table cannot be read.

    Args:
        error: whatever was raised.
        what: the file, as the subject of a sentence.
    """
    if isinstance(error, WarehouseError):
        return error
    if type(error).__name__ == "ForbiddenFileError":
        return WarehouseError(f"{what} {error}", cause=Cause.DENIED)
    if isinstance(error, TimeoutError):
        return WarehouseError(
            f"{what} cannot be read within the timeout; raise timeout in floe.yaml", Cause.TIMEOUT
        )
    if "equality deletes" in str(error):
        return WarehouseError(
            f"{what} has equality deletes, which pyiceberg cannot apply; compact the table, or ask it "
            "through an engine that can",
            cause=Cause.UNSUPPORTED,
        )
    cause, said = _looked_up(error, _OF_FILES) or (
        Cause.BROKEN,
        f"cannot be read by pyiceberg ({type(error).__name__})",
    )
    return WarehouseError(f"{what} {said}", cause=cause)


_EXTRAS = {"sql": "sql-postgres", "glue": "glue", "hive": "hive", "rest": "rest-sigv4"}


def _looked_up(error: Exception, said: dict[str, tuple[Cause, str]]) -> tuple[Cause, str] | None:
    names = (each.__name__ for each in type(error).__mro__)
    return next((said[each] for each in names if each in said), None)


def _holds_no_catalogue(error: Exception) -> bool:
    return "no such table: iceberg_" in str(error)
