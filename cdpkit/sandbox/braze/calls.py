"""The way of a call to its handler: what its key is allowed, and how often it may come."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.braze.answers import Windows, key_of, refuse
from cdpkit.sandbox.braze.settings import permissions_of
from cdpkit.sandbox.gate import AnswerError, Endpoint
from cdpkit.sandbox.limiter import Rate

HOURLY = Rate(250_000, 3600)
"""What all endpoints without a rate of their own share."""

IDENTITY = Rate(20_000, 60)
"""What the calls about aliases, identification, merging and deletion share."""

CATALOGUE = Rate(1000, 3600)
SUBSCRIPTIONS = Rate(5000, 60)

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Call:
    """A call that Braze knows.

    Attributes:
        method: GET or POST.
        path: Its path.
        permission: What its key must be allowed.
        handler: Makes the answer.
        rate: How often it may come.
        group: The name that it shares with others of the same rate; empty for itself.
    """

    method: str
    path: str
    permission: str
    handler: Handler
    rate: Rate = HOURLY
    group: str = "default"

    def endpoint(self, windows: Windows) -> Endpoint:
        """The call behind its permission and its windows, which the headers of every answer tell of."""

        async def handled(request: Request) -> Response:
            if self.permission not in (permissions_of(key_of(request)) or ()):
                raise refuse("This API key does not have permission to access this resource", 403)
            window = windows.enter(self.group or self.path, self.rate)
            if window is None:
                return windows.refused(self.rate)
            try:
                response = await self.handler(request)
            except AnswerError as error:
                response = error.response
            return windows.tell(response, window)

        return Endpoint(self.method, self.path, handled)
