"""The commands about groups, and loads of them."""

from pathlib import Path

import cdpkit
from tests.cli.shell import call, json_of, refusal_of


def test_f203_groups_are_defined_loaded_listed_and_removed(tmp_path: Path) -> None:
    """`groups` alone lists; a load of groups is a load with `--group`, and says so in its report."""
    ws = cdpkit.create(tmp_path / "ws")
    ws.properties.add("household_id")
    at = ("-w", ws.path)
    assert "No types of groups yet" in call("groups", *at).stdout
    asked = ("groups", "define", "household", "--link", "household_id", "--property", "size=number", *at, "--json")
    told = {"name": "household", "link": "household_id", "properties": {"size": "number"}}
    assert json_of(call(*asked)) == json_of(call(*asked)) == told
    file = tmp_path / "homes.csv"
    file.write_text("home,size,city\nH1,3,Gent\n,4,Brugge\n", encoding="utf-8")
    load = ("load", file, "--group", "household", "--id", "home", "--map", "size", "--map", "city", *at)
    assert "1  groups created" in call(*load, "--preview").stdout
    assert json_of(call(*load, "--goal", "homes", "--json"))["goals"][0]["counters"]["created"] == 1
    (listed,) = json_of(call("groups", "list", "--json", *at))["groups"]
    assert (listed["groups"], listed["properties"]) == (1, {"size": "number", "city": "text"})
    assert call("sql", "select group_id, size from groups", *at).stdout.splitlines()[1].split() == ["H1", "3"]
    message = refusal_of(call("load", file, "--group", "household", "--id", "home", "--id", "city", "--json", *at))
    assert "groups are known by one field, not by 2" in message
    message = refusal_of(call("load", file, "--group", "household", "--id", "home=city", "--json", *at))
    assert "groups are known by their group_id, not by 'city'; give --id home" in message
    twice = ("--property", "floor=number", "--property", "floor=text")
    assert "gives a name twice" in refusal_of(call("groups", "define", "household", *twice, "--json", *at))
    message = refusal_of(call("load", file, "--group", "", "--id", "home", "--json", *at))
    assert "there are: household; correct the name, or add it with `cdpkit groups define '' --link" in message
    assert call("groups", "remove", "household", *at).exit_code == 0
    assert "no group type 'household'" in refusal_of(call("groups", "remove", "household", "--json", *at))
