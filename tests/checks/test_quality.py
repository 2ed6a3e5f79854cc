from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floe_dagster.plan.check import Declined, Noted, Severity
from floe_dagster.plan.metric import (
    Cause,
    Count,
    Duplicates,
    NotMeasured,
    Offenders,
    Orphans,
    RowCount,
    Table,
)
from floe_dagster.plan.offence import (
    AnyOf,
    Compares,
    ItemsCompare,
    LacksProperty,
    LengthCompares,
    Missing,
    NotFormat,
    NotIn,
    NotMatching,
    NotMultipleOf,
    NotWritten,
    Null,
    PropertiesCompare,
    RepeatsItem,
    ZoneDiffers,
)
from tests.checks.judging import check_of, judge
from tests.plan.contracts import column, dataset, ids, item, plan

pytestmark = pytest.mark.requirement("B-03")


def of_rule(rule, under=None, custom=None):
    """The one item that a rule of a column, or of the dataset, becomes."""
    rule = {"id": "it", **rule}
    columns = (
        column("a", physicalName="col_a", quality=[rule]) if under else column("a", physicalName="col_a")
    )
    return check_of(
        "orders.it",
        dataset("orders", columns, column("b"), quality=() if under else [rule]),
        custom={"floe.interpretation": custom} if custom else None,
    )


def of_option(name, value, logical_type="integer", custom=None):
    return check_of(
        f"orders.a.{name}",
        dataset("orders", column("a", logical_type, logicalTypeOptions={_camel(name): value})),
        custom={"floe.interpretation": custom} if custom else None,
    )


def _camel(name):
    head, *rest = name.split("_")
    return head + "".join(each.title() for each in rest)


def test_a_required_column_has_no_null():
    check = check_of("orders.a.required", dataset("orders", column("a", required=True)))

    assert check.metrics == (Offenders(Null("a")),)
    assert check.expected == "0 rows"
    assert check.path == "schema[0].properties[0].required"
    assert judge(check, 0).message == "orders.a: 0 rows without a value; 0 rows promised"
    assert judge(check, 1).message == "orders.a: 1 row without a value; 0 rows promised"
    assert judge(check, 1).broken


def test_a_whole_pattern_keeps_its_flag():
    offences = {"(?i)abc|x": "(?i)^(?:abc|x)$", "abc": "^(?:abc)$"}
    for written, searched in offences.items():
        options = {"pattern": written}
        one = column("a", "string", logicalTypeOptions=options)
        custom = {"floe.interpretation": {"pattern": "full"}}
        check = check_of("orders.a.pattern", dataset("orders", one), custom=custom)

        assert check.metrics == (Offenders(NotMatching("a", searched)),)


def test_a_unique_column_has_no_duplicates():
    check = check_of("orders.a.unique", dataset("orders", column("a", unique=True)))

    assert check.metrics == (Duplicates(("a",), Count.EXCESS),)


def test_a_primary_key_is_whole_and_unique_together():
    columns = (
        column("b", primaryKey=True, primaryKeyPosition=2),
        column("a", primaryKey=True, primaryKeyPosition=1, physicalName="col_a"),
    )
    check = check_of("orders.primary_key", dataset("orders", *columns))

    assert check.metrics == (Offenders(AnyOf((Null("col_a"), Null("b")))), Duplicates(("col_a", "b")))
    assert check.element == "a, b"
    assert set(check.covers) == {"schema[0].properties[0].primaryKey", "schema[0].properties[1].primaryKey"}
    assert judge(check, 1, 2).actual == 3
    assert not judge(check, 0, 0).broken


