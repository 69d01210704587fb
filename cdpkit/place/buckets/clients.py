"""Clients of S3, made of keys and places; those of the environment are looked for where boto3 looks."""

from functools import cache
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from cdpkit.errors import ConfigurationError, CredentialsError
from cdpkit.kit.buckets import Access
from cdpkit.kit.kinds import in_the_clear

CONNECT = 10.0
"""Seconds after which a connection is given up that is not there."""

NOISY = ("boto3", "botocore", "s3transfer", "urllib3")
"""They note key ids, signatures, keys of objects and bodies."""

_PART = 64 << 20
"""Bytes of a part of a large file."""

NO_KEYS = (
    "no keys to S3 were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or log in with the "
    "tool of your cloud; AWS_ENDPOINT_URL names a server other than Amazon's"
)


def new_client(access: Access, *, timeout: float, attempts: int = 1, connections: int = 10) -> Any:
    """A client for an access, used from any thread; makes no call, unless keys are asked for at a login of the cloud.

    Args:
        access: Keys and place.
        timeout: Seconds after which an answer is given up.
        attempts: How often a call is made before it is given up.
        connections: How many may be open at a time.

    Raises:
        ConfigurationError: boto3 is not installed, or what the environment says does not fit.
        CredentialsError: There are no keys.
    """
    try:
        import boto3
        import botocore.session
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ModuleNotFoundError:
        raise ConfigurationError("s3:// needs boto3; install it with: pip install 'cdpkit[s3]'") from None
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
            retries={"total_max_attempts": attempts, "mode": "standard"},
            max_pool_connections=connections,
            user_agent_extra="cdpkit",
        )
        client = made.client("s3", endpoint_url=access.endpoint, config=terms)
        if is_here(client.meta.endpoint_url):  # reached without a proxy, whatever the environment says
            direct = terms.merge(Config(proxies={}))
            client = made.client("s3", endpoint_url=access.endpoint, config=direct)
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(
            f"the settings for S3 in the environment do not fit ({type(error).__name__}); look at AWS_PROFILE, "
            "AWS_REGION, AWS_ENDPOINT_URL and the files in ~/.aws"
        ) from None
    if keys is None:
        raise CredentialsError(NO_KEYS)
    return client


@cache
def _loader(folders: str | None) -> Any:
    """Reads boto3's descriptions of services, which is most of the time that a client takes: once a process.

    Args:
        folders: Where further ones lie, of the environment.
    """
    from botocore.loaders import create_loader

    return create_loader(folders)


def is_here(endpoint: str) -> bool:
    """Whether a server is on this machine."""
    return not in_the_clear(f"http://{urlsplit(endpoint).netloc}")


def _revealed(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()


def upload(client: Any, path: str, bucket: str, key: str) -> None:
    """Put a large file in parts.

    Raises:
        OSError: It was not taken.
    """
    from boto3.exceptions import Boto3Error
    from boto3.s3.transfer import TransferConfig

    terms = TransferConfig(multipart_threshold=_PART, multipart_chunksize=_PART, use_threads=False)
    try:
        client.upload_file(path, bucket, key, Config=terms)
    except Boto3Error as error:  # which has the other's words in its own
        raise error.__cause__ or error.__context__ or OSError(type(error).__name__) from None
