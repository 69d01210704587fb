"""Ids of runs, and naming a run by the beginning of its id."""

import re
import time
import uuid
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cdpkit
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.runs.ids import named_run, run_id

UUIDS = ["019b0000-0000-7000-8000-000000000000", "019b0000-0000-7000-8000-000000000001"]


def test_an_id_is_short_and_sorts_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve signs that nobody takes for others; behind the UUIDs that earlier versions gave."""
    with monkeypatch.context() as clock:
        moments = count(time.time_ns(), 2_000_000)
        clock.setattr("cdpkit.runs.ids.time.time_ns", lambda: next(moments))
        made = [run_id() for _ in range(1000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert all(re.fullmatch("[0-9a-hjkmnp-tv-z]{12}", each) for each in made)
    assert made[0] > str(uuid.UUID(int=(time.time_ns() // 1_000_000) << 80))
    assert len({run_id() for _ in range(5)}) == 5


@given(st.lists(st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=12, max_size=12), min_size=1, unique=True))
def test_any_unique_beginning_names_a_run(ids: list[str]) -> None:
    """In any case; one that several begin with is refused, and names them."""
    for each in ids:
        assert named_run(each, ids) == each
        for length in range(1, 12):
            begun = each[:length]
            alone = sum(other.startswith(begun) for other in ids) == 1
            if alone:
                assert named_run(begun.upper(), ids) == each
            else:
                with pytest.raises(ConfigurationError, match="runs begin with"):
                    named_run(begun, ids)


def test_an_id_is_read_as_people_write_it() -> None:
    """Letters that are not used are read as the digits for which they are taken; old ids stay names."""
    assert named_run(" 1OIl ", ["1011zzzzzzzz", *UUIDS]) == "1011zzzzzzzz"
    assert named_run(UUIDS[0], UUIDS) == UUIDS[0]


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ("6b5x", "no run '6b5x'; there are: 6b5a00000000, 6b5b00000000; correct the name, or look at ws.runs"),
        ("", "no run ''; there are: 6b5a00000000, 6b5b00000000"),
        ("6b5b00000001", "no run '6b5b00000001'; there are: 6b5b00000000, 6b5a00000000"),
        ("6b5", "2 runs begin with '6b5': 6b5b00000000, 6b5a00000000; write more of the id"),
        (7, "a run is named by itself, or by its id, a text such as run.id; this is a int"),
    ],
)
def test_what_names_no_run_is_told(given_: object, said: str) -> None:
    """With those that exist, the likely ones first."""
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        named_run(given_, ["6b5a00000000", "6b5b00000000"])


def test_a_beginning_is_taken_everywhere(tmp_path: Path) -> None:
    """Looked up, looked back at, segments compared since, undone."""
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("email", type="email", identifier=True)
    run = ws.load([{"email": "a@example.com"}], {"email": "email"})
    ws.segments.add("all", "true")
    for begun in (run.id[:6], run.id[:-1], run.id.upper()):
        assert ws.run(begun).id == ws.runs[begun].id == run.id
        assert ws.at(begun).profiles.collect().height == 1
        assert ws.segments["all"].entered(begun).height == 0
    assert ws.undo(run.id[:6]).name == run.id
    assert run.id in repr(ws.runs.select("run_id", "kind", "name", "state"))
    with pytest.raises(UnknownNameError, match="no run 'zz'"):
        ws.undo("zz")


def test_what_a_run_created_shows_the_person_first(tmp_path: Path) -> None:
    """What the workspace keeps of a profile comes last."""
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("email", type="email", identifier=True)
    mappings = [{"from": "plan", "to": "plan"}]
    run = ws.load([{"email": "a@example.com", "plan": "a"}], {"email": "email"}, mappings)
    assert run.created.columns[:3] == ["email", "plan", "profile_id"]
    assert sorted(run.created.columns) == sorted(ws.profiles.collect_schema().names())
    assert ws.load([{"email": "a@example.com", "plan": "b"}], {"email": "email"}, mappings).updated["plan"][0] == "b"
