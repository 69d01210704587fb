"""Other goals of the workspace that keep the same lists: whom they want there, and whom they have put there.

Connections to the same account share its lists. Somebody is taken off only when no active goal that keeps the list
wants them on it. Whom one goal has put on a list, another one does not take for somebody who was there before; and
when one takes somebody off, the others know it, so that they neither do it again nor believe them to be there.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace

import polars as pl

from cdpkit import vendors
from cdpkit.config.connections import ConnectionFiles, ConnectionSettings
from cdpkit.config.goals.export_profiles import ExportGoalSettings
from cdpkit.config.vendor_settings import readable_settings, resolve_options
from cdpkit.core.consent import CONSENTED, REFUSED, consents
from cdpkit.core.due import STAYS, TAKEN_OFF, Due
from cdpkit.core.membership import NO_LISTS, after_withdrawal, owes, to_withdraw
from cdpkit.core.outcome import ACCEPTED
from cdpkit.errors import CdpkitError
from cdpkit.kit.exporting import ExportAsked, Exporter
from cdpkit.runs.draft import WriteSide
from cdpkit.runs.exports.people import compared, key_of, near
from cdpkit.runs.home import Home
from cdpkit.runs.session import Session, linked_objectives
from cdpkit.store import sql
from cdpkit.store.data_file import DataFile
from cdpkit.store.exported import next_turn
from cdpkit.store.tables import GOAL_ROWS
from cdpkit.store.tables.goal_rows import newest

_EVERY_LIST: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keeper:
    """An active goal that puts people on lists.

    Attributes:
        key: Its key, or the name of a connection that cannot be read.
        lists: The ids of the lists; none where nobody can tell, which counts as all.
        where: The expression of its segment; None where nobody can tell whom it wants, which counts as everybody.
        pairs: The property and the vendor's identifier that it links.
        objectives: The linked objectives that need consent.
    """

    key: str
    lists: tuple[str, ...] = _EVERY_LIST
    where: str | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    objectives: tuple[str, ...] = ()

    def keeps(self, lists: pl.Series) -> pl.Series:
        """Which of these lists are among its own."""
        return lists.is_in(self.lists) if self.lists else pl.repeat(value=True, n=lists.len(), eager=True)


@dataclass(frozen=True, slots=True)
class Others:
    """The other goals of an account.

    Attributes:
        own: The key of the goal whose others they are.
        connections: The connections to its account, its own among them.
        keepers: Active goals that put people on lists there.
    """

    own: str
    connections: tuple[str, ...] = ()
    keepers: tuple[Keeper, ...] = ()

    def keys(self, home: Home) -> list[str]:
        """The keys of all others that know anything of anybody, also of those that are off or gone."""
        known = {str(file.partition) for file in home.tables.open(GOAL_ROWS).files()}
        return sorted(key for key in known if key != self.own and key.partition("/")[0] in self.connections)


def others_of(session: Session, goal: ExportGoalSettings) -> Others:
    """The other goals of the account that a connection reaches."""
    files = ConnectionFiles(session.home.root)
    connections, keepers = [session.name], list(_keepers(session, session.name, session.connection, goal.name))
    for name in files.names():
        if name == session.name:
            continue
        try:
            connection = files.get(name).read()
        except CdpkitError:
            keepers.append(Keeper(name))
            continue
        if connection.vendor == session.vendor.name and same_account(session, connection):
            connections.append(name)
            keepers += _keepers(session, name, connection)
    return Others(session.key(goal), tuple(connections), tuple(keepers))


def same_account(session: Session, connection: ConnectionSettings) -> bool:
    """Whether another connection to the vendor reaches the same account, as far as its settings tell."""
    vendor = vendors.get(connection.vendor)
    theirs = readable_settings(vendor.settings, connection.settings, session.home.root.nearby)
    return vendor.same_account(session.settings, theirs)


def _keepers(session: Session, name: str, connection: ConnectionSettings, own: str | None = None) -> Iterator[Keeper]:
    exporter, known = session.vendor.exporter, session.home.settings.read()
    for goal in connection.goals:
        if exporter is None or not isinstance(goal, ExportGoalSettings) or not goal.active or goal.name == own:
            continue
        key, pairs = f"{name}/{goal.name}", tuple((pair.source, pair.target) for pair in goal.identifiers)
        try:
            lists = _lists(session, exporter, goal)
        except CdpkitError:
            yield Keeper(key)
            continue
        if not lists:
            continue
        asked = Keeper(key, lists, None, pairs)
        if goal.segment in known.segments and all(source in known.catalogue() for source, _ in pairs):
            with suppress(CdpkitError):  # otherwise nobody can tell whom it wants
                objectives = linked_objectives(session.home, connection)
                asked = replace(asked, where=known.segments[goal.segment], objectives=objectives)
        yield asked


def _lists(session: Session, exporter: Exporter, goal: ExportGoalSettings) -> tuple[str, ...]:
    """The ids of the lists on which a goal puts people."""
    options = resolve_options(exporter.options, goal.target, "target")
    identifiers, fields = ([each.target for each in part] for part in (goal.identifiers, goal.mappings))
    asked = ExportAsked(
        session.settings, options, session.discovery, tuple(identifiers), tuple(fields), create=goal.create
    )
    return tuple(listed.id for listed in exporter.lists(asked)) if options.get("on_enter", False) else ()


def leave_to_others(due: Due, others: Others, profiles: pl.LazyFrame, exporter: Exporter) -> Due:
    """The same, but that nobody is withdrawn whom another goal wants on the list."""
    stays = [pl.DataFrame(schema=STAYS)]
    withdraw = due.withdraw
    for keeper in others.keepers:
        theirs = withdraw.filter(keeper.keeps(withdraw["list"]))
        if theirs.height:
            found = _wanted(theirs, keeper, profiles, exporter)
            stays.append(found.select("row", "key", "list", by=pl.lit(keeper.key)))
            withdraw = withdraw.join(found, on=["row", "key", "list"], how="anti", maintain_order="left")
    return replace(due, withdraw=withdraw, stays=pl.concat(stays).select(*STAYS))


def _wanted(withdraw: pl.DataFrame, keeper: Keeper, profiles: pl.LazyFrame, exporter: Exporter) -> pl.DataFrame:
    if keeper.where is None:
        return withdraw
    try:
        rows = sql.segment_rows(profiles, keeper.where)["row"].sort()
    except CdpkitError:
        return withdraw
    consent = [CONSENTED, REFUSED] if keeper.objectives else []
    linked = [pl.col(source).alias(f"id {name}") for source, name in keeper.pairs]
    found = near(profiles, rows.to_frame("row"), *linked, *consent)
    found = found.filter(found.select(consents(keeper.objectives).alias("consents"))["consents"])
    names = tuple(name for _, name in keeper.pairs)
    ids = compared(found.select(pl.col(f"id {name}").alias(name) for name in names), exporter)
    wanted = pl.DataFrame([found["row"], key_of(ids, names)])
    return same_people(withdraw, wanted)


def same_people(people: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Those of some people who are among others: they have one of the vendor's identifiers in common.

    Where the others are known by other identifiers than they are, the profile decides.

    Args:
        people: `row`, `key`, and more.
        others: `row`, `key`.
    """
    ours, theirs = _identifiers(people), _identifiers(others)
    same = ours.join(theirs.select("name", "identifier"), on=["name", "identifier"], how="semi").select("row", "key")
    apart = ours.join(theirs.select("name"), on="name", how="semi").select("row", "key")
    alone = people.select("row", "key").join(apart, on=["row", "key"], how="anti")
    same_profile = alone.join(others.drop_nulls("key").select("row"), on="row", how="semi")
    both = pl.concat([same, same_profile]).unique()
    return people.join(both, on=["row", "key"], how="semi", maintain_order="left")


