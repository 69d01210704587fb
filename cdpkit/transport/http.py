"""The carrier of calls over HTTP, the one place that speaks it; their secrets are revealed here and nowhere else."""

import os
import ssl
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, Self

import httpx
from pydantic import SecretStr

from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.kit.effects import Http
from cdpkit.kit.kinds import CLEAR, ENCRYPT, in_the_clear
from cdpkit.transport.address import address, is_address, place
from cdpkit.transport.attempt import BROKEN_OFF, Answer, Attempt, Failure, Stopped
from cdpkit.transport.bodies import ERROR, taken_in
from cdpkit.transport.means import Means
from cdpkit.transport.quiet import hush
from cdpkit.transport.redact import body_without, mask, secrets_in
from cdpkit.transport.unpack import unpacked

LOOPBACK: Final = ("all://127.0.0.1", "all://localhost", "all://[::1]")
"""Reached without a proxy, whatever the environment says."""

IDLE = 4.0
"""Seconds after which an unused connection is given up: sooner than servers close theirs (five seconds are usual), so
that hardly any call meets a connection that is just being closed."""

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Failures before the first byte of the call went to the server."""

CONNECT = 10.0
"""Seconds after which a connection is given up that is not there; the call's own time-out is for its answer."""


@cache
def _authorities(*_told: str | None) -> ssl.SSLContext:
    """The certificate authorities, read once for all that the environment tells of them: it takes as long as ten calls.

    Raises:
        OSError: They cannot be read.
    """
    return httpx.create_ssl_context()


class HttpCarrier:
    """Sends calls from any thread, on connections that are kept open.

    Redirects are answers. Certificates are verified. No cookie is kept. Proxies and certificate authorities are those
    of the environment.
    """

    def __init__(self, means: Means, client: httpx.Client) -> None:
        self._means = means
        self._client = client

    @classmethod
    def open(cls, means: Means) -> Self:
        """Ready to call; no connection is made yet.

        Raises:
            ConfigurationError: A proxy or a certificate file of the environment cannot be used.
        """
        hush("httpx", "httpcore")
        try:
            client = httpx.Client(
                verify=_authorities(*(os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))),
                mounts=dict.fromkeys(LOOPBACK),
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=IDLE),
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                headers={"user-agent": "cdpkit", "accept-encoding": "gzip"},
            )
        except (ImportError, OSError, ValueError, httpx.InvalidURL):
            raise ConfigurationError(
                "a proxy or a certificate file of the environment cannot be used; look at HTTP_PROXY, HTTPS_PROXY, "
                "ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR"
            ) from None
        return cls(means, client)

    def send(self, http: Http, attempt: Attempt) -> Answer | Failure:
        """Make the call; whatever goes wrong is a value."""
        if not http.whole and http.address not in self._means.addresses:
            return Failure("", sent=False, error=UnknownNameError("address", http.address, self._means.addresses))
        if http.whole and not is_address(http.path):
            return _ours(f"{http.what} has no valid address; check {http.address}")
        if http.whole and not self._means.allow_http and in_the_clear(http.path):
            return _ours(f"{http.what} {CLEAR}; {ENCRYPT}")
        header = _unfit({**http.headers, **attempt.headers})
        if header is not None:
            return _ours(
                f"the header {header!r} of {http.what} has a blank at its end, a line break or a character beyond "
                "ASCII; look at the setting that it is made of"
            )
        return self._try(http, attempt)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _try(self, http: Http, attempt: Attempt) -> Answer | Failure:
        try:
            return self._exchange(http, attempt)
        except NOT_SENT as error:
            where = place(self._means.addresses, http)
            return _not_reached(error, {**http.headers, **_secret(attempt.headers)}, where, attempt.timeout)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError):  # the last one: a host that none can have
            return _ours(f"{http.what} has no valid address; check {http.address}")
        except httpx.TimeoutException:
            return Failure(f"no answer came within {attempt.timeout:g} seconds")
        except (httpx.RequestError, httpx.StreamError, OSError):
            return BROKEN_OFF
        except Stopped as stopped:
            return stopped.failure

    def _exchange(self, http: Http, attempt: Attempt) -> Answer:
        request = self._client.build_request(
            http.method,
            address(self._means.addresses, http),
            headers=[(field, _revealed(value)) for field, value in {**http.headers, **attempt.headers}.items()],
            content=http.body,
            timeout=httpx.Timeout(attempt.timeout, connect=min(attempt.timeout, CONNECT)),
            extensions={"trace": partial(_trace, attempt)},
        )
        response = self._client.send(request, stream=True)
        try:
            fields = dict(response.headers.items())
            encoding, length = fields.get("content-encoding", ""), fields.get("content-length", "")
            answer = taken_in(
                attempt,
                self._means,
                unpacked(response.iter_raw(), encoding),
                status=response.status_code,
                headers=fields,
                announced=int(length) if length.isascii() and length.isdigit() else 0,
            )
            if answer.status < ERROR:
                return answer
            known = (*self._means.secrets, *secrets_in(http.headers), *secrets_in(attempt.headers))
            return replace(answer, body=body_without(answer.body, known))
        finally:
            response.close()


def _trace(attempt: Attempt, event: str, info: Mapping[str, Any]) -> None:  # noqa: ARG001 - how the library calls it
    if event.endswith("send_request_headers.started"):
        attempt.leaves()


def _revealed(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _secret(headers: Mapping[str, str | SecretStr]) -> dict[str, SecretStr]:
    return {field: SecretStr(_revealed(value)) for field, value in headers.items()}


def _unfit(headers: Mapping[str, str | SecretStr]) -> str | None:
    return next((field for field, value in headers.items() if not _fits(_revealed(value))), None)


def _fits(value: str) -> bool:
    return value.isascii() and value.isprintable() and value == value.strip()


def _ours(message: str) -> Failure:
    return Failure("", sent=False, error=ConfigurationError(message))


def _not_reached(error: Exception, headers: Mapping[str, str | SecretStr], where: str, timeout: float) -> Failure:
    if isinstance(error, httpx.TimeoutException):
        return Failure(f"no connection within {min(timeout, CONNECT):g} seconds", sent=False, where=where)
    secrets = [value.get_secret_value() for value in headers.values() if isinstance(value, SecretStr)]
    return Failure(mask(str(error), secrets) or "no connection", sent=False, where=where, lasting=_untrusted(error))


def _untrusted(error: BaseException | None) -> bool:
    """Whether it is about a certificate, which the next try would meet again."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
