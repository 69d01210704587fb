"""How the calls below `/api/` are declared, and how they find the client or the list that their path names."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.campaign_monitor.account import Account
from cdpkit.sandbox.campaign_monitor.answers import refuse
from cdpkit.sandbox.campaign_monitor.rights import Rights
from cdpkit.sandbox.campaign_monitor.start import CLIENTS, Client
from cdpkit.sandbox.gate import AnswerError, Endpoint
from cdpkit.sandbox.limiter import Rate
from cdpkit.sandbox.world.lists import MailingList

VERSIONS = ("v3.3", "v3.2")
ANY: tuple[str, ...] = ()
"""The scopes of a call that every token may make."""
LISTS, PEOPLE, REPORTS, HISTORY = (
    ("ManageLists",),
    ("ImportSubscribers", "ManageLists"),
    ("ViewReports",),
    ("ViewSubscribersInReports", "ViewReports"),
)
"""Which scopes let a call through is written down for subscribers alone; the others follow from their names."""

Handler = Callable[[Request], Awaitable[Response]]
Declared = tuple[str, str, Handler, Sequence[str]]
"""Method, path below the version, what answers, and the scopes of which one is needed."""


class Calls:
    """What the groups of calls have in common."""

    def __init__(self, account: Account, rights: Rights) -> None:
        self.account = account
        self.rights = rights

    def declared(self, *calls: Declared) -> tuple[Endpoint, ...]:
        """Calls as endpoints, at each version that is served; all count against one rate."""
        rate = Rate(self.account.settings.rate, 1)
        return tuple(
            Endpoint(method, f"/api/{version}{path}", self._allowed(handler, scopes), rate, group="account")
            for version in VERSIONS
            for method, path, handler, scopes in calls
        )

    def _allowed(self, handler: Handler, scopes: Sequence[str]) -> Handler:
        if not scopes:
            return handler

        async def checked(request: Request) -> Response:
            lacking = self.rights.lacks(request, *scopes)
            return lacking or await handler(request)

        return checked

    def client_asked(self, request: Request) -> Client:
        """The client of a path.

        Raises:
            AnswerError: There is none, or it is not the key's.
        """
        found = self.account.client_of(request.path_params["id"])
        if found is None or not self.rights.reaches(request, found.number):
            raise refuse(102)
        return found

    def list_asked(self, request: Request) -> MailingList:
        """The list of a path.

        Raises:
            AnswerError: There is none, or it is not the key's.
        """
        found = self.account.list_of(request.path_params["id"])
        if found is None or not self.rights.reaches(request, int(found.kind)):
            raise self.not_there(found is None)
        return found

    def not_there(self, nowhere: bool) -> AnswerError:
        """The refusal of a list that is not there, or is another's; its code is the same."""
        return refuse(102, "Invalid ListID" if nowhere else None)

    def clients(self, request: Request) -> tuple[Client, ...]:
        """The clients that a call reaches."""
        return tuple(each for each in CLIENTS if self.rights.reaches(request, each.number))
