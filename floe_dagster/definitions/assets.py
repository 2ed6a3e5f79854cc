"""Assets: each dataset of a contract, and each contract file, as Dagster assets."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import dagster as dg

from floe_dagster.contract.document import Reading
from floe_dagster.contract.model import Column, Contract
from floe_dagster.definitions.naming import Bound, identifier
from floe_dagster.plan.check import Declined, Noted, Plan
from floe_dagster.plan.coverage import coverage

_GROUP = "contracts"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

Assets = Sequence[dg.AssetsDefinition | dg.AssetSpec]


def with_contracts(
    assets: Assets, bound: Iterable[Bound], root: Path
) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The user's assets with what contracts say of them, and an external one for each further dataset."""
    by_key = {dg.AssetKey(each.key): each for each in bound}

    def describe(spec: dg.AssetSpec) -> dg.AssetSpec:
        here = by_key.get(spec.key)
        return attached(spec, here, root) if here else spec

    known = {
        spec.key for each in assets for spec in ([each] if isinstance(each, dg.AssetSpec) else each.specs)
    }
    external = [outside(each, root) for key, each in by_key.items() if key not in known]
    return [*dg.map_asset_specs(describe, assets), *external]


def attached(spec: dg.AssetSpec, bound: Bound, root: Path) -> dg.AssetSpec:
    """A user's own asset, with the contract's facts added and nothing of the user's replaced."""
    mine = outside(bound, root)
    return spec.merge_attributes(
        metadata={key: value for key, value in mine.metadata.items() if key not in spec.metadata},
        kinds=set() if spec.kinds else mine.kinds,
        owners=[] if spec.owners else mine.owners,
    ).replace_attributes(description=spec.description or mine.description)


def outside(bound: Bound, root: Path) -> dg.AssetSpec:
    """A dataset that Dagster does not make, as an external asset."""
    contract, dataset = bound.plan.contract, bound.dataset
    return dg.AssetSpec(
        key=dg.AssetKey(bound.key),
        description=dataset.description or contract.purpose,
        owners=_owners(contract),
        kinds=_kinds(contract),
        group_name=identifier(contract.domain or contract.data_product or "contracts").lower(),
        metadata={
            **_facts(contract),
            "floe/checks": len(bound.checks),
            "dagster/table_name": dataset.physical_name,
            "dagster/column_schema": _schema(dataset.columns),
            "dagster/code_references": _reference(contract.source, dataset.line, root),
        },
    )


def contract_asset(reading: Reading, plan: Plan | None, key: dg.AssetKey, root: Path) -> dg.AssetSpec:
    """The asset of a contract file, an invalid one too: what is promised, and what is not looked at."""
    reference = {"dagster/code_references": _reference(reading.source, 1, root)}
    if reading.contract is None or plan is None:
        return dg.AssetSpec(
            key=key,
            description=f"{reading.source} cannot be used; its check says why.",
            group_name=_GROUP,
            metadata=reference,
        )
    counts = coverage(plan)
    return dg.AssetSpec(
        key=key,
        description=reading.contract.purpose,
        owners=_owners(reading.contract),
        group_name=_GROUP,
        kinds={"yaml"},
        metadata={
            **_facts(reading.contract),
            **reference,
            "floe/constructs_declared": counts.declared,
            "floe/constructs_executed": counts.executed,
            "floe/constructs_not_executable": counts.not_executable,
            "floe/constructs_informational": counts.informational,
            "floe/not_executed": _not_executed(plan),
        },
    )


def _facts(contract: Contract) -> dict[str, dg.MetadataValue]:
    promised = [
        dg.TableRecord(
            {
                "promise": each.property,
                "value": " ".join(str(part) for part in (each.value, each.unit) if part is not None),
                "of": ", ".join(".".join(part for part in element if part) for element in each.elements),
            }
        )
        for each in contract.promises
    ]
    facts = {
        "floe/contract": dg.MetadataValue.text(contract.id),
        "floe/contract_version": dg.MetadataValue.text(contract.version),
        "floe/status": dg.MetadataValue.text(contract.status),
    }
    return facts | ({"floe/promises": dg.MetadataValue.table(promised)} if promised else {})


def _not_executed(plan: Plan) -> dg.MetadataValue:
    rows = [
        dg.TableRecord(
            {
                "construct": each.path,
                "what": each.title,
                "why": each.reason if isinstance(each, Declined) else each.note,
            }
        )
        for each in plan.items
        if isinstance(each, Declined | Noted)
    ]
    return dg.MetadataValue.table(rows) if rows else dg.MetadataValue.text("everything declared is executed")


def _owners(contract: Contract) -> list[str]:
    people = [each.username for each in contract.team if _EMAIL.fullmatch(each.username)]
    team = [f"team:{identifier(contract.team_name)}"] if contract.team_name else []
    return [*people, *team][:3]


def _kinds(contract: Contract) -> set[str]:
    return {identifier(each.type).lower()[:60] for each in contract.servers[:1]}


def _schema(columns: Iterable[Column]) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=each.physical_name,
                type=each.physical_type or each.logical_type or "any",
                description=each.description,
                constraints=dg.TableColumnConstraints(
                    nullable=not (each.required or each.primary_key), unique=each.unique
                ),
            )
            for each in columns
            if not each.measure
        ]
    )


def _reference(source: str, line: int, root: Path) -> dg.CodeReferencesMetadataValue:
    with warnings.catch_warnings():
        # beta in Dagster, which is ours to know and not for every user to read at each start
        warnings.simplefilter("ignore", dg.BetaWarning)
        place = dg.LocalFileCodeReference(
            file_path=str(root / source), line_number=max(line, 1), label=Path(source).name
        )
        return dg.CodeReferencesMetadataValue(code_references=[place])
