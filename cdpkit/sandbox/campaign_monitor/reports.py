"""What people did with campaigns: who got one, opened it, clicked in it, bounced, left, or complained; all computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl
from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.campaign_monitor.account import Account
from cdpkit.sandbox.campaign_monitor.answers import answer, moment, paging, query, refuse, shown_time
from cdpkit.sandbox.campaign_monitor.calls import HISTORY, REPORTS, Calls
from cdpkit.sandbox.campaign_monitor.rights import Rights
from cdpkit.sandbox.campaign_monitor.start import ACTIVE, BOUNCED, UNSUBSCRIBED, Client
from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.world.codes import number_of
from cdpkit.sandbox.world.lists import MailingList
from cdpkit.sandbox.world.mixing import mixed, salt
from cdpkit.sandbox.world.people import possible_address

_HOUR, _DAY = 3600, 86_400
_SENT = 1_760_000_000
_URLS = ("https://example.org/offers", "https://example.org/books?from=mail")
KINDS = ("recipients", "opens", "clicks", "bounces", "unsubscribes", "spam")
_SCHEMA = {"id": pl.Int64, "email": pl.String, "at": pl.Int64, "detail": pl.String}


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign that was sent to a list."""

    number: int
    list_number: int
    name: str

    @property
    def sent(self) -> int:
        """Unix seconds."""
        return _SENT + self.number * 7 * _DAY


CAMPAIGNS = (
    Campaign(1, 4, "March news"),
    Campaign(2, 4, "April news"),
    Campaign(3, 5, "For the few"),
    Campaign(4, 9, "New books"),
)


