"""Server: the server behind a contract's datasets answers at all.

Where it is down every dataset is, and one outcome says that it is the server, and which. It is told from the
probes of the datasets: one that is answered, or refused for a reason that only a server can give, shows that
the server is there. A contract with one dataset has no need of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.checks._share import percent
from floe_dagster.plan.check import Check, PlanItem, Verdict
from floe_dagster.plan.metric import Answer, Cause, Measured, NotMeasured, Probe, Table
from floe_dagster.plan.past import Reach, Reached
from floe_dagster.plan.place import Scope
from floe_dagster.plan.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from floe_dagster.contract.model import Contract, Dataset

_SILENT = (Cause.UNREACHABLE, Cause.TIMEOUT)
_THERE = (Cause.NO_DATASET, Cause.NO_COLUMN, Cause.DENIED, Cause.LOCKED, Cause.BROKEN)


class ServerAnswers:
    """The server answers."""

    name = "server"
    cadence_seconds = 300

    def compile(self, contract: Contract, dataset: Dataset, choices: Mapping[str, str]) -> Iterable[PlanItem]:
        """One check of a contract that promises the availability of several datasets, with the first."""
        promised = any(each.property == "availability" and percent(each) for each in contract.promises)
        several = len(contract.datasets) > 1 and contract.datasets[0] is dataset
        if promised and several and contract.servers:
            scope = Scope(kind=self.name, contract=contract, dataset=dataset, choices=choices)
            tables = tuple(Table(each.physical_name) for each in contract.datasets)
            place = scope.part(
                None,
                self.name,
                path=dataset.path,
                line=dataset.line,
                title="the server answers",
                covers=(),
            )
            yield place.check(metrics=(Probe(), Reached(tables)), terms=None, expected="it answers")

    def judge(self, check: Check, answers: tuple[Answer, ...], now: datetime) -> Verdict:
        """Say whether anything came from the server."""
        del check, now
        probe, others = answers
        found = others.value if isinstance(others, Measured) else None
        reach = found if isinstance(found, Reach) else Reach()
        server = f'the server "{reach.server}"' if reach.server else "the server"
        match probe:
            case NotMeasured(cause=cause) if cause in _SILENT and not reach.answered:
                tried = counted(max(reach.tried, 1), "dataset")
                message = f"{server} does not answer, and none of {tried} can be read: {probe.reason}"
                return Verdict(broken=True, message=message)
            case NotMeasured(cause=cause) if cause not in _SILENT and cause not in _THERE:
                return Verdict.not_known(f"whether {server} answers", probe)
            case _:
                return Verdict(broken=False, message=f"{server} answers")


def shows_a_server(answer: Answer | None) -> bool:
    """Whether only a server can have given this answer to a probe."""
    return isinstance(answer, Measured) or (isinstance(answer, NotMeasured) and answer.cause in _THERE)


KIND = ServerAnswers()
