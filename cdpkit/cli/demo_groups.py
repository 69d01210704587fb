"""The part of the demo about groups: who has a family name and a country in common is taken for a household here."""

from collections.abc import Callable

import polars as pl

from cdpkit import Workspace

_QUESTION = """\
select count(distinct group_id) as households, count(*) as people, max(size) as largest
from group_members join groups using (type, group_id)"""


def households(workspace: Workspace, say: Callable[[str], None]) -> None:
    """Make households of the profiles, link them, and say how many there are.

    Args:
        workspace: That of the demo.
        say: Shows one line.
    """
    home = pl.concat_str(pl.col("last_name", "country").str.strip_chars().str.to_uppercase(), separator=" ")
    people = workspace.profiles.select("customer_id", home=home).drop_nulls().collect()
    homes = people.group_by("home").len("size").filter(pl.col("size") > 1).sort("home")
    workspace.properties.add("household_id")
    kind = workspace.groups.define("household", "household_id", {"size": "number"}, "Household")
    run = kind.load(homes, "home", [{"from": "size"}])
    linked = people.join(homes, on="home", how="semi")
    link = [{"from": "home", "to": "household_id"}]
    workspace.load(linked, {"customer_id": "customer_id"}, link, create_profiles=False)
    found = workspace.sql(_QUESTION).pl().row(0, named=True)
    say(f"{run.counters['created']:,} groups created by the rules that profiles have; profiles are linked by an id.")
    say(f"SQL: {found['people']:,} people in {found['households']:,} households; the largest has {found['largest']:,}.")
