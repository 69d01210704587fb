"""Imports of many people at once: whoever is refused is named by the address, and the others are kept."""

from collections import Counter
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.campaign_monitor.account import folded
from cdpkit.sandbox.campaign_monitor.answers import MESSAGES, answer, body, flag_of, refuse, unreadable
from cdpkit.sandbox.campaign_monitor.calls import PEOPLE, Calls
from cdpkit.sandbox.campaign_monitor.fields import Unfit
from cdpkit.sandbox.campaign_monitor.rows import (
    Row,
    Values,
    changes,
    enters,
    keep,
    needs_before,
    refused,
    row_of,
    wrong_contact,
)
from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.world.lists import MailingList

MOST_ROWS = 1000


class Imports(Calls):
    """The call that imports people."""

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The call."""
        return self.declared(("POST", "/subscribers/{id}/import.json", self.start, PEOPLE))

    async def start(self, request: Request) -> Response:
        """POST /subscribers/{id}/import.json: done when it is answered; 400 where anybody was refused."""
        self.account.later.settle()
        one = self.list_asked(request)
        rows, resubscribe = self._asked(await body(request))
        result = self._imported(one, rows, resubscribe=resubscribe)
        if result["FailureDetails"]:
            raise refuse(210, None, result)
        return answer(result, 201)

    def _asked(self, given: dict[str, Any]) -> tuple[list[Row], bool]:
        found = given.get("subscribers")
        if not isinstance(found, list):
            raise unreadable("Subscribers")
        if len(found) > MOST_ROWS:
            raise refuse(209)
        if not found:
            raise refuse(212)
        for name in ("queuesubscriptionbasedautoresponders", "restartsubscriptionbasedautoresponders"):
            flag_of(given.get(name), name)
        rows = [row_of(each) for each in found]
        if self.account.settings.missing_consent == "call" and any(row.consent is None for row in rows):
            raise refuse(self.account.settings.consent_code, "ConsentToTrack is missing")
        return rows, flag_of(given.get("resubscribe"), "Resubscribe")

    def _imported(self, one: MailingList, rows: list[Row], *, resubscribe: bool) -> dict[str, Any]:
        account = self.account
        named = account.fields[one.number].by_name()
        submitted = Counter(folded(row.email) for row in rows)
        ordered = rows if account.settings.duplicates == "last" else rows[::-1]
        unique = {folded(row.email): row for row in ordered}
        known = account.known(unique)
        numbers = {email: account.find(email, known) for email in unique}
        before = self._before(one, list(unique.values()), numbers)
        failed: list[tuple[str, int]] = []
        existing = 0
        for email, row in unique.items():
            number = numbers[email]
            try:
                code = self._refused(one, number, row, resubscribe=resubscribe)
                values = (
                    {}
                    if code
                    else changes(
                        account,
                        named,
                        row,
                        {} if number is None else before.get(number, {}),
                        replace=account.settings.multiple == "replace",
                    )
                )
            except Unfit as unfit:
                code, values = unfit.code, {}
            if code is not None:
                failed.append((row.email, code))
                continue
            there = account.found_or_made(email, known) if number is None else number
            existing += one.state(there) is not None
            enters(account, one, there, resubscribe=resubscribe)
            keep(account, one, there, row, values)
        return {
            "FailureDetails": [
                {"EmailAddress": email, "Code": code, "Message": MESSAGES.get(code, "Invalid value")}
                for email, code in failed
            ],
            "TotalUniqueEmailsSubmitted": len(unique),
            "TotalExistingSubscribers": existing,
            "TotalNewSubscribers": len(unique) - existing - len(failed),
            "DuplicateEmailsInSubmission": [email for email, times in submitted.items() if times > 1],
        }

    def _refused(self, one: MailingList, number: int | None, row: Row, *, resubscribe: bool) -> int | None:
        """The code of somebody who is not taken."""
        if row.consent is None:
            return self.account.settings.consent_code
        wrong = wrong_contact(row)
        if wrong is not None or resubscribe:
            return wrong
        return refused(self.account, one, number, row.email)

    def _before(self, one: MailingList, rows: list[Row], numbers: dict[str, int | None]) -> dict[int, Values]:
        """The values of those who are on the list, where they matter."""
        if not needs_before(self.account, rows):
            return {}
        there = [number for number in numbers.values() if number is not None and one.state(number) is not None]
        return {person.number: person.values for person in self.account.subscribers(one, there)}
