"""Iterable: people come by export jobs and list downloads, and go by bulk updates and list calls.

What the vendor answers is judged by the HTTP status and never by its `code`, which says "Success" in refusals too. Of
an answer only plain words reach a message: its texts may echo the key or a person.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, NoReturn
from urllib.parse import parse_qsl

import polars as pl

from cdpkit.core import scalars, temporal
from cdpkit.core.outcome import ACCEPTED, REJECTED
from cdpkit.core.parse import is_empty
from cdpkit.core.properties import Property, PropertyType
from cdpkit.core.repeated import repeated
from cdpkit.errors import (
    ConfigurationError,
    CredentialsError,
    InDoubtError,
    RemoteError,
    UnavailableError,
    UnknownNameError,
)
from cdpkit.kit.effects import Effects, Http, Keep, Reply, Together, Wait
from cdpkit.kit.render import Form, Member, render
from cdpkit.kit.vendor import (
    OUTCOME,
    Discovery,
    ExportAsked,
    Exporter,
    Importer,
    Limit,
    Option,
    Options,
    Outgoing,
    Pulled,
    SentField,
    Setting,
    Settings,
    Vendor,
    VendorField,
    VendorList,
    all_accepted,
)
from cdpkit.problem import Problem

_US, _EU = "https://api.iterable.com", "https://api.eu.iterable.com"
_EMAIL, _USERID, _HYBRID = "email", "userid", "hybrid"
_IDENTIFIERS = ("email", "userId")
_LISTS, _LIST_IDS = "lists", "list_ids"
_NEEDS = (*_IDENTIFIERS, "profileUpdatedAt", "emailListIds", "userListIds")
_OK = 200
_MANAGED = frozenset(
    {
        *("signupDate", "signupSource", "profileUpdatedAt", "emailListIds", "userListIds"),
        *("itblInternal", "itblUserId", "itblDS", "devices"),
    }
)
"""Fields that Iterable keeps itself, with all that is below them."""

_OAS = "Swagger description of the Iterable API 1.8, per project"
_NONE = "no figure published; "
_LIMITS = {
    "lists": Limit(100, 1, source=_OAS),
    "get_users": Limit(5, 60, at_once=1, source=_OAS),
    "fields": Limit(3, 1, source=_OAS),
    "export_job": Limit(1, 1, at_once=1, source="Swagger description of the Iterable API 1.8, per organization"),
    "download": Limit(50, 1, at_once=4, source=_NONE + "files lie in a store of their own"),
    "bulk_update": Limit(5, 1, source=_OAS),
    "subscribe": Limit(5, 1, source=_NONE + "that of bulkUpdate"),
    "unsubscribe": Limit(5, 1, source=_NONE + "that of bulkUpdate"),
}


# Calls and what they answer


def _get(settings: Settings, path: str, limit: str, *params: tuple[str, str]) -> Http:
    headers = {"Api-Key": settings["api_key"]}
    return Http(method="GET", path=path, limit=limit, params=params, headers=headers, repeatable=True)


def _post(settings: Settings, path: str, limit: str, body: str, *, repeatable: bool = True) -> Http:
    headers = {"Api-Key": settings["api_key"], "Content-Type": "application/json"}
    return Http(
        method="POST", path=path, limit=limit, headers=headers, body=body.encode("utf-8"), repeatable=repeatable
    )


def _said(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer, empty where it is none."""
    try:
        said = reply.json()
    except RemoteError:
        return {}
    return said if isinstance(said, dict) else {}


def _plain(word: object) -> str | None:
    """A word that cannot hold what a person said or a key."""
    return word if isinstance(word, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,59}", word) else None


def _code(reply: Reply) -> str:
    """The vendor's word for a refusal."""
    code = _plain(_said(reply).get("code"))
    return f"status {reply.status}" if code in (None, "Success") else str(code)


def _refuse(reply: Reply, settings: Settings) -> NoReturn:
    code = _code(reply)
    if reply.status == 401 or "jwt" in code.lower():  # noqa: PLR2004
        what = f"Iterable does not take the API key at base_url {settings['base_url']!r}"
        fix = (
            "check api_key, that it is a server-side key with standard permissions, and the data centre: a key of the "
            f"EU data centre only works with base_url {_EU!r}, one of the US data centre only with {_US!r}"
        )
        raise CredentialsError("", [Problem("settings.api_key", what, fix)])
    if reply.status == 403:  # noqa: PLR2004
        what = f"the API key may not do {reply.what} ({code})"
        fix = "give api_key a server-side key with standard permissions"
        raise CredentialsError("", [Problem("settings.api_key", what, fix)])
    said = "" if code.startswith("status") else f" ({code})"
    raise RemoteError(f"Iterable refused {reply.what} with status {reply.status}{said}")


def _read(reply: Reply, settings: Settings) -> dict[str, Any]:
    """The JSON object of a good answer.

    Raises:
        CredentialsError: The key is not taken, or may not do this.
        RemoteError: Any other refusal, or an answer that is no JSON object.
    """
    if reply.status != _OK:
        _refuse(reply, settings)
    said = reply.json()
    if not isinstance(said, dict):
        raise RemoteError(f"Iterable answered {reply.what} with JSON that is no object; check base_url")
    return said


def _refuse_web_page(reply: Reply) -> None:
    """Refuse a page that whatever stands in between has answered with; it would be read as people."""
    if reply.status == _OK and reply.headers.get("content-type", "").startswith("text/html"):
        raise RemoteError(
            f"{reply.what} was answered with text/html instead of people; check that no proxy or login page is between "
            "this machine and the vendor"
        )


def _part(said: object, name: str, kind: type, what: str) -> Any:
    part = said.get(name) if isinstance(said, dict) else None
    if not isinstance(part, kind) or isinstance(part, bool):
        raise RemoteError(f"Iterable answered {what} without {name!r}; check base_url")
    return part


# Check and discovery


def _check(settings: Settings) -> Effects[None]:
    yield from _get_lists(settings)


def _get_lists(settings: Settings) -> Effects[tuple[VendorList, ...]]:
    reply: Reply = yield _get(settings, "/api/lists", "lists")
    return _lists_of(reply, settings)


