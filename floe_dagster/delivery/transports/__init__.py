"""The transports shelf: the ways on which lineage events leave, one per file.

Each module exposes `TRANSPORT`, and `open_transports` holds the manifest's against them. Every transport is a
channel of the outbox of its own, with parcels of its own, so that a dead one delays no other and makes none
repeat itself. One that cannot be used is listed with the reason; its events wait for it to be mended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from pydantic import BaseModel, ValidationError

from floe_dagster.contract.wording import meant
from floe_dagster.delivery.addresses import Resolve, resolve
from floe_dagster.errors import DeliveryError
from floe_dagster.lineage import CHANNEL, channel_of
from floe_dagster.plugins import on_shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from floe_dagster.delivery.post import Client
    from floe_dagster.settings import Settings
    from floe_dagster.state.records import Claim


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What transports have of the world.

    Attributes:
        root: relative paths of files start here.
        clock: the time, aware, UTC.
        client: who carries letters by HTTP.
        ask: finds the addresses of a host.
    """

    root: Path
    clock: Callable[[], datetime]
    client: Client
    ask: Resolve = resolve


class Transport(Protocol):
    """A way for lineage events; used by one thread at a time."""

    options: ClassVar[type[BaseModel]]
    """what an operator may set; no problem with it shows a value"""

    def bundles(self, claims: Sequence[Claim]) -> Iterable[Sequence[Claim]]:
        """What is carried together, of what was claimed together."""

    def carry(self, events: Sequence[str]) -> str:
        """Carry events, each a JSON document, and return what was answered.

        Raises:
            DeliveryError: they were not accepted, or nobody knows whether they were.
        """

    def check(self) -> str:
        """Whether events would find their way; none is sent. Returns what was found.

        Raises:
            DeliveryError: they would not, and why.
        """


@dataclass(frozen=True, slots=True)
class OpenTransports:
    """The manifest's transports, by their channel of the outbox: each is ready, or broken for a reason."""

    ready: Mapping[str, Transport]
    broken: Mapping[str, str]


def open_transports(settings: Settings, outside: Outside) -> OpenTransports:
    """Every transport of the manifest, its options validated. No message holds a value: it may be secret."""
    ready: dict[str, Transport] = {}
    broken = {
        channel_of(name.removeprefix("lineage.")): reason
        for name, reason in settings.broken.items()
        if name.startswith("lineage.")
    }
    wanted = {
        name: (each.type, each.model_extra or {})
        for name, each in settings.lineage.transports.items()
        if not each.off
    }
    for name, (kind, options) in wanted.items():
        try:
            ready[channel_of(name)] = _open(f"lineage.transports.{name}", kind, options, outside)
        except DeliveryError as error:
            broken[channel_of(name)] = error.message
    if settings.lineage.file:
        ready[CHANNEL] = _open("lineage.file", "file", {"path": settings.lineage.file}, outside)
    return OpenTransports(ready, broken)


def _open(where: str, kind: str, options: Mapping[str, object], outside: Outside) -> Transport:
    kinds = on_shelf(__name__, "TRANSPORT")
    if kind not in kinds:
        raise DeliveryError(f"{where}.type: there is no transport of this type{meant(kind, kinds)}")
    transport = cast("Callable[[BaseModel, Outside], Transport]", kinds[kind])
    model = cast("Transport", transport).options
    try:
        return transport(model.model_validate(options), outside)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        raise DeliveryError("; ".join(_problem(where, model, each) for each in problems)) from None


def _problem(where: str, options: type[BaseModel], problem: ErrorDetails) -> str:
    path = ".".join((where, *map(str, problem["loc"])))
    if problem["type"] == "extra_forbidden":
        return f"{path}: unknown key{meant(str(problem['loc'][-1]), options.model_fields)}"
    return f"{path}: {problem['msg'].removeprefix('Value error, ')}"
