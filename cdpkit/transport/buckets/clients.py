"""Clients of S3 for the calls of vendors: the driver repeats these, and nothing of them comes into a log."""

from threading import Lock
from typing import Any

from cdpkit.errors import ConfigurationError
from cdpkit.kit.buckets import Access
from cdpkit.kit.kinds import CLEAR, ENCRYPT, in_the_clear
from cdpkit.place.buckets.clients import NOISY, new_client
from cdpkit.transport.quiet import hush


class Clients:
    """Makes clients, and keeps them: one for each access and time-out, used from any thread."""

    def __init__(self, *, allow_http: bool) -> None:
        self._allow_http = allow_http
        self._made: dict[tuple[Access, float], Any] = {}
        self._lock = Lock()

    def client(self, access: Access, timeout: float) -> Any:
        """The client for an access; makes no call, unless keys are asked for at a login of the cloud.

        Raises:
            ConfigurationError: boto3 is not installed, or what the environment says does not fit.
            CredentialsError: There are no keys.
        """
        with self._lock:
            key = access, timeout
            if key not in self._made:
                self._made[key] = self._new(access, timeout)
            return self._made[key]

    def close(self) -> None:
        """Close all connections."""
        for client in self._made.values():
            client.close()

    def _new(self, access: Access, timeout: float) -> Any:
        hush(*NOISY)
        client = new_client(access, timeout=timeout)
        hush(*NOISY)  # what making a client has loaded notes too
        if not self._allow_http and in_the_clear(client.meta.endpoint_url):
            raise ConfigurationError(f"the address of S3 (AWS_ENDPOINT_URL) {CLEAR}; {ENCRYPT}")
        return client
