"""A frame as any other that shows ids whole, which Polars would cut behind thirty characters."""

import polars as pl

_LONGEST = 40
"""Characters of a text that are shown: an id of a profile has 36."""


class ShownFrame(pl.DataFrame):
    """A frame of a run or a preview; what is made of it is a frame as any other, or one of these."""

    def __str__(self) -> str:
        """As Polars shows it, with ids whole."""
        with pl.Config(fmt_str_lengths=_LONGEST):
            return super().__str__()

    def _repr_html_(self, *, _from_series: bool = False) -> str:
        with pl.Config(fmt_str_lengths=_LONGEST):
            return super()._repr_html_(_from_series=_from_series)
