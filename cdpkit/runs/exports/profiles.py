"""Profiles as what an export sends: people, some of whom are taken off lists."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cdpkit.core.fates import counted
from cdpkit.runs.exports.look import ExportLook
from cdpkit.runs.exports.outcome import account
from cdpkit.runs.exports.plan import ExportPlan, keep_plan
from cdpkit.runs.exports.send import Sent, send_people
from cdpkit.runs.exports.sending import Sending
from cdpkit.runs.plan import Figures, Look, Risk
from cdpkit.runs.session import Session
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables import GOAL_ROWS


def _figures(plan: ExportPlan) -> Figures:
    """The members of the segment, and the counters if nobody is refused and every body fits."""
    due = plan.due
    skipped = counted(due.skipped["reason"]) | ({"not_due": due.not_due} if due.not_due else {})
    accounted = sum(skipped.values()) + due.send.height + due.in_doubt.height
    counters: dict[str, Any] = {
        "in_segment": plan.in_segment,
        "available": due.available,
        "sent": due.send.height,
        "accepted": due.send.height,
        "rejected": {},
        "skipped": skipped,
        "in_doubt": due.in_doubt.height,
        "withdrawn": due.withdraw.height,
    }
    if due.stays.height:
        counters["kept_on_lists"] = counted(due.stays["by"])
    return Figures(plan.in_segment, accounted, counters, lambda: _risks(plan))


def _risks(plan: ExportPlan) -> Sequence[Risk]:
    if not plan.listed:
        return []
    said = "take {count} of the {of} people whom it has put on lists off them"
    return [Risk("withdrawals", plan.due.withdraw["row"].n_unique(), plan.listed, said)]


def _look(plan: ExportPlan, session: Session) -> Look:
    """People are rendered when one of the frames is looked at, once for all frames of this look."""
    look = ExportLook(plan, session)
    return Look(
        counters=lambda: look.counters,
        estimate=lambda: look.estimate,
        excluded=lambda: look.excluded,
        rejected=lambda: look.rejected,
        sends=lambda: look.sends,
        withdraws=lambda: look.withdraws,
    )


def _as_committed(plan: ExportPlan, session: Session, snapshot: Snapshot) -> ExportPlan:
    asked = replace(plan.goal.asked, settings=session.settings, discovery=session.discovery)
    return replace(plan, goal=replace(plan.goal, asked=asked), snapshot=snapshot, planned=())


PROFILES: Sending[ExportPlan, Sent] = Sending(
    called="people",
    table=GOAL_ROWS,
    total=lambda plan: plan.due.send.height + plan.due.withdraw.height,
    figures=_figures,
    look=_look,
    keep=keep_plan,
    as_committed=_as_committed,
    send=send_people,
    account=account,
)
