"""For all tests: machines are noisy, and shells differ; and a server of buckets for those that need one."""

import signal
from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _interrupts_are_heard() -> Iterator[None]:
    """A shell has interrupts ignored in what it starts in the background, and tests send them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of a server of buckets with one called `work`."""
    from tests.transport.buckets.server import buckets, put

    with buckets() as url:
        put(url, {}, "work")
        yield url


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An address in a bucket at which nothing is, to which the environment has the keys; leases are short."""
    from tests.transport.buckets.server import environment

    for name, value in environment(s3_server).items():
        monkeypatch.setenv(name, value)
    return f"s3://work/{uuid4().hex}"