def _lists_of(reply: Reply, settings: Settings) -> tuple[VendorList, ...]:
    found = _part(_read(reply, settings), "lists", list, reply.what)
    ids = (str(_part(item, "id", int, reply.what)) for item in found)
    kinds = (str(item.get("listType")) for item in found)
    return tuple(
        VendorList(number, str(item.get("name")), kind, target=kind == "Standard")
        for number, item, kind in zip(ids, found, kinds, strict=True)
    )


def _discover(settings: Settings) -> Effects[Discovery]:
    calls = (_get(settings, "/api/users/getFields", "fields"), _get(settings, "/api/lists", "lists"))
    fields, lists = yield Together(calls)
    types = _part(_read(fields, settings), "fields", dict, fields.what)
    found = tuple(VendorField(str(name), str(kind)) for name, kind in types.items())
    return Discovery(found, _lists_of(lists, settings))


def _lists_called(name: str, lists: Sequence[VendorList]) -> tuple[VendorList, ...]:
    """The list of this id, else those of this name."""
    with_id = tuple(item for item in lists if item.id == name)
    return with_id or tuple(item for item in lists if item.name == name)


def _chosen(options: Options, lists: Sequence[VendorList]) -> tuple[VendorList, ...]:
    """The lists that a goal names, each once.

    Raises:
        UnknownNameError: A list that is not there.
        ConfigurationError: A name that several lists share.
    """
    found: dict[str, VendorList] = {}
    for name in map(str, options[_LISTS]):
        called = _lists_called(name, lists)
        if not called:
            raise UnknownNameError("list", name, _list_names(lists))
        if len(called) > 1:
            raise ConfigurationError(_shared(name, called))
        found[called[0].id] = called[0]
    return tuple(found.values())


def _list_names(lists: Sequence[VendorList]) -> list[str]:
    return [f"{item.name} (id {item.id})" for item in lists]


def _shared(name: str, called: Sequence[VendorList]) -> str:
    return f"{len(called)} lists are called {name!r}; use the id: {', '.join(item.id for item in called)}"


def _list_problems(where: str, options: Options, lists: Sequence[VendorList]) -> list[Problem]:
    problems = []
    for name in map(str, options[_LISTS]):
        called = _lists_called(name, lists)
        if not called:
            there = ", ".join(sorted(_list_names(lists))) or "none"
            problems.append(Problem(where, f"no list {name!r} at Iterable; there are: {there}", "choose one of these"))
        elif len(called) > 1:
            problems.append(Problem(where, _shared(name, called), "give the id instead of the name"))
    return problems


# Import: the export job


_FIRST, _LAST = "2000-01-01 00:00:00", "2100-01-01 00:00:00"
"""Everybody was updated between these, so that no clock is needed."""
_CLOCK = "%Y-%m-%d %H:%M:%S"
_AT_ONCE = 4
_TRIES = 3
_LONGEST_WAIT = 300
_SETTLE = 5
_LIST_TIMEOUT = 1800.0


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far a pull is.

    Attributes:
        windows: Spans of time that are still to be exported, from and to; the first is under way.
        asked: A job for it was asked for, though perhaps no id came back.
        newest: The newest job of the project before that; None where it is not known.
        job: The id of its job.
        fetched: How many of its files are pages by now.
        after: The name of the last of them.
        done: The jobs of the windows before, with the number of pages of each.
        lists: The ids of the lists that were asked for.
        stored: The ids of those that are pages.
        warnings: What could not be had.
    """

    windows: tuple[tuple[str, str], ...] = ((_FIRST, _LAST),)
    asked: bool = False
    newest: int | None = None
    job: int | None = None
    fetched: int = 0
    after: str | None = None
    done: tuple[tuple[int, int], ...] = ()
    lists: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, state: Mapping[str, Any] | None) -> "_Progress":
        """Read what `Keep` was given; JSON has no tuples."""
        return cls(**{name: _tuples(value) for name, value in (state or {}).items()})

    def kept(self) -> Keep:
        return Keep(asdict(self))

    def again(self, *windows: tuple[str, str]) -> "_Progress":
        """Without its job, whose window is replaced by these."""
        rest = (*windows, *self.windows[1:])
        return replace(self, windows=rest, asked=False, newest=None, job=None, fetched=0, after=None)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value


def _page(job: int | None, number: int) -> str:
    return f"users-{job}-{number}.ndjson"


def _pull(
    settings: Settings,
    options: Options,
    discovery: Discovery,
    wanted: tuple[str, ...] | None,
    state: Mapping[str, Any] | None,
) -> Effects[Pulled]:
    fields = _only(wanted)
    progress = _Progress.of(state)
    chosen = () if options["all"] else _chosen(options, discovery.lists)
    progress = yield from _job(settings, fields, progress)  # it works at Iterable while the lists are fetched
    for item in chosen:
        if not item.target and item.id not in progress.lists:
            progress = yield from _people_of(settings, progress, item)
            yield progress.kept()
    while progress.windows:
        progress = yield from _job(settings, fields, progress)
        progress = yield from _follow(settings, progress)
        yield progress.kept()
    if chosen:
        yield from _still_there(settings, chosen)
    pages = {"users": tuple(_page(job, n) for job, count in progress.done for n in range(1, count + 1))}
    return Pulled(pages | {f"list:{name}": (f"list-{name}.txt",) for name in progress.stored}, progress.warnings)


def _only(wanted: tuple[str, ...] | None) -> Mapping[str, str]:
    """The part of a job's body that leaves out other fields; objects are asked for whole, as rows may nest them."""
    made = (_LISTS, _LIST_IDS)
    names = dict.fromkeys(part for name in wanted or () if name not in made for part in (name, name.split(".")[0]))
    if wanted is None or any("," in name for name in names):
        return {}
    return {"onlyFields": ",".join(dict.fromkeys((*_NEEDS, *names)))}


def _job(settings: Settings, fields: Mapping[str, str], progress: _Progress) -> Effects[_Progress]:
    """Start the job of the first window, unless it is under way."""
    if not progress.windows or progress.job is not None:
        return progress
    for _ in range(_TRIES):
        reply = yield _get(settings, "/api/export/jobs", "export_job")
        jobs = _jobs(reply)
        job = _job_since(jobs, progress.newest) if progress.asked else None
        if not progress.asked:
            progress = replace(progress, asked=True, newest=None if jobs is None else max(map(_id, jobs), default=0))
            yield progress.kept()
        if job is None:
            try:
                job = yield from _start(settings, fields, progress.windows[0])
            except InDoubtError:
                yield Wait(_SETTLE)
                continue
        progress = replace(progress, job=job)
        yield progress.kept()
        return progress
    raise UnavailableError("Iterable did not answer whether it began an export job; run it again later")


