"""Rules: what has to come of the rules of a contract: of the library, in SQL, and of the checks in `checks`."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import isclose
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tests.oracle.ground import Ground
from tests.oracle.queries import NOT_ONE, OF_ROWS, OF_VALUES, REFUSED
from tests.oracle.ruling import FOR_PEOPLE, NOT_EXECUTABLE, NOT_MEASURED, Ruling, broken
from tests.oracle.values import WRITTEN, Document, NotMeasurableError, Value, countable, physical, same

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = ("text", *WRITTEN)


class Rules(Ground):
    """Rulings on rules."""

    def rule(self, rule: Document, column: Document | None) -> Ruling:
        match rule.get("type"):
            case "sql":
                return self.query(rule, column)
            case "custom":
                return self.custom(rule)
            case "text":
                return FOR_PEOPLE
        percent = rule.get("unit", "rows") in ("percent", "%")
        if rule["metric"] == "rowCount" and percent:
            return NOT_EXECUTABLE
        count = self.counted(rule, column)
        if count is None:
            return NOT_EXECUTABLE

        def number() -> int | Fraction:
            found = count()
            return self.share(found, rule, column) if percent else found

        return self.held_against(number, lambda found: self.keeps(rule, found), rule.get("severity"))

    def query(self, rule: Document, column: Document | None) -> Ruling:
        """NULL is broken, and so is what differs; no row, or more than one value, is not measured."""
        text = rule["query"]
        if text not in (*OF_ROWS, *REFUSED) and (column is None or text not in OF_VALUES):
            return NOT_EXECUTABLE
        try:
            held = self.held
            if text in REFUSED:
                return NOT_EXECUTABLE
            found = (
                OF_ROWS[text](len(held.rows))
                if text in OF_ROWS
                else OF_VALUES[text](held.column(physical(column)))
            )
        except NotMeasurableError:
            return NOT_MEASURED
        severity = rule.get("severity") or self.choices["severity"]
        if found is None:
            return broken(severity, None)
        promised = next(rule[each] for each in rule if each.startswith("must"))
        comparable = isinstance(found, str) == isinstance(promised, str) and isinstance(
            found, bool
        ) == isinstance(promised, bool)
        if found is NOT_ONE or not comparable:
            return NOT_MEASURED
        if isinstance(found, str):
            return Ruling("passed") if (found == promised) == ("mustBe" in rule) else broken(severity, None)
        return Ruling("passed", found) if self.keeps(rule, found) else broken(severity, found)

    def custom(self, rule: Document) -> Ruling:
        """The two checks that stand in the folder `checks`, as each says of itself."""
        given = rule["implementation"]
        known = given["check"] in ("weekend_volume", "fill_rate") and given.get("columns", True)
        if rule["engine"] != "floe" or not known:
            return NOT_EXECUTABLE
        severity = rule.get("severity") or self.choices["severity"]
        try:
            rows = len(self.held.rows)
            match given["check"]:
                case "weekend_volume":
                    day = self.now.astimezone(ZoneInfo(given.get("zone", "UTC"))).isoweekday()
                    least = given["weekend"] if day > 5 else given["weekday"]
                    return Ruling("passed", rows) if rows >= least else broken(severity, rows)
                case _:
                    filled = [self.fill_rate(each, rows) for each in self.named(given["columns"])]
                    kept = min(filled) >= Fraction(repr(given["at_least"]))
                    return (
                        Ruling("passed", float(min(filled))) if kept else broken(severity, float(min(filled)))
                    )
        except NotMeasurableError:
            return NOT_MEASURED

    def fill_rate(self, column: Document, rows: int) -> Fraction:
        """In percent; nothing is missing where there are no rows."""
        there = rows - self.held.column(physical(column)).count(None)
        return Fraction(100 * there, rows) if rows else Fraction(100)

    def counted(self, rule: Document, column: Document | None) -> Callable[[], int] | None:
        """What a library rule counts; None where it says nothing that can be counted."""
        arguments = rule.get("arguments", {})
        match rule["metric"]:
            case "rowCount":
                return lambda: len(self.held.rows)
            case "duplicateValues":
                names = arguments.get("properties")
                return lambda: self.duplicates(self.named(names) if names else [column])
        assert column is not None
        match rule["metric"]:
            case "nullValues":
                return lambda: self.held.column(physical(column)).count(None)
            case "missingValues":
                return self.missing(column, arguments.get("missingValues", []))
            case "invalidValues" if "validValues" in arguments or "pattern" in arguments:
                return lambda: self.invalid(column, arguments)
        return None

    def invalid(self, column: Document, arguments: Document) -> int:
        if "pattern" in arguments and self.held.kind(physical(column)) not in TEXTS:
            raise NotMeasurableError("a pattern is of text")
        return self.offending(column, lambda v, k: not self.valid(arguments, v, k))

    def missing(self, column: Document, marks: list[Value]) -> Callable[[], int] | None:
        with_null = self.choices["missing_includes_null"] == "yes" or None in marks
        if not with_null and not marks:
            return None

        def count() -> int:
            nulls = self.held.column(physical(column)).count(None) if with_null else 0
            return nulls + self.offending(column, lambda v, k: any(same(v, each, k) for each in marks))

        return count

    def valid(self, arguments: Document, value: Value, kind: str) -> bool:
        listed_ok = "validValues" not in arguments or any(
            same(value, each, kind) for each in arguments["validValues"]
        )
        pattern = arguments.get("pattern")
        matched = pattern is None or self.matches(value, pattern)
        return listed_ok and matched

    def duplicates(self, columns: list[Document]) -> int:
        sizes = [size for size in Counter(map(countable, self.keys(columns))).values() if size > 1]
        return {"groups": len(sizes), "excess": sum(sizes) - len(sizes), "rows": sum(sizes)}[
            self.choices["duplicates"]
        ]

    def share(self, count: int, rule: Document, column: Document | None) -> Fraction:
        """Of all rows, or of those with a value where the rule is about values and the contract chose so."""
        total = len(self.held.rows)
        names = rule.get("arguments", {}).get("properties")
        about = self.named(names) if names else [column]
        if self.choices["percent_of"] == "present" and rule["metric"] in ("invalidValues", "duplicateValues"):
            total = len(self.keys(about)) if len(about) == 1 else total
        return Fraction(100 * count, total) if total else Fraction(0)

    def keeps(self, rule: Document, found: float | Fraction) -> bool:
        exact = Fraction(found)
        inclusive = self.choices["between"] == "inclusive"

        def inside(low: float, high: float) -> bool:
            low, high = Fraction(repr(low)), Fraction(repr(high))
            return low <= exact <= high if inclusive else low < exact < high

        for operator, keeps in (
            ("mustBe", lambda promised: equal(exact, promised)),
            ("mustNotBe", lambda promised: not equal(exact, promised)),
            ("mustBeGreaterThan", lambda promised: exact > Fraction(repr(promised))),
            ("mustBeGreaterOrEqualTo", lambda promised: exact >= Fraction(repr(promised))),
            ("mustBeLessThan", lambda promised: exact < Fraction(repr(promised))),
            ("mustBeLessOrEqualTo", lambda promised: exact <= Fraction(repr(promised))),
            ("mustBeBetween", lambda promised: inside(*promised)),
            ("mustNotBeBetween", lambda promised: not inside(*promised)),
        ):
            if operator in rule:
                return keeps(rule[operator])
        raise AssertionError(rule)


def equal(found: Fraction, promised: float) -> bool:
    """Numbers with a fraction are equal but for rounding."""
    exact = Fraction(repr(promised) if isinstance(promised, float) else promised)
    return found == exact or (isclose(found, exact, rel_tol=1e-12) and exact.denominator > 1)
