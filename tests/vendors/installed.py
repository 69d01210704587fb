"""Vendors of another package, found as such a package's would be: by its entry points."""

from pathlib import Path

import pytest


def install(monkeypatch: pytest.MonkeyPatch, folder: Path, **values: str) -> None:
    """Let a package be installed in an empty folder whose entry points are these vendors: name and `module:VALUE`."""
    facts = folder / "vendors_of_tests-1.0.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: vendors-of-tests\nVersion: 1.0\n", encoding="utf-8")
    points = "".join(f"{name} = {value}\n" for name, value in values.items())
    (facts / "entry_points.txt").write_text(f"[cdpkit.vendors]\n{points}", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
