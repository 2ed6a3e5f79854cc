"""What may be shown of a row is decided before a row is read, and the answer is no by default."""

from __future__ import annotations

import hashlib
import hmac
import json
import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.contract.model import Column
from floe_dagster.plan.compile import compile_contract
from floe_dagster.plan.field import Field
from floe_dagster.plan.metric import Offenders, Table
from floe_dagster.plan.offence import AnyOf, Lag, Null
from floe_dagster.plan.sample import (
    LONGEST,
    Cell,
    Sample,
    SampleColumn,
    Treatment,
    Wanted,
    sample_of,
    shown,
    treatment,
    wanted_of,
)
from floe_dagster.settings import Samples
from tests.plan.contracts import column, contract, dataset, item, kinds

pytestmark = pytest.mark.requirement("B-09")

SECRET = b"not to be guessed"
ON = Samples(show=("public",))


def wanted(columns, check, samples=ON, of_contract=None, **more):
    ours = contract(dataset("people", *columns, **more), custom=of_contract)
    return wanted_of(item(compile_contract(ours, kinds()), check), ours, samples)


def treated(columns, check="people.mail.unique", samples=ON, **more):
    return {each.name: str(each.treatment) for each in wanted(columns, check, samples, **more).columns}


def mail(**more):
    return column("mail", "string", unique=True, **more)


def key(name="id", **more):
    return column(name, "integer", primaryKey=True, **more)


@pytest.mark.parametrize(
    ("classification", "becomes"),
    [
        (None, "masked"),
        ("", "masked"),
        ("  ", "masked"),
        ("restricted", "masked"),
        ("publicly known", "masked"),
        ("public", "shown"),
        (" Public ", "shown"),
    ],
)
def test_a_column_is_shown_only_where_its_classification_is_listed(classification, becomes):
    said = {} if classification is None else {"classification": classification}
    assert treated([key(), mail(**said)]) == {"id": "hashed", "mail": becomes}


def test_no_classification_is_on_an_empty_list():
    assert treated([key(), mail(classification="public")], samples=Samples()) == {
        "id": "hashed",
        "mail": "masked",
    }
    assert treated([key(), mail(classification="")], samples=Samples(show=("", " "))) == {
        "id": "hashed",
        "mail": "masked",
    }


@pytest.mark.parametrize(
    ("classification", "keys", "becomes"),
    [
        (None, "hashed", "hashed"),
        ("public", "hashed", "hashed"),
        (None, "shown", "shown"),
        ("public", "shown", "shown"),
        ("restricted", "shown", "hashed"),
        ("restricted", "hashed", "hashed"),
    ],
)
def test_a_key_is_hashed_unless_keys_are_shown_and_it_is_not_classified(classification, keys, becomes):
    said = {"classification": classification} if classification else {}
    found = treated([key(**said), mail()], samples=Samples(keys=keys, show=("public",)))
    assert found == {"id": becomes, "mail": "masked"}


@given(
    st.sampled_from([None, "", "public", "internal", "restricted"]),
    st.booleans(),
    st.sampled_from(["hashed", "shown"]),
    st.lists(st.sampled_from(["", "public", "internal"])),
)
def test_a_value_is_shown_only_where_the_operator_said_so(said, is_key, keys, show):
    one = Column(path="", name="c", physical_name="c", classification=said, primary_key=is_key)

    how = treatment(one, Samples(keys=keys, show=tuple(show)))

    listed = bool(said) and said in show
    if how is Treatment.SHOWN:
        assert listed or (is_key and not said)
        assert keys == "shown" or not is_key
    assert (how is Treatment.MASKED) == (not is_key and not listed)


def test_only_the_key_and_what_the_check_is_about_are_in_a_sample():
    columns = [
        mail(),
        column("city", "string", classification="public"),
        key("b", primaryKeyPosition=2),
        key("a", primaryKeyPosition=1),
    ]
    assert list(treated(columns)) == ["a", "b", "mail"]


