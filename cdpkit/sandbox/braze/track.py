"""POST /users/track: attributes, then events, then purchases, of many users."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.braze.account import Account, Identifier, count
from cdpkit.sandbox.braze.answers import answer, body, iso, refuse
from cdpkit.sandbox.braze.attributes import Attributes, needs_before
from cdpkit.sandbox.braze.calls import Call
from cdpkit.sandbox.braze.groups import Groups
from cdpkit.sandbox.braze.objects import ARRAYS, complaints, creates, identifier, unknown
from cdpkit.sandbox.braze.values import moment
from cdpkit.sandbox.limiter import Rate
from cdpkit.sandbox.world.population import Known

_NOTHING = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."

Objects = dict[str, list[tuple[Identifier, dict[str, Any]]]]


class Track:
    """The call that writes users."""

    def __init__(self, account: Account, groups: Groups) -> None:
        self.account = account
        self.groups = groups
        self.calls = 0
        self._at_work: Counter[Identifier] = Counter()

    def declared(self) -> tuple[Call, ...]:
        """The call."""
        settings = self.account.settings
        rate = Rate(settings.track_calls, settings.track_window)
        return (Call("POST", "/users/track", "users.track", self.track, rate, group=""),)

    async def track(self, request: Request) -> Response:
        """POST /users/track: 201 also where some objects are refused, who are named by array and index."""
        settings = self.account.settings
        given = await body(request, settings.track_bytes)
        arrays = {name: given.get(name) or [] for name in ARRAYS}
        if not all(isinstance(rows, list) for rows in arrays.values()) or not any(arrays.values()):
            raise refuse(_NOTHING)
        if sum(map(len, arrays.values())) > settings.track_objects:
            raise refuse(f"Max input length exceeded: at most {settings.track_objects} objects in a request")
        self.account.later.settle()
        good, errors = self._judged(arrays)
        if not any(good.values()):
            raise refuse(_NOTHING, content={"errors": errors})
        who = {each for rows in good.values() for each, _ in rows}
        self.account.overlaps += sum(self._at_work[each] > 0 for each in who)
        self._at_work.update(who)
        if settings.track_seconds:
            await asyncio.sleep(settings.track_seconds)
        self._at_work.subtract(who)
        self.account.later.do(lambda: self._carry_out(good))
        self.calls += 1
        if self.calls <= settings.queued:
            return answer(None, 202, "queued")
        users = len({each for each, _ in good["attributes"]})
        processed = {"attributes": users, "events": len(good["events"]), "purchases": len(good["purchases"])}
        told: dict[str, Any] = {f"{name}_processed": number for name, number in processed.items() if number}
        return answer({**told, "errors": errors} if errors else told)

    def _judged(self, arrays: Mapping[str, Sequence[Any]]) -> tuple[Objects, list[dict[str, Any]]]:
        """The objects that are taken, and what is wrong with the others."""
        good: Objects = {name: [] for name in ARRAYS}
        errors: list[dict[str, Any]] = []
        known = self._known(arrays) if self.account.settings.report_unknown else {}
        for name, rows in arrays.items():
            for index, row in enumerate(rows):
                wrong = list(complaints(name, row))
                if not wrong and self.account.settings.report_unknown and unknown(self.account, row, known):
                    wrong = ["external_id is not an existing user"]
                who = None if wrong else identifier(row)
                if who is not None:
                    good[name].append((who, row))
                errors += [{"type": each, "input_array": name, "index": index} for each in wrong]
        return good, errors

    def _known(self, arrays: Mapping[str, Sequence[Any]]) -> Known:
        rows = [row for each in arrays.values() for row in each if isinstance(row, dict)]
        return self.account.known(who for row in rows if (who := identifier(row)) is not None)

    def _carry_out(self, good: Objects) -> None:
        account = self.account
        known = account.known(who for rows in good.values() for who, _ in rows)
        meant = {who: account.find(who, known) for rows in good.values() for who, _ in rows}
        account.people.touch(number for number in meant.values() if number is not None)
        depending = [meant[who] for who, row in good["attributes"] if needs_before(row)]
        numbers = {number for number in depending if number is not None}
        rows = account.rows(numbers)
        before = {number: account.attributes(number, rows.get(number, {})) for number in numbers}
        attributes = Attributes(account, before)
        for name in ARRAYS:
            for who, row in good[name]:
                number = account.find(who, known)
                if number is None and not creates(row, who):
                    account.dropped["user unknown to an update"] += 1
                    continue
                number = account.create(who) if number is None else number
                account.people.touch([number])
                if name == "attributes":
                    attributes.write(number, row)
                    self._spread(number, row, known)
                    self.groups.from_track(number, row.get("subscription_groups"))
                else:
                    self._happened(name, number, row)

    def _spread(self, number: int, row: Mapping[str, Any], known: Known) -> None:
        """Let others with the same address have the state of subscription that was written."""
        address = self.account.people.key(number, "email")
        if address is None or "email_subscribe" not in row:
            return
        state = self.account.people.touched[number].changed.get("email_subscribe")
        others = self.account.holders(("email", address), {**known, **self.account.known([("email", address)])})
        self.account.people.touch(others)
        for other in others:
            self.account.people.touched[other].changed["email_subscribe"] = state

    def _happened(self, name: str, number: int, row: Mapping[str, Any]) -> None:
        """Count an event or a purchase; what lies in the future happened now."""
        at = min(moment(row["time"]) or "", iso(self.account.clock()))
        self.account.data_points += 1
        called = (row.get("properties") or {}).get("event_id")
        if called is not None:
            self.account.tracked[f"{number}/{row.get('name', '')}/{called}"] += 1
        if name == "events":
            count(self.account.events, number, str(row["name"]), at)
        else:
            count(self.account.purchases, number, str(row["product_id"]), at, int(row.get("quantity", 1)))
