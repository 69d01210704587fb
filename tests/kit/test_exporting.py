"""What the exporters of vendors have in common."""

import polars as pl

from cdpkit.kit.exporting import SentField, as_members
from cdpkit.kit.render import render


def test_fields_are_members_of_their_own_names() -> None:
    """Empty ones are left out unless they are to be cleared, and several values may be one text."""
    frame = pl.DataFrame({"a": [None, 1], "b": ["x", None], "c": [["r", "g"], None]})
    fields = [
        SentField("First", "a", pl.Int64()),
        SentField("Second", "b", pl.String(), send_empty=True),
        SentField("Third", "c", pl.List(pl.String()), join="|"),
    ]
    assert render(frame, as_members(fields)).to_list() == ['{"Second":"x","Third":"r|g"}', '{"First":1,"Second":null}']