def _start(settings: Settings, fields: Mapping[str, str], window: tuple[str, str]) -> Effects[int]:
    start, end = (f"{moment} +00:00" for moment in window)
    body = {"dataTypeName": "user", "outputFormat": "application/x-json-stream"}
    body |= {"startDateTime": start, "endDateTime": end, **fields}
    reply = yield _post(settings, "/api/export/start", "export_job", json.dumps(body), repeatable=False)
    job: int = _part(_read(reply, settings), "jobId", int, reply.what)
    return job


def _jobs(reply: Reply) -> list[Mapping[str, Any]] | None:
    """The project's jobs; None where they cannot be seen, which only means that none can be found again."""
    jobs = _said(reply).get("jobs") if reply.status == _OK else None
    return [job for job in jobs if isinstance(job, dict)] if isinstance(jobs, list) else None


def _id(job: Mapping[str, Any]) -> int:
    number = job.get("id")
    return number if isinstance(number, int) else 0


def _job_since(jobs: Sequence[Mapping[str, Any]] | None, newest: int | None) -> int | None:
    """The job that was asked for: the only living one for people that came after `newest`."""
    living = ("enqueued", "running", "completed")
    found = [_id(job) for job in jobs or () if job.get("dataTypeName") == "user" and _state(job) in living]
    since = [] if newest is None else [job for job in found if job > newest]
    return since[0] if len(since) == 1 else None


def _state(job: Mapping[str, Any]) -> str:
    return str(job.get("jobState")).lower()


def _follow(settings: Settings, progress: _Progress) -> Effects[_Progress]:
    """Fetch the files of the job as they appear, until it is done."""
    delay, vain = 1, 0
    path = f"/api/export/{progress.job}/files"
    while True:
        after = () if progress.after is None else (("startAfter", progress.after),)
        reply = yield _get(settings, path, "export_job", *after)
        if reply.status in (400, 404):
            yield progress.again(progress.windows[0]).kept()
            raise RemoteError(f"Iterable no longer knows export job {progress.job}; run it again to start another")
        said = _read(reply, settings)
        if said.get("exportTruncated") is True:
            return progress.again(*_halved(progress.windows[0]))
        if _state(said) in ("failed", "cancelling", "cancelled"):
            yield progress.again(progress.windows[0]).kept()
            raise RemoteError(
                f"export job {progress.job} was {_state(said)} at Iterable; run it again to start another"
            )
        files = _files(said, reply.what)
        if files:
            before = progress.fetched
            progress = yield from _fetch(progress, files)
            delay, vain = 1, 0 if progress.fetched > before else vain + 1
            if vain == _TRIES:
                raise RemoteError(
                    f"the files of export job {progress.job} cannot be fetched although their addresses are fresh; "
                    "check that the network lets through the address of Iterable's file store"
                )
        elif _state(said) == "completed":
            return replace(progress.again(), done=(*progress.done, (progress.job or 0, progress.fetched)))
        else:
            yield Wait(delay)
            delay = min(2 * delay, _LONGEST_WAIT)


def _halved(window: tuple[str, str]) -> tuple[tuple[str, str], tuple[str, str]]:
    start, end = (datetime.strptime(moment, _CLOCK) for moment in window)  # noqa: DTZ007
    half = (end - start) // 2 // timedelta(seconds=1)
    if not half:
        raise RemoteError(
            "Iterable cuts off the export of a single second, so people would be missing; ask its support"
        )
    middle = (start + timedelta(seconds=half)).strftime(_CLOCK)
    return (window[0], middle), (middle, window[1])


def _files(said: Mapping[str, Any], what: str) -> list[tuple[str, str]]:
    """Names and addresses."""
    files = _part(said, "files", list, what)
    return [(_part(file, "file", str, what), _part(file, "url", str, what)) for file in files]


def _fetch(progress: _Progress, files: Sequence[tuple[str, str]]) -> Effects[_Progress]:
    """Store files as pages, some at once, up to the first whose address has expired."""
    for start in range(0, len(files), _AT_ONCE):
        group = files[start : start + _AT_ONCE]
        pages = (_page(progress.job, progress.fetched + number) for number in range(1, len(group) + 1))
        replies = yield Together(tuple(_file(url, page) for (_, url), page in zip(group, pages, strict=True)))
        for reply in replies:
            _refuse_web_page(reply)
        stored = len(list(takewhile(lambda reply: reply.status == _OK, replies)))
        if stored:
            progress = replace(progress, fetched=progress.fetched + stored, after=group[stored - 1][0])
            yield progress.kept()
        if stored < len(group):
            break
    return progress


def _file(url: str, page: str) -> Http:
    """A download; the address is signed, so it goes without the key, and its signature stays out of the repr."""
    path, _, query = url.partition("?")
    params = tuple(parse_qsl(query, keep_blank_values=True))
    return Http(method="GET", path=path, limit="download", params=params, repeatable=True, page=page)


# Import: the people of lists that no profile names


def _people_of(settings: Settings, progress: _Progress, item: VendorList) -> Effects[_Progress]:
    by_user_id = (("preferUserId", "true"),) if settings["project_type"] == _HYBRID else ()
    call = _get(settings, "/api/lists/getUsers", "get_users", ("listId", item.id), *by_user_id)
    headers = {**call.headers, "Accept": "text/plain"}
    progress = replace(progress, lists=(*progress.lists, item.id))
    try:
        reply = yield replace(call, headers=headers, timeout=_LIST_TIMEOUT, page=f"list-{item.id}.txt")
    except UnavailableError:
        warning = f"list {item.name!r} could not be fetched: Iterable kept failing; who is on it alone is missing"
        return replace(progress, warnings=(*progress.warnings, warning))
    if reply.status in (400, 404):
        there = yield from _get_lists(settings)
        raise _gone(f"{item.name!r} (id {item.id})", there)
    if reply.status != _OK:
        _refuse(reply, settings)
    _refuse_web_page(reply)
    return replace(progress, stored=(*progress.stored, item.id))


