"""What people look like in an Iterable project before anybody wrote to it."""

import json

import polars as pl
import pytest

from cdpkit.sandbox.iterable.profile import TIMES, list_field, population, profile_frame
from cdpkit.sandbox.iterable.settings import ProjectType
from cdpkit.sandbox.world.lists import ON, MailingList
from cdpkit.sandbox.world.people import people
from cdpkit.sandbox.world.rows import json_lines

SOME = pl.int_range(0, 3000, eager=True)


@pytest.mark.parametrize(("project", "lacking"), [("email", "userId"), ("userID", "email"), ("hybrid", "email")])
def test_project_types_decide_who_has_which_identifier(project: ProjectType, lacking: str) -> None:
    """Everybody has one identifier at least, and cannot be found by one that is lacking."""
    start = population(3000, 0, project)
    keys = start.keys(SOME)
    assert 0 < keys[lacking].null_count() < 1000
    assert keys.filter(pl.all_horizontal(pl.col("email", "userId").is_null())).is_empty()
    whole = people(SOME, 0)
    known = start.known({name: whole[name].to_list() for name in ("email", "userId")})
    for name, found in known.items():
        assert sorted(found.values()) == keys.drop_nulls(name)["id"].to_list()


def test_lines_are_written_as_python_writes_them() -> None:
    """JSON that is made by columns equals that of the standard library, so that states can be compared as bytes."""
    start = population(3000, 0, "email")
    lists = [MailingList(start, number, "", {ON: share}) for number, share in ((501, 6000), (502, 500))]
    frame = profile_frame(start, SOME, list_field("email"), lists)
    names = frame.columns[1:]
    expected = [
        json.dumps({name: row[name] for name in names if row[name] is not None}, ensure_ascii=False).encode()
        for row in frame.to_dicts()
    ]
    compact = [json.dumps(json.loads(line), ensure_ascii=False).encode() for line in json_lines(frame, names, TIMES)]
    assert compact == expected
    assert '": ' not in json_lines(frame.drop("note", "firstName", "favourites"), ["email", "points"])[0]
