"""Metadata: the constructs of the standard that no check is made of, and what each is used for.

`USED` says what a construct does, `READ` names those that the contract has and nobody asks for yet, and
`KEPT` those that are accepted and change nothing. The tests hold all three to it: what is used or read
changes the contract as we have it, what is kept does not. `OURS` says what a property of ours does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPTION: Final = "an option of the warehouse, where it knows it"
_KEY: Final = "the list of them; each entry is accounted for"
_OURS: Final = "[what is ours](#what-is-ours-in-customproperties)"

USED: Final[Mapping[str, str]] = {
    "version": "stands in the outcome, the alert, the lineage and the report",
    "apiVersion": "says by which version of the standard the document is held and read",
    "id": "the contract's identity; one contract in one platform",
    "name": "the contract's title",
    "status": "shown with the asset",
    "dataProduct": "the asset's group, where there is no domain",
    "domain": "the asset's group; alerts are routed by it",
    "tags": "alerts are routed by them",
    "description.purpose": "the asset's description, where the dataset has none",
    "servers": "where the data is; the checks run for each one that is watched",
    "servers[].server": "the server's name, in outcomes and for `connections` in floe.yaml",
    "servers[].type": "which warehouse is opened",
    "servers[].environment": "which server is watched in which environment",
    **{
        f"servers[].{each}": _OPTION
        for each in (
            *("account", "catalog", "catalogUrl", "database", "dataset", "delimiter", "encoding"),
            *("endpointUrl", "format", "host", "location", "namespace", "path", "port", "project"),
            *("region", "regionName", "schema", "serviceName", "stagingDir", "stream", "warehouse"),
            "workgroup",
        )
    },
    "servers[].customProperties": "more options of the warehouse; `type` among them is a custom server's own",
    "schema[].id": "what references by id point at",
    "schema[].name": "the dataset's name, in ids, outcomes and references",
    "schema[].physicalName": "the table, view or file that is asked",
    "schema[].description": "the asset's description",
    "schema[].tags": "alerts of the dataset are routed by them",
    "schema[].customProperties": f"{_OURS} of one dataset",
    "schema[].properties[].id": "what references by id point at",
    "schema[].properties[].name": "the column's name, in ids, outcomes and references",
    "schema[].properties[].physicalName": "the column that is asked",
    "schema[].properties[].description": "the column's description at the asset",
    "schema[].properties[].logicalType": "each value is accounted for",
    "schema[].properties[].logicalTypeOptions": "each option is accounted for",
    "schema[].properties[].classification": "whether its values may stand in a sample of failing rows",
    "schema[].properties[].map": "its key and its value are accounted for",
    "schema[].properties[].semanticType": "whether the column is a measure",
    "schema[].properties[].primaryKeyPosition": "the order of the primary key",
    "schema[].properties[].partitioned": "what `retention` is asked of, where it names no element",
    "schema[].properties[].partitionKeyPosition": "which partition goes first",
    "schema[].properties[].enum[].value": "what the column may hold",
    "schema[].properties[].relationships": _KEY,
    "schema[].properties[].quality": _KEY,
    "schema[].relationships": _KEY,
    "schema[].quality": _KEY,
    "customProperties": f"{_OURS} of the whole contract, and `consumers`, who are named in alerts",
    "customProperties[].property": "the name of a property",
    "customProperties[].value": "its value",
    "quality[].id": "the check's name, and so its history",
    "quality[].name": "the check's title, and its name where it has no id",
    "quality[].description": "the check's description; what a rule for people says",
    "quality[].dimension": "stands in the outcome",
    "quality[].severity": "how severe a breach is",
    "quality[].schedule": "the check's own cadence",
    "quality[].scheduler": "a schedule counts where this is cron, or is not there",
    "quality[].unit": "rows or percent",
    "quality[].type": "each value is accounted for",
    "quality[].metric": "each value is accounted for",
    "quality[].arguments": "each argument is accounted for",
    "quality[].engine": "whose rule a custom one is; `floe` is run, others are declined",
    "quality[].implementation": "what a custom rule says",
    "team": "who answers for the contract",
    "team.name": "the owner, where nobody is in the team; the asset's owner",
    "team.members": "the team",
    **{
        f"{team}[].{key}": said
        for team in ("team.members", "team")
        for key, said in (
            ("username", "the owner in alerts and reports; an e-mail address is the asset's owner"),
            ("name", "stands for a username that is not there"),
            ("role", "`owner` or `data owner` says who the owner is; else it is the first"),
        )
    },
    "support": "alerts are routed to those for notifications or issues, where the manifest says how",
    "support[].channel": "`alerts.support` of the manifest goes by it",
    "support[].tool": "`alerts.support` of the manifest goes by it",
    "support[].scope": "`notifications` and `issues` are for alerts",
    "slaDefaultElement": "the element of service levels that name none",
    "slaProperties": _KEY,
    "slaProperties[].id": "the check's name, and so its history",
    "slaProperties[].property": "each value is accounted for; any other is declined",
    "slaProperties[].value": "what is promised",
    "slaProperties[].valueExt": "the window of `throughput` and of shares, the zone of `timeOfAvailability`",
    "slaProperties[].unit": "the unit of the value",
    "slaProperties[].element": "which datasets and columns it is promised of",
    "slaProperties[].driver": "stands with the check; alerts are routed by it",
    "slaProperties[].description": "the check's description",
    "slaProperties[].schedule": "the check's own cadence",
    "slaProperties[].scheduler": "a schedule counts where this is cron, or is not there",
}

READ: Final = (
    "tenant",
    "schema[].physicalType",
    "schema[].properties[].tags",
    "schema[].properties[].criticalDataElement",
    "quality[].businessImpact",
    "support[].url",
)

KEPT: Final = (
    *("kind", "context", "contractCreatedTs", "description", "description.usage", "description.limitations"),
    *("description.authoritativeDefinitions", "description.customProperties", "authoritativeDefinitions"),
    *("customProperties[].id", "customProperties[].description", "customProperties[].vendor"),
    *("servers[].id", "servers[].description", "servers[].roles", "roles", "price"),
    *("schema[].businessName", "schema[].deprecated", "schema[].synonyms", "schema[].context"),
    *("schema[].authoritativeDefinitions", "schema[].logicalType", "schema[].dataGranularityDescription"),
    *(
        f"schema[].properties[].{each}"
        for each in (
            *("businessName", "deprecated", "synonyms", "authoritativeDefinitions", "customProperties"),
            *("encryptedName", "transformSourceObjects"),
            *("transformLogic", "transformDescription", "examples", "enum[].label", "enum[].id"),
            *("enum[].description", "enum[].customProperties", "enum[].authoritativeDefinitions"),
            *("enum[].tags", "semanticType = column", "semanticType = dimension"),
        )
    ),
    *("relationships[].id", "relationships[].type", "relationships[].customProperties"),
    *("quality[].authoritativeDefinitions", "quality[].customProperties", "quality[].method"),
    *("quality[].tags",),
    *("support[].id", "support[].description", "support[].invitationUrl", "support[].customProperties"),
    *("team.id", "team.description", "team.tags", "team.customProperties", "team.authoritativeDefinitions"),
    *(
        f"{team}[].{each}"
        for team in ("team.members", "team")
        for each in (
            *("id", "description", "dateIn", "dateOut", "replacedByUsername", "tags"),
            *("customProperties", "authoritativeDefinitions"),
        )
    ),
    *("slaProperties[].customProperties", "slaProperties[].authoritativeDefinitions"),
)
"""Each with all that stands inside of it, where it is one of `WHOLE`."""

WHOLE: Final = ("authoritativeDefinitions", "context", "price", "roles", "synonyms")
"""What nothing is read of, however much the standard comes to say inside of it."""


OURS: Final[Mapping[str, str]] = {
    "floe.assetKey": "the asset's key in Dagster, as `db/orders` or a list; of a contract of one dataset",
    "floe.holidays": "days on which nothing is due: a country, a part of one, or a list of dates",
    "floe.interpretation": "[choices](../interpretation.md) where the standard leaves something open",
    "floe.latency": "the two columns between which a latency lies, as `{from: created_at, to: loaded_at}`",
    "floe.runbook": "the page that alerts name as what to do; http and https only",
    "floe.samples": "`off` forbids [samples of failing rows](../samples.md)",
    "floe.undeclaredColumns": "`allow`, `warn` or `fail`: what a column is that is there and nobody promised",
    "floe.zone": "the time zone of the contract's days and weeks; else that of the manifest",
}
"""What each of our own customProperties does; where it is read says `contract/properties.py`."""


def used_for(path: str) -> str | None:
    """What a construct is used for; empty where it is for nothing yet, None where nobody knows."""
    if path in USED:
        return USED[path]
    inside_of = path.partition(".")[0].removesuffix("[]")
    return "" if path in READ or path in KEPT or inside_of in WHOLE else None
