"""What properties hold, whom segments have, and who consents, in numbers."""

import pytest

import cdpkit
from cdpkit.errors import UnknownNameError


@pytest.fixture
def many(ws: cdpkit.Workspace) -> cdpkit.Workspace:
    """A thousand profiles beside two."""
    ws.properties.add("points", type="number")
    ws.properties.add("tags", multi=True)
    ws.properties.add("born", type="date")
    rows = [
        {
            "email": f"p{n}@x.de",
            "plan": "gold" if n % 4 else "free",
            "points": n if n % 2 else None,
            "tags": ["a", "b"] if n % 10 == 0 else [],
            "born": f"19{n % 90 + 10}-01-31",
            "consented_objectives": ["news"] if n % 5 == 0 else [],
            "refused_objectives": ["news"] if n % 50 == 0 else [],
        }
        for n in range(1000)
    ]
    names = ("plan", "points", "tags", "born", "consented_objectives", "refused_objectives")
    ws.load(rows, {"email": "email"}, [{"from": name} for name in names]).raise_for_state()
    return ws


def test_each_property_is_told_in_numbers(many: cdpkit.Workspace) -> None:
    """B12: how many are filled, how many values there are, the least, the most and the mean, and the frequent ones."""
    found = {line["name"]: line for line in many.properties.statistics().to_dicts()}
    assert set(found) == set(many.properties)
    points = found["points"]
    assert (points["filled"], points["share"], points["least"], points["most"]) == (500, 500 / 1002, "1", "999")
    assert points["mean"] == 500.0
    assert points["distinct"] == pytest.approx(500, rel=0.05)
    assert (found["born"]["least"], found["born"]["most"]) == ("1910-01-31", "1999-01-31")
    assert (found["tags"]["filled"], found["tags"]["distinct"]) == (100, 2)
    assert found["tags"]["top"] == [{"value": "a", "share": 1.0}, {"value": "b", "share": 1.0}]
    gold, free, *_ = found["plan"]["top"]
    assert (gold["value"], round(gold["share"], 1), free["value"]) == ("gold", 0.7, "free")


def test_who_somebody_is_is_not_among_the_frequent_values(many: cdpkit.Workspace) -> None:
    """Of identifiers and of what is flagged so."""
    many.properties.change("plan", pii=True)
    found = many.properties.statistics("email", "plan", sample=10)
    assert found.select("name", "top").rows() == [("email", None), ("plan", None)]
    with pytest.raises(UnknownNameError, match="no property 'plann'; there are: plan"):
        many.properties.statistics("plann")


def test_without_profiles_nothing_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No share of nothing, and no value."""
    ws = cdpkit.create(tmp_path_factory.mktemp("empty") / "w")
    ws.properties.add("plan")
    assert ws.properties.statistics("plan").row(0) == ("plan", "text", 0, None, 0, None, None, None, [])


def test_a_segment_has_a_sample_and_an_objective_those_who_consent(many: cdpkit.Workspace) -> None:
    """F196: spread over all members, as few as are asked for; a refusal wins over a consent."""
    segment = many.segments.add("gold", "plan = 'gold' and points is not null")
    assert segment.count() == 500
    assert segment.sample(7).height == 7
    assert segment.sample(7)["plan"].unique().to_list() == ["gold"]
    assert segment.sample(10_000).height == 500
    many.objectives.add("news")
    many.objectives.add("ads", needs_consent=False)
    assert many.objectives.counts().rows() == [("news", 180, 1002), ("ads", 0, 1002)]
