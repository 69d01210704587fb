"""How a project identifies its users, which no call tells: its fields give it away."""

from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import Discovery
from cdpkit.problem import Problem

EMAIL, USERID, HYBRID = "email", "userid", "hybrid"
EITHER = f"{USERID} or {HYBRID}"
"""A project that is not based on e-mail addresses alone; more its fields do not tell."""

IDENTIFIERS = ("email", "userId")
ITS_OWN_ID = "itblUserId"
"""The vendor's own id of a user, in projects where an address may be shared or missing."""

_SIGNS = ("userListIds", ITS_OWN_ID)
"""Fields that projects based on e-mail addresses have not (answers of such projects, and Estuary's connector)."""


def project_type(settings: Settings, discovery: Discovery) -> str:
    """`EMAIL`, `USERID` or `HYBRID` where the setting says so; else `EMAIL` or `EITHER`, by the project's fields."""
    return str(settings["project_type"] or (EITHER if _signs(discovery) else EMAIL))


def contradictions(settings: Settings, discovery: Discovery) -> list[Problem]:
    """Whether the setting says what cannot be: people who share an address would be taken for one."""
    signs = _signs(discovery)
    if settings["project_type"] != EMAIL or not signs:
        return []
    what = f"it is {EMAIL!r}, but the project has {' and '.join(signs)}, which projects based on e-mail have not"
    return [Problem("settings.project_type", what, f"leave it out, or make it {USERID!r} or {HYBRID!r}")]


def _signs(discovery: Discovery) -> list[str]:
    return [name for name in _SIGNS if discovery.field(name) is not None]
