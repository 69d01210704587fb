"""What boto3 raises, as answers and failures of a call; its own words, which may hold a key, are left out."""

import json
from urllib.parse import urlsplit

from cdpkit.errors import CredentialsError
from cdpkit.place.buckets.clients import NO_KEYS
from cdpkit.transport.attempt import BROKEN_OFF, Answer, Failure

_AGAIN = frozenset({"SlowDown", "RequestTimeout", "RequestTimeTooSkewed", "InternalError", "ServiceUnavailable"})
"""S3's words for what a later try may not meet (API reference, error responses)."""

_BUSY = 503


def outcome_of(error: Exception, timeout: float, endpoint: str) -> Answer | Failure | None:
    """What an error means for the call; None where it is none of boto3's.

    Args:
        error: What was raised.
        timeout: The call's time-out in seconds.
        endpoint: The address of the server.
    """
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        return _refused(error)
    where = _place(endpoint)
    unreached = Failure("no connection", sent=False, where=where)
    no_keys = Failure("", sent=False, error=CredentialsError(NO_KEYS))
    told: dict[str, Answer | Failure] = {
        "NoCredentialsError": no_keys,
        "PartialCredentialsError": no_keys,
        "CredentialRetrievalError": no_keys,
        "ParamValidationError": Answer(400, {}, _body("InvalidBucketName")),
        "SSLError": Failure("its certificate is not trusted", sent=False, where=where, lasting=True),
        "EndpointConnectionError": unreached,
        "ConnectTimeoutError": unreached,
        "ProxyConnectionError": unreached,
        "ReadTimeoutError": Failure(f"no answer came within {timeout:g} seconds"),
        "HTTPClientError": BROKEN_OFF,
        "BotoCoreError": BROKEN_OFF,
        "OSError": BROKEN_OFF,
    }
    return next((told[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in told), None)


def _refused(error: Exception) -> Answer:
    told = getattr(error, "response", {})
    code = str(told.get("Error", {}).get("Code", ""))
    status = int(told.get("ResponseMetadata", {}).get("HTTPStatusCode", _BUSY))
    return Answer(_BUSY if code in _AGAIN else status, {}, _body(code))


def _body(code: str) -> bytes:
    return json.dumps({"code": code}).encode()


def _place(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
