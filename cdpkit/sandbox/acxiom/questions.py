"""A question to Acxiom: a relative address with parameters, read and tried as its documents say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.responses import JSONResponse

from cdpkit.sandbox.acxiom.documents import CLASSES

_PARSED_NAME = ("firstName", "middleName", "lastName", "generationalSuffix")
_PARSED_STREET = (
    "primaryNumber", "preDirectional", "street", "streetSuffix", "postDirectional", "unitDesignator", "secondaryNumber",
)  # fmt: skip
_PLACE = ("city", "state", "zipCode")
_MATCHING = ("name", *_PARSED_NAME, "streetAddress", *_PARSED_STREET, *_PLACE, "email", "emailMD5", "phone")
_OTHERS = ("businessName", "ipAddress", "latitude", "longitude", "bundle", "matchLevel", "limit", "tenant", "role")
_FORMS = {
    "zipCode": r"\d{5}(\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
    "state": r"[A-Z]{2}",
    "phone": r"\d{10}",
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "emailMD5": r"[0-9a-f]{32}",
    "matchLevel": "default|strict",
    "limit": "[1-9]|10",
    "secondaryNumber": r"\S*",
}
STATUSES = {
    "600-0010": 400, "600-0020": 403, "600-0025": 403, "600-0030": 404, "600-0031": 400, "600-0032": 400,
    "600-0033": 400, "600-0040": 400, "600-0041": 400, "600-0043": 400, "600-0045": 400, "600-0060": 400,
    "600-0070": 400, "600-0117": 404, "000-0401": 401, "000-0403": 403, "000-0404": 404, "000-0429": 429,
}  # fmt: skip
"""What stands beside each code; a fault of the vendor's own is a 400 too."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is answered instead of a document."""

    code: str
    message: str

    @property
    def status(self) -> int:
        """Of the item, or of the whole."""
        return STATUSES.get(self.code, 400)

    def body(self) -> dict[str, Any]:
        """As JSON; messages name parameters, no values."""
        return {"error": {"message": self.message, "code": self.code, "requestId": f"UDS-{self.code}"}}

    def response(self, status: int | None = None) -> JSONResponse:
        """As the answer to a whole call."""
        return JSONResponse(self.body(), status or self.status)


@dataclass(frozen=True, slots=True)
class Question:
    """A question that can be answered.

    Attributes:
        kind: The class of documents.
        given: Its parameters, those of control among them.
        text: As it came.
    """

    kind: str
    given: Mapping[str, str]
    text: str

    @property
    def strict(self) -> bool:
        """Whether some steps are passed over."""
        return self.given.get("matchLevel") == "strict"

    @property
    def limit(self) -> int:
        """Most candidates."""
        return int(self.given.get("limit", "1"))

    @property
    def name(self) -> str | None:
        """The whole name, in capitals; None where none is given."""
        parts = [self.given.get(each, "") for each in ("firstName", "lastName")]
        whole = self.given.get("name") or " ".join(filter(None, parts))
        return " ".join(whole.split()).upper() or None

    @property
    def street(self) -> str | None:
        """Number and name of the street, in capitals."""
        parts = [self.given.get(each, "") for each in _PARSED_STREET]
        whole = self.given.get("streetAddress") or " ".join(filter(None, parts))
        return " ".join(whole.split()).upper() or None


def read(text: object) -> Question | Wrong:
    """A question, or what is wrong with it."""
    if not isinstance(text, str):
        return Wrong("600-0041", "Each element of the batch has to be a string")
    parts = urlsplit(text)
    path = parts.path.strip("/").split("/")
    if len(path) != 2 or path[1] != "match":  # noqa: PLR2004
        return Wrong("600-0033", "Invalid path")
    if path[0] not in CLASSES:
        return Wrong("600-0032", "Invalid document class")
    given = dict(parse_qsl(parts.query, keep_blank_values=True, errors="strict"))
    return _tried(Question(CLASSES[path[0]], given, text))


def _tried(question: Question) -> Question | Wrong:
    given = question.given
    for name, value in given.items():
        if name not in (*_MATCHING, *_OTHERS):
            return Wrong("600-0045", f"Unknown parameter: {name}")
        if name in _FORMS and value and not re.fullmatch(_FORMS[name], value):
            return Wrong("600-0043", f"Invalid parameter value: {name}")
    for whole, parsed in (("name", _PARSED_NAME), ("streetAddress", _PARSED_STREET), ("email", ("emailMD5",))):
        if given.get(whole) and any(given.get(each) for each in parsed):
            return Wrong("600-0045", f"Conflicting parameters: {whole}")
    if not any(given.get(name) for name in _MATCHING):
        return Wrong("600-0040", "Missing parameter: nothing to match by")
    return question
