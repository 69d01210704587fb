"""Who consented to what a goal is linked to (semantics, section 7).

A profile consents to an objective that its `consented_objectives` name and its `refused_objectives` do not: a refusal
wins. White space around the names does not count, so that a refusal is not overlooked for a blank.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from cdpkit.core.goal import ImportGoal
from cdpkit.core.keys import POSITION
from cdpkit.core.parse import parse
from cdpkit.core.properties import Property
from cdpkit.core.rows import Rows

CONSENTED, REFUSED = "consented_objectives", "refused_objectives"


def consents(objectives: Sequence[str]) -> pl.Expr:
    """Whether a profile consents to at least one objective; Boolean without nulls.

    Args:
        objectives: The linked objectives that need consent; with none of them everybody passes.

    Returns:
        An expression over the columns `consented_objectives` and `refused_objectives`, lists of text; with none of
        them a literal, which needs neither column.
    """
    consented, refused = (pl.col(name).list.eval(pl.element().str.strip_chars()) for name in (CONSENTED, REFUSED))
    names = [objective.strip() for objective in objectives]
    given = [_holds(consented, name) & ~_holds(refused, name) for name in names]
    return pl.any_horizontal(given) if given else pl.lit(value=True)


def _holds(lists: pl.Expr, name: str) -> pl.Expr:
    return lists.list.contains(name).fill_null(value=False)


def carriers(rows: Rows, goal: ImportGoal, properties: Mapping[str, Property]) -> pl.Series:
    """The rows that carry the consent which a profile created from them needs.

    That is what the fields mapped to `consented_objectives` and `refused_objectives` would store in an empty profile;
    the merge rule does not matter there.

    Args:
        rows: The source.
        goal: A goal with objectives.
        properties: The catalogue by name, built-in properties included.

    Returns:
        UInt32, positions in ascending order; none where the goal does not map `consented_objectives`.
    """
    fields = {mapping.target: mapping.source for mapping in goal.mappings if mapping.target in {CONSENTED, REFUSED}}
    if CONSENTED not in fields:
        return pl.Series(POSITION, [], pl.UInt32)
    found, start = [], 0
    for part in rows.parts(sorted(set(fields.values()))):
        read = [parse(part[field], properties[target], goal.zone).values for target, field in fields.items()]
        stored = pl.DataFrame(read)
        if REFUSED not in fields:
            stored = stored.with_columns(pl.lit(None, properties[REFUSED].dtype).alias(REFUSED))
        carrying = stored.select(consents(goal.objectives)).to_series()
        found.append(carrying.arg_true().cast(pl.UInt32) + start)
        start += part.height
    return pl.concat(found).alias(POSITION)
