"""The connections of the server, so that a failure can break one."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

_OPEN: dict[tuple[str, int], asyncio.Transport] = {}
_PATIENCE = 50


class Line(H11Protocol):
    """Uvicorn's protocol; it lets its open connections be found by the address of the client."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the connection."""
        super().connection_made(transport)
        if self.client is not None:
            _OPEN[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        if self.client is not None:
            _OPEN.pop(self.client, None)
        super().connection_lost(exc)


async def break_off(client: tuple[str, int]) -> None:
    """Close the connection to a client after what was written to it, and wait until it is closed."""
    transport = _OPEN.get(client)
    if transport is None:
        return
    transport.close()
    for _ in range(_PATIENCE):
        if client not in _OPEN:
            return
        await asyncio.sleep(0.01)
    transport.abort()
