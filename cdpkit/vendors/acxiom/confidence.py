"""How sure Acxiom is of a match: the step of its cascade, where the first one is the best, against a least confidence.

A goal's `min_confidence` is the other way round: 8 lets the first step alone pass, 1 all eight. Contracts may return
another scale, so that the scale is a setting.
"""

import polars as pl

from cdpkit.core.asking import BELOW_CONFIDENCE, UNKNOWN_CONFIDENCE
from cdpkit.kit.enriching import EnrichAsked

STEPS = 8


def judge(asked: EnrichAsked, answers: pl.DataFrame) -> pl.Series:
    """`reason`: why answers are not imported; null where they are.

    One that tells no confidence, or another than there are, is imported only where no least one is asked for.
    """
    least = asked.options["min_confidence"]
    if least is None:
        return pl.Series("reason", [None] * answers.height, pl.String)
    written = pl.coalesce(
        pl.col("answer").str.json_path_match(f"$['{about}.matchMetadata.matchConfidence']")
        for about in ("person", "household", "residency", "place", "entity")
    )
    number = pl.when(written.str.contains(r"^[0-9]+$")).then(written.cast(pl.Int64, strict=False))
    if asked.settings["confidence_scale"] == "cascade":
        known = number.is_between(1, STEPS)
        enough = STEPS + 1 - number >= least
    else:
        known, enough = number.is_not_null(), number >= least
    reason = (
        pl.when(known.fill_null(value=False).not_())
        .then(pl.lit(UNKNOWN_CONFIDENCE))
        .when(~enough)
        .then(pl.lit(BELOW_CONFIDENCE))
    )
    return answers.select(reason.cast(pl.String).alias("reason")).to_series()
