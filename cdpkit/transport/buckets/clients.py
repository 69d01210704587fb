"""Clients of S3, made of keys and places; those of the environment are looked for where boto3 looks."""

from functools import cache
from io import BytesIO
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from cdpkit.errors import ConfigurationError, CredentialsError
from cdpkit.kit.buckets import Access
from cdpkit.kit.kinds import CLEAR, ENCRYPT, in_the_clear
from cdpkit.transport.quiet import hush

CONNECT = 10.0
"""Seconds after which a connection is given up that is not there; a call's own time-out is for its answer."""

WHOLE = 16 << 20
"""Up to so many bytes an object is written in one call; above them in parts of so many, which may be 10,000 at most."""

_MOST_PARTS, _PARTS_AT_ONCE = 10_000, 4

_NOISY = ("boto3", "botocore", "s3transfer", "urllib3")
"""They note key ids, signatures, keys of objects and bodies."""

NO_KEYS = (
    "no keys to S3 were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or log in with the "
    "tool of your cloud; AWS_ENDPOINT_URL names a server other than Amazon's"
)


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
        try:
            import boto3
            import botocore.session
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError
        except ModuleNotFoundError:
            raise ConfigurationError("s3:// needs boto3; install it with: pip install 'cdpkit[s3]'") from None
        hush(*_NOISY)
        try:
            bare = botocore.session.get_session()
            bare.register_component("data_loader", _loader(bare.get_config_variable("data_path")))
            made = boto3.Session(
                botocore_session=bare,
                aws_access_key_id=_revealed(access.key_id),
                aws_secret_access_key=_revealed(access.secret),
                aws_session_token=_revealed(access.token),
                region_name=access.region,
            )
            keys = made.get_credentials()
            terms = Config(
                connect_timeout=min(timeout, CONNECT),
                read_timeout=timeout,
                retries={"total_max_attempts": 1},  # the driver repeats
                user_agent_extra="cdpkit",
            )
            client = made.client("s3", endpoint_url=access.endpoint, config=terms)
            if _is_here(client.meta.endpoint_url):  # reached without a proxy, whatever the environment says
                direct = terms.merge(Config(proxies={}))
                client = made.client("s3", endpoint_url=access.endpoint, config=direct)
        except (BotoCoreError, ValueError) as error:
            raise ConfigurationError(
                f"the settings for S3 in the environment do not fit ({type(error).__name__}); look at AWS_PROFILE, "
                "AWS_REGION, AWS_ENDPOINT_URL and the files in ~/.aws"
            ) from None
        if keys is None:
            raise CredentialsError(NO_KEYS)
        hush(*_NOISY)  # what making a client has loaded notes too
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


@cache
def _loader(folders: str | None) -> Any:
    """Reads boto3's descriptions of services, which is most of the time that a client takes: once a process.

    Args:
        folders: Where further ones lie, of the environment.
    """
    from botocore.loaders import create_loader

    return create_loader(folders)


def _is_here(endpoint: str) -> bool:
    return not in_the_clear(f"http://{urlsplit(endpoint).netloc}")


def _revealed(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()
