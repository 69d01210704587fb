"""Planning and committing, again where somebody else commits in between."""

from collections.abc import Callable
from typing import Any

from cdpkit.core.fates import ImportCounters
from cdpkit.core.reasons import Stage, need_attention
from cdpkit.errors import ConflictError
from cdpkit.runs.draft import sweep
from cdpkit.runs.home import Home
from cdpkit.runs.ids import now
from cdpkit.runs.imports.commit import commit_load
from cdpkit.runs.imports.plan import LoadPlan, plan_load
from cdpkit.runs.imports.prepare import Prepared, prepare_again
from cdpkit.runs.progress import Observer, RunEvent

ATTEMPTS = 50


def store(
    home: Home,
    prepared: Prepared,
    run: str,
    line: Callable[[LoadPlan], dict[str, Any]],
    show: Observer,
    *,
    given: LoadPlan | None = None,
) -> LoadPlan:
    """Work an import out on the profiles as they are and commit it; returns what was committed.

    Args:
        home: The workspace.
        prepared: The import.
        run: The run that stores it.
        line: Makes the line of the history that joins with the commit.
        show: Is told how far it is.
        given: The plan of a preview, which is committed as it is or not at all.

    Raises:
        ConflictError: Others keep committing; or once, where a plan is given.
    """
    total = prepared.source.rows.height
    for attempt in range(ATTEMPTS):
        again = f", attempt {attempt + 1}" if attempt else ""
        show(RunEvent(run, "match", 0, total, f"{total:,} rows{again}"))
        plan = given or plan_load(home, prepared, run, _merging(run, total, show))
        counters = plan.result.counters
        text = f"{counters.created:,} profiles created, {counters.updated:,} updated"
        show(RunEvent(run, "commit", total, total, text))
        try:
            commit_load(home, plan, line(plan), at=None if given is None else now())
        except ConflictError:
            if given is not None:
                raise
            sweep(plan.draft)
            if prepared.new_properties:
                prepared = prepare_again(home, prepared)
            continue
        return plan
    raise ConflictError(f"others committed {ATTEMPTS} times in between; repeat the call when they are done")


def warnings(counters: ImportCounters) -> bool:
    """Whether a person should look at an import although it succeeded."""
    excluded = need_attention(Stage.EXCLUDED, counters.excluded)
    rejected = need_attention(Stage.VALUE, counters.rejected)
    return bool(excluded or rejected or counters.multiple_matches or counters.cut_lists)


def _merging(run: str, total: int, show: Observer) -> Callable[[int], None]:
    """Tell how many rows are merged, each time that some more are."""
    done = 0

    def merged(lines: int) -> None:
        nonlocal done
        done += lines
        show(RunEvent(run, "merge", done, total, f"{done:,} rows"))

    return merged