def _still_there(settings: Settings, chosen: Sequence[VendorList]) -> Effects[None]:
    there = yield from _get_lists(settings)
    gone = [item for item in chosen if item.id not in {other.id for other in there}]
    if gone:
        raise _gone(", ".join(f"{item.name!r} (id {item.id})" for item in gone), there)


def _gone(name: str, there: Sequence[VendorList]) -> ConfigurationError:
    names = ", ".join(sorted(_list_names(there))) or "none"
    return ConfigurationError(f"list {name} is gone from Iterable; there are: {names}. Choose one of these.")


def _import_problems(_: Settings, options: Options, discovery: Discovery) -> list[Problem]:
    if bool(options["all"]) == bool(options[_LISTS]):
        what = "both all and lists are" if options["all"] else "neither all nor lists is"
        return [Problem("source", f"{what} chosen", "choose all = true, or the names or ids of lists")]
    return _list_problems("source.lists", options, discovery.lists)


# Import: one row a person


_DAY_AND_TIME = r"^\s*([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]+)?)(?:\.[0-9]+)?"
_WITH_ZONE = _DAY_AND_TIME + r" ?(Z|[+-][0-9]{2}:?[0-9]{2})\s*$"
_WITHOUT_ZONE = _DAY_AND_TIME + r"\s*$"
_USUAL_LENGTH = len("2024-05-01 10:00:00 +00:00")
_PLACEHOLDER = r"(?i)@placeholder\.email\s*$"


def _stage(
    frames: Mapping[str, pl.DataFrame], settings: Settings, options: Options, discovery: Discovery
) -> pl.DataFrame:
    users = _flat(frames.get("users", pl.DataFrame()))
    users = users.with_columns(_column(users, name) for name in _IDENTIFIERS)
    users = users.with_columns(_dates(users[name]) for name in _date_fields(users, discovery))
    users = _latest(users, settings["project_type"])
    chosen = () if options["all"] else _chosen(options, discovery.lists)
    names = {item.id: item.name for item in discovery.lists}
    ids = _list_ids(users)
    strangers = []
    for item in chosen:
        if f"list:{item.id}" in frames and not item.target:
            on_it, unknown = _matched(frames[f"list:{item.id}"]["line"], users, settings["project_type"])
            one = pl.DataFrame([ids.alias("ids"), on_it.alias("on_it")])
            more = pl.when("on_it").then(pl.concat_list("ids", pl.lit(item.id))).otherwise("ids")
            ids = one.select(more).to_series()
            strangers.append(unknown.with_columns(pl.lit(item.id).alias(_LIST_IDS)))
    users = users.with_columns(ids.alias(_LIST_IDS))
    if chosen:
        users = users.filter(pl.col(_LIST_IDS).list.eval(pl.element().is_in([item.id for item in chosen])).list.any())
    if strangers:
        added = pl.concat(strangers).group_by(_IDENTIFIERS, maintain_order=True).agg(_LIST_IDS)
        users = pl.concat([users, added], how="diagonal")
    called = pl.element().replace_strict(names, default=None, return_dtype=pl.String)
    known = pl.col(_LIST_IDS).list.filter(called.is_not_null()).list.unique(maintain_order=True)
    users = users.with_columns(known)
    users = users.with_columns(pl.col(_LIST_IDS).list.eval(called).list.unique(maintain_order=True).alias(_LISTS))
    return users.with_columns(pl.when(~pl.col("email").str.contains(_PLACEHOLDER)).then("email").alias("email"))


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Objects as columns with dotted names, into those that have such names already."""
    while nested := [column for column in frame if isinstance(column.dtype, pl.Struct)]:
        frame = frame.drop(column.name for column in nested)
        for column in nested:
            for inner in column.struct.unnest():
                name = f"{column.name}.{inner.name}"
                there = frame[name] if name in frame.columns else None
                if there is not None and there.dtype != inner.dtype:
                    there, inner = scalars.as_text(there), scalars.as_text(inner)  # noqa: PLW2901
                frame = frame.with_columns(
                    (inner if there is None else there.zip_with(there.is_not_null(), inner)).alias(name)
                )
    return frame


def _column(frame: pl.DataFrame, name: str) -> pl.Series:
    """A text column, empty where no page has it."""
    if name not in frame.columns:
        return pl.Series(name, [None], pl.String).new_from_index(0, frame.height)
    return scalars.as_text(frame[name])


def _date_fields(frame: pl.DataFrame, discovery: Discovery) -> list[str]:
    names = {field.name for field in discovery.fields if field.type == "date"} | {"profileUpdatedAt"}
    return [column.name for column in frame if column.name in names]


def _dates(values: pl.Series) -> pl.Series:
    """Iterable's forms of a moment as ISO 8601 with a zone; whatever else stays."""
    if values.dtype == pl.List(pl.String):
        return values.list.eval(_moments(pl.element()))
    if values.dtype != pl.String:
        return values
    usual = (
        (values.str.len_bytes() == _USUAL_LENGTH) & values.str.ends_with(" +00:00") & (values.str.slice(10, 1) == " ")
    )
    if not usual.drop_nulls().all():
        return values.to_frame().select(_moments(pl.first())).to_series()
    parts = [pl.first().str.slice(0, 10), pl.lit("T"), pl.first().str.slice(11, 8), pl.lit("+00:00")]
    return values.to_frame().select(pl.concat_str(parts).alias(values.name)).to_series()


def _moments(text: pl.Expr) -> pl.Expr:
    return text.str.replace(_WITH_ZONE, "${1}T${2}${3}").str.replace(_WITHOUT_ZONE, "${1}T${2}Z")


def _compared(values: pl.Series, identifier: str) -> pl.Series:
    text = scalars.as_text(values).str.strip_chars()
    text = text.str.to_lowercase() if identifier == "email" else text
    return text.to_frame().select(pl.when(pl.first() != "").then(pl.first()).alias(values.name)).to_series()


def _latest(users: pl.DataFrame, project_type: str) -> pl.DataFrame:
    """One row a person: the one that was updated last, and of several such the last one."""
    key = _keys(users, project_type)
    if repeated(key.drop_nulls()) is None:
        return users
    several = key.is_duplicated() & key.is_not_null()
    moment = temporal.datetimes(_column(users, "profileUpdatedAt"), "UTC").alias("moment")
    rows = pl.DataFrame([key, moment, several.alias("several")]).with_row_index("index")
    last = (
        rows.filter("several").sort("moment", nulls_last=False, maintain_order=True).unique("key", keep="last")["index"]
    )
    return users.filter(rows.select(~pl.col("several") | pl.col("index").is_in(last.implode())).to_series())


