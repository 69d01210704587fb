"""The calls about one person of a list: reading, adding, changing, unsubscribing, deleting."""

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.campaign_monitor.account import Account, folded
from cdpkit.sandbox.campaign_monitor.answers import (
    ADDED_TOO_OFTEN,
    answer,
    body,
    flag_of,
    nothing,
    query,
    refuse,
    text_of,
)
from cdpkit.sandbox.campaign_monitor.calls import PEOPLE, Calls
from cdpkit.sandbox.campaign_monitor.fields import Unfit
from cdpkit.sandbox.campaign_monitor.rights import Rights, too_many
from cdpkit.sandbox.campaign_monitor.rows import (
    Row,
    Values,
    changes,
    enters,
    keep,
    refused,
    row_of,
    wrong_contact,
)
from cdpkit.sandbox.campaign_monitor.shown import row_of as shown
from cdpkit.sandbox.campaign_monitor.start import DELETED, UNSUBSCRIBED
from cdpkit.sandbox.gate import AnswerError, Endpoint, Options
from cdpkit.sandbox.limiter import Limiter, Rate
from cdpkit.sandbox.world.lists import MailingList
from cdpkit.sandbox.world.people import possible_address

_MINUTE = 60


class Subscribers(Calls):
    """The calls about one person of a list."""

    def __init__(self, account: Account, rights: Rights, options: Options) -> None:
        super().__init__(account, rights)
        self._limiter = Limiter(options.limits_factor, account.clock)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        return self.declared(
            ("GET", "/subscribers/{id}.json", self.one, PEOPLE),
            ("POST", "/subscribers/{id}.json", self.add, PEOPLE),
            ("PUT", "/subscribers/{id}.json", self.change, PEOPLE),
            ("POST", "/subscribers/{id}/unsubscribe.json", self.unsubscribe, PEOPLE),
            ("DELETE", "/subscribers/{id}.json", self.delete, PEOPLE),
        )

    def _found(self, one: MailingList, email: str) -> int:
        """Who has this address on a list, in whatever state.

        Raises:
            AnswerError: Nobody has.
        """
        if not possible_address(email.strip()):
            raise refuse(1)
        number = self.account.find(email)
        if number is None or one.state(number) is None:
            raise refuse(203)
        return number

    async def one(self, request: Request) -> Response:
        """GET /subscribers/{id}.json: somebody in whatever state."""
        self.account.later.settle()
        one = self.list_asked(request)
        asked = query(request)
        (person,) = self.account.subscribers(one, [self._found(one, asked.get("email", ""))])
        return answer(shown(self.account, one, person, {**asked, "includesmspreference": "true"}))

    async def add(self, request: Request) -> Response:
        """POST /subscribers/{id}.json: queued, and seen later; refuses whoever left and is not asked back."""
        self.account.later.settle()
        one = self.list_asked(request)
        given = await body(request)
        row, resubscribe = self._row(given)
        wrong = wrong_contact(row)
        number = None if wrong else self.account.find(row.email)
        code = wrong or (None if resubscribe else refused(self.account, one, number, row.email))
        if code is not None:
            raise refuse(code)
        self._not_too_often(row.email)
        values = self._values(one, number, row)

        def carry_out() -> None:
            there = self.account.found_or_made(row.email)
            enters(self.account, one, there, resubscribe=resubscribe)
            keep(self.account, one, there, row, values)

        self.account.later.do(carry_out)
        return answer(row.email, 201)

    async def change(self, request: Request) -> Response:
        """PUT /subscribers/{id}.json: the query has the address that there is, and the body the one to be."""
        self.account.later.settle()
        one = self.list_asked(request)
        number = self._found(one, query(request).get("email", ""))
        row, resubscribe = self._row(await body(request))
        if row.email and not possible_address(row.email):
            raise refuse(211)
        wrong = row.email and wrong_contact(row)
        if wrong:
            raise refuse(wrong)
        email = self.account.email_of(number)
        self._not_too_often(email)
        values = self._values(one, number, row)
        if row.email and folded(row.email) != email:
            other = self.account.find(row.email)
            if other is not None and one.state(other) is not None:
                raise refuse(201)
            number = self.account.move(one, number, row.email)
        if resubscribe:
            enters(self.account, one, number, resubscribe=True)
        keep(self.account, one, number, row, values)
        return nothing()

    async def unsubscribe(self, request: Request) -> Response:
        """POST /subscribers/{id}/unsubscribe.json: on all lists of the client, where the list is set so."""
        self.account.later.settle()
        one = self.list_asked(request)
        number = self._found(one, text_of((await body(request)).get("emailaddress"), "EmailAddress"))
        self._once(one, number, UNSUBSCRIBED)
        self.account.unsubscribe(one, number)
        return nothing()

    async def delete(self, request: Request) -> Response:
        """DELETE /subscribers/{id}.json: from this list alone; the address is not suppressed."""
        self.account.later.settle()
        one = self.list_asked(request)
        number = self._found(one, query(request).get("email", ""))
        self._once(one, number, DELETED)
        self.account.put(one, number, DELETED)
        return nothing()

    def _once(self, one: MailingList, number: int, state: str) -> None:
        if one.state(number) == state and self.account.settings.repeats == "refuse":
            raise refuse(203)

    def _row(self, given: dict[str, object]) -> tuple[Row, bool]:
        row = row_of(given)
        if row.consent is None:
            raise refuse(self.account.settings.consent_code, "ConsentToTrack is missing")
        return row, flag_of(given.get("resubscribe"), "Resubscribe")

    def _values(self, one: MailingList, number: int | None, row: Row) -> Values:
        before: Values = {}
        if number is not None and one.state(number) is not None:
            (person,) = self.account.subscribers(one, [number])
            before = person.values
        try:
            return changes(self.account, self.account.fields[one.number].by_name(), row, before, replace=True)
        except Unfit as unfit:
            raise refuse(unfit.code, "Invalid value of a custom field") from unfit

    def _not_too_often(self, email: str) -> None:
        """Refuse an address that is written again and again, on whatever list."""
        rate = Rate(self.account.settings.address_rate, _MINUTE)
        if not self._limiter.allows(folded(email), rate):
            raise AnswerError(too_many(self.account.settings, _MINUTE, ADDED_TOO_OFTEN))
