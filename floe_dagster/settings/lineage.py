"""Lineage: where OpenLineage events go, as the manifest has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from floe_dagster.settings.section import Section

if TYPE_CHECKING:
    from collections.abc import Iterable


class TransportSettings(BaseModel):
    """A way for lineage events: its type is a file on the transports' shelf, all else is its own options."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        """The type alone: addresses and keys may be secrets."""
        yield "type", self.type

    @property
    def off(self) -> bool:
        """Whether its address is empty, as with `url: ${OPENLINEAGE_URL:-}` where that is not set."""
        options = self.model_extra or {}
        return any(options.get(each) == "" for each in ("url", "path", "topic"))


class Lineage(Section):
    """Where OpenLineage events go; nothing set is off.

    Attributes:
        file: the short form of one transport of type file.
        transports: by name; every event goes to each of them, and each is carried for itself.
        openlineage_client: whether the transports that the OpenLineage client is configured with, by its
            file or by variables, are among them.
        namespace: of our jobs.
        dagster_namespace: of Dagster's jobs, which are the parents of ours; `namespace` where not set.
        contract_violation: whether the facet of a breach is also there without the prefix `floe_`.
    """

    file: str | None = None
    transports: dict[str, TransportSettings] = Field(default_factory=dict)
    openlineage_client: bool = False
    namespace: str = "floe"
    dagster_namespace: str | None = None
    contract_violation: bool = False