def _keys(users: pl.DataFrame, project_type: str) -> pl.Series:
    """What tells people apart in this type of project; null where a row has nothing."""
    frame = pl.DataFrame([_compared(users[name], name) for name in _IDENTIFIERS])
    if project_type == _HYBRID:
        # Somebody known by e-mail alone may have got a user id while pages were written.
        both = frame.drop_nulls().unique("email", keep="last").rename({"userId": "later"})
        frame = frame.join(both, on="email", how="left", maintain_order="left")
        frame = frame.with_columns(pl.coalesce("userId", "later"))
    parts = [pl.lit(f"{name}:") + pl.col(name) for name in _IDENTIFIERS]
    return frame.select(pl.coalesce(parts if project_type == _EMAIL else reversed(parts)).alias("key")).to_series()


def _list_ids(users: pl.DataFrame) -> pl.Series:
    """The ids of the static lists that each person is on, as texts."""
    ids = [_numbers(users[name]) for name in ("emailListIds", "userListIds") if name in users.columns]
    if not ids:
        return pl.Series([[]], dtype=pl.List(pl.String)).new_from_index(0, users.height)
    if len(ids) == 1:
        return ids[0].fill_null(pl.Series([[]], dtype=pl.List(pl.String)))
    return pl.DataFrame(ids).select(pl.concat_list(pl.all().fill_null([]))).to_series()


def _numbers(values: pl.Series) -> pl.Series:
    if not isinstance(values.dtype, pl.List):
        values = scalars.as_text(values).str.extract_all("[0-9]+")
    return values.cast(pl.List(pl.Int64), strict=False).list.filter(pl.element().is_not_null()).cast(pl.List(pl.String))


def _matched(lines: pl.Series, users: pl.DataFrame, project_type: str) -> tuple[pl.Series, pl.DataFrame]:
    """Who is on a list, as a mask, and those on it who are in no row, as rows of identifiers."""
    line = lines.cast(pl.String).str.strip_chars()
    line = line.filter(line != "").unique(maintain_order=True)
    on_it = pl.repeat(value=False, n=users.height, eager=True)
    for name in _IDENTIFIERS if project_type == _EMAIL else reversed(_IDENTIFIERS):
        known, asked = _compared(users[name], name), _compared(line, name)
        on_it |= known.is_in(asked.implode()).fill_null(value=False)
        line = line.filter(~asked.is_in(known.drop_nulls().implode()))
    address = (line.str.contains("@") & (project_type != _USERID)).alias("address")
    rows = pl.DataFrame([line.alias("line"), address]).filter(~pl.col("line").str.contains(_PLACEHOLDER))
    email = pl.when("address").then(pl.col("line").str.to_lowercase()).alias("email")
    return on_it, rows.select(email, pl.when(~pl.col("address")).then("line").alias("userId")).unique(
        maintain_order=True
    )


# Export: what is asked, and values as Iterable's fields take them


_KINDS = {
    "string": PropertyType.TEXT,
    "long": PropertyType.NUMBER,
    "double": PropertyType.DECIMAL,
    "boolean": PropertyType.BOOLEAN,
}
_OBJECTS = ("object", "nested", "geo_location")
_ALLOWED = {
    _EMAIL: (("email",), ("userId",)),
    _USERID: (("userId",),),
    _HYBRID: (("email",), ("userId",), ("email", "userId")),
}
_WRITTEN_AS: Mapping[Any, set[str]] = {
    pl.String: {"string", "keyword", "text"},
    pl.Int64: {"long", "integer"},
    pl.Float64: {"double", "float"},
    pl.Boolean: {"boolean"},
}
"""Iterable's words for values, by the types that `_convert` makes."""
_MOMENT = "%Y-%m-%d %H:%M:%S +00:00"
_LOOKS_LIKE_DATE = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2}:[0-9]{2}(?: [+-][0-9]{2}:[0-9]{2})?"
    r"|T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}(?:Z|[+-][0-9]{2}:[0-9]{2}))?$"
)


def _export_problems(settings: Settings, asked: ExportAsked, discovery: Discovery) -> list[Problem]:
    project, linked = settings["project_type"], tuple(name for name in _IDENTIFIERS if name in asked.identifiers)
    problems = []
    if linked not in _ALLOWED[project] or set(asked.identifiers) - set(linked):
        given = ", ".join(asked.identifiers) or "nothing"
        allowed = " or ".join(" with ".join(names) for names in _ALLOWED[project])
        what = f"a project of type {project!r} identifies people by {allowed}, and {given} is linked"
        problems.append(Problem("identifiers", what, f"link {allowed}, or mend settings.project_type"))
    problems += _list_problems("target.lists", asked.options, discovery.lists)
    targets = ", ".join(sorted(item.name for item in discovery.lists if item.target)) or "none"
    for name in map(str, asked.options[_LISTS]):
        called = _lists_called(name, discovery.lists)
        if len(called) == 1 and not called[0].target:
            what = f"list {name!r} is of type {called[0].kind}, on which people cannot be put"
            problems.append(Problem("target.lists", what, f"choose a Standard list; there are: {targets}"))
    if asked.options["on_leave"] and not asked.options[_LISTS]:
        problems.append(Problem("target.on_leave", "no list is chosen to take people off", "choose target.lists"))
    return problems + _field_problems(project, asked, discovery)


def _field_problems(project: str, asked: ExportAsked, discovery: Discovery) -> list[Problem]:
    problems = []
    for name in dict.fromkeys(asked.fields):
        above = [discovery.field(name[:dot]) for dot in _dots(name)]
        if asked.fields.count(name) > 1:
            problems.append(Problem("mappings", f"field {name!r} is filled twice", "keep one of the mappings"))
        if name.split(".")[0] in _MANAGED:
            what = f"field {name!r} is managed by Iterable itself"
            problems.append(Problem("mappings", what, "map to another field"))
        elif name in asked.identifiers or (name == "email" and project == _EMAIL):
            what = f"field {name!r} identifies people"
            problems.append(Problem("mappings", what, f"link {name!r} as identifier instead of mapping to it"))
        if any(field is not None and field.type in ("nested", "geo_location") for field in above):
            what = f"field {name!r} is part of objects that can only be written as a whole"
            problems.append(Problem("mappings", what, "map to another field"))
    return problems


