"""Serve imitations on loopback, each on a port of its own."""

import asyncio
import json
import os
import socket
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from cdpkit.errors import ConfigurationError
from cdpkit.sandbox.buckets import Buckets, missing
from cdpkit.sandbox.building import build
from cdpkit.sandbox.gate import Gate, Options
from cdpkit.sandbox.imitation import Imitation, get, names
from cdpkit.sandbox.lines import Line

HOST = "127.0.0.1"
_BACKLOG = 128
_TICK = 0.02


class _Server(uvicorn.Server):
    """Uvicorn's server; it notices sooner that it should end."""

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # noqa: ASYNC110 - what is awaited is set by signals and threads
            await asyncio.sleep(_TICK)


@dataclass(frozen=True, slots=True)
class Site:
    """Imitations that are bound to their ports, and not served yet.

    Attributes:
        addresses: What `cdpkit sandbox --json` prints.
        gates: What each imitation sees, by vendor.
        buckets: The server of buckets, which runs already; None where no imitation writes into one.
        notes: What somebody who starts them should know.
    """

    addresses: dict[str, dict[str, str]]
    gates: dict[str, Gate] = field(repr=False)
    _apps: dict[int, ASGIApp] = field(repr=False)
    _sockets: list[socket.socket] = field(repr=False)
    buckets: Buckets | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a call to the imitation on whose port it came."""
        await self._apps[scope["server"][1]](scope, receive, send)

    def server(self) -> uvicorn.Server:
        """A server for all of them; failures that break lines are no news for its log."""
        config = uvicorn.Config(
            self,
            http=Line,
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        return _Server(config)

    def sockets(self) -> list[socket.socket]:
        """The ports, listening."""
        return self._sockets

    def close(self) -> None:
        """Give the ports back."""
        if self.buckets is not None:
            self.buckets.close()
        for listening in self._sockets:
            listening.close()


def _listening(port: int) -> socket.socket:
    # With the protocol named, asyncio turns Nagle's algorithm off; without, each answer would take 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"port {port} is not free; choose another one, or none at all for a free one"
        ) from error
    listening.listen(_BACKLOG)
    return listening


def site(vendors: Sequence[str | Imitation], options: Options, port: int | None, settings: Mapping[str, Any]) -> Site:
    """Build imitations and bind their ports; the server of buckets that some need takes the port after theirs.

    Args:
        vendors: Names of imitations, or imitations that are no part of the package; none for all that there are.
        options: What all of them have in common.
        port: That of the first in the order of their names, the others follow; None for free ones.
        settings: Settings of single imitations; each takes those that it knows.

    Raises:
        UnknownNameError: An imitation that does not exist.
        ConfigurationError: A port is taken, or a setting does not fit.
    """
    chosen, notes = _chosen(vendors)
    known = {name for imitation in chosen for name in imitation.settings.__dataclass_fields__}
    if unknown := sorted(settings.keys() - known):
        raise ConfigurationError(f"no setting {', '.join(unknown)}; there are: {', '.join(sorted(known)) or 'none'}")
    addresses: dict[str, dict[str, str]] = {}
    gates: dict[str, Gate] = {}
    apps: dict[int, ASGIApp] = {}
    sockets: list[socket.socket] = []
    buckets: Buckets | None = None
    try:
        sockets += [_listening(0 if port is None else port + position) for position in range(len(chosen))]
        if any(imitation.into_bucket for imitation in chosen):
            with closing(_listening(0 if port is None else port + len(chosen))) as beside:
                buckets = Buckets(beside)
        options = replace(options, buckets=buckets)
        for imitation, listening in zip(chosen, sockets, strict=True):
            app, gates[imitation.name] = build(imitation, options, settings)
            bound = listening.getsockname()[1]
            in_bucket = {"bucket": buckets.bucket} if buckets and imitation.into_bucket else {}
            addresses[imitation.name] = {**imitation.address(f"http://{HOST}:{bound}"), **in_bucket}
            apps[bound] = app
    except ConfigurationError:
        for listening in sockets:
            listening.close()
        if buckets is not None:
            buckets.close()
        raise
    if buckets is not None:
        addresses["s3"] = buckets.address
    return Site(addresses, gates, apps, sockets, buckets, notes)


def _chosen(vendors: Sequence[str | Imitation]) -> tuple[list[Imitation], tuple[str, ...]]:
    """The imitations in the order of their names; where all are meant, those that can be, and why others cannot."""
    given = {each.name: each for each in vendors if isinstance(each, Imitation)}
    wanted = {each.name if isinstance(each, Imitation) else each for each in vendors or names()}
    chosen = [given.get(name) or get(name) for name in sorted(wanted)]
    if vendors or not (lacking := missing()):
        return chosen, ()
    left_out = [each for each in chosen if each.into_bucket]
    why = f'is left out, for {" and ".join(lacking)} is not installed; it comes with: pip install "cdpkit[sandbox]"'
    return [each for each in chosen if each not in left_out], tuple(f"{each.name} {why}" for each in left_out)


def _stop_when_input_ends(server: uvicorn.Server) -> None:
    """End the server when standard input does: the parent process closed it, or is gone."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        server.should_exit = True

    threading.Thread(target=watch, daemon=True).start()


def serve(
    *vendors: str,
    port: int | None = None,
    options: Options | None = None,
    as_json: bool = False,
    until_input_ends: bool = False,
    **settings: Any,
) -> None:
    """Serve imitations until interrupted; prints their addresses first.

    Args:
        *vendors: Names of imitations; none for all that there are.
        port: That of the first in the order of their names, the others follow; None for free ones.
        options: What all of them have in common.
        as_json: Print one JSON object instead of lines for people.
        until_input_ends: Also stop when standard input ends.
        **settings: Settings of single imitations, such as `project_type`.

    Raises:
        UnknownNameError: An imitation that does not exist.
        ConfigurationError: A port is taken, or a setting does not fit.
    """
    built = site(vendors, options or Options(), port, settings)
    server = built.server()
    for note in built.notes:
        sys.stderr.write(f"{note}\n")
    sys.stdout.write(_announced(built.addresses, as_json=as_json))
    sys.stdout.flush()
    if until_input_ends:
        _stop_when_input_ends(server)
    try:
        with suppress(KeyboardInterrupt):
            server.run(sockets=built.sockets())
    finally:
        built.close()


def _announced(addresses: Mapping[str, Mapping[str, str]], *, as_json: bool) -> str:
    if as_json:
        return json.dumps(addresses) + "\n"
    lines = [f"{vendor}: {name} = {value}" for vendor, part in addresses.items() for name, value in part.items()]
    return "\n".join([*lines, "Ctrl+C ends it.", ""])


@contextmanager
def running(
    *vendors: str | Imitation, port: int | None = None, options: Options | None = None, **settings: Any
) -> Iterator[Site]:
    """Serve imitations in a thread of this process as long as the block lasts; arguments as for `serve`."""
    built = site(vendors, options or Options(), port, settings)
    server = built.server()
    thread = threading.Thread(target=server.run, kwargs={"sockets": built.sockets()}, daemon=True)
    thread.start()
    try:
        yield built
    finally:
        server.should_exit = True
        thread.join()
        built.close()
