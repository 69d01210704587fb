"""The answers about profiles as rows of an import: read from the ledger, where they are kept, a line each."""

from dataclasses import dataclass, replace

import polars as pl

from cdpkit.core.asking import DECEASED, MATCHED, OPTED_OUT
from cdpkit.core.properties import PROFILE_ID, Property
from cdpkit.runs.enrichments.goal import EnrichGoal, enricher_of
from cdpkit.runs.files.alike import stacked
from cdpkit.runs.files.lines import mended, objects
from cdpkit.runs.imports.extract import Staged, as_source
from cdpkit.runs.imports.prepare import Prepared, prepare_rows
from cdpkit.runs.session import Session
from cdpkit.store.ledger import Ledger

_PART = 20_000


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of profiles.

    Attributes:
        lines: `row`, `about`, `run_id`, `goal`, `outcome`, `answer`; the outcome is the reason for which an answer is
            not imported, where there is one.
    """

    lines: pl.DataFrame

    @property
    def good(self) -> pl.DataFrame:
        """Those that are imported; of somebody who has died or opted out, nothing is."""
        gone = self.lines.filter(pl.col("outcome").is_in([DECEASED, OPTED_OUT]))["row"]
        return self.lines.filter(pl.col("outcome") == MATCHED, ~pl.col("row").is_in(gone.implode()))


def answers_of(session: Session, goal: EnrichGoal, ledger: Ledger, rows: pl.Series) -> Answers:
    """The last answers about some profiles, as far as the goal asks for their classes."""
    about = enricher_of(session.vendor).about(goal.asked)
    lines = ledger.answers(rows).filter(pl.col("about").is_in(about) | pl.col("outcome").is_in([DECEASED, OPTED_OUT]))
    why = enricher_of(session.vendor).judge(goal.asked, lines.select("about", "answer"))
    judged = pl.when((pl.col("outcome") == MATCHED) & pl.lit(why).is_not_null()).then(pl.lit(why)).otherwise("outcome")
    return Answers(lines.with_columns(judged.alias("outcome")))


def prepare_answers(
    session: Session,
    goal: EnrichGoal,
    answers: Answers,
    profiles: pl.LazyFrame,
    planned: tuple[Property, ...] = (),
    *,
    keep: bool = False,
) -> Prepared:
    """The import of answers; where there are none it changes nothing, and makes no property.

    Args:
        session: The connection.
        goal: The goal.
        answers: What is known of profiles.
        profiles: `row` and all properties.
        planned: Properties that goals before it are going to add.
        keep: Keep the rows for a preview.
    """
    rows = _rows(answers.good, profiles, None if goal.answers.steps else goal.asked.fields)
    asked = goal.answers if rows.height else replace(goal.answers, mappings=())
    fields = goal.asked.fields if rows.height else tuple(field for field, _ in asked.identifiers)
    source = as_source(Staged(rows, 0, ()), fields, f"{session.vendor.name} {goal.key}")
    prepared = prepare_rows(session.home, asked, source, planned=planned, group=goal.group)
    return prepared if keep else replace(prepared, read=None)


def _rows(good: pl.DataFrame, profiles: pl.LazyFrame, fields: tuple[str, ...] | None) -> pl.DataFrame:
    """One row an answer: `profile_id`, and its fields."""
    wanted = good["row"].unique().implode()
    ids = profiles.filter(pl.col("row").is_in(wanted)).select("row", PROFILE_ID.name).collect()
    named = good.join(ids, on="row", how="inner").sort("row", "about")
    start = pl.concat_str(pl.lit(f'{{"{PROFILE_ID.name}":"'), pl.col(PROFILE_ID.name), pl.lit('"'))
    inner = pl.col("answer").str.strip_chars().str.slice(1)
    line = start + pl.when(inner == "}").then(pl.lit("")).otherwise(pl.lit(",")) + inner
    frames = [pl.DataFrame(schema={PROFILE_ID.name: pl.String()})]
    for part in named.select(line.alias("line")).iter_slices(_PART):
        content, _ = mended("\n".join(part["line"]).encode())
        frames += [frame for frame in objects(content) if frame is not None]
    rows = stacked(frames, [frame.height for frame in frames])
    kept = rows.columns if fields is None else [name for name in (PROFILE_ID.name, *fields) if name in rows.columns]
    return rows.select(kept)
