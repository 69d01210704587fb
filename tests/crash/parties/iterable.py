"""Iterable."""

from tests.crash.party import Party

PARTY = Party(
    # A job is completed when its files are written.
    settings={"file_bytes": 100_000, "job_polls": -1},
    list="VIP",
    points="points",
    first="firstName",
    plan="plan",
    score="score",
    origin="origin",
    target={"create_fields": True},
    hurried=False,
)