@pytest.mark.parametrize(
    ("name", "value", "logical_type", "offence"),
    [
        ("minimum", 1, "integer", Compares("a", "<", 1)),
        ("maximum", 9.5, "number", Compares("a", ">", 9.5)),
        ("exclusive_minimum", 1, "integer", Compares("a", "<=", 1)),
        ("exclusive_maximum", 9, "integer", Compares("a", ">=", 9)),
        ("minimum", "2020-01-01", "date", Compares("a", "<", "2020-01-01")),
        ("multiple_of", 5, "integer", NotMultipleOf("a", 5)),
        ("min_length", 2, "string", LengthCompares("a", "<", 2)),
        ("max_length", 4, "string", LengthCompares("a", ">", 4)),
        ("pattern", "^[A-Z]+$", "string", NotMatching("a", "^[A-Z]+$")),
        ("format", "email", "string", NotFormat("a", "email")),
        ("format", "ipv6", "string", NotFormat("a", "ipv6")),
        ("format", "byte", "string", NotFormat("a", "byte")),
        ("format", "yyyy-MM", "date", NotWritten("a", "^([0-9]{4})-(0[1-9]|1[0-2])$", "yyyy-MM")),
        ("minimum", "2020-01-01", "timestamp", Compares("a", "<", "2020-01-01")),
        ("maximum", "18:30", "time", Compares("a", ">", "18:30")),
        ("timezone", True, "timestamp", ZoneDiffers("a", zoned=True)),
        ("timezone", False, "timestamp", ZoneDiffers("a", zoned=False)),
        ("min_items", 2, "array", ItemsCompare("a", "<", 2)),
        ("max_items", 2, "array", ItemsCompare("a", ">", 2)),
        ("unique_items", True, "array", RepeatsItem("a")),
        ("min_properties", 1, "object", PropertiesCompare("a", "<", 1)),
        ("max_properties", 1, "object", PropertiesCompare("a", ">", 1)),
        ("format", "u128", "integer", AnyOf((Compares("a", "<", 0), Compares("a", ">", 2**128 - 1)))),
        (
            "format",
            "f32",
            "number",
            AnyOf((Compares("a", "<", -3.4028234663852886e38), Compares("a", ">", 3.4028234663852886e38))),
        ),
        ("format", "i8", "integer", AnyOf((Compares("a", "<", -128), Compares("a", ">", 127)))),
        ("format", "u16", "integer", AnyOf((Compares("a", "<", 0), Compares("a", ">", 65535)))),
    ],
)
def test_an_option_is_an_offence_that_no_row_commits(name, value, logical_type, offence):
    check = of_option(name, value, logical_type)

    assert check.metrics == (Offenders(offence),)
    assert judge(check, 0).broken is False
    assert judge(check, 2).broken is True


def test_a_pattern_matches_a_part_unless_the_contract_says_the_whole():
    check = of_option("pattern", "A|B", "string", custom={"pattern": "full"})

    assert check.metrics == (Offenders(NotMatching("a", "^(?:A|B)$")),)
    assert check.interpretation == (("pattern", "full"),)


@pytest.mark.parametrize(
    ("name", "value", "logical_type", "reason"),
    [
        (
            "format",
            "phone",
            "string",
            'no warehouse can be asked for the format "phone"; a pattern can say the same',
        ),
        (
            "format",
            "YYYY-MM",
            "date",
            '"YYYY" of the format "YYYY-MM" is not read; a pattern can say the same',
        ),
        (
            "minimum",
            "01.02.2024",
            "date",
            'minimum is "01.02.2024", which is no ISO 8601 date; write it so, whatever the format of the column',
        ),
        (
            "maximum",
            "10:00+02:00",
            "time",
            'maximum is "10:00+02:00", and a time of day is compared without an offset; leave it out',
        ),
    ],
)
def test_an_option_that_nobody_can_be_asked_about_is_declined(name, value, logical_type, reason):
    found = of_option(name, value, logical_type)

    assert isinstance(found, Declined)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("name", "value", "logical_type"),
    [
        ("format", "password", "string"),
        ("format", "binary", "string"),
        ("unique_items", False, "array"),
        ("default_timezone", "Etc/UTC", "timestamp"),
    ],
)
def test_an_option_with_nothing_to_ask_is_noted(name, value, logical_type):
    assert isinstance(of_option(name, value, logical_type), Noted)


def test_each_property_that_an_object_requires_is_a_check_of_its_own():
    options = {"required": ["street", "zip"]}
    found = plan(dataset("orders", column("a", "object", required=True, logicalTypeOptions=options)))

    assert item(found, "orders.a.required").metrics == (Offenders(Null("a")),)
    for name in ("street", "zip"):
        check = item(found, f"orders.a.has_{name}")
        assert check.metrics == (Offenders(LacksProperty("a", name)),)
        assert check.title == f"a has {name}"
    assert judge(check, 2).message == "orders.a: 2 rows without zip; 0 rows promised"


def test_stamps_without_a_zone_are_held_against_limits_in_the_zone_of_the_column():
    options = {"minimum": "2020-01-01T00:00:00", "defaultTimezone": "Europe/Berlin"}
    check = check_of(
        "orders.a.minimum", dataset("orders", column("a", "timestamp", logicalTypeOptions=options))
    )

    assert check.metrics == (Offenders(Compares("a", "<", "2020-01-01T00:00:00", "Europe/Berlin")),)
    assert check.interpretation == (("naive_timestamps", "Europe/Berlin"),)


