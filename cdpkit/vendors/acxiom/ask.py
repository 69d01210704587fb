"""Asking Acxiom: a batch is sent once, since it is paid; only what it says to have failed is asked again, alone."""

import json
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import polars as pl

from cdpkit.core.asking import FAILED, UNPAID
from cdpkit.errors import CdpkitError, InDoubtError, RemoteError
from cdpkit.kit.answers import said
from cdpkit.kit.effects import Effects, Reply, Tell, Wait
from cdpkit.kit.enriching import ANSWERS, EnrichAsked
from cdpkit.vendors.acxiom import api
from cdpkit.vendors.acxiom.answers import DOUBT, Told, told
from cdpkit.vendors.acxiom.documents import listed
from cdpkit.vendors.acxiom.options import ticked_kinds

_TRIES = 4
_GOOD = 200
_UNPAID = Told(UNPAID, FAILED)
_ASTRAY = "Acxiom answered a batch with more or fewer answers than it had questions; nothing of it is used"
_SLOWER = "Acxiom takes fewer requests in a batch than batch_size says; a smaller one spares refused calls"


Answers = dict[int, Told]
"""What came of requests, by their numbers in the batch."""


def ask(asked: EnrichAsked, batch: pl.DataFrame) -> Effects[pl.DataFrame]:
    """Ask a batch; `ANSWERS`.

    Raises:
        CredentialsError: The client may not ask; nothing was carried out.
        ConfigurationError: The settings do not fit; likewise.
        UnavailableError: Acxiom cannot be reached; likewise.
    """
    ticked = ticked_kinds(asked)
    own = listed(asked.settings["sensitive_fields"])
    found: Answers = {}
    left = batch
    for attempt in range(_TRIES):
        if attempt:
            yield Wait(2.0 ** (attempt - 1))
        answers = yield from _once(asked, left, ticked, own, first=not attempt)
        found |= answers
        again = [nth for nth, each in answers.items() if each.again]
        left = left.filter(pl.col("nth").is_in(again))
        if left.is_empty():
            break
    rows = [(nth, t.state, t.outcome, t.documents, t.reason, t.answer) for nth, t in found.items()]
    return pl.DataFrame(rows, schema=ANSWERS, orient="row")


def _once(
    asked: EnrichAsked, batch: pl.DataFrame, ticked: Collection[str], own: Collection[str], *, first: bool
) -> Effects[Answers]:
    """The answers to one call, or to its halves where it was too large."""
    try:
        reply: Reply = yield api.batch(asked.settings, batch["request"].to_list())
        if reply.status != _GOOD and not _passes(reply, batch):
            api.refuse(reply)
    except InDoubtError:
        return _all(batch, DOUBT)
    except CdpkitError:
        if first:
            raise
        return _all(batch, _UNPAID)  # what was answered before is not lost
    if reply.status == _GOOD:
        return (yield from _read(reply, batch, ticked, own))
    if api.code(said(reply)) != api.TOO_MANY:
        return _all(batch, replace(_UNPAID, reason=api.code(said(reply)), again=True))
    yield Tell(_SLOWER)
    half = batch.height // 2
    answers = yield from _once(asked, batch[:half], ticked, own, first=False)
    return answers | (yield from _once(asked, batch[half:], ticked, own, first=False))


def _passes(reply: Reply, batch: pl.DataFrame) -> bool:
    """Whether the same may be asked again: after a fault of the vendor's, or in smaller batches."""
    number = api.code(said(reply))
    return number in api.PASSING or (number == api.TOO_MANY and batch.height > 1)


def _read(reply: Reply, batch: pl.DataFrame, ticked: Collection[str], own: Collection[str]) -> Effects[Answers]:
    items = _items(reply)
    if items is None or len(items) != batch.height:  # answers are told apart by their places alone
        yield Tell(_ASTRAY)
        return _all(batch, DOUBT)
    lines = zip(batch["nth"], batch["about"], items, strict=True)
    return {nth: told(item, about, ticked, own) for nth, about, item in lines}


def _all(batch: pl.DataFrame, same: Told) -> Answers:
    return dict.fromkeys(batch["nth"], same)


def _items(reply: Reply) -> list[Any] | None:
    """The answers of a batch, numbers with places as they were written; None where it is no list."""
    try:
        found = reply.json()
        exact = json.loads(reply.body, parse_float=str) if b"." in reply.body and b"\\ud" not in reply.body else found
    except (RemoteError, ValueError):
        return None
    return exact if isinstance(exact, list) else None
