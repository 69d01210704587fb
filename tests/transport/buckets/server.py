"""A real server of S3 on this machine."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from typing import Any

import boto3
from moto.moto_server.werkzeug_app import create_backend_app
from moto.server import ThreadedMotoServer
from werkzeug.serving import make_server

KEY = "b"


@contextmanager
def buckets() -> Iterator[str]:
    """The address of a server, which runs until the block ends."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@contextmanager
def between(look: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[str]:
    """The address of a server to which each call comes as `look` leaves it, a WSGI environment."""
    app: Any = create_backend_app("s3")
    server = make_server("127.0.0.1", 0, lambda environ, start: app(look(environ), start), threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def put(url: str, objects: Mapping[str, bytes], bucket: str = "crm", **more: str) -> None:
    """Put objects into a bucket, which is made."""
    client = boto3.client(
        "s3", endpoint_url=url, aws_access_key_id="a", aws_secret_access_key=KEY, region_name="us-east-1"
    )
    client.create_bucket(Bucket=bucket)
    for key, body in objects.items():
        client.put_object(Bucket=bucket, Key=key, Body=body, **more)
    client.close()


def environment(url: str, *, key: str = "a", secret: str = KEY, lease: float = 1) -> dict[str, str]:
    """What an environment has to say, for boto3 to find a server and the keys to it.

    Args:
        url: The server.
        key: The id of the key.
        secret: The key.
        lease: Seconds after which a lease that is not renewed is taken over.
    """
    return {
        "AWS_ENDPOINT_URL_S3": url,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDPKIT_LEASE_SECONDS": str(lease),
        "CDPKIT_S3_TIMEOUT": "10",
    }
