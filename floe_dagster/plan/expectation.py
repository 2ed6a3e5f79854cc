"""Expectation: which expectations of Great Expectations are run, what each reads, and which are not and why.

Great Expectations takes seconds to import, so what has to be known of it while a contract is compiled stands
here; a test holds it against the installed package.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGINE = "greatexpectations"


class Says(StrEnum):
    """What an expectation says beside whether it is met."""

    ROWS = "rows"
    """how many rows do not meet it"""
    NUMBER = "number"
    """a count or a share of the whole dataset"""
    NOTHING = "nothing"
    """what it observes is, or may be, a value out of a row, and stays where it is"""
    SHAPE = "shape"
    """something about the columns; no row is read"""


@dataclass(frozen=True, slots=True)
class Known:
    """An expectation that is run.

    Attributes:
        says: what it says beside whether it is met.
        columns: the arguments that name columns, all of which it needs.
    """

    says: Says
    columns: tuple[str, ...] = ("column",)


_VALUES = "expect_column_values_to_"
_PAIR = Known(Says.ROWS, ("column_A", "column_B"))
_SEVERAL = Known(Says.ROWS, ("column_list",))
_SHAPE = Known(Says.SHAPE, ())

KNOWN: Mapping[str, Known] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                _VALUES + "be_between",
                _VALUES + "be_dateutil_parseable",
                _VALUES + "be_in_set",
                _VALUES + "be_json_parseable",
                _VALUES + "be_null",
                _VALUES + "be_unique",
                _VALUES + "match_regex",
                _VALUES + "match_regex_list",
                _VALUES + "match_strftime_format",
                _VALUES + "not_be_in_set",
                _VALUES + "not_be_null",
                _VALUES + "not_be_outliers",
                _VALUES + "not_match_regex",
                _VALUES + "not_match_regex_list",
                "expect_column_value_lengths_to_be_between",
                "expect_column_value_lengths_to_equal",
                "expect_column_value_z_scores_to_be_less_than",
            ),
            Known(Says.ROWS),
        ),
        "expect_column_pair_values_a_to_be_greater_than_b": _PAIR,
        "expect_column_pair_values_to_be_equal": _PAIR,
        "expect_column_pair_values_to_be_in_set": _PAIR,
        "expect_compound_columns_to_be_unique": _SEVERAL,
        "expect_multicolumn_sum_to_equal": _SEVERAL,
        "expect_multicolumn_values_to_be_equal": _SEVERAL,
        "expect_select_column_values_to_be_unique_within_record": _SEVERAL,
        **dict.fromkeys(
            (
                "expect_column_proportion_of_non_null_values_to_be_between",
                "expect_column_proportion_of_unique_values_to_be_between",
                "expect_column_unique_value_count_to_be_between",
            ),
            Known(Says.NUMBER),
        ),
        **dict.fromkeys(
            (
                "expect_column_distinct_values_to_be_in_set",
                "expect_column_distinct_values_to_contain_set",
                "expect_column_distinct_values_to_equal_set",
                "expect_column_max_to_be_between",
                "expect_column_mean_to_be_between",
                "expect_column_median_to_be_between",
                "expect_column_min_to_be_between",
                "expect_column_most_common_value_to_be_in_set",
                "expect_column_quantile_values_to_be_between",
                "expect_column_stdev_to_be_between",
                "expect_column_sum_to_be_between",
            ),
            Known(Says.NOTHING),
        ),
        "expect_table_row_count_to_be_between": Known(Says.NUMBER, ()),
        "expect_table_row_count_to_equal": Known(Says.NUMBER, ()),
        "expect_column_to_exist": Known(Says.SHAPE),
        "expect_table_column_count_to_be_between": _SHAPE,
        "expect_table_column_count_to_equal": _SHAPE,
        "expect_table_columns_to_match_ordered_list": _SHAPE,
        "expect_table_columns_to_match_set": _SHAPE,
    }
)
"""Every expectation that is run, by its name in snake case."""

_TYPES = (
    "its types are those of a DataFrame here, not those of your data; promise logicalType or physicalType"
)
_LIKE = "it needs an engine that knows LIKE, and rows are judged in memory here; use a regular expression"
_ORDER = "a dataset has no order of rows; write it as a rule of type sql"
_OTHER = "it reads another dataset; write it as a rule of type sql"
_QUERY = "its query would run outside of our guard; write it as a rule of type sql"

REFUSED: Mapping[str, str] = MappingProxyType(
    {
        _VALUES + "be_increasing": _ORDER,
        _VALUES + "be_decreasing": _ORDER,
        _VALUES + "be_of_type": _TYPES,
        _VALUES + "be_in_type_list": _TYPES,
        "expect_column_type_to_be": _TYPES,
        _VALUES + "match_json_schema": "a JSON schema may refer to any address on the network",
        _VALUES + "match_like_pattern": _LIKE,
        _VALUES + "match_like_pattern_list": _LIKE,
        _VALUES + "not_match_like_pattern": _LIKE,
        _VALUES + "not_match_like_pattern_list": _LIKE,
        "expect_column_kl_divergence_to_be_less_than": "a contract has no partition to compare with",
        "expect_query_results_to_match_comparison": _QUERY,
        "expect_table_row_count_to_equal_other_table": _OTHER,
        "unexpected_rows_expectation": _QUERY,
    }
)
"""Expectations that are not run, and why."""


def is_engine(name: str) -> bool:
    """Whether a rule's engine is Great Expectations, in any of its spellings."""
    return name.lower().replace("-", "").replace("_", "").replace(" ", "") == ENGINE


def type_named(written: str) -> str:
    """The type in snake case, for the name of a class too; as written where it is none that we know."""
    flat = written.replace("_", "").lower()
    return next((each for each in (*KNOWN, *REFUSED) if each.replace("_", "") == flat), written)
