"""The carrier of calls over HTTP, the one place that speaks it; their secrets are revealed here and nowhere else."""

import logging
import ssl
from collections.abc import Iterator, Mapping
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, Self

import httpx
from pydantic import SecretStr

from cdpkit.errors import ConfigurationError, UnknownNameError, WorkspaceError
from cdpkit.kit.effects import Http
from cdpkit.transport.address import address, place
from cdpkit.transport.attempt import Answer, Attempt, Failure
from cdpkit.transport.means import Means
from cdpkit.transport.pages import store
from cdpkit.transport.pool import NAME
from cdpkit.transport.redact import mask

LOOPBACK: Final = ("all://127.0.0.1", "all://localhost", "all://[::1]")
"""Reached without a proxy, whatever the environment says."""

IDLE = 4.0
"""Seconds after which an unused connection is given up: sooner than servers close theirs (five seconds are usual), so
that hardly any call meets a connection that is just being closed."""

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Failures before the first byte of the call went to the server."""

CONNECT = 10.0
"""Seconds after which a connection is given up that is not there; the call's own time-out is for its answer."""

ERROR = 400


class _Quiet(logging.Filter):
    """Keeps addresses with their queries, which may name people, out of the log; other users of the library log on."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.threadName or "").startswith(NAME)


QUIET = _Quiet()


class Abandoned(Exception):  # noqa: N818 - nobody sees it
    """Nobody waits for the page any more."""


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
        logging.getLogger("httpx").addFilter(QUIET)
        try:
            client = httpx.Client(
                verify=httpx.create_ssl_context(),
                mounts=dict.fromkeys(LOOPBACK),
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=IDLE),
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                headers={"user-agent": "cdpkit"},
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
        header = _unfit(http.headers)
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
            return _not_reached(error, http, place(self._means.addresses, http), attempt.timeout)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            return _ours(f"{http.what} has no valid address; check {http.address}")
        except httpx.TimeoutException:
            return Failure(f"no answer came within {attempt.timeout:g} seconds")
        except (httpx.RequestError, httpx.StreamError, Abandoned):
            return Failure("the connection broke off before the whole answer was there")
        except OSError as error:
            return _not_stored(error, http)

    def _exchange(self, http: Http, attempt: Attempt) -> Answer:
        request = self._client.build_request(
            http.method,
            address(self._means.addresses, http),
            headers=[(field, _revealed(value)) for field, value in http.headers.items()],
            content=http.body,
            timeout=httpx.Timeout(attempt.timeout, connect=min(attempt.timeout, CONNECT)),
            extensions={"trace": partial(_trace, attempt)},
        )
        response = self._client.send(request, stream=True)
        try:
            headers = dict(response.headers.items())
            if http.page is None or response.status_code >= ERROR:
                return Answer(response.status_code, headers, response.read())
            store(self._means.folder, http.page, _chunks(response, attempt))
            return Answer(response.status_code, headers, page=http.page)
        finally:
            response.close()


def _trace(attempt: Attempt, event: str, info: Mapping[str, Any]) -> None:  # noqa: ARG001 - how the library calls it
    if event.endswith("send_request_headers.started"):
        attempt.leaves()


def _chunks(response: httpx.Response, attempt: Attempt) -> Iterator[bytes]:
    for chunk in response.iter_bytes():
        if attempt.abandoned:
            raise Abandoned
        yield chunk
    if attempt.abandoned:
        raise Abandoned


def _revealed(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _unfit(headers: Mapping[str, str | SecretStr]) -> str | None:
    return next((field for field, value in headers.items() if not _fits(_revealed(value))), None)


def _fits(value: str) -> bool:
    return value.isascii() and value.isprintable() and value == value.strip()


def _ours(message: str) -> Failure:
    return Failure("", sent=False, error=ConfigurationError(message))


def _not_reached(error: Exception, http: Http, where: str, timeout: float) -> Failure:
    if isinstance(error, httpx.TimeoutException):
        return Failure(f"no connection within {min(timeout, CONNECT):g} seconds", sent=False, where=where)
    secrets = [value.get_secret_value() for value in http.headers.values() if isinstance(value, SecretStr)]
    return Failure(mask(str(error), secrets) or "no connection", sent=False, where=where, lasting=_untrusted(error))


def _not_stored(error: OSError, http: Http) -> Failure:
    if http.page is None:
        return Failure("the connection broke off")
    fault = error.strerror or type(error).__name__
    return Failure(fault, error=WorkspaceError(f"the page {http.page!r} cannot be written into its folder: {fault}"))


def _untrusted(error: BaseException | None) -> bool:
    """Whether it is about a certificate, which the next try would meet again."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
