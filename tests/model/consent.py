"""Who consented (semantics 7)."""

from collections.abc import Mapping

from cdpkit.core.properties import Property
from tests.model import rules
from tests.model.runs import Load
from tests.model.values import stored, strip

NAMES = ("consented_objectives", "refused_objectives")


def consents(profile: Mapping[str, object], load: Load) -> bool:
    """Whether a profile consented to one of the load's objectives and has not refused the same one."""
    consented, refused = ({strip(str(name)) for name in stored(profile[what])} for what in NAMES)
    return not load.objectives or any(name in consented and name not in refused for name in load.objectives)


def carried(row: Mapping[str, object], load: Load, properties: Mapping[str, Property]) -> dict[str, object]:
    """What a row would store as the consent of a profile that it creates."""
    found: dict[str, object] = dict.fromkeys(NAMES)
    for mapping in load.mappings:
        if mapping["to"] in NAMES:
            accepted = rules.given(row.get(mapping["from"]), properties[mapping["to"]], mapping["rule"]).accepted
            found[mapping["to"]] = accepted or None
    return found