def test_a_column_whose_fields_may_not_all_be_shown_is_masked():
    inside = [column("zip", "string", classification="public"), column("street", "string")]
    parent = column("mail", "object", required=True, classification="public", properties=inside)
    check = "people.mail.required"

    assert treated([key(), parent], check) == {"id": "hashed", "mail": "masked"}
    inside[1]["classification"] = "public"
    assert treated([key(), parent], check) == {"id": "hashed", "mail": "shown"}


@pytest.mark.parametrize(("items", "becomes"), [({}, "shown"), ({"classification": "secret"}, "masked")])
def test_the_items_of_an_array_are_as_the_array_is_unless_they_say_otherwise(items, becomes):
    array = column(
        "mail", "array", required=True, classification="public", items=column("x", "string", **items)
    )
    assert treated([key(), array], "people.mail.required") == {"id": "hashed", "mail": becomes}


def test_of_two_columns_that_are_one_in_the_warehouse_the_stricter_counts():
    twice = [
        column("open", "string", physicalName="MAIL", classification="public"),
        mail(classification="restricted"),
    ]
    assert treated([key(), *twice]) == {"id": "hashed", "mail": "masked"}
    twice[0]["unique"] = True
    assert treated([key(), *twice], "people.open.unique") == {"id": "hashed", "open": "masked"}


def test_where_nothing_may_be_shown_nothing_is_asked():
    found = wanted([mail()], "people.mail.unique")
    assert isinstance(found, Sample)
    assert (found.rows, found.gap) == (
        (),
        "there is no key, and no column of it that samples.show in floe.yaml allows",
    )


def test_samples_are_off_where_nobody_wants_them():
    assert wanted([key(), mail()], "people.mail.unique", Samples(rows=0)) is None


@pytest.mark.parametrize("value", ["off", "no", "false", False, 0, "", "of", None, {"rows": 9}])
def test_a_contract_and_a_dataset_can_forbid_samples(value):
    custom = [{"property": "floe.samples", "value": value}]
    for found in (
        wanted([key(), mail()], "people.mail.unique", of_contract={"floe.samples": value}),
        wanted([key(), mail()], "people.mail.unique", customProperties=custom),
    ):
        assert isinstance(found, Sample)
        assert found.gap == "the contract forbids samples (floe.samples)"


def test_a_contract_cannot_allow_samples():
    yes = {"floe.samples": "on"}
    assert wanted([key(), mail()], "people.mail.unique", Samples(rows=0), of_contract=yes) is None
    assert isinstance(wanted([key(), mail()], "people.mail.unique", of_contract=yes), Wanted)


@pytest.mark.parametrize(
    ("rule", "points"),
    [
        ({"metric": "nullValues", "mustBe": 0}, True),
        ({"metric": "nullValues", "mustBeLessThan": 5, "unit": "percent"}, True),
        ({"metric": "duplicateValues", "mustBeLessOrEqualTo": 5}, True),
        ({"metric": "nullValues", "mustBeGreaterThan": 5}, False),
        ({"metric": "nullValues", "mustBeGreaterOrEqualTo": 5}, False),
        ({"metric": "rowCount", "mustBe": 5}, False),
        ({"type": "sql", "query": "select 1", "mustBe": 0}, False),
    ],
)
def test_a_check_points_at_rows_where_they_are_too_many(rule, points):
    columns = [key(), column("city", "string", quality=[{"id": "r", **rule}])]
    assert isinstance(wanted(columns, "people.r"), Wanted) is points


def test_a_share_is_of_rows_that_offend_and_not_of_those_that_it_is_a_share_of():
    rule = {
        "id": "r",
        "metric": "invalidValues",
        "arguments": {"validValues": ["a"]},
        "mustBe": 0,
        "unit": "percent",
    }
    found = wanted([key(), column("city", "string", quality=[rule])], "people.r")
    assert [type(each).__name__ for each in found.metrics] == ["Offenders"]


def test_a_primary_key_points_at_rows_without_it_and_at_rows_that_repeat_it():
    found = wanted([key()], "people.primary_key")
    assert [type(each).__name__ for each in found.metrics] == ["Offenders", "Duplicates"]


# Values.

