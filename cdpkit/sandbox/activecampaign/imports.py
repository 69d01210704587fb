"""Bulk imports: looked at at once, carried out later, and asked about until they are over."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.activecampaign.account import ACTIVE, BOUNCED, UNSUBSCRIBED, Account, Given, proper_address
from cdpkit.sandbox.activecampaign.answers import RATE, answer, asked, number, shown_time
from cdpkit.sandbox.gate import AnswerError, Endpoint, Options
from cdpkit.sandbox.limiter import Limiter, Rate
from cdpkit.sandbox.world.bodies import parsed
from cdpkit.sandbox.world.jobs import Job, Jobs

MOST_ROWS, MOST_BYTES = 250, 399_999
_SEVERAL, _SINGLE = Rate(100, 60), Rate(20, 60)
_NAMES = {"first_name": "firstName", "last_name": "lastName", "phone": "phone"}


@dataclass(slots=True)
class Import:
    """A bulk import.

    Attributes:
        batch: Its id.
        rows: The contacts, as they came.
        taken: The ids of those who were created or changed.
        failed: The addresses of the others.
        polls: How often it was asked about.
    """

    batch: str
    rows: list[dict[str, Any]] = field(repr=False)
    taken: list[str] = field(default_factory=list, repr=False)
    failed: list[str] = field(default_factory=list, repr=False)
    polls: int = 0


class Imports:
    """The bulk imports of an account."""

    def __init__(self, account: Account, options: Options) -> None:
        self.account = account
        self.jobs: Jobs[Import] = Jobs(
            account.clock, ("waiting", "claimed", "active", "completed"), account.settings.job_polls
        )
        self._limiter = Limiter(options.limits_factor, account.clock)
        self._batches: dict[str, Job[Import]] = {}
        self.automations = 0

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        path = "/api/3/import/bulk_import"
        return (
            Endpoint("POST", path, self.start, RATE, group="account"),
            Endpoint("GET", path, self.status, RATE, group="account"),
            Endpoint("GET", "/api/3/import/info", self.info, RATE, group="account"),
        )

    async def start(self, request: Request) -> Response:
        """POST /api/3/import/bulk_import: all are refused where one is no contact; else all wait for their turn."""
        raw = await request.body()
        try:
            found = parsed(raw)
        except ValueError:
            found = None
        rows = found.get("contacts") if isinstance(found, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not rows:
            raise _refused("Invalid or unparsable json")
        if len(raw) > MOST_BYTES or len(rows) > MOST_ROWS:
            raise _refused("The import is too large")
        rate = _SEVERAL if len(rows) > 1 else _SINGLE
        if not self._limiter.allows(f"{rate.calls}", rate):
            raise _refused(f"You may make up to {rate.calls:g} imports per minute")
        wrong = [(place, why) for place, row in enumerate(rows, 1) if (why := _why_not(row))]
        if wrong:
            reasons = [{"contact": place, "failureReason": why} for place, why in wrong]
            raise AnswerError(answer({"success": 0, "message": "Import refused", "failureReasons": reasons}, 400))
        self.automations += not (isinstance(found, dict) and found.get("exclude_automations"))
        excluded = [row["email"] for row in rows if self.account.excludes(row["email"])]
        queued = [row for row in rows if row["email"] not in excluded]
        made = self.jobs.start(Import(str(uuid.uuid4()), queued, failed=excluded), self._carry_out)
        self._batches[made.asked.batch] = made
        told = {"queued_contacts": len(queued), "batchId": made.asked.batch, "message": "Contact import queued"}
        return answer({"success": 1, **told})

    async def _carry_out(self, job: Job[Import]) -> None:
        account = self.account
        if job.number <= account.settings.spoiled:
            self.jobs.end(job, "interrupted")
            return
        account.later.settle()
        there = account.by_email(*(row["email"] for row in job.asked.rows))
        account.people.touch(there.values())  # all at once, which costs as much as one
        for row in job.asked.rows:
            self._one(job.asked, row, there)

    def _one(self, batch: Import, row: dict[str, Any], there: dict[str, int]) -> None:
        """Create or change a contact, or refuse it as a whole."""
        account, email = self.account, row["email"].strip().lower()
        found, joins = there.get(email), _ids(row.get("subscribe"))
        states = dict(account.roster.of(found)) if found is not None else {}
        known = {each.number: state for each, state in states.items()}
        left = any(known.get(each) == UNSUBSCRIBED for each in joins)
        if left or BOUNCED in known.values() or (found is None and account.full()):
            batch.failed.append(row["email"])
            return
        standard = {name: str(row[key] or "") for key, name in _NAMES.items() if key in row}
        fields = [each for each in row.get("fields") or () if isinstance(each, dict)]
        numbers = [(number(each.get("id")), each.get("value")) for each in fields]
        values = {each: str(value or "") for each, value in numbers if each is not None and each in account.fields}
        written = account.write(found, email, Given(standard, values, tuple(map(str, row.get("tags") or ()))))
        there[email] = written
        for each in joins:
            account.put(written, each, ACTIVE)
        for each in _ids(row.get("unsubscribe")):
            account.put(written, each, UNSUBSCRIBED)
        batch.taken.append(str(written + 1))

    async def info(self, request: Request) -> Response:
        """GET /api/3/import/info: where an import is, and once it is over, who was taken and who not."""
        self.account.later.settle()
        name = request.query_params.get("batchId")
        if not name:
            return answer({"success": 0, "message": "'batchId' is a required field."}, 400)
        job = self._batches.get(name)
        if job is None:
            return answer({"status": False, "success": [], "failure": []})
        job.asked.polls += 1
        if job.asked.polls <= self.account.settings.false_polls:
            return answer({"status": False, "success": [], "failure": []})
        state = self.jobs.poll(job)
        if state != "completed":
            return answer({"status": state, "success": [], "failure": []})
        taken: Any = job.asked.taken
        taken = len(taken) if self.account.settings.imported == "count" else taken
        return answer({"status": state, "success": taken, "failure": job.asked.failed})

    async def status(self, request: Request) -> Response:
        """GET /api/3/import/bulk_import: how many imports wait, and how many are over, by day."""
        rows: dict[str, list[dict[str, str]]] = {"outstanding": [], "recentlyCompleted": []}
        for job in list(self.jobs)[: asked(request, "limit", 1000)]:
            where = "recentlyCompleted" if self.jobs.over(job) else "outstanding"
            contacts = str(len(job.asked.rows))
            rows[where].append({"forDate": shown_time(job.begun)[:10], "batches": "1", "contacts": contacts})
        return answer(rows)


def _refused(why: str) -> AnswerError:
    return AnswerError(answer({"success": 0, "message": "Import refused", "failureReasons": [why]}, 400))


def _why_not(row: dict[str, Any]) -> str | None:
    email = row.get("email")
    if not email:
        return "Field 'email' not found"
    return None if proper_address(email) else "Field 'email' is not a valid email address"


def _ids(rows: object) -> list[int]:
    """The lists that a contact of an import names; keys of another case are passed over."""
    found = [number(row.get("listid")) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [each for each in found if each is not None]
