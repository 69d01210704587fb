"""Campaign Monitor: what of it the suite for all vendors does not look at."""

from cdpkit.vendors.campaign_monitor.zones import zone_of


def test_a_zone_is_known_by_its_places() -> None:
    """Whatever its offset says, which is that of winter."""
    assert zone_of("(GMT+10:00) Canberra, Melbourne, Sydney") == "Australia/Sydney"
