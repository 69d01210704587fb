"""A property that a row with the rule `add` makes on the spot."""

import polars as pl

import cdpkit


def test_f89_a_new_property_to_which_values_are_added_holds_several(tmp_path: object) -> None:
    """Though each row brings one; the preview says so, and a later load adds to it."""
    ws = cdpkit.create(str(tmp_path) + "/workspace")
    ws.properties.add("email", identifier=True)
    rows = [{"from": "colour", "to": "colours", "rule": "add"}]
    frame = pl.DataFrame({"email": ["a@x.de", "a@x.de", "b@x.de"], "colour": ["red", "blue", None]})
    preview = ws.preview_load(frame, {"email": "email"}, rows)
    assert preview.new_properties.select("property", "type", "multi").rows() == [("colours", "text", True)]
    ws.load(preview=preview).raise_for_state()
    ws.load(pl.DataFrame({"email": ["a@x.de"], "colour": ["green"]}), {"email": "email"}, rows).raise_for_state()
    found = dict(ws.profiles.select("email", "colours").collect().rows())
    assert found == {"a@x.de": ["red", "blue", "green"], "b@x.de": None}
