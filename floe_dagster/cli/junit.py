"""JUnit: verdicts as the XML that CI reads; a suite for each contract, a case for each check."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from floe_dagster.cli.printable import printable
from floe_dagster.plan.check import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from floe_dagster.cli.verdict import ContractVerdict
    from floe_dagster.outcome.outcome import Outcome

_TAGS = {
    Status.FAILED: "failure",
    Status.ERROR: "error",
    Status.NOT_EXECUTABLE: "skipped",
    Status.INFORMATIONAL: "skipped",
    Status.WARNED: "system-out",
}


def to_junit(verdicts: Iterable[ContractVerdict]) -> str:
    """The verdicts as JUnit XML. What is warned of passes, with its message as output."""
    root = Element("testsuites", name="floe check")
    for each in verdicts:
        _suite(root, each)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, verdict: ContractVerdict) -> None:
    counts = verdict.counts
    suite = SubElement(
        root,
        "testsuite",
        name=printable(verdict.plan.contract.id),
        tests=str(len(verdict.outcomes)),
        failures=str(counts[Status.FAILED]),
        errors=str(counts[Status.ERROR]),
        skipped=str(counts[Status.NOT_EXECUTABLE] + counts[Status.INFORMATIONAL]),
        time=f"{sum(each.duration_seconds for each in verdict.outcomes):.6f}",
    )
    for each in verdict.outcomes:
        _case(suite, each)


def _case(suite: Element, outcome: Outcome) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=printable(f"{outcome.key.contract}.{outcome.dataset}"),
        name=printable(outcome.key.check),
        time=f"{outcome.duration_seconds:.6f}",
    )
    if (tag := _TAGS.get(outcome.status)) is None:
        return
    message = printable(outcome.message)
    if tag == "system-out":
        SubElement(case, tag).text = message
        return
    attributes = {"message": message} if tag == "skipped" else {"message": message, "type": outcome.severity}
    found = SubElement(case, tag, attributes)
    if tag == "failure":
        where = f"{outcome.source}:{outcome.line}" if outcome.line else outcome.source
        found.text = printable(
            f"expected {outcome.expected}, found {outcome.actual} ({where}, {outcome.path})"
        )
