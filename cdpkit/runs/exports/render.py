"""Rendering people as a vendor takes them, part by part, with those told apart who cannot be sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from cdpkit.config.goals.export_profiles import ExportMappingSettings
from cdpkit.core import reasons
from cdpkit.core.hashing import hash_columns
from cdpkit.core.membership import back
from cdpkit.core.outcome import ACCEPTED
from cdpkit.core.processors import process
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.errors import ConfigurationError
from cdpkit.kit.exporting import Exporter, Outgoing, SentField, Way
from cdpkit.kit.render import render
from cdpkit.runs.exports.changed import Going, going, noted, where
from cdpkit.runs.exports.goal import ExportGoal
from cdpkit.runs.exports.people import compared
from cdpkit.runs.home import Home
from cdpkit.store import sql

REFUSED = {"row": pl.Int64(), "field": pl.String(), "reason": pl.String()}
LEFT_OUT = {"row": pl.Int64(), "reason": pl.String()}
UNREAD = {"row": pl.Int64(), "field": pl.String(), "value": pl.String(), "reason": pl.String()}
_ID, _FIELD, _HELD, _FLAG = "\x00id {}", "\x00field {}", "\x00held {}", "\x00goes {}"
"""Columns on their way: identifiers, fields, properties, and whether a field goes; no vendor's field and no property
has such a name."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Some people, rendered.

    Attributes:
        outgoing: Those to send.
        refused: `REFUSED`: those with a value that the vendor's field does not take; each row once.
        left_out: `LEFT_OUT`: those that a processor removed, or that would be sent as they were last.
        unread: `UNREAD`: the values that a processor could not read, of everybody who was rendered.
        notes: `NOTES`, of everybody who is sent or would be sent as they were last.
    """

    outgoing: Outgoing
    refused: pl.DataFrame
    left_out: pl.DataFrame
    unread: pl.DataFrame
    notes: pl.DataFrame

    def without(self, rows: pl.Series) -> "Rendered":
        """The same without some people."""
        if rows.is_empty():
            return self
        off = rows.implode()
        refused, left_out = (part.filter(~pl.col("row").is_in(off)) for part in (self.refused, self.left_out))
        outgoing = self.outgoing.filter(~self.outgoing.rows["row"].is_in(off))
        return Rendered(outgoing, refused, left_out, self.unread, self.notes)


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders the people of one goal.

    Attributes:
        home: The workspace.
        goal: The goal.
        exporter: The vendor's.
        way: How they are pushed.
        profiles: `row` and all properties, as the plan saw them.
        today: The date that processors take for the current one.
    """

    home: Home
    goal: ExportGoal
    exporter: Exporter
    way: Way
    profiles: pl.LazyFrame
    today: date

    def render(self, people: pl.DataFrame) -> Rendered:
        """Render people.

        Args:
            people: `row`, `enter`, `off`, `payload` (of the last accepted body), `fields` (as the vendor accepted them
                last), `state`, and `names` where segments are sent; by ascending row.
        """
        rows, left_out, unread = self._rows(people)
        fields, clashes = self._fields(rows)
        refused = _first_clashes(rows["row"], clashes)
        if refused.height:
            fits = ~rows["row"].is_in(refused["row"].implode())
            rows, fields = rows.filter(fits), _those(fields, fits)
        sent = [
            SentField(m.target, _FIELD.format(m.target), fields.schema[m.target], m.join, m.send_empty)
            for m in self.goal.mappings
            if m.target in fields.columns
        ]
        some = self._going(rows, fields)
        flags = some.flags.rename(_FLAG.format)
        holder = pl.DataFrame([*rows.select(self.goal.asked.identifiers), *fields.rename(_FIELD.format), *flags])
        members = self.way.members(self.goal.asked, sent)
        members = where(members, {_FIELD.format(name): _FLAG.format(name) for name in some.flags.columns})
        body = render(holder, members)
        payload = hash_columns(body.to_frame(), ["body"]).alias("payload")
        out = rows.drop("payload", "fields").with_columns(body, payload)
        same = self._unchanged(rows, payload, some)
        left_out = pl.concat([left_out, out.filter(same).select("row", reason=pl.lit(reasons.UNCHANGED_PAYLOAD.code))])
        kept = out.filter(~same)
        columns = ["row", *self.goal.asked.identifiers, "body", "enter", "back"]
        enters = bool((kept["enter"].list.len() > 0).any())
        return Rendered(
            Outgoing(kept.select(columns), _those(fields, ~same), enters),
            refused,
            left_out,
            unread,
            noted(out["row"], payload, some, same),
        )

    def _going(self, rows: pl.DataFrame, fields: pl.DataFrame) -> Going:
        """Which fields go: all, unless the goal sends the changed ones alone."""
        before = rows["fields"] if self.goal.changed_only else None
        if before is not None and self.goal.due.full:
            before = before.clear(before.len())
        return going(before, fields, self.goal.mappings, self.exporter.price, self.goal.asked, rows.height)

    def _unchanged(self, rows: pl.DataFrame, payload: pl.Series, some: Going) -> pl.Series:
        """Who would be sent as the vendor has them, and enters no list."""
        same = pl.repeat(value=False, n=rows.height, dtype=pl.Boolean, eager=True)
        if self.goal.due.full:
            return same
        if some.flags.width:
            same = some.flags.select(~pl.any_horizontal(pl.all())).to_series()
        elif self.goal.skip_unchanged:
            same = (payload == rows["payload"]).fill_null(value=False)
        return same & (rows["state"] == ACCEPTED).fill_null(value=False) & (rows["enter"].list.len() == 0)

    def _rows(self, people: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """The values of people under the vendor's names, after the processors; whom and what those removed."""
        wanted = dict.fromkeys(column for m in self.goal.mappings if (column := m.type.column(m)) is not None)
        linked = [pl.col(prop).alias(_ID.format(name)) for prop, name in self.goal.pairs]
        first, last = people["row"].min(), people["row"].max()
        near = self.profiles.filter(pl.col("row").is_between(first, last))
        held = near.select("row", *linked, *(pl.col(name).alias(_HELD.format(name)) for name in wanted)).collect()
        lines = people.join(held, on="row", how="left", maintain_order="left")
        labels = self.goal.all_labels if "names" in lines.columns else {}
        values = [
            _value(mapping, own, labels).alias(mapping.target)
            for mapping, own in zip(self.goal.mappings, self.goal.labels, strict=True)
        ]
        ids = compared(lines.select(pl.col(_ID.format(name)).alias(name) for _, name in self.goal.pairs), self.exporter)
        kept = lines.select("row", "enter", back(), "payload", "fields", "state").hstack(ids)
        fields = lines.select(pl.col("row").alias(SOURCE_ROW), *values)
        if not self.goal.steps:
            both = pl.concat([kept, fields.drop(SOURCE_ROW).rename(_FIELD.format)], how="horizontal")
            return both, _none(LEFT_OUT), _none(UNREAD)
        shown = [name for name in ids.columns if name not in fields.columns]  # so that steps may look at who it is
        done = process(
            fields.with_columns(ids[shown]),
            self.goal.steps,
            functions=self.home.functions,
            sql=lambda rows, text: sql.frame({"rows": rows.lazy()}, text, self.home.limits()),
            today=self.today,
        )
        own = done.rows.drop_nulls(SOURCE_ROW).rename({SOURCE_ROW: "row"})
        fields = own.select(
            "row",
            *(pl.col(m.target).alias(_FIELD.format(m.target)) for m in self.goal.mappings if m.target in own.columns),
        )
        _refuse_changed(kept, own, shown)
        row = pl.col(SOURCE_ROW).alias("row")
        unread = done.unread.filter(pl.col(SOURCE_ROW).is_not_null()).select(row, "field", "value", "reason")
        return kept.join(fields, on="row", how="inner").sort("row"), done.excluded.select(row, "reason"), unread

    def _fields(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, pl.Series]]:
        """The fields as the vendor takes them, and in which rows a value does not fit."""
        columns, clashes = [], {}
        for mapping in self.goal.mappings:
            name = mapping.target
            if _FIELD.format(name) not in rows.columns:
                continue
            values = rows[_FIELD.format(name)].alias(name)
            if mapping.join is not None and isinstance(values.dtype, pl.List):
                values = values.cast(pl.List(pl.String)).list.join(mapping.join)
            values = _emptied(values)
            fitted = self.exporter.convert(values, name, self.goal.asked).alias(name)
            clash = fitted.is_null() & values.is_not_null()
            if clash.any():
                clashes[name] = clash
            columns.append(fitted)
        return pl.DataFrame(columns) if columns else rows.select(), clashes


