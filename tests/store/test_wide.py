"""Workspaces with many properties."""

from pathlib import Path

import polars as pl

import cdpkit


def test_a_property_beyond_the_first_dozens_is_updated_too(tmp_path: Path) -> None:
    """Delta keeps statistics of 32 columns unless told; patches to later columns must be seen all the same."""
    names = [f"p{index}" for index in range(60)]
    rows = pl.DataFrame({"mail": [f"m{index}@x.de" for index in range(200)]})
    first = rows.with_columns(pl.lit("old").alias(name) for name in names)
    second = rows.head(3).with_columns(pl.lit("new").alias(name) for name in names)
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("mail", type="email", identifier=True)
    mappings = [{"from": name} for name in names]
    ws.load(first, {"mail": "mail"}, mappings)
    ws.load(second, {"mail": "mail"}, mappings)
    for state in (ws.profiles.collect(), cdpkit.open(ws.path).profiles.collect()):
        assert dict.fromkeys(names, 3) == {name: (state[name] == "new").sum() for name in names}
    ws.compact()
    state = ws.profiles.collect()
    assert dict.fromkeys(names, 3) == {name: (state[name] == "new").sum() for name in names}
