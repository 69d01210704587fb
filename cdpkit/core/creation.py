"""Which of several rows with several identifier values create a profile, by rounds of whole columns.

In source order, a row without match creates a profile unless an earlier row has created one whose identifiers it
meets. A round settles every row that no earlier open row could still decide about, and all rows that meet those.
"""

import polars as pl

from cdpkit.core.keys import POSITION
from cdpkit.errors import ConfigurationError

MOST_ROUNDS = 1_000


def creating_rows(keys: pl.DataFrame, owned: pl.DataFrame, names: list[str]) -> pl.Series:
    """The positions that create a profile, in source order.

    Args:
        keys: `position` and key columns: what each open row is matched by, one line a combination.
        owned: The same columns: what each of these rows would store; a part of its own keys.
        names: The key columns.

    Raises:
        ConfigurationError: More than 1,000 rounds; names the two rows at the end of the chain.
    """
    creators: list[pl.Series] = []
    for _ in range(MOST_ROUNDS):
        if keys.is_empty():
            return pl.concat(creators).sort() if creators else pl.Series(POSITION, [], pl.UInt32)
        first = owned.group_by(names).agg(pl.col(POSITION).min().alias("owner"))
        waits = (
            keys.join(first, on=names, how="inner")
            .filter(pl.col("owner") < pl.col(POSITION))
            .group_by(POSITION)
            .agg(pl.col("owner").min())
        )
        ready = keys.select(POSITION).unique().join(waits, on=POSITION, how="anti")
        creators.append(ready[POSITION])
        taken = owned.join(ready, on=POSITION, how="semi").group_by(names).agg(pl.col(POSITION).min().alias("owner"))
        met = keys.join(taken, on=names, how="inner").filter(pl.col("owner") < pl.col(POSITION)).select(POSITION)
        settled = pl.concat([ready, met]).unique()
        keys = keys.join(settled, on=POSITION, how="anti")
        owned = owned.join(settled, on=POSITION, how="anti")
    last = waits.sort(POSITION).tail(1)
    raise ConfigurationError(
        f"the identifier lists of the source chain through more than {MOST_ROUNDS:,} rows, up to the rows at positions "
        f"{last['owner'].item()} and {last[POSITION].item()}; split the source, or match on a field with one value"
    )
