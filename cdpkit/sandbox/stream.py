"""Answers that are made while they are sent."""

import zlib
from collections.abc import AsyncIterator, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class Stream(Response):
    """A chunked answer; it ends early when the client is gone.

    Args:
        parts: The body, part by part.
        media_type: What it is.
        headers: Further header fields.
        gzip: Compress it where the client takes that.
    """

    def __init__(
        self, parts: AsyncIterator[bytes], media_type: str, headers: Mapping[str, str] | None = None, *, gzip: bool
    ) -> None:
        super().__init__(media_type=media_type, headers=dict(headers or {}))
        del self.headers["content-length"]
        self.parts = parts
        self.gzip = gzip
        if gzip:
            self.headers["Vary"] = "Accept-Encoding"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        request = Request(scope, receive)
        parts = self.parts
        if self.gzip and "gzip" in request.headers.get("accept-encoding", ""):
            self.headers["Content-Encoding"] = "gzip"
            parts = _zipped(parts)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for part in parts:
            if await request.is_disconnected():
                return
            if part:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _zipped(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The parts in gzip's format, quickly rather than tightly."""
    press = zlib.compressobj(level=1, wbits=zlib.MAX_WBITS | 16)
    async for part in parts:
        yield press.compress(part)
    yield press.flush()
