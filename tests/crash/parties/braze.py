"""Braze."""

from tests.crash.party import Party

PARTY = Party(
    # Eleven files, the first of them late.
    settings={"file_users": 310, "export_polls": 2},
    list="Texts",
    points="points",
    first="first_name",
    plan="plan",
    score="clicks",
    origin="favourite quote",
    pulling="ObjectCarrier.send begins 9",
    passing=("braze_id", "random_bucket"),
    target={"create_fields": True},
    event_target={"currency": "EUR"},
    once=False,
)