def test_a_format_of_a_column_that_holds_no_text_is_how_it_is_shown():
    options = {"format": "dd.MM.yyyy"}
    one = column("a", "date", physicalType="DATE", logicalTypeOptions=options)

    assert isinstance(check_of("orders.a.format", dataset("orders", one)), Noted)


def test_no_width_of_numbers_is_taken_from_the_default_of_the_standard():
    found = plan(
        dataset("orders", column("a", "integer", logicalTypeOptions={"minimum": 0}), column("b", "number"))
    )

    assert [each for each in ids(found) if "format" in each] == []


def test_an_exclusive_bound_is_read_in_both_spellings():
    old = plan(
        dataset(
            "orders", column("a", "integer", logicalTypeOptions={"minimum": 1, "exclusiveMinimum": True})
        ),
        api_version="v3.0.2",
    )
    new = plan(dataset("orders", column("a", "integer", logicalTypeOptions={"exclusiveMinimum": 1})))

    metrics = [item(each, "orders.a.exclusive_minimum").metrics for each in (old, new)]
    assert metrics == [(Offenders(Compares("a", "<=", 1)),)] * 2


def test_an_exclusive_bound_that_has_nothing_beside_it_is_declined():
    options = {"exclusiveMaximum": True}
    found = plan(dataset("orders", column("a", "integer", logicalTypeOptions=options)), api_version="v3.0.2")

    assert item(found, "orders.a.exclusive_maximum").reason == (
        "exclusive_maximum is True, and a bound is a number or a date"
    )


def test_an_enum_is_a_list_of_values():
    check = check_of(
        "orders.a.enum",
        dataset("orders", column("a", "string", enum=[{"value": "x"}, {"value": "y"}])),
        api_version="v3.2.0",
    )

    assert check.metrics == (Offenders(NotIn("a", ("x", "y"))),)
    assert judge(check, 3).message == "orders.a: 3 rows with a value that is not in the list; 0 rows promised"


@pytest.mark.parametrize(
    ("rule", "metric"),
    [
        ({"metric": "nullValues"}, Offenders(Null("col_a"))),
        ({"metric": "missingValues"}, Offenders(Null("col_a"))),
        (
            {"metric": "missingValues", "arguments": {"missingValues": ["", "N/A", None]}},
            Offenders(Missing("col_a", ("", "N/A"), True)),
        ),
        (
            {"metric": "invalidValues", "arguments": {"validValues": ["x", "y"]}},
            Offenders(NotIn("col_a", ("x", "y"))),
        ),
        ({"metric": "invalidValues", "arguments": {"pattern": "^x"}}, Offenders(NotMatching("col_a", "^x"))),
        (
            {"metric": "invalidValues", "arguments": {"validValues": ["x"], "pattern": "^x"}},
            Offenders(AnyOf((NotIn("col_a", ("x",)), NotMatching("col_a", "^x")))),
        ),
        ({"metric": "duplicateValues"}, Duplicates(("col_a",), Count.EXCESS)),
    ],
)
def test_a_library_rule_of_a_column_counts_its_rows(rule, metric):
    assert of_rule(rule | {"mustBe": 0}, under="a").metrics == (metric,)


def test_duplicates_of_a_dataset_are_of_the_columns_it_names():
    rule = {"metric": "duplicateValues", "arguments": {"properties": ["a", "b"]}, "mustBe": 0}

    assert of_rule(rule).metrics == (Duplicates(("col_a", "b"), Count.EXCESS),)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ("excess", "orders.a: 2 rows repeating the a of another; 0 rows promised"),
        ("rows", "orders.a: 2 rows whose a occurs more than once; 0 rows promised"),
        ("groups", "orders.a: 2 values of a occurring more than once; 0 values promised"),
    ],
)
def test_duplicates_are_counted_as_the_contract_says(choice, words):
    check = of_rule({"metric": "duplicateValues", "mustBe": 0}, under="a", custom={"duplicates": choice})

    assert check.metrics == (Duplicates(("col_a",), Count(choice)),)
    assert check.interpretation == (("duplicates", choice),)
    assert judge(check, 2).message == words