def _identifiers(people: pl.DataFrame) -> pl.DataFrame:
    """`row`, `key`, `name`, `identifier`: a line for each identifier that `key_of` joined."""
    parts = people.select("row", "key", part=pl.col("key").str.split("\x1f")).explode("part").drop_nulls("part")
    pair = pl.col("part").str.splitn("\x1e", 2).struct
    return parts.select("row", "key", pair.field("field_0").alias("name"), pair.field("field_1").alias("identifier"))


def not_by_others(send: pl.DataFrame, others: Others, home: Home) -> pl.DataFrame:
    """People who are to be sent, `found` without the lists on which another goal of the workspace has put them.

    Args:
        send: `row`, `key`, `found` (ids of lists), and more; each row once.
        others: The other goals.
        home: The workspace.
    """
    on = send.filter(pl.col("found").list.len() > 0).select("row", "key", list="found").explode("list")
    if on.is_empty():
        return send
    put = [pl.DataFrame(schema=on.schema)]
    for key in others.keys(home):
        claims = to_withdraw(_held(home, key))
        for (listed,), part in on.group_by("list"):
            put.append(same_people(part, claims.filter(list=str(listed))))
    by_others = pl.concat(put).group_by("row").agg(pl.col("list").alias("by others"))
    without = pl.col("found").list.set_difference(pl.col("by others").fill_null(NO_LISTS))
    found = send.join(by_others, on="row", how="left", maintain_order="left")
    return found.with_columns(without.alias("found")).drop("by others")


