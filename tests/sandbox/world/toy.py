"""An imitation of a CRM that there is not: a login with tokens, lists, pages by a cursor, and one call a person.

It shows what an imitation costs that stands on `cdpkit.sandbox.world`, and lends itself to tests of what all vendors
have in common: `running(TOY)`.
"""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import polars as pl
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cdpkit.sandbox.gate import AnswerError, Endpoint, Manners, Options
from cdpkit.sandbox.imitation import Imitation, Parts
from cdpkit.sandbox.limiter import Rate
from cdpkit.sandbox.world.bodies import parsed
from cdpkit.sandbox.world.directory import Directory
from cdpkit.sandbox.world.fields import Typing, look
from cdpkit.sandbox.world.lists import ON, MailingList, Roster
from cdpkit.sandbox.world.people import possible_address, was_forgotten
from cdpkit.sandbox.world.population import Population
from cdpkit.sandbox.world.rows import in_order, json_lines, lines
from cdpkit.sandbox.world.tokens import Tokens, bearer
from cdpkit.sandbox.world.visibility import Later

CLIENT_ID, CLIENT_SECRET = "toy", "not-a-secret-of-anybody"
_RATE = Rate(100, 1)
_COLUMNS = ("id", "email", "firstName", "points")
_NAMES = {str: "text", bool: "flag", int: "number", float: "number", list: "list"}
_TYPING = Typing(lambda _, value: _NAMES.get(type(value), "object"), lambda expected, found: expected == found)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the imitation can be told."""

    token_seconds: float = field(default=3600.0, metadata={"help": "seconds that a token is good"})
    page_size: int = field(default=100, metadata={"help": "most people of a page"})


class Toy:
    """The state of the CRM."""

    def __init__(self, options: Options, settings: Settings) -> None:
        start = Population(options.people, options.seed, ("email",))
        self.settings = settings
        self.clock = options.clock
        self.people = Directory(start, options.clock)
        self.roster = Roster(start, options.clock, first=3)
        self.roster.seed(1, "Readers", {ON: 5000}, 0.0)
        self.roster.seed(2, "Empty", {}, 0.0)
        self.types = {"firstName": "text", "points": "number"}
        self.tokens = Tokens(options.clock, settings.token_seconds)
        self.later = Later(options.clock, options.visibility)

    def endpoints(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint("POST", "/oauth/token", self.token, open=True),
            Endpoint("GET", "/lists", self.lists, _RATE),
            Endpoint("GET", "/fields", self.fields, _RATE),
            Endpoint("GET", "/people", self.page, _RATE),
            Endpoint("PUT", "/people/{email:path}", self.write, _RATE),
            Endpoint("PUT", "/lists/{list}/people/{email:path}", self.put, _RATE),
            Endpoint("DELETE", "/lists/{list}/people/{email:path}", self.take, _RATE),
        )

    async def token(self, request: Request) -> Response:
        """A token for the client's credentials, or for a refresh token that is good once."""
        given = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        if given.get("grant_type") == "refresh_token":
            if not self.tokens.refreshes(given.get("refresh_token", ""), once=True):
                return JSONResponse({"error": "invalid_grant"}, 400)
        elif given.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        return JSONResponse(
            {
                "access_token": self.tokens.issue(),
                "token_type": "Bearer",
                "expires_in": self.settings.token_seconds,
                "refresh_token": self.tokens.issue_refresh(),
            }
        )

    async def lists(self, _: Request) -> Response:
        """All lists."""
        return JSONResponse({"lists": [{"id": str(each.number), "name": each.name} for each in self.roster]})

    async def fields(self, _: Request) -> Response:
        """All fields and their types."""
        return JSONResponse({"fields": self.types})

    async def page(self, request: Request) -> Response:
        """The people after a cursor, and the next cursor as long as there are more."""
        self.later.settle()
        after = int(request.query_params.get("after", "0")) - 1
        ids = self.people.after(after, self.settings.page_size + 1)
        page, more = ids[: self.settings.page_size], len(ids) > self.settings.page_size
        return JSONResponse({"people": self.shown(page), "next": str(page[-1] + 1) if more else None})

    def shown(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        """People as they are now, without what they do not have."""
        start = [number for number in ids if number < self.people.population.count]
        rows = self.people.population.frame(pl.Series(start, dtype=pl.Int64), _COLUMNS).to_dicts()
        base = {row["id"]: row for row in rows}
        return [self._one(number, base.get(number, {"id": number})) for number in ids]

    def _one(self, number: int, row: dict[str, Any]) -> dict[str, Any]:
        if number in self.people.touched:
            row = {**row, **self.people.keys(number), **self.people.touched[number].changed}
        row["lists"] = [str(each.number) for each, _ in self.roster.of(number)]
        return {name: value for name, value in row.items() if value is not None}

    def _found(self, email: str) -> int | None:
        return next(iter(self.people.holders("email", email, self.people.population.known({"email": [email]}))), None)

    async def write(self, request: Request) -> Response:
        """Create or change somebody: 201 or 200, and 422 with the reason for who or what cannot be taken."""
        self.later.settle()
        email = request.path_params["email"].lower()
        if not possible_address(email) or was_forgotten(email):
            raise _refused(422, "forgotten" if was_forgotten(email) else "invalid address")
        try:
            values = parsed(await request.body())
        except ValueError as error:
            raise _refused(400, "no JSON") from error
        findings = look(self.types, [(0, values)], _TYPING)
        if findings.misfits:
            raise _refused(422, f"other types than {', '.join(sorted(findings.misfits))} have")
        self.types |= findings.created
        there = self._found(email)
        self.later.do(lambda: self._written(email, values))
        return JSONResponse({"email": email}, 200 if there is not None else 201)

    def _written(self, email: str, values: dict[str, Any]) -> None:
        found = self._found(email)
        number = self.people.create() if found is None else found
        self.people.touch([number])
        self.people.identify(number, email=email)
        self.people.touched[number].changed.update(values)
        self.people.touched[number].updated = self.clock()

    def _on(self, request: Request) -> tuple[MailingList, str]:
        self.later.settle()
        number = request.path_params["list"]
        one = self.roster.usable(int(number)) if number.isdecimal() else None
        if one is None:
            raise _refused(404, "no such list")
        return one, request.path_params["email"].lower()

    async def put(self, request: Request) -> Response:
        """Put somebody on a list."""
        return self._moved(*self._on(request), ON)

    async def take(self, request: Request) -> Response:
        """Take somebody off a list; who is not on it stays so."""
        return self._moved(*self._on(request), None)

    def _moved(self, one: MailingList, email: str, state: str | None) -> Response:
        found = self._found(email)
        if found is None:
            raise _refused(404, "nobody with this address")
        self.later.do(lambda: one.put(found, state, self.clock()))
        return Response(status_code=204)

    def everybody(self, _: bool) -> AsyncIterator[bytes]:
        self.later.settle()

        def untouched(ids: pl.Series) -> list[str]:
            on = [pl.when(each.was()).then(pl.lit(f'"{each.number}"')) for each in self.roster]
            names = pl.concat_list(on).list.drop_nulls().list.join(",")
            frame = self.people.population.frame(ids, _COLUMNS).with_columns(names.alias("on"))
            found = zip(json_lines(frame, _COLUMNS), frame["on"], strict=True)
            return [f'{line[:-1]},"lists":[{lists}]}}' for line, lists in found]

        def touched(ids: Sequence[int]) -> list[str]:
            return [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in self.shown(ids)]

        return in_order(lines(self.people, untouched, touched), "email")

    def manners(self) -> Manners:
        def denied(request: Request) -> Response | None:
            state = self.tokens.state(bearer(request.headers.get("authorization", "")))
            return None if state == "good" else _answer(401, f"token {state}")

        return Manners(
            has_key=lambda request: "authorization" in request.headers,
            denied=denied,
            failed=lambda status, _: _answer(status, "failed"),
            too_often=lambda _, __: _answer(429, "too often"),
            unknown=lambda _: _answer(404, "no such path"),
        )


def _answer(status: int, error: str) -> Response:
    return JSONResponse({"error": error}, status)


def _refused(status: int, error: str) -> AnswerError:
    return AnswerError(_answer(status, error))


def _address(base: str) -> dict[str, str]:
    return {"base_url": base, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


def _build(options: Options, settings: Settings) -> Parts:
    toy = Toy(options, settings)

    def state() -> dict[str, Any]:
        toy.later.settle()
        lists = [{"id": str(each.number), "name": each.name, "size": each.size()} for each in toy.roster]
        return {"people": len(toy.people), "lists": lists}

    return Parts(toy.manners(), toy.endpoints(), state, toy.everybody)


TOY = Imitation("toy", Settings, _address, _build)