def test_missing_values_leave_null_out_where_the_contract_says_so():
    custom = {"missing_includes_null": "no"}
    rule = {"metric": "missingValues", "mustBe": 0}

    listed = of_rule(rule | {"arguments": {"missingValues": [""]}}, under="a", custom=custom)
    named = of_rule(rule | {"arguments": {"missingValues": ["", None]}}, under="a", custom=custom)
    empty = of_rule(rule, under="a", custom=custom)

    assert listed.metrics == (Offenders(Missing("col_a", ("",), False)),)
    assert named.metrics == (Offenders(Missing("col_a", ("",), True)),)
    assert isinstance(empty, Declined)


def test_a_row_count_is_told_with_its_promise():
    check = of_rule({"metric": "rowCount", "mustBeBetween": [300000, 400000]})

    assert check.metrics == (RowCount(),)
    assert check.expected == "between 300,000 and 400,000 rows"
    verdict = judge(check, 336776)
    assert (verdict.broken, verdict.actual) == (False, 336776)
    assert verdict.message == "orders: 336,776 rows; between 300,000 and 400,000 rows promised"


def test_percent_is_of_all_rows():
    check = of_rule({"metric": "nullValues", "mustBeLessThan": 5, "unit": "percent"}, under="a")

    assert check.metrics == (Offenders(Null("col_a")), RowCount())
    verdict = judge(check, 8255, 336776)
    assert verdict.actual == pytest.approx(2.4512, abs=1e-4)
    assert verdict.message == (
        "orders.a: 2.4512 % of 336,776 rows without a value (8,255); less than 5 % promised"
    )


def test_percent_is_of_the_rows_with_a_value_where_the_contract_says_so():
    rule = {"metric": "duplicateValues", "mustBe": 0, "unit": "percent"}
    check = of_rule(rule, under="a", custom={"percent_of": "present"})

    assert check.metrics == (Duplicates(("col_a",)), RowCount(), Offenders(Null("col_a")))
    assert judge(check, 5, 10, 1).actual == pytest.approx(55.5556, abs=1e-4)


@pytest.mark.parametrize("metric", ["nullValues", "missingValues"])
def test_what_null_belongs_to_is_a_share_of_all_rows_whatever_is_chosen(metric):
    rule = {"metric": metric, "arguments": {"missingValues": ["x"]}, "mustBe": 0, "unit": "percent"}
    rule = rule if metric == "missingValues" else {**rule, "arguments": {}}
    check = of_rule(rule, under="a", custom={"percent_of": "present"})

    assert check.metrics[1:] == (RowCount(),)
    assert "percent_of" not in dict(check.interpretation)
    assert judge(check, 4, 4).actual == 100


@pytest.mark.parametrize("unit", ["percent", "%", "Percent"])
def test_a_share_of_no_rows_is_zero(unit):
    check = of_rule({"metric": "nullValues", "mustBe": 0, "unit": unit}, under="a")

    assert judge(check, 0, 0).actual == 0
    assert not judge(check, 0, 0).broken


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 1000))
def test_a_share_at_its_limit_keeps_the_promise(part, whole):
    part = min(part, whole)
    limit = 100 * part / whole
    check = of_rule({"metric": "nullValues", "mustBeLessOrEqualTo": limit, "unit": "percent"}, under="a")

    assert not judge(check, part, whole).broken


@pytest.mark.parametrize(
    ("operator", "value", "kept"),
    [
        ("mustBe", 5, [0, 1, 0]),
        ("mustNotBe", 5, [1, 0, 1]),
        ("mustBeGreaterThan", 5, [0, 0, 1]),
        ("mustBeGreaterOrEqualTo", 5, [0, 1, 1]),
        ("mustBeLessThan", 5, [1, 0, 0]),
        ("mustBeLessOrEqualTo", 5, [1, 1, 0]),
        ("mustBeBetween", [5, 6], [0, 1, 1]),
        ("mustNotBeBetween", [5, 6], [1, 0, 0]),
    ],
)
def test_every_operator_of_the_standard_is_judged(operator, value, kept):
    check = of_rule({"metric": "rowCount", operator: value})

    assert [not judge(check, each).broken for each in (4, 5, 6)] == [bool(each) for each in kept]


def test_a_between_leaves_its_ends_out_where_the_contract_says_so():
    check = of_rule({"metric": "rowCount", "mustBeBetween": [5, 7]}, custom={"between": "exclusive"})

    assert [judge(check, each).broken for each in (5, 6, 7)] == [True, False, True]
    assert check.interpretation == (("between", "exclusive"),)


