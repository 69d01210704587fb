"""Clients of S3 for the calls of vendors: the driver repeats these, and nothing of them comes into a log."""

from io import BytesIO
from threading import Lock
from typing import Any

from cdpkit.errors import ConfigurationError
from cdpkit.kit.buckets import Access
from cdpkit.kit.kinds import CLEAR, ENCRYPT, in_the_clear
from cdpkit.place.buckets.clients import NOISY, new_client
from cdpkit.transport.quiet import hush

WHOLE = 16 << 20
"""Up to so many bytes an object is written in one call; above them in parts of so many, which may be 10,000 at most."""

_MOST_PARTS, _PARTS_AT_ONCE = 10_000, 4
_CONNECTIONS = 20
"""Kept open: four calls at a time, each in so many parts."""


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
        client = new_client(access, timeout=timeout, connections=_CONNECTIONS)
        hush(*NOISY)  # what making a client has loaded notes too
        if not self._allow_http and in_the_clear(client.meta.endpoint_url):
            raise ConfigurationError(f"the address of S3 (AWS_ENDPOINT_URL) {CLEAR}; {ENCRYPT}")
        return client


def put_whole(client: Any, bucket: str, key: str, body: bytes) -> None:
    """Write an object, which shows when all of it is there; of a large one that cannot be ended the parts are removed.

    Args:
        client: As `Clients` makes it.
        bucket: The bucket.
        key: The object's key.
        body: What is in it.
    """
    from boto3.s3.transfer import TransferConfig

    part = max(WHOLE, -(-len(body) // _MOST_PARTS))
    terms = TransferConfig(multipart_threshold=WHOLE, multipart_chunksize=part, max_concurrency=_PARTS_AT_ONCE)
    client.upload_fileobj(BytesIO(body), bucket, key, Config=terms)
