"""Guard: a contract author's SQL is one read-only query, or it is not sent.

The text is parsed in the engine's dialect and every node of the tree is looked at: what is not known to be
harmless is refused, be it a kind of statement, a clause or a function. That is a list of what is allowed,
since lists of what is forbidden are never complete. What is let through is sent as a subquery, in which a
second statement, a write or `SELECT INTO` is a syntax error to the engine itself, over a connection that
cannot write.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from floe_dagster.warehouses._pattern import unsupported

if TYPE_CHECKING:
    from sqlglot.expressions import Expr, Table

_LONGEST = 100_000
_OPENING = re.compile(r"\s*(?:(?:--[^\n]*\n|/\*.*?\*/)\s*)*\(*\s*(select|with)\b", re.IGNORECASE | re.DOTALL)
_FILE_LIKE = re.compile(
    r"[/\\:*?]|\.(csv|tsv|json|jsonl|ndjson|parquet|db|duckdb|sqlite|gz|zst|txt|xlsx)$", re.IGNORECASE
)
_INTERNAL = ("pg_", "sqlite_", "duckdb_", "information_schema")


def _words(text: str) -> frozenset[str]:
    """The words of a text; a line that starts with # says what the next ones have in common."""
    lines = (each.strip() for each in text.splitlines())
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


_CLAUSES = _words(
    """
    Select Subquery Union Except Intersect With CTE TableAlias Table From Join Where Group GroupingSets Cube
    Rollup Having Order Ordered Limit Offset Fetch Distinct Qualify Values Tuple Alias Column Identifier
    Star Paren Literal Boolean Null Var Interval IntervalSpan DataType DataTypeParam Lateral WindowSpec
    Window Filter WithinGroup IgnoreNulls RespectNulls Add Sub Mul Div IntDiv Mod Neg Not EQ NEQ GT GTE LT
    LTE Is In Between Like ILike SimilarTo Glob Escape NullSafeEQ NullSafeNEQ DPipe BitwiseAnd BitwiseOr
    BitwiseXor BitwiseNot BitwiseLeftShift BitwiseRightShift Any All Bracket Slice Dot AtTimeZone National
    UnicodeString Collate Adjacent Overlaps
    """
)
_FUNCTIONS = _words(
    """
    # conditions and conversions
    And Or Xor Exists Case If Coalesce Nullif Nvl2 Greatest Least Cast TryCast Extract
    # aggregates
    Count CountIf Sum Avg Min Max AnyValue ApproxDistinct ApproxQuantile ArgMax ArgMin Corr CovarPop
    CovarSamp Stddev StddevPop StddevSamp Variance VariancePop Median Mode Quantile PercentileCont
    PercentileDisc Skewness Kurtosis LogicalAnd LogicalOr BitwiseAndAgg BitwiseOrAgg BitwiseXorAgg RegrSlope
    RegrR2 RegrIntercept First Last
    # windows
    RowNumber Rank DenseRank PercentRank CumeDist Ntile Lag Lead FirstValue LastValue NthValue
    # numbers
    Abs Ceil Floor Round Trunc Sign Sqrt Cbrt Pow Exp Ln Log Pi Degrees Radians Sin Cos Tan Asin Acos Atan
    Atan2 IsNan IsInf WidthBucket
    # text
    Length ByteLength Lower Upper Trim Substring Left Right Replace Concat ConcatWs StrPosition StartsWith
    EndsWith Contains RegexpLike RegexpILike RegexpReplace RegexpExtract RegexpFullMatch Reverse SplitPart
    Initcap Ascii Unicode Chr Translate MD5 SHA SHA2 Levenshtein
    # dates
    CurrentDate CurrentTimestamp CurrentTime Localtimestamp Localtime Date DateAdd DateSub DateDiff
    DateTrunc DateFromParts TimestampTrunc TimestampAdd TimestampSub TimestampDiff TsOrDsAdd TsOrDsToDate
    TsOrDsToTimestamp TsOrDsDiff TsOrDsToTime TimeToStr StrToTime StrToDate StrToUnix TimeToUnix UnixToTime
    Year Quarter Month Week WeekOfYear Day DayOfMonth DayOfWeek DayOfWeekIso DayOfYear Hour Minute Second
    LastDay Dayname Monthname MakeInterval Timestamp Time Datetime
    # values in values
    JSONExtract JSONExtractScalar JSONBExtract JSONBExtractScalar ArraySize ArrayContains Array
    StructExtract
    """
)
_BY_NAME = _words(
    """
    age avg bool_and bool_or btrim char_length character_length cot date_part div every factorial gcd ifnull
    iif instr isfinite isodow julian julianday lcm ltrim make_date mod octet_length position rtrim strftime
    total typeof unixepoch epoch epoch_ms hash
    """
)


