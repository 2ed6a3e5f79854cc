"""Memory: plans that were compiled already, by everything that goes into them.

A plan follows from a contract, the check kinds and what the platform chose, and from nothing else. So what
was compiled once is not compiled again for as long as the process lives, whoever loads the contracts anew.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from floe_dagster.plan.compile import compile_contract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.contract.model import Contract
    from floe_dagster.plan.check import CheckKind, Plan


@dataclass(frozen=True, slots=True)
class _Compiled:
    contract: Contract
    kinds: tuple[tuple[str, CheckKind], ...]
    platform: Mapping[str, str]
    plan: Plan

    def is_of(self, contract: Contract, kinds: Mapping[str, CheckKind], platform: Mapping[str, str]) -> bool:
        """Whether exactly these give the plan; a kind is itself and nothing that looks like it."""
        same = len(kinds) == len(self.kinds) and all(
            name == known and kind is own
            for (name, kind), (known, own) in zip(kinds.items(), self.kinds, strict=True)
        )
        # what a digest does not tell: its relationships lead into other contracts
        return same and self.platform == platform and self.contract == contract


class PlanMemory:
    """Plans by the digest of the contract's text and where it was read; the least used is forgotten first.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int = 2000) -> None:
        self._most = most
        self._lock = Lock()
        self._known: OrderedDict[tuple[str, str], _Compiled] = OrderedDict()

    def plan(self, contract: Contract, kinds: Mapping[str, CheckKind], platform: Mapping[str, str]) -> Plan:
        """The plan of a contract, as `compile_contract` gives it."""
        key = (contract.digest, contract.source)
        with self._lock:
            known = self._known.get(key)
            if known is not None and known.is_of(contract, kinds, platform):
                self._known.move_to_end(key)
                return known.plan
        plan = compile_contract(contract, kinds, platform=platform)
        with self._lock:
            self._known[key] = _Compiled(contract, tuple(kinds.items()), dict(platform), plan)
            self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return plan
