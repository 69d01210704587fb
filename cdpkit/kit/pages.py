"""Walking pages: each call says which comes after it, by a cursor, a number or an offset in its query."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any
from urllib.parse import parse_qsl

from cdpkit.errors import RemoteError
from cdpkit.kit.answers import OK, Refuse, refuse_web_page, refused
from cdpkit.kit.effects import Effects, Http, Keep, Reply, Together, all_of

Following = Callable[[Http, Reply], Http | None]
"""The call after one that was answered so; None after the last. It differs in path, params or body alone."""


_SAME = 20
"""So many pages may be like the one before: a vendor whose pages are sparse sends empty ones."""


def walk(
    first: Http,
    following: Following,
    state: Mapping[str, Any] | None,
    *,
    keep: Callable[[Mapping[str, Any]], Keep] = Keep,
    ok: frozenset[int] = OK,
    refuse: Refuse = refused,
) -> Effects[tuple[str, ...]]:
    """Store every page; a killed walk goes on with the page after the last one that was kept.

    Args:
        first: The first call; its `page` names all of them: `people.ndjson` becomes `people-1.ndjson`, and so on.
        following: The next call. Its path, params and body are kept, so that no secret may stand in them.
        state: What was kept last; None at the start.
        keep: Makes of this walk's state the one of the pull that it is a part of.
        ok: The statuses of a good answer.
        refuse: Raises what any other means.

    Returns:
        The names of the pages, in order.

    Raises:
        RemoteError: The calls go round in circles, or an answer is a web page; or what `refuse` raises.
    """
    stored = 0 if state is None else int(state["pages"])
    call = first if state is None else _placed(first, state["next"])
    way = _Way(following)
    while call is not None:
        reply: Reply = yield replace(call, page=_page(first, stored + 1), body_too=True)
        if reply.status not in ok:
            refuse(reply)
        refuse_web_page(reply)
        stored += 1
        call = way.after(call, reply)
        yield keep({"pages": stored, "next": None if call is None else _place(call)})
    return tuple(_page(first, number) for number in range(1, stored + 1))


def gather(
    first: Http, following: Following, *, ok: frozenset[int] = OK, refuse: Refuse = refused
) -> Effects[tuple[Reply, ...]]:
    """The answers of all pages, held and not stored, for lists and fields.

    Raises:
        RemoteError: The calls go round in circles; or what `refuse` raises.
    """
    replies: list[Reply] = []
    call: Http | None = first
    way = _Way(following)
    while call is not None:
        reply: Reply = yield call
        if reply.status not in ok:
            refuse(reply)
        replies.append(reply)
        call = way.after(call, reply)
    return tuple(replies)


def store(calls: Sequence[Http], keep: Callable[[int], Keep], *, at_once: int = 4) -> Effects[int]:
    """Store files, some at once, up to the first that cannot be had, as where a signed address has expired.

    Args:
        calls: Each with its page.
        keep: Makes of the number that is stored the state of the pull that this is a part of.
        at_once: Most calls in flight.

    Returns:
        How many are stored: so many of the first ones.

    Raises:
        CdpkitError: Of the first that cannot be had; not of an answer of the vendor's, whatever its status.
        RemoteError: An answer is a web page.
    """
    done = 0
    for start in range(0, len(calls), at_once):
        replies = yield Together(tuple(calls[start : start + at_once]))
        for reply in replies:
            if isinstance(reply, Reply):
                refuse_web_page(reply)
        stored = len(list(takewhile(lambda reply: isinstance(reply, Reply) and reply.status in OK, replies)))
        if stored:
            done += stored
            yield keep(done)
        if stored < len(replies):
            all_of(replies[stored : stored + 1])
            break
    return done


def by_cursor(param: str, told: Callable[[Reply], str | None]) -> Following:
    """Follow the cursor that an answer tells; one that tells none, or an empty one, is the last."""

    def following(call: Http, reply: Reply) -> Http | None:
        cursor = told(reply)
        return with_param(call, param, cursor) if cursor else None

    return following


def by_number(param: str, more: Callable[[Reply], bool], *, first: int = 1) -> Following:
    """Count pages, from `first` where a call names none, as long as an answer says that there are more."""

    def following(call: Http, reply: Reply) -> Http | None:
        number = int(dict(call.params).get(param, first))
        return with_param(call, param, str(number + 1)) if more(reply) else None

    return following


def by_offset(param: str, rows: Callable[[Reply], int], size: int) -> Following:
    """Count rows, given how many an answer has; one with fewer than `size` is the last."""

    def following(call: Http, reply: Reply) -> Http | None:
        offset, here = int(dict(call.params).get(param, 0)), rows(reply)
        return with_param(call, param, str(offset + here)) if here >= size else None

    return following


def with_param(call: Http, name: str, value: str) -> Http:
    """The call with another value of a query parameter, which stays where it stands."""
    if name not in dict(call.params):
        return replace(call, params=(*call.params, (name, value)))
    return replace(call, params=tuple((key, value if key == name else old) for key, old in call.params))


def download(address: str, limit: str, page: str) -> Http:
    """Store a file whose address is signed: without the vendor's key, and with the signature out of the repr.

    Args:
        address: The whole address.
        limit: The name of the limit on which it draws.
        page: The name of the page.
    """
    path, _, query = address.partition("?")
    params = tuple(parse_qsl(query, keep_blank_values=True))
    return Http(method="GET", path=path, limit=limit, params=params, repeatable=True, page=page)


def _page(first: Http, number: int) -> str:
    stem, _, suffix = (first.page or "page.ndjson").rpartition(".")
    return f"{stem}-{number}.{suffix}"


def _place(call: Http) -> dict[str, Any]:
    """What tells a call from the others of its walk, as JSON has it."""
    body = None if call.body is None else call.body.decode("utf-8")
    return {"path": call.path, "params": [list(pair) for pair in call.params], "body": body}


def _placed(first: Http, place: Mapping[str, Any] | None) -> Http | None:
    if place is None:
        return None
    body = None if place["body"] is None else str(place["body"]).encode("utf-8")
    return replace(first, path=place["path"], params=tuple((name, value) for name, value in place["params"]), body=body)


@dataclass(slots=True)
class _Way:
    """The way that a walk takes, which must not lead in circles; the repr holds no body."""

    following: Following
    places: set[str] = field(default_factory=set)
    body: bytes | None = field(default=None, repr=False)
    same: int = 0

    def after(self, call: Http, reply: Reply) -> Http | None:
        """The next call.

        Raises:
            RemoteError: It was made already, or the same answer comes again and again, so that it would never end.
        """
        self.places.add(repr(_place(call)))
        following = self.following(call, reply)
        self.same = self.same + 1 if reply.body == self.body else 0
        if following is not None and (repr(_place(following)) in self.places or self.same > _SAME):
            raise RemoteError(
                f"{reply.what} gives pages over and over that were fetched already, so that it would never end; "
                "run it again, and ask the vendor's support if that stays so"
            )
        self.body = reply.body
        return following