def _dots(name: str) -> list[int]:
    return [index for index, char in enumerate(name) if char == "."]


def _convert(values: pl.Series, name: str, discovery: Discovery) -> pl.Series:
    field = discovery.field(name)
    kind = "" if field is None else field.type
    if isinstance(values.dtype, pl.Array):
        values = values.arr.to_list()
    if not isinstance(values.dtype, pl.List):
        return _converted(values, kind).alias(values.name)
    flat = values.explode(empty_as_null=False, keep_nulls=False)
    if not flat.null_count() and _converted(flat, kind).equals(flat, check_dtypes=True):
        return values.to_frame().select(pl.when(pl.first().list.len() > 0).then(pl.first())).to_series()
    position = pl.int_range(values.len(), dtype=pl.UInt32, eager=True).alias("position")
    raw = pl.DataFrame([position, values.alias("value")]).explode("value", empty_as_null=True)
    made = _converted(raw["value"], kind).alias("value")
    clash = (made.is_null() & ~is_empty(raw["value"])).alias("clash")
    lists = (
        pl.DataFrame([raw["position"], made, clash])
        .group_by("position", maintain_order=True)
        .agg(pl.col("value").drop_nulls(), pl.col("clash").any())
    )
    fits = (pl.col("value").list.len() > 0) & ~pl.col("clash")
    return lists.select(pl.when(fits).then("value").alias(values.name)).to_series()


def _converted(values: pl.Series, kind: str) -> pl.Series:
    """Single values as a field of this type takes them."""
    if kind in _KINDS:
        return scalars.convert(values, Property("value", _KINDS[kind]), "UTC")
    if kind in _OBJECTS:
        return pl.Series([None], dtype=pl.String).new_from_index(0, values.len())
    if values.dtype == pl.Date:
        return scalars.as_text(values)
    if kind == "date" or isinstance(values.dtype, pl.Datetime):
        moments = scalars.convert(values, Property("value", PropertyType.DATETIME), "UTC").dt.to_string(_MOMENT)
        if values.dtype != pl.String:
            return moments
        day = temporal.dates(values.str.strip_chars())
        return scalars.as_text(day).zip_with(day.is_not_null(), moments)
    return scalars.as_text(values) if values.dtype in (pl.Categorical, pl.Enum) else values


def _members(
    settings: Settings, asked: ExportAsked, fields: Sequence[SentField], discovery: Discovery
) -> tuple[Member, ...]:
    placed = [(_path(field.name, discovery), _member(field, discovery)) for field in fields]
    data = (Member("dataFields", members=_tree(placed)),) if placed else ()
    # Else the rest of an object, of which some fields are written, would be lost.
    merged = (Member("mergeNestedObjects", fixed=True),) if any(len(path) > 1 for path, _ in placed) else ()
    return (*_identity(settings, asked), *data, *merged)


def _identity(settings: Settings, asked: ExportAsked) -> tuple[Member, ...]:
    by = tuple(Member(name, column=name) for name in _IDENTIFIERS if name in asked.identifiers)
    # Without it a project by e-mail refuses a user id that it does not know.
    prefer = asked.create and settings["project_type"] == _EMAIL and "email" not in asked.identifiers
    return (*by, Member("preferUserId", fixed=True)) if prefer else by


def _member(field: SentField, discovery: Discovery) -> Member:
    found = discovery.field(field.name)
    inner = field.dtype.inner if isinstance(field.dtype, pl.List) else field.dtype
    numeric = isinstance(inner, pl.DataType) and inner.is_numeric()
    as_float = found is not None and found.type == "double" and numeric and field.join is None
    form = Form(as_float=as_float, join=field.join)
    return Member(field.name, column=field.column, form=form, send_empty="null" if field.send_empty else None)


def _path(name: str, discovery: Discovery) -> tuple[str, ...]:
    """The names of the objects that hold a field, and its own; a dot below no known object is part of the name."""
    path, start = [], 0
    for dot in _dots(name):
        above = discovery.field(name[:dot])
        if above is not None and above.type == "object":
            path.append(name[start:dot])
            start = dot + 1
    return (*path, name[start:])


def _tree(placed: Sequence[tuple[tuple[str, ...], Member]]) -> tuple[Member, ...]:
    """Fields that share an object are written into one."""
    groups: dict[str, list[tuple[tuple[str, ...], Member]]] = {}
    for path, member in placed:
        groups.setdefault(path[0], []).append((path[1:], member))
    return tuple(
        Member(name, members=_tree(inside)) if inside[0][0] else replace(inside[0][1], name=name)
        for name, inside in groups.items()
    )


# Export: sending people and reading what became of them


@dataclass(frozen=True, slots=True)
class _Write:
    """A call that sends people: its body is prefix, people, suffix.

    Attributes:
        path: Of the call.
        limit: On which it draws.
        prefix: Before the people.
        suffix: After them.
        list_id: The list that they enter or leave.
        leaves: Nobody is on a list that is gone, so that all have left it.
    """

    path: str
    limit: str
    prefix: str
    suffix: str = "]}"
    list_id: str | None = None
    leaves: bool = False


_BULK = _Write("/api/users/bulkUpdate", "bulk_update", '{"createNewFields":true,"users":[')
_SPLIT = frozenset({400, 408, 409, 413})
_NEW_LIST_WAITS = (2, 4, 8, 16)
"""A list that was made just now is not known everywhere for about 30 seconds."""


