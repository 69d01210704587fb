"""What a vendor waits for."""

from pathlib import Path

from cdpkit.kit.effects import Effects, Wait
from cdpkit.place import Folder
from cdpkit.transport.driver import Driver
from tests.transport.virtual import VirtualClock


def test_a_wait_is_shortened_as_the_limits_are_widened(tmp_path: Path) -> None:
    """With a factor of 10 somebody who waits 30 seconds goes on after 3."""
    clock = VirtualClock()

    def polls() -> Effects[None]:
        yield Wait(30)

    with Driver(
        "http://127.0.0.1", {}, folder=Folder(tmp_path), vendor="Somebody", limits_factor=10, clock=clock
    ) as driver:
        begun = clock.now()
        driver.run(polls())
    assert clock.now() - begun == 3


def test_people_are_told_what_is_waited_for_ever_more_seldom(tmp_path: Path) -> None:
    """Where it lasts ten seconds or more; each thing by itself."""
    told: list[str] = []

    def polls() -> Effects[None]:
        yield Wait(3, "a moment")
        for _ in range(8):
            yield Wait(10, "the export")
        yield Wait(300)

    with Driver(
        "http://127.0.0.1", {}, folder=Folder(tmp_path), vendor="Somebody", clock=VirtualClock(), tell=told.append
    ) as driver:
        driver.run(polls())
    said = "Somebody: waiting for the export, for {} seconds so far; next look in 10 seconds, an interrupt ends it"
    assert told == [said.format(seconds) + " before" for seconds in (0, 10, 30, 70)]
