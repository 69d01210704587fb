"""The account at Acxiom: questions are answered, and what that costs is written down."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from cdpkit.sandbox.acxiom.documents import PLURALS, STRICT, Document, derived, document, portrait
from cdpkit.sandbox.acxiom.people import Known, People
from cdpkit.sandbox.acxiom.questions import Question, Wrong, read
from cdpkit.sandbox.acxiom.settings import Settings
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.world.population import Population

Item = dict[str, Any]
"""An answer to a question: `code` and `document`."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a question cost.

    Attributes:
        at: Unix seconds.
        call: The number of the batch, from 1.
        kind: The class of documents.
        fingerprint: Of all that was asked: the same for the same question, whatever the order of its parameters.
        who: The id of the person who was found; None for nobody.
        code: Of the answer.
        documents: How many were charged.
    """

    at: float
    call: int
    kind: str
    fingerprint: str
    who: int | None
    code: int
    documents: int


@dataclass(slots=True)
class Switches:
    """Failures that wait for the next batches.

    Attributes:
        short: How many batches are answered one item short.
        long: How many are answered one item too many.
        busy: How many items meet a fault of the vendor's.
    """

    short: int = 0
    long: int = 0
    busy: int = 0


@dataclass(slots=True)
class Account:
    """What the account holds."""

    options: Options
    settings: Settings
    people: People = field(init=False)
    charges: list[Charge] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    switches: Switches = field(default_factory=Switches)
    _met: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.people = People(Population(self.options.people, self.options.seed, ("email",)))

    def answer(self, texts: Sequence[object]) -> list[Item]:
        """The answers to the questions of a batch, in their order; all of them are written down."""
        self.counts["calls"] += 1
        questions = [read(text) for text in texts]
        asked = [each for each in questions if isinstance(each, Question)]
        addresses = {each.given["email"].lower() for each in asked if each.given.get("email")}
        by_email = self.people.by_email(addresses)
        candidates = {id(each): self._candidates(each, by_email) for each in asked}
        known = self.people.of(number for each in candidates.values() for number in each)
        items = []
        for each in questions:
            if isinstance(each, Wrong):
                items.append(self._told(None, each, None))
            else:
                people = [known[number] for number in candidates[id(each)]]
                items.append(self._answered(each, people))
        return self._as_told(items)

    def _as_told(self, items: list[Item]) -> list[Item]:
        switches = self.switches
        if switches.short and items:
            switches.short -= 1
            return items[:-1]
        if switches.long and items:
            switches.long -= 1
            return [*items, items[-1]]
        return items

    def _candidates(self, question: Question, by_email: Mapping[str, int]) -> list[int]:
        given = question.given
        found = [by_email.get(given.get("email", "").lower())]
        found += [self.people.by_phone(given["phone"])] if given.get("phone") else []
        found += self.people.by_zip(given["zipCode"]) if given.get("zipCode", "")[:5].isdigit() else []
        return list(dict.fromkeys(number for number in found if number is not None))

    def _answered(self, question: Question, people: Iterable[Known]) -> Item:
        if self.switches.busy:
            self.switches.busy -= 1
            return self._told(question, Wrong("600-0070", "Error in a service behind"), None)
        steps = {step: each for each in people for step in reversed(_steps(question, each))}
        allowed = [step for step in sorted(steps) if not question.strict or step in STRICT]
        if not allowed or steps[allowed[0]].oddity == "unknown":
            return self._missed(question)
        return self._found(question, steps[allowed[0]], allowed[0])

    def _found(self, question: Question, known: Known, step: int) -> Item:
        if known.oddity == "busy_once" and known.id not in self._met:
            self._met.add(known.id)
            return self._told(question, Wrong("600-0070", "Error in a service behind"), None)
        if known.oddity == "opted_out":
            return self._told(question, Wrong("600-0117", "The entity has opted out"), known)
        one = self._seen(question, document(question.kind, known, step))
        if known.oddity == "group_of_one":
            return self._told(question, {"group": {PLURALS[question.kind]: [{question.kind: one}]}}, known)
        if known.oddity == "several" and question.limit > 1:
            other = {**one, "id": one.get("id", "")[::-1]}
            both = [{question.kind: one}, {question.kind: other}]
            return self._told(question, {"group": {PLURALS[question.kind]: both}}, known, 2)
        return self._told(question, {question.kind: one}, known)

    def _missed(self, question: Question) -> Item:
        if self.settings.no_match == "404":
            return self._told(question, Wrong("600-0030", "No such document"), None)
        made = derived(question.text) if self.settings.no_match == "derived" else portrait()
        return self._told(question, {question.kind: made}, None, int(self.settings.misses_charged))

    def _seen(self, question: Question, whole: Document) -> Document:
        """The bundles of a document that were asked for and are licensed."""
        wanted = {name for name in question.given.get("bundle", "").split(",") if name}
        licensed = {name for name in self.settings.licensed.split(",") if name}
        free = {"id", "matchMetadata"}
        return {
            name: value
            for name, value in whole.items()
            if (not wanted or name in wanted) and (not licensed or name in licensed | free)
        }

    def _told(self, question: Question | None, what: Document | Wrong, known: Known | None, documents: int = 1) -> Item:
        code = what.status if isinstance(what, Wrong) else 200
        missed = isinstance(what, Wrong) and what.code == "600-0030"
        if isinstance(what, Wrong):
            documents = int(missed and self.settings.misses_charged)
        self.counts["items"] += 1
        self.counts["documents"] += documents
        if question is not None:
            who = None if known is None else known.id
            fingerprint = _fingerprint(question)
            charge = Charge(
                self.options.clock(), self.counts["calls"], question.kind, fingerprint, who, code, documents
            )
            self.charges.append(charge)
        return {"code": code, "document": what.body() if isinstance(what, Wrong) else what}

    def ledger(self) -> dict[str, Any]:
        """What was asked and charged since the start."""
        return {**{name: self.counts[name] for name in ("calls", "items", "documents")}, "charges": self._listed()}

    def _listed(self) -> list[dict[str, Any]]:
        return [asdict(each) for each in self.charges]


def _steps(question: Question, known: Known) -> list[int]:
    """The steps of the cascade by which a question finds somebody."""
    given = question.given
    names = {f"{known.first} {known.last}", known.last}
    full = question.name == f"{known.first} {known.last}"
    partly = question.name is not None and question.name.split()[-1] == known.last.split()[-1]
    named = question.name in names or full
    lives = given.get("zipCode", "")[:5] == known.zip
    at_home = lives and question.street == f"{known.number} {' '.join(known.street)}"
    email = given.get("email", "").lower() == known.email
    phone = given.get("phone") == known.phone
    homes = question.kind in {"place", "household"} and at_home
    return [
        step
        for step, hit in (
            (1, (named and at_home) or homes),
            (2, full and email),
            (3, full and phone),
            (4, partly and email),
            (5, partly and phone),
            (6, email),
            (7, phone),
            (8, named and lives),
        )
        if hit
    ]


def _fingerprint(question: Question) -> str:
    told = "&".join(f"{name}={value}" for name, value in sorted(question.given.items()))
    return sha256(f"{question.kind}?{told}".encode()).hexdigest()[:16]