def _push(settings: Settings, asked: ExportAsked, people: Outgoing) -> Effects[pl.DataFrame | None]:
    rows = people.rows.with_row_index("at")
    lists = rows["enter"].explode().drop_nulls().unique(maintain_order=True).to_list() if people.enters else []
    alone = rows if asked.fields else rows.filter(pl.col("enter").list.len() == 0)  # entering a list creates people too
    refused = yield from _deliver(settings, _BULK, alone, people.fields)
    entered = []
    for list_id in lists:
        known = refused["row"].implode()
        entering = rows.filter(pl.col("enter").list.contains(list_id) & ~pl.col("row").is_in(known))
        entering = entering.with_columns(render(entering, _identity(settings, asked)))
        kept_off = yield from _deliver(settings, _subscribe(list_id, asked), entering, pl.DataFrame())
        entered.append(_without(entering, kept_off).select("row", pl.lit(list_id).alias(_LISTS)))
        refused = pl.concat([refused, kept_off.with_columns(pl.format("subscribe: {}", "reason").alias("reason"))])
    if not entered:
        return _outcome(rows, refused) if refused.height else None
    on = pl.concat(entered).group_by("row", maintain_order=True).agg(_LISTS)
    told = _outcome(rows, refused).drop(_LISTS).join(on, on="row", how="left", maintain_order="left")
    return told.with_columns(pl.col(_LISTS).fill_null([])).select(*OUTCOME)


def _subscribe(list_id: str, asked: ExportAsked) -> _Write:
    only = json.dumps(not asked.create)
    prefix = f'{{"listId":{int(list_id)},"updateExistingUsersOnly":{only},"subscribers":['
    return _Write("/api/lists/subscribe", "subscribe", prefix, list_id=list_id)


def _withdraw(
    settings: Settings, asked: ExportAsked, target: VendorList, people: pl.DataFrame
) -> Effects[pl.DataFrame]:
    by = tuple(Member(name, column=name) for name in _IDENTIFIERS if name in asked.identifiers)
    rows = people.with_row_index("at").with_columns(render(people, by))
    # Left out, the flag may mean that people are unsubscribed from the whole channel.
    prefix = f'{{"listId":{int(target.id)},"channelUnsubscribe":false,"subscribers":['
    write = _Write("/api/lists/unsubscribe", "unsubscribe", prefix, list_id=target.id, leaves=True)
    refused = yield from _deliver(settings, write, rows, pl.DataFrame())
    already = pl.col("reason").str.contains("^(?:notFound|forgotten|ForgottenUser|UnknownEmail|UnknownUserId)")
    return _outcome(rows, refused.filter(~already)).drop(_LISTS)


_REFUSED = pl.DataFrame(schema={"row": pl.Int64, "reason": pl.String})
_NO_LISTS = pl.lit([], OUTCOME["lists"]).alias(_LISTS)