COLUMNS = {each: SampleColumn(str(each), str(each), each) for each in Treatment}


def one(value, how, secret=SECRET):
    of = Wanted(Table("t"), (), (COLUMNS[how],), 5)
    ((cell,),) = sample_of(of, [[value] if of.read else []], secret).rows
    return cell.text


def test_equal_values_have_equal_hashes_that_nobody_without_the_secret_can_make():
    first, again, other = (one(each, Treatment.HASHED) for each in ("ann", "ann", "bob"))
    plain = hashlib.sha256(b"ann").hexdigest()

    assert first == again != other
    assert first == hmac.new(SECRET, b"ann", "sha256").hexdigest()[:16]
    assert first not in plain
    assert one("ann", Treatment.HASHED, b"another") != first


def test_what_is_hashed_is_the_whole_of_a_value():
    assert one("x" * 500 + "a", Treatment.HASHED) != one("x" * 500 + "b", Treatment.HASHED)


def test_what_is_not_there_is_not_hashed():
    assert one(None, Treatment.HASHED) is None
    assert one(None, Treatment.SHOWN) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b]8;;http://x\x07", r"\x1b[31mred\x1b]8;;http://x\x07"),
        ("<script>", "<script>"),
        ("a\r\n\tb\x00\x7f\x9b", r"a\r\n\tb\x00\x7f\x9b"),
        ("a\u202eb\u2028\ufeff\ud800", r"a\u202eb\u2028\ufeff\ud800"),
        ("y" * 1_000_000, "y" * 79 + "…"),
        (b"\x00\xff", r"\x00ff"),
        (memoryview(b"ab"), r"\x6162"),
        (float("nan"), "nan"),
        ({"a": [1, "\x1b"]}, r"{'a': [1, '\x1b']}"),
        (True, "true"),
        (0, "0"),
    ],
)  # fmt: skip
def test_every_value_is_shown_safely(value, text):
    assert one(value, Treatment.SHOWN) == text


@given(st.text(st.characters(codec=None)))
def test_what_is_shown_is_one_short_line_of_plain_characters(text):
    found = shown(text)
    assert found.isprintable()
    assert len(found) <= LONGEST * len(r"\U0001f600")
    assert json.dumps(found).isascii()
    assert not (text.isprintable() and len(text) <= LONGEST) or found == text


@given(st.text(min_size=4), st.sampled_from(Treatment))
def test_no_repr_holds_a_value(text, how):
    canary = f"canary{text}"
    of = Wanted(Table("t"), (), (COLUMNS[how],), 5)
    sample = sample_of(of, [[canary] if of.read else []], SECRET)

    told = f"{sample} {sample!r} {sample.rows} {sample.rows[0]!r} {[*sample.rows]} {Cell(canary)}"

    assert "canary" not in told
    assert pickle.loads(pickle.dumps(sample)) == sample


# Nested columns and promises of two columns.


def test_what_is_nested_is_in_the_sample_as_the_column_that_it_is_in():
    inside = [column("zip", "string", required=True, classification="public")]
    parent = column("home", "object", classification="public", properties=inside)
    ours = contract(dataset("people", key(), parent))
    nested = Offenders(Null(Field("home", ("zip",), "string")))
    check = replace(item(compile_contract(ours, kinds()), "people.primary_key"), offending=(nested,))

    found = wanted_of(check, ours, ON)

    assert [(each.name, str(each.treatment)) for each in found.columns] == [
        ("id", "hashed"),
        ("home", "shown"),
    ]


def test_a_promise_about_two_columns_shows_both():
    stamps = [column("made", "timestamp", classification="public"), column("seen", "timestamp")]
    ours = contract(dataset("people", key(), *stamps))
    late = Offenders(AnyOf((Lag("made", "seen", 60.0),)))
    check = replace(item(compile_contract(ours, kinds()), "people.primary_key"), offending=(late,))

    found = wanted_of(check, ours, ON)

    assert {each.name: str(each.treatment) for each in found.columns} == {
        "id": "hashed", "made": "shown", "seen": "masked",
    }  # fmt: skip