class Reports(Calls):
    """The calls about campaigns and about what one person did."""

    def __init__(self, account: Account, rights: Rights) -> None:
        super().__init__(account, rights)
        self._events: dict[tuple[int, str], pl.DataFrame] = {}

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        return self.declared(
            ("GET", "/clients/{id}/campaigns.json", self.campaigns, REPORTS),
            ("GET", "/campaigns/{id}/summary.json", self.summary, REPORTS),
            *(("GET", f"/campaigns/{{id}}/{kind}.json", partial(self.report, kind), HISTORY) for kind in KINDS),
            ("GET", "/subscribers/{id}/history.json", self.history, HISTORY),
        )

    def _there(self, request: Request) -> tuple[Campaign, MailingList]:
        """The campaign of a path, and its list.

        Raises:
            AnswerError: There is none, or it is not the key's.
        """
        number = number_of(request.path_params["id"], self.account.seed, "campaign")
        for each in CAMPAIGNS:
            one = self.account.roster.get(each.list_number)
            if each.number == number and one is not None and self.rights.reaches(request, int(one.kind)):
                return each, one
        raise refuse(102, "Invalid CampaignID")

    async def campaigns(self, request: Request) -> Response:
        """GET /clients/{id}/campaigns.json: paged, but a bare array in the version before."""
        client = self.client_asked(request)
        rows = [self._campaign(each, client) for each in CAMPAIGNS[::-1] if self._client(each) is client]
        if "/v3.2/" in request.url.path:
            return answer(rows)
        asked = query(request)
        page = paging({**asked, "orderfield": "sentDate"}, 1000, "sentdate", ("sentdate",), "desc")
        first, last = (moment(asked[name], client.zone) if asked.get(name) else None for name in _SPAN)
        sent = {each["CampaignID"]: each["SentDate"] for each in rows}
        start, end = (None if at is None else shown_time(at, client.zone) for at in (first, last))
        rows = [each for each in rows if (start or "") <= sent[each["CampaignID"]] <= (end or "~")]
        rows = rows if page.descending else rows[::-1]
        return answer({**page.shown(rows, page.part(rows)), "ResultsOrderedBy": "sentDate"})

    def _client(self, campaign: Campaign) -> Client | None:
        one = self.account.roster.get(campaign.list_number)
        return None if one is None else self.account.owner(one)

    def _campaign(self, each: Campaign, client: Client) -> dict[str, Any]:
        return {
            "WebVersionURL": "",
            "WebVersionTextURL": "",
            "CampaignID": self.account.id_of(each.number, "campaign"),
            "Subject": each.name,
            "Name": each.name,
            "FromName": client.name,
            "FromEmail": "mira@example.com",
            "ReplyTo": "mira@example.com",
            "SentDate": shown_time(each.sent, client.zone),
            "TotalRecipients": self.events(each, "recipients").height,
            "Tags": [],
        }

    async def summary(self, request: Request) -> Response:
        """GET /campaigns/{id}/summary.json."""
        campaign, _ = self._there(request)
        found = {kind: self.events(campaign, kind) for kind in KINDS}
        return answer(
            {
                "Name": campaign.name,
                "Recipients": found["recipients"].height,
                "TotalOpened": found["opens"].height,
                "UniqueOpened": found["opens"]["id"].n_unique(),
                "Clicks": found["clicks"].height,
                "Unsubscribed": found["unsubscribes"].height,
                "Bounced": found["bounces"].height,
                "SpamComplaints": found["spam"].height,
                "Forwards": 0,
                "Likes": 0,
                "Mentions": 0,
                "WebVersionURL": "",
            }
        )

    async def report(self, kind: str, request: Request) -> Response:
        """GET /campaigns/{id}/{kind}.json: one row for each time that somebody did something."""
        campaign, one = self._there(request)
        asked = query(request)
        orders = ("email", "list") if kind == "recipients" else ("email", "list", "date")
        page = paging(asked, self.account.settings.page_rows, orders[-1] if kind != "recipients" else "email", orders)
        zone = self.account.owner(one).zone
        found = self.events(campaign, kind)
        if asked.get("date"):
            found = found.filter(pl.col("at") >= moment(asked["date"], zone))
        by = "at" if page.order == "date" else "email"
        whole = found.sort(by, "id", "detail", descending=[page.descending, False, False]).to_dicts()
        list_id = self.account.id_of(one.number, "list")
        rows = [_shown(kind, row, list_id, zone) for row in page.part(whole)]
        return answer(page.shown(whole, rows))

    async def history(self, request: Request) -> Response:
        """GET /subscribers/{id}/history.json: what one person did, by campaign."""
        one = self.list_asked(request)
        email = query(request).get("email", "").strip()
        if not possible_address(email):
            raise refuse(1)
        number = self.account.find(email)
        if number is None or one.state(number) is None:
            raise refuse(203)
        zone = self.account.owner(one).zone
        told = []
        for each in CAMPAIGNS:
            own = {
                kind: self.events(each, kind).filter(pl.col("id") == number).to_dicts() for kind in ("opens", "clicks")
            }
            if each.list_number == one.number and any(own.values()):
                actions = [
                    {
                        "Event": kind[:-1].title(),
                        "Date": shown_time(row["at"], zone),
                        **_ADDRESS,
                        "Detail": row["detail"],
                    }
                    for kind, rows in own.items()
                    for row in rows
                ]
                kind = {"ID": self.account.id_of(each.number, "campaign"), "Type": "Campaign", "Name": each.name}
                told.append({**kind, "Actions": actions})
        return answer(told)

    def events(self, campaign: Campaign, kind: str) -> pl.DataFrame:
        """What happened with a campaign: `id`, `email`, `at` (Unix seconds) and `detail`; only people of the start."""
        if (campaign.number, kind) not in self._events:
            self._events[campaign.number, kind] = self._computed(campaign, kind)
        return self._events[campaign.number, kind]

    def _computed(self, campaign: Campaign, kind: str) -> pl.DataFrame:
        one = self.account.roster.get(campaign.list_number)
        if one is None:
            return pl.DataFrame(schema=_SCHEMA)
        states = {"bounces": (BOUNCED,), "unsubscribes": (UNSUBSCRIBED,)}.get(kind, (ACTIVE,))
        parts = [pl.DataFrame(schema=_SCHEMA)]
        for ids in self.account.people.population.parts():
            who = ids.to_frame("id").filter(one.was(*states))["id"]
            frame = self.account.frame(who, ()).select("id", "email")
            draw = mixed(pl.col("id"), salt(self.account.seed, f"campaign {campaign.number}"))
            at = pl.lit(campaign.sent, pl.Int64) + (draw // 1000 % (3 * _DAY)).cast(pl.Int64)
            url = pl.when(draw % 2 == 0).then(pl.lit(_URLS[0])).otherwise(pl.lit(_URLS[1]))
            frame = frame.with_columns(draw=draw, at=at, url=url)
            parts += [_picked(frame, kind)]
        return pl.concat(parts)


_SPAN = ("sentfromdate", "senttodate")
_ADDRESS = {"IPAddress": "203.0.113.9"}


def _picked(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    """What a part of the people did; a third opens, a quarter of these twice, a ninth clicks."""
    draw, nothing = pl.col("draw"), pl.lit("").alias("detail")
    if kind == "opens":
        once = frame.filter(draw % 3 == 0)
        again = once.filter(draw % 12 == 0).with_columns(pl.col("at") + _HOUR)
        return pl.concat([once, again]).select("id", "email", "at", nothing)
    if kind == "clicks":
        clicked = frame.filter(draw % 9 == 0).with_columns(pl.col("at") + 60)
        return clicked.select("id", "email", "at", pl.col("url").alias("detail"))
    if kind == "unsubscribes":
        frame = frame.filter(draw % 5 == 0)
    if kind == "spam":
        frame = frame.filter(draw % 97 == 0)
    if kind == "bounces":
        return frame.select("id", "email", "at", pl.lit("Hard").alias("detail"))
    return frame.select("id", "email", "at", nothing)


def _shown(kind: str, row: Mapping[str, Any], list_id: str, zone: str) -> dict[str, Any]:
    """A row of a report."""
    told = {"EmailAddress": row["email"], "ListID": list_id}
    if kind == "recipients":
        return told
    told["Date"] = shown_time(row["at"], zone)
    if kind == "bounces":
        return {**told, "BounceType": row["detail"], "Reason": "Bad Email Address"}
    if kind == "clicks":
        told["URL"] = row["detail"]
    where: dict[str, Any] = {
        "Latitude": 0.0,
        "Longitude": 0.0,
        "City": "",
        "Region": "",
        "CountryCode": "",
        "CountryName": "",
    }
    more = {"opens": {**_ADDRESS, **where}, "clicks": {**_ADDRESS, **where}, "unsubscribes": dict(_ADDRESS)}
    return {**told, **more.get(kind, {})}