def _outcome(rows: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    """All rows with their fate, given those that were refused; on no list."""
    if refused.is_empty():
        return all_accepted(rows["row"])
    fate = pl.when(pl.col("reason").is_null()).then(pl.lit(ACCEPTED)).otherwise(pl.lit(REJECTED)).alias("fate")
    told = rows.select("row").join(refused, on="row", how="left", maintain_order="left")
    return told.select("row", fate, "reason", _NO_LISTS)


def _without(people: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    return people if refused.is_empty() else people.filter(~pl.col("row").is_in(refused["row"].implode()))


def _deliver(settings: Settings, write: _Write, people: pl.DataFrame, fields: pl.DataFrame) -> Effects[pl.DataFrame]:
    """Send people, in parts where the whole is refused, until the fate of each is known.

    Returns:
        `row` and `reason` of those whom Iterable refused; it took all others.
    """
    refused = [_REFUSED]
    waiting, patience = [people], list(_NEW_LIST_WAITS)
    while waiting:
        part = waiting.pop()
        if part.is_empty():
            continue
        body = write.prefix + ",".join(part["body"].to_list()) + write.suffix
        reply = yield _post(settings, write.path, write.limit, body)
        if write.list_id is not None and _is_list_gone(reply):
            if write.leaves:
                continue
            if patience:
                yield Wait(patience.pop(0))
                waiting.append(part)
            else:
                there = yield from _get_lists(settings)
                raise _gone(f"with the id {write.list_id}", there)
            continue
        known, unknown = _verdict(reply, settings, part, fields)
        if known.height:
            refused.append(known)
        waiting += reversed(unknown)
    return pl.concat(refused) if len(refused) > 1 else _REFUSED


def _is_list_gone(reply: Reply) -> bool:
    said = str(_said(reply).get("msg")).lower() if reply.status == 400 else ""  # noqa: PLR2004
    return "invalidlistid" in said or "invalid email list id" in said


def _told(part: pl.DataFrame, reason: str | pl.Series) -> pl.DataFrame:
    text = reason if isinstance(reason, pl.Series) else pl.lit(reason, pl.String)
    return part.select("row", text.alias("reason"))


def _halves(part: pl.DataFrame) -> list[pl.DataFrame]:
    middle = part.height // 2
    return [part[:middle], part[middle:]]


def _verdict(
    reply: Reply, settings: Settings, part: pl.DataFrame, fields: pl.DataFrame
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """What an answer says: the people that it refuses, and the parts to send again, each smaller than before.

    All others are taken.
    """
    if reply.status == _OK:
        return _tally(_read(reply, settings), part, reply.what)
    code = _code(reply)
    if reply.status not in _SPLIT or "jwt" in code.lower():
        _refuse(reply, settings)
    params = _said(reply).get("params")
    reasons = None
    if code == "RequestFieldsTypesMismatched" and isinstance(params, dict):
        reasons = _mistyped(params.get("validationErrors"), part, fields)
    if code == "BadJsonBody" and isinstance(params, dict):
        reasons = _malformed(params, part)
    if reasons is not None and reasons.count():
        refused = reasons.is_not_null()
        return _told(part, reasons).filter(refused), [part.filter(~refused)]
    if part.height == 1:
        return _told(part, code), []
    return _REFUSED, _halves(part)


def _tally(said: Mapping[str, Any], part: pl.DataFrame, what: str) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Who failed, if the failures by name are as many as their count; else the doubtful ones are sent again."""
    failed: int = _part(said, "failCount", int, what)
    lost = said.get("filteredOutFields")
    if isinstance(lost, list) and lost:
        raise ConfigurationError(
            f"Iterable dropped the fields {', '.join(sorted(map(str, lost)))}: this project does not take new fields; "
            "make them in Iterable's settings, or take them out of the goal's mappings"
        )
    named = _failures(said)
    if not failed and named.is_empty():
        return _REFUSED, []
    if part.height == 1:
        words = named["reason"].to_list() or ["failCount"]
        return _told(part, words[0]), []
    reasons = _reasons(part, named)
    by_name = reasons.is_not_null()
    told, count = _told(part, reasons).filter(by_name), int(by_name.sum())
    if count < failed:
        return told, _halves(part.filter(~by_name))
    if count > failed:
        return _REFUSED, _halves(part.filter(by_name))
    return told, []


_UNNAMED = pl.DataFrame(schema=dict.fromkeys(("identifier", "value", "reason"), pl.String))


def _failures(said: Mapping[str, Any]) -> pl.DataFrame:
    """Columns `identifier`, `value` (as compared) and `reason`: Iterable's words, in its order."""
    updates = said.get("failedUpdates")
    named = dict(updates) if isinstance(updates, dict) else {}
    for word in ("invalidEmails", "invalidUserIds"):  # older servers have these alone
        both = [said.get(word), named.get(word)]
        named[word] = [value for values in both if isinstance(values, list) for value in values]
    frames = [_UNNAMED]
    for word, values in named.items():
        identifier = "email" if word.endswith("Emails") else "userId"
        if isinstance(values, list) and values and re.fullmatch(r"(?!noOp)[A-Za-z]{1,50}(?:Emails|UserIds)", word):
            texts = pl.Series([value for value in values if isinstance(value, str)], dtype=pl.String)
            compared = _compared(texts, identifier).alias("value")
            frames.append(pl.DataFrame({"identifier": identifier, "value": compared, "reason": word}, strict=False))
    return pl.concat(frames) if len(frames) > 1 else _UNNAMED


def _reasons(part: pl.DataFrame, named: pl.DataFrame) -> pl.Series:
    """The reason of each person whom a failure names, else null."""
    found = pl.Series("reason", [None], pl.String).new_from_index(0, part.height)
    for identifier in _IDENTIFIERS:
        if identifier in part.columns:
            words = named.filter(pl.col("identifier") == identifier).unique("value", keep="first")
            keys = _compared(part[identifier], identifier).alias("value").to_frame()
            said = keys.join(words, on="value", how="left", maintain_order="left")["reason"]
            found = found.zip_with(found.is_not_null(), said)
    return found


def _malformed(params: Mapping[str, Any], part: pl.DataFrame) -> pl.Series:
    """The people at whom Iterable points by their index in the body."""
    places = (re.fullmatch(r"obj\.\w+\[([0-9]{1,6})\]\.?([\w.\[\] -]{0,80}).*", str(key), re.DOTALL) for key in params)
    reasons = {int(place[1]): f"BadJsonBody: {place[2]}".rstrip(": ") for place in places if place}
    index = pl.int_range(part.height, eager=True)
    return index.replace_strict(reasons, default=None, return_dtype=pl.String)


def _mistyped(errors: object, part: pl.DataFrame, fields: pl.DataFrame) -> pl.Series:
    """The people whose values clash with the type that a field has at Iterable."""
    reasons = pl.Series([None], dtype=pl.String).new_from_index(0, part.height)
    for name, error in errors.items() if isinstance(errors, dict) else ():
        if name in fields.columns and isinstance(error, dict):
            values = fields[name].gather(part["at"])
            wrong = _clashing(values, str(error.get("expectedType")).lower(), error.get("incomingTypes"))
            text = f"RequestFieldsTypesMismatched: {name} expects {_plain(error.get('expectedType')) or 'another type'}"
            reasons = reasons.zip_with(reasons.is_not_null() | ~wrong, pl.Series([text]).new_from_index(0, part.height))
    return reasons


def _clashing(values: pl.Series, expected: str, incoming: object) -> pl.Series:
    """Values that are not of the expected type, or else those of the incoming one."""
    filled = ~is_empty(values)
    kinds = {word for word in incoming if isinstance(word, str)} if isinstance(incoming, list) else set()
    wrong = filled & ~_all_are(values, {expected})
    return wrong if wrong.any() else filled & _all_are(values, kinds)


def _all_are(values: pl.Series, kinds: set[str]) -> pl.Series:
    """Whether a value, or each of a list, is written as one of these types of Iterable's."""
    if isinstance(values.dtype, pl.List):
        filled = values.list.filter(pl.element().is_not_null())
        each = filled.list.eval(_is_any(pl.element(), values.dtype.inner, kinds))
        return each.list.all().fill_null(value=False)
    return values.to_frame().select(_is_any(pl.first(), values.dtype, kinds)).to_series().fill_null(value=False)


def _is_any(value: pl.Expr, dtype: Any, kinds: set[str]) -> pl.Expr:
    if dtype == pl.String and not kinds & _WRITTEN_AS[pl.String]:
        return value.str.contains(_LOOKS_LIKE_DATE) & pl.lit("date" in kinds)
    return value.is_not_null() & pl.lit(bool(_WRITTEN_AS.get(dtype.base_type(), set()) & kinds))


VENDOR = Vendor(
    name="iterable",
    title="Iterable",
    help="Users and lists of an Iterable project",
    settings=(
        Setting("base_url", f"{_US}, or {_EU} for projects in the EU data centre", default=_US),
        Setting("api_key", "A server-side key with standard permissions", secret=True),
        Setting(
            "project_type",
            "How the project identifies users, fixed when it was made",
            default=_EMAIL,
            choices=(_EMAIL, _USERID, _HYBRID),
        ),
    ),
    limits=_LIMITS,
    check=_check,
    discover=_discover,
    importer=Importer(
        options=(
            Option("all", "Everybody in the project", default=False),
            Option(_LISTS, "The people of these lists, by name or id", default=()),
        ),
        identifiers=_IDENTIFIERS,
        everyone={"all": True, _LISTS: ()},
        problems=_import_problems,
        pull=_pull,
        needs=_NEEDS,
        stage=_stage,
    ),
    exporter=Exporter(
        options=(
            Option(_LISTS, "Standard lists on which people are put, by name or id", default=()),
            Option("on_enter", "Put people on the lists when they enter the segment", default=True),
            Option("on_leave", "Take people off the lists when they leave the segment", default=False),
        ),
        identifiers=_IDENTIFIERS,
        problems=_export_problems,
        lists=lambda options, discovery: _chosen(options, discovery.lists),
        compared=_compared,
        convert=_convert,
        members=_members,
        max_rows=1000,  # what clients keep to; the vendor names bytes alone
        max_bytes=3_900_000,  # of 4 MB, per bulkUpdate in the Swagger description
        overhead=len(_BULK.prefix + _BULK.suffix),
        push=_push,
        withdraw=_withdraw,
    ),
)
