"""Imitations of Braze in a thread, and clients for them and for their buckets."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import running
from tests.sandbox.braze.workspace import Workspace, bucket_of, client_of
from tests.sandbox.conftest import Clock

Begin = Callable[..., Workspace]


@pytest.fixture
def begin(clock: Clock) -> Iterator[Begin]:
    """Start an imitation of one's own on the clock of the test; settings and options by keyword."""
    with ExitStack() as open_ones:

        def start(people: int = 30, limits_factor: float = 1.0, **given: Any) -> Workspace:
            options = Options(people=people, limits_factor=limits_factor, clock=clock)
            site = open_ones.enter_context(running("braze", options=options, **given))
            api = open_ones.enter_context(client_of(site))
            return Workspace(api, bucket_of(site), site.addresses["braze"]["api_key"], site.addresses)

        yield start


@pytest.fixture(scope="module")
def shared() -> Iterator[Workspace]:
    """Twenty people at the start; shared by the tests of a module, which keep to users of their own."""
    with running("braze", options=Options(people=20)) as site, client_of(site) as api:
        yield Workspace(api, bucket_of(site), site.addresses["braze"]["api_key"], site.addresses)