def guarded(sql: str, dialect: str) -> str:
    """The statement as it may be sent: as a subquery, of which no more than two rows are wanted.

    Args:
        sql: the contract author's text.
        dialect: as sqlglot calls the engine's.

    Raises:
        WarehouseError: it is not one read-only query, or uses what is not known to be harmless.
    """
    text = sql.strip().rstrip(";").rstrip()
    refused = _refusal(text, dialect)
    if refused:
        raise unsupported(f"the query is not run: {refused}")
    return f"select * from (\n{text}\n) as asked\nlimit 2"  # noqa: S608  it was just looked through


def tables_in(sql: str, dialect: str, *, whole: bool = False) -> tuple[str, ...]:
    """The tables that a statement names, where it can be read at all; `whole` with the schemas they name."""
    if _refusal(sql.strip().rstrip(";").rstrip(), dialect):
        return ()
    from sqlglot import exp, parse_one

    named = parse_one(sql, dialect=dialect).find_all(exp.Table)
    return tuple(
        dict.fromkeys(".".join(part.name for part in each.parts) if whole else each.name for each in named)
    )


@lru_cache(maxsize=4096)
def _refusal(text: str, dialect: str) -> str:
    """Why the text is not sent; empty where it is."""
    if len(text) > _LONGEST:
        return f"it is longer than {_LONGEST} characters"
    if not _OPENING.match(text):
        return "it has to be one query that starts with SELECT or WITH"
    from sqlglot import parse
    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    try:
        statements = [each for each in parse(text, dialect=dialect) if each is not None]
    except (SqlglotError, RecursionError) as error:
        return f"it cannot be read as {dialect} SQL ({_first_line(error)})"
    if len(statements) != 1:
        return f"it holds {len(statements)} statements, and one is allowed"
    return next((why for node in statements[0].walk() if (why := _objection(node))), "")


def _objection(node: Expr) -> str:
    from sqlglot import exp

    match node:
        case exp.Anonymous():
            return (
                ""
                if node.name.lower() in _BY_NAME
                else f"the function {node.name} is not on the list of harmless ones"
            )
        case exp.Func():
            harmless = type(node).__name__ in _FUNCTIONS
            return (
                ""
                if harmless
                else f"the function {node.sql_name().lower()} is not on the list of harmless ones"
            )
        case exp.Dot() if isinstance(node.expression, exp.Func):
            return "functions of a schema cannot be called"
        case exp.Table():
            return _table_objection(node)
        case exp.Select() if (
            node.args.get("locks") or node.args.get("into") or node.args.get("operation_modifiers")
        ):
            return "it locks rows or writes a table"
        case exp.Select() if not node.expressions:
            return "it selects nothing"
        case exp.Column() if node.name.startswith(("$", "@", ":")) and not node.this.args.get("quoted"):
            return f"{node.name} is a parameter, and there are none"
        case _:
            kind = type(node).__name__
            return "" if kind in _CLAUSES else f"{kind.upper()} is not allowed"


def _table_objection(node: Table) -> str:
    from sqlglot import exp

    if not isinstance(node.this, exp.Identifier):
        return "a function cannot stand where a table is expected"
    names = [part.name for part in node.parts]
    if any(_FILE_LIKE.search(each) for each in names):
        return f'"{node.name}" looks like a file, and only tables can be read'
    if any(each.lower().startswith(_INTERNAL) for each in names):
        return f"{node.name} belongs to the engine, and only tables of data can be read"
    return ""


def _first_line(error: Exception) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    return plain.splitlines()[0][:120] if plain else type(error).__name__