def _value(mapping: ExportMappingSettings, own: Mapping[str, str], labels: Mapping[str, str]) -> pl.Expr:
    """The value that a mapping sends, where its own labels are some of those that people were looked up for."""
    borne = pl.lit(None, pl.List(pl.String))
    if own and labels:
        borne = pl.col("names") if own == labels else pl.col("names").list.set_intersection(list(own))
    return mapping.type.expression(mapping, pl.col(_HELD.format(mapping.type.column(mapping))), borne)


def _emptied(values: pl.Series) -> pl.Series:
    """Empty texts and lists as null, so that what is null after the conversion did not fit."""
    if values.dtype == pl.String:
        return values.to_frame().select(pl.when(pl.first().str.strip_chars() != "").then(pl.first())).to_series()
    if isinstance(values.dtype, pl.List):
        kept = values.list.filter(pl.element().is_not_null())
        return kept.to_frame().select(pl.when(pl.first().list.len() > 0).then(pl.first())).to_series()
    return values


def _refuse_changed(kept: pl.DataFrame, after: pl.DataFrame, names: list[str]) -> None:
    """Refuse steps that changed an identifier: whoever leaves is looked for by the one that the profile has.

    Raises:
        ConfigurationError: One did.
    """
    names = [name for name in names if name in after.columns]
    both = kept.select("row", *names).join(after.select("row", *names), on="row", how="inner", suffix="\x00")
    changed = [name for name in names if not both[name].equals(both[f"{name}\x00"], check_names=False)]
    if changed:
        raise ConfigurationError(
            f"a processor changed the identifier {changed[0]!r}, by which people are known at the vendor; let it leave "
            "that as it is, and change the property that is linked to it instead"
        )


def _first_clashes(rows: pl.Series, clashes: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Each row that does not fit once, with the first field that does not."""
    parts = [
        rows.filter(clash).to_frame("row").with_columns(field=pl.lit(field), reason=pl.lit(reasons.TYPE_CLASH.code))
        for field, clash in clashes.items()
    ]
    return pl.concat([_none(REFUSED), *parts]).unique("row", keep="first", maintain_order=True).sort("row")


def _those(fields: pl.DataFrame, mask: pl.Series) -> pl.DataFrame:
    """The fields of those for whom a mask is true; a goal without mappings has none."""
    return fields.filter(mask) if fields.width else fields


def _none(schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(schema=schema)
