"""Buckets with the API of S3, beside imitations that write files into one: moto's server, on a port of its own."""

import html
import logging
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

from cdpkit.errors import ConfigurationError

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

ACCESS_KEY_ID, SECRET_ACCESS_KEY, REGION = (
    "AKIASANDBOX0CDPKIT00",
    "not-a-secret-of-anybody-0000000000000000",
    "us-east-1",
)
"""Invented; the same at every start."""

_BUCKET = "cdpkit-exports"
_REFUSAL = 400
"""The first status of a refusal."""

_KEY = re.compile(r"Credential=([^/,\s]+)/")
_REFUSED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InvalidAccessKeyId</Code>'
    "<Message>The AWS Access Key Id you provided does not exist in our records.</Message></Error>"
)

Environ = dict[str, Any]
Listing = Callable[[str], None]


def missing() -> list[str]:
    """The packages that buckets need and that are not installed; looked for without importing them."""
    return [name for name in ("moto", "flask", "flask_cors") if find_spec(name) is None]


class Buckets:
    """A server of buckets in a thread of this process, and the one bucket that imitations write into.

    What servers of one process hold is in one place, for moto keeps it so; each has a bucket of a name of its own.

    Attributes:
        address: Where it is, its credentials and its bucket, as `cdpkit sandbox --json` prints them.
        bucket: The name of the bucket.
        calls: How many calls came, by method; LIST for those that list objects.
        before_listing: Is called with the prefix before a listing of objects of the bucket is answered.
    """

    def __init__(self, listening: socket.socket) -> None:
        """Serve on a port that is listening already.

        Raises:
            ConfigurationError: What it needs is not installed.
        """
        if lacking := missing():
            raise ConfigurationError(
                f"buckets with the API of S3 need {' and '.join(lacking)}; "
                'install what they need with: pip install "cdpkit[sandbox]"'
            )
        from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
        from werkzeug.serving import make_server
        from werkzeug.test import Client

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.calls: Counter[str] = Counter()
        self.before_listing: list[Listing] = []
        self._app = create_backend_app("s3")
        self._client = Client(self._app, use_cookies=False)
        self.bucket = self._created()
        host, port = listening.getsockname()
        self._server: BaseWSGIServer = make_server(
            host, port, self._serve, threaded=True, request_handler=MotoRequestHandler, fd=listening.fileno()
        )
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        self.address = {
            "endpoint_url": f"http://{host}:{port}",
            "access_key_id": ACCESS_KEY_ID,
            "secret_access_key": SECRET_ACCESS_KEY,
            "region": REGION,
            "bucket": self.bucket,
        }

    def put(self, key: str, content: bytes) -> None:
        """Write an object into the bucket.

        Raises:
            RuntimeError: It was not taken, perhaps for somebody removed the bucket.
        """
        status = self._asked("PUT", f"/{self.bucket}/{quote(key)}", content).status_code
        if status >= _REFUSAL:
            raise RuntimeError(f"bucket {self.bucket} did not take an object: status {status}")

    def remove(self, key: str) -> None:
        """Delete an object of the bucket."""
        self._asked("DELETE", f"/{self.bucket}/{quote(key)}")

    def keys(self, prefix: str = "") -> list[str]:
        """The keys of the bucket's first thousand objects below a prefix."""
        found = self._asked("GET", f"/{self.bucket}?list-type=2&prefix={quote(prefix)}")
        return [html.unescape(key) for key in re.findall(r"<Key>([^<]*)</Key>", found.get_data(as_text=True))]

    def close(self) -> None:
        """End the server, and remove the bucket with all that is in it."""
        self._server.shutdown()
        self._thread.join()
        before: list[str] = []
        while (keys := self.keys()) != before:
            for key in keys:
                self.remove(key)
            before = keys
        self._asked("DELETE", f"/{self.bucket}")

    def _created(self) -> str:
        """Make a bucket of a name that is free."""
        name, number = _BUCKET, 1
        while self._asked("HEAD", f"/{name}").status_code < _REFUSAL:
            number += 1
            name = f"{_BUCKET}-{number}"
        self._asked("PUT", f"/{name}")
        return name

    def _asked(self, method: str, path: str, content: bytes = b"") -> Any:
        signed = f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY_ID}/20260101/{REGION}/s3/aws4_request"
        return self._client.open(path, method=method, data=content, headers={"Authorization": signed})

    def _serve(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a call from outside, as a WSGI application: moto's own answer, for who has the key."""
        method, query = environ["REQUEST_METHOD"], parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        listing = method == "GET" and environ["PATH_INFO"].strip("/") == self.bucket and _lists(query)
        self.calls["LIST" if listing else method] += 1
        if _access_key(environ, query) != ACCESS_KEY_ID:
            start_response("403 Forbidden", [("Content-Type", "application/xml")])
            return [_REFUSED.encode()]
        for call in self.before_listing if listing else ():
            call(query.get("prefix", [""])[0])
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer


def _lists(query: Mapping[str, list[str]]) -> bool:
    return not {"location", "versioning", "uploads", "policy", "acl"} & query.keys()


def _access_key(environ: Environ, query: Mapping[str, list[str]]) -> str:
    """The access key that signed a call, in its header or in its address; empty for none."""
    signed = environ.get("HTTP_AUTHORIZATION", "") or "Credential=" + query.get("X-Amz-Credential", [""])[0]
    found = _KEY.search(signed)
    return found[1] if found else ""
