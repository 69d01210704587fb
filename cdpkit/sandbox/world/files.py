"""Files that can be had for a while at an address that is signed, as stores of objects have them."""

import hashlib
import hmac
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from cdpkit.sandbox.gate import Endpoint

_SECRET = b"signs the addresses of files"
_UNTIL, _SIGNATURE = "X-Amz-Expires", "X-Amz-Signature"


@dataclass(slots=True)
class Shelf:
    """Files on disk that are gone with the imitation.

    Attributes:
        clock: Unix seconds.
        seconds: How long an address can be used.
    """

    clock: Callable[[], float]
    seconds: float
    _home: "tempfile.TemporaryDirectory[str] | None" = field(default=None, repr=False)

    def _path(self, folder: str, name: str) -> Path:
        if self._home is None:
            self._home = tempfile.TemporaryDirectory(prefix="cdpkit-sandbox-")
        home = Path(self._home.name) / folder
        home.mkdir(exist_ok=True)
        return home / name

    def put(self, folder: str, name: str, content: bytes) -> None:
        """Write a file; the names have no slash in them."""
        self._path(folder, name).write_bytes(content)

    def _signed(self, folder: str, name: str, until: str) -> str:
        return hmac.new(_SECRET, f"{folder}/{name}/{until}".encode(), hashlib.sha256).hexdigest()

    def address(self, request: Request, folder: str, name: str) -> str:
        """The address of a file, for whoever asked with this request."""
        until = f"{self.clock() + self.seconds:.3f}"
        signature = self._signed(folder, name, until)
        return f"{request.base_url}_files/{folder}/{name}?{_UNTIL}={until}&{_SIGNATURE}={signature}"

    def endpoint(self) -> Endpoint:
        """The call that gives a file to whoever has its address, without a key."""
        return Endpoint("GET", "/_files/{folder}/{file}", self.download, None, open=True)

    async def download(self, request: Request) -> Response:
        """GET a file at its signed address, for as long as that is good; else 403, also before there is the file."""
        folder, name = request.path_params["folder"], request.path_params["file"]
        until = request.query_params.get(_UNTIL, "")
        signature = request.query_params.get(_SIGNATURE, "")
        if not hmac.compare_digest(signature.encode(), self._signed(folder, name, until).encode()):
            return _denied("SignatureDoesNotMatch", "The request signature does not match")
        if float(until) < self.clock():
            return _denied("AccessDenied", "Request has expired")
        path = self._path(folder, name)
        if not path.exists():
            return _denied("AccessDenied", "Access Denied")
        return FileResponse(path, media_type="application/octet-stream")


def _denied(code: str, message: str) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(text, 403, media_type="application/xml")


async def pieces(parts: AsyncIterator[list[bytes]], most: int) -> AsyncIterator[bytes]:
    """The contents of files: whole lines of the parts, at most so many bytes a file unless one line is longer."""
    held = bytearray()
    async for part in parts:
        for line in part:
            if held and len(held) + len(line) > most:
                yield bytes(held)
                held.clear()
            held += line
    if held:
        yield bytes(held)
