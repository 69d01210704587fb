"""ActiveCampaign."""

from tests.crash.party import Party

PARTY = Party(
    settings={"job_polls": 0, "false_polls": 0},
    list="VIP",
    points="Points",
    first="firstName",
    plan="Plan",
    score="Clicks",
    origin="Favourite quote",
    passing=("id",),
)
