"""How a vendor is asked about people that is paid for each question: what is asked, in batches, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from cdpkit.kit.declare import Options, Setting, Settings
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.effects import Effects
from cdpkit.problem import Problem

QUESTIONS = {"row": pl.Int64(), "about": pl.String(), "request": pl.String()}
"""What is asked of whom: a profile's `row`, the class of documents it is about, and the request as it is sent: the same
text for the same question. Requests hold what is known of people: none may stand in an address, a log or a message."""

ANSWERS = {
    "nth": pl.Int64(),
    "state": pl.String(),
    "outcome": pl.String(),
    "documents": pl.Int64(),
    "reason": pl.String(),
    "answer": pl.String(),
}
"""What came of the requests of a batch, each `nth` once: `state` and `outcome` are words of `cdpkit.core.asking`;
`documents` is how many were charged, as far as can be told; `reason` is the vendor's code; `answer` is a JSON object of
the fields that may be kept, by their names; null without any."""


@dataclass(frozen=True, slots=True)
class EnrichAsked:
    """What a goal asks of a vendor.

    Attributes:
        settings: The connection's.
        options: The goal's `source`.
        discovery: What the connection found.
        parameters: The vendor's parameters that the goal links.
        fields: The fields that its mappings name.
    """

    settings: Settings
    options: Options
    discovery: Discovery = field(repr=False)
    parameters: tuple[str, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Enricher:
    """How the vendor is asked about people.

    Attributes:
        options: Of a goal's `source`.
        parameters: By what it can be asked.
        problems: What else is wrong with a goal, beside what does not fit an option's kind or is not there.
        about: The classes of documents that a goal needs.
        questions: `QUESTIONS` of people: given are `row` and a text column for each linked parameter. Who lacks what a
            class needs has no line of it.
        most: Most requests of a batch.
        price: What a document costs; None where nobody has said.
        documents: Most documents that are charged for a request.
        ask: Ask a batch once (`nth`, unique, `about`, `request`). `ANSWERS` are told as soon as they are known, since
            they are paid and whoever waits may be stopped; requests of which nothing is told are in doubt. What surely
            was not carried out may be repeated; where that is not known, nothing is.
        groups: The fields of its answers that hold the id of a group, such as a household; empty for none.
        judge: Why the answers to a goal are not imported (`about`, `answer`): `BELOW_CONFIDENCE`,
            `UNKNOWN_CONFIDENCE`; null where they are.
    """

    options: tuple[Setting, ...]
    parameters: tuple[str, ...]
    problems: Callable[[EnrichAsked], list[Problem]]
    about: Callable[[EnrichAsked], tuple[str, ...]]
    questions: Callable[[EnrichAsked, pl.DataFrame], pl.DataFrame]
    most: Callable[[EnrichAsked], int]
    price: Callable[[Settings], float | None]
    documents: Callable[[EnrichAsked], int]
    ask: Callable[[EnrichAsked, pl.DataFrame, Callable[[pl.DataFrame], None]], Effects[None]]
    judge: Callable[[EnrichAsked, pl.DataFrame], pl.Series]
    groups: tuple[str, ...] = ()
