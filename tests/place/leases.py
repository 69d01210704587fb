"""What tests of leases have in common."""

from threading import Event

from cdpkit.place import Place
from cdpkit.place.buckets.bucket import Bucket
from cdpkit.place.buckets.leases import LostError


def until_lost(place: Place) -> None:
    """Wait until this process has seen that it has lost a lease there."""
    assert isinstance(place, Bucket)
    for _ in range(200):
        try:
            place.store.leases.check()
        except LostError:
            return
        Event().wait(0.05)
    raise AssertionError
