"""Campaign Monitor."""

from tests.crash.party import Party

PARTY = Party(
    settings={"page_rows": 300},
    list="Café & thé ☕",
    points="Points",
    first="Name",
    plan="Plan",
    score="Clicks",
    origin="Favourite quote",
)
