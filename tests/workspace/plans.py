"""What tests of a workspace have in common: a few plans to load, and what is held then."""

from pathlib import Path

import polars as pl

import cdpkit

MAIL = {"mail": "email"}
PLAN = [{"from": "plan", "to": "plan", "rule": "set_or_clear"}]


def load(ws: cdpkit.Workspace, **plans: str | None) -> cdpkit.Run:
    """Set plans by name."""
    rows = pl.DataFrame(
        {"mail": [f"{name}@x.de" for name in plans], "plan": pl.Series(plans.values(), dtype=pl.String)}
    )
    return ws.load(rows, MAIL, PLAN)


def held(view: object) -> dict[str, str | None]:
    """Name -> plan."""
    profiles: pl.LazyFrame = view.profiles  # type: ignore[attr-defined]
    rows = profiles.select(pl.col("email").str.strip_suffix("@x.de"), "plan").collect()
    return dict(rows.iter_rows())


def settings(ws: cdpkit.Workspace, old: str, new: str) -> None:
    """Edit the settings file by hand."""
    path = ws.path / "cdpkit.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def last_log(ws: cdpkit.Workspace) -> Path:
    return max((ws.path / "tables" / "profiles" / "_delta_log").glob("*.json"))