def tell_others(
    home: Home,
    write: WriteSide,
    others: Others,
    withdrawn: pl.DataFrame,
    held: ExitStack,
    *,
    spare: Iterable[str] = (),
) -> list[DataFile]:
    """Write down for the other goals that people were taken off lists on which they have put them too.

    A goal of a connection that is at work just now is not told: it may be writing the same lines itself.

    Args:
        home: The workspace.
        write: Writes the files.
        others: The other goals.
        withdrawn: `row`, `key`, `list`, `ours`.
        held: Keeps the locks of connections until the files are committed.
        spare: Connections whose goals are not told.

    Returns:
        Files of `goal_rows`, to be committed.
    """
    files: list[DataFile] = []
    own, claimed = others.own.partition("/")[0], dict[str, bool]()
    for key in others.keys(home) if withdrawn.height else ():
        name = key.partition("/")[0]
        if name in spare:
            continue
        lines = _held(home, key)
        off = _taken_off(lines, withdrawn)
        if off.is_empty():
            continue
        if name not in claimed:
            claimed[name] = name == own or home.claim(f"connection-{name}", held)
        if claimed[name]:
            changed = after_withdrawal(lines.join(off, on="row", how="semi", maintain_order="left"), off)
            state = pl.when(pl.col("state") == ACCEPTED).then(pl.lit(TAKEN_OFF)).otherwise("state")
            told = changed.with_columns(owes(), state=state, turn=pl.lit(next_turn(home.tables, key), pl.Int64))
            files += write(GOAL_ROWS, told.sort("row"), partition=key)
    return files


def _taken_off(lines: pl.DataFrame, withdrawn: pl.DataFrame) -> pl.DataFrame:
    """`row`, `list`, `ours` of those whom a goal has put on lists that they were taken off."""
    schema = {"row": pl.Int64(), "list": pl.String(), "ours": pl.Boolean()}
    claims, off = to_withdraw(lines), [pl.DataFrame(schema=schema)]
    for (listed,), people in withdrawn.group_by("list"):
        found = same_people(claims.filter(list=str(listed)), people)
        ours = same_people(found, people.filter("ours"))["row"].implode()
        off.append(found.select("row", "list", ours=pl.col("row").is_in(ours)))
    return pl.concat(off)


def _held(home: Home, key: str) -> pl.DataFrame:
    """What a goal knows of those whom it has put on lists."""
    return newest(home.tables.scan(GOAL_ROWS, where=key)).filter("owes").collect()