@pytest.mark.parametrize(
    ("rule", "under", "reason"),
    [
        ({"metric": "nullValues", "mustBe": 0}, None, "nullValues is about a column; put the rule under one"),
        (
            {"metric": "duplicateValues", "mustBe": 0},
            None,
            "duplicateValues of a dataset needs the argument properties: the columns that make a row unique",
        ),
        (
            {"metric": "invalidValues", "mustBe": 0},
            "a",
            "invalidValues does not say which values are valid; give the argument validValues or pattern",
        ),
        (
            {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValue": ["x"]}},
            "a",
            'invalidValues takes no argument "validValue"; did you mean "validValues"?',
        ),
        (
            {"metric": "rowCount", "mustBe": 5, "unit": "percent"},
            None,
            "rowCount in percent has no meaning; leave the unit out",
        ),
        (
            {"metric": "rowCount", "mustBe": 5, "unit": "dozen"},
            None,
            '"dozen" is no unit of rowCount; known are rows and percent',
        ),
        (
            {"metric": "rowCount", "mustBe": "many"},
            None,
            'rowCount is a number, and cannot be held against "many"',
        ),
    ],
)
def test_a_rule_that_cannot_be_counted_is_declined_with_the_reason(rule, under, reason):
    found = of_rule(rule, under)

    assert isinstance(found, Declined)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("written", "severity"),
    [
        (None, Severity.ERROR),
        ("info", Severity.INFO),
        ("Warning", Severity.WARNING),
        ("high", Severity.ERROR),
        ("blocker", Severity.CRITICAL),
    ],
)
def test_a_severity_is_what_the_rule_says(written, severity):
    rule = {"metric": "rowCount", "mustBe": 5} | ({"severity": written} if written else {})

    assert of_rule(rule).severity is severity


def test_a_severity_that_nobody_knows_is_the_default_and_is_recorded():
    check = of_rule({"metric": "rowCount", "mustBe": 5, "severity": "spicy"}, custom={"severity": "warning"})

    assert check.severity is Severity.WARNING
    assert ("severity", "spicy is read as warning") in check.interpretation


def test_a_rule_gives_its_dimension_description_and_schedule():
    rule = {"metric": "rowCount", "mustBe": 5, "dimension": "coverage", "description": "All of it"}
    check = of_rule(rule | {"scheduler": "cron", "schedule": "0 6 * * *"})

    assert (check.dimension, check.description, check.schedule) == ("coverage", "All of it", "0 6 * * *")


def test_a_relationship_is_rows_without_a_counterpart():
    found = plan(
        dataset("flights", column("dest", relationships=[{"to": "airports.faa"}]), physicalName="f"),
        dataset("airports", column("faa", physicalName="code"), physicalName="a"),
    )
    check = item(found, "flights.dest.relationship")

    assert check.metrics == (Orphans(("dest",), Table("a"), ("code",)),)
    assert check.title == "dest refers to airports.faa"
    assert judge(check, 7602).message == (
        "flights.dest: 7,602 rows referring to no airports.faa; 0 rows promised"
    )


def test_a_relationship_of_several_columns_is_one_check():
    flights = dataset("flights", column("hour"), column("origin")) | {
        "relationships": [
            {"from": ["flights.origin", "flights.hour"], "to": ["weather.origin", "weather.hour"]}
        ]
    }
    found = plan(flights, dataset("weather", column("origin"), column("hour")))

    check = item(found, "flights.origin_hour.relationship")
    assert check.metrics == (Orphans(("origin", "hour"), Table("weather"), ("origin", "hour")),)
    assert check.path == "schema[0].relationships[0]"


def test_what_cannot_be_measured_is_unknown():
    check = of_rule({"metric": "nullValues", "mustBe": 0, "unit": "%"}, under="a")

    verdict = judge(check, NotMeasured(Cause.NO_COLUMN, 'orders has no column "col_a"'), 10)

    assert not verdict.broken
    assert verdict.unknown.cause is Cause.NO_COLUMN
    assert verdict.message == 'orders.a could not be measured: orders has no column "col_a"'


def test_a_count_that_is_no_number_is_unknown():
    assert judge(of_rule({"metric": "rowCount", "mustBe": 5}), "many").unknown.cause is Cause.BROKEN


def test_everything_about_rows_is_one_check_each():
    found = plan(
        dataset(
            "orders",
            column(
                "a", "string", required=True, unique=True, logicalTypeOptions={"minLength": 1, "maxLength": 2}
            ),
        )
    )

    assert [each for each in ids(found) if item(found, each).kind == "quality"] == [
        "orders.a.required",
        "orders.a.unique",
        "orders.a.min_length",
        "orders.a.max_length",
    ]
