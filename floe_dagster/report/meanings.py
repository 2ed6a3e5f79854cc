"""Meanings: what the numbers of a report mean, in a sentence or two each, the same in every format."""

from __future__ import annotations

from floe_dagster.report.score import RULE as QUALITY
from floe_dagster.report.trend import RULE

MEANINGS = {
    "Compliance": (
        "the share of the known time in which a promise was kept. It is weighted by time and does not "
        "count checks: the seconds kept are divided by the seconds kept and broken. The promises of one "
        "kind in one contract are kept only while all of them are. Totals sum seconds and never average "
        "percentages."
    ),
    "Coverage": (
        "the share of the observed window in which anything was known. Time without a measurement is "
        "unknown: it counts neither for a promise nor against it. Without any known time there is no data, "
        "which is not 100 %."
    ),
    "Bounds": (
        "what the compliance would be if all unknown time had been bad, and if all of it had been good. The "
        "truth lies between the two. Where nothing is unknown the compliance is exact."
    ),
    "Observed window": (
        "from when a promise was first measured, or from the start of the window if that is later, to the "
        "end of the window or the making of this report. A measurement counts until the next one, and no "
        "longer than twice the cadence of its kind."
    ),
    "Checks": (
        "what came of each check last: passed; failed (the promise is broken); warned (it is nearly used "
        "up, or broken at a low severity); unknown (status error: it could not be measured this time); not "
        "executable (it can never be measured here); not yet measured."
    ),
    "Excused": (
        "time of a maintenance window that was declared before it began. It is in no share and no bound, "
        "whatever was measured in it; it is shown beside them."
    ),
    "Target and budget": (
        "the share of time that was promised, and how much of the window may be broken without missing it. "
        "What is left is in minutes. A burn rate of 1 uses the budget up just as the window ends; rates are "
        "given where their shorter window holds three measurements. Unknown time is not counted as spent, so "
        "that some may be left where the known time alone misses the target."
    ),
    "Trend": f"{RULE}. Seconds are summed over periods, percentages are never averaged.",
    "Quality score": QUALITY,
    "Deadlines": (
        "a promise of a time of day is hit or missed once on each day on which it is due, however long the "
        "data was late. Hit: what was promised was seen in time. Missed: it was looked for close to the "
        "deadline, or after it, and was not there. Not known: nobody looked close enough. A deadline in a "
        "maintenance window that was declared before is excused."
    ),
    "Times to respond": (
        "of the breaches that were open in the window: to detect, from when the promise was last seen kept; "
        "to notify, from when the breach opened until a channel accepted word of it; to repair, from when "
        "it was first seen broken until it was seen kept again. What still lasts counts as long as it has. "
        "What was closed because nobody looks any more was not repaired and has no time to repair."
    ),
    "Breach": (
        "one episode, from a promise first seen broken to its being seen kept again, however often it was "
        "checked in between. Not knowing never ends a breach."
    ),
}
