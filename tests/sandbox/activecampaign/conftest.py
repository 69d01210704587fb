"""Imitations of ActiveCampaign in a thread, and clients for them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import running
from tests.plain import NO_TLS

Start = Callable[..., httpx.Client]


@pytest.fixture
def begin() -> Iterator[Start]:
    """Start an imitation of one's own, with a client for what lies below `/api/3`; settings and options by keyword."""
    with ExitStack() as open_ones:

        def start(people: int = 30, limits_factor: float = 1000.0, **given: Any) -> httpx.Client:
            options = Options(people=people, limits_factor=limits_factor)
            site = open_ones.enter_context(running("activecampaign", options=options, **given))
            address = site.addresses["activecampaign"]
            headers = {"Api-Token": address["api_key"]}
            base = f"{address['base_url']}/api/3"
            return open_ones.enter_context(
                httpx.Client(base_url=base, headers=headers, timeout=20, trust_env=False, verify=NO_TLS)
            )

        yield start
