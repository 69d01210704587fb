"""Damaged settings, read by whoever opens the workspace."""

import random
from collections.abc import Callable
from pathlib import Path

import cdpkit
from tests.fuzz.mutate import mutated

GOAL = {
    "kind": "export_profiles",
    "name": "Pros",
    "segment": "pros",
    "target": {"lists": ["VIP"], "on_leave": True},
    "identifiers": {"email": "email"},
    "mappings": [{"from": "plan", "to": "plan"}, {"value": "text", "text": "x", "to": "source"}],
}


def settings_case(folder: Path) -> Callable[[random.Random], str]:
    """A function that damages a settings file and uses the workspace; it returns how that ended."""
    ws = cdpkit.create(folder / "w")
    ws.properties.add("email", type="email", identifier=True)
    ws.properties.add("plan")
    ws.segments.define("pros", "plan = 'pro'")
    ws.objectives.define("newsletter")
    (ws.path / "key.txt").write_text("0" * 32)
    own = {"base_url": "http://127.0.0.1:9", "api_key": "file:key.txt"}
    conn = ws.connect("iterable", name="news", settings=own)
    conn.goals.add(**GOAL)
    whole = {path: path.read_bytes() for path in (ws.path / "cdpkit.toml", ws.path / "connections" / "news.toml")}

    def one(draw: random.Random) -> str:
        path = draw.choice(list(whole))
        path.write_bytes(mutated(whole[path], draw))
        try:
            opened = cdpkit.open(folder / "w")
            repr(opened), [repr(each) for each in opened.segments], len(list(opened.properties))
            found = opened.connections["news"]
            repr(found), repr(found.goals), repr(found.check())
            opened.segments.define("pros", "plan = 'pro'")
        except cdpkit.errors.CdpkitError as error:
            return type(error).__name__
        finally:
            path.write_bytes(whole[path])
        return "used"

    return one
