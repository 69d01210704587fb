"""Finding one profile: by its id, or by the value of an identifier, compared as rows are matched."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.core.goal import no_identifier
from cdpkit.core.keys import compared
from cdpkit.core.parse import parse
from cdpkit.core.properties import PROFILE_ID, Property
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.runs.home import Home

_LISTED = 10


def find_row(home: Home, profiles: pl.LazyFrame, profile_id: str | None, identifier: Mapping[str, object]) -> int:
    """The internal number of a profile.

    Args:
        home: The workspace.
        profiles: `row` and all properties of the catalogue.
        profile_id: Its public id; None where an identifier is given.
        identifier: The name of one property, and a value of it.

    Raises:
        UnknownNameError: No such property; names those that there are.
        ConfigurationError: There is no such profile, there are several, or it is not said which; no value is told.
    """
    given = dict(identifier) if profile_id is None else {PROFILE_ID.name: profile_id, **identifier}
    if len(given) != 1:
        raise ConfigurationError("a profile is named by its id or by one identifier, such as email='ann@example.com'")
    ((name, value),) = given.items()
    prop = _identifying(home, name)
    wanted = _compared_value(prop, value)
    found = profiles.filter(_is(prop, wanted)).select("row", PROFILE_ID.name).collect(engine="streaming")
    if found.is_empty():
        raise ConfigurationError(f"no profile has this value of {name!r}; look for it in ws.profiles")
    if found.height > 1:
        ids = ", ".join(found[PROFILE_ID.name].head(_LISTED))
        more = f" and {found.height - _LISTED:,} more" if found.height > _LISTED else ""
        raise ConfigurationError(
            f"{found.height:,} profiles have this value of {name!r}; name one by its id: {ids}{more}"
        )
    return int(found["row"][0])


def called(home: Home, profiles: pl.LazyFrame, text: str) -> pl.Series:
    """The ids of the profiles of which a text is the id, or a value of any identifier, compared as rows are matched.

    Args:
        home: The workspace.
        profiles: All properties of the catalogue.
        text: What they are called.
    """
    there, fits = profiles.collect_schema(), [pl.col(PROFILE_ID.name) == text]
    for name, prop in home.settings.read().catalogue().items():
        if prop.identifier and name in there and name != PROFILE_ID.name:
            try:
                fits.append(_is(prop, _compared_value(prop, text)))
            except ConfigurationError:  # it is no value of this one
                continue
    found = profiles.filter(pl.any_horizontal(fits)).select(PROFILE_ID.name)
    return found.collect(engine="streaming")[PROFILE_ID.name]


def _is(prop: Property, wanted: Any) -> pl.Expr:
    """Whether a profile has a value; an id is never stored but as it is compared, so that statistics of files help."""
    held = pl.col(prop.name) if prop.name == PROFILE_ID.name else compared(pl.col(prop.name), prop)
    return held.list.contains(wanted) if prop.multi else held == wanted


def _identifying(home: Home, name: str) -> Property:
    catalogue = home.settings.read().catalogue()
    if name not in catalogue:
        flagged = [each for each, prop in catalogue.items() if prop.identifier]
        raise UnknownNameError("identifying property", name, flagged, f"add it with ws.properties.add({name!r})")
    if not catalogue[name].identifier:
        raise ConfigurationError("", [no_identifier("", name, catalogue)])
    return catalogue[name]


def _compared_value(prop: Property, value: object) -> Any:
    """A value as it is compared, in the property's own type."""
    one = Property(prop.name, prop.type, identifier=True, choices=prop.choices)
    read = parse(pl.Series(prop.name, [value]), one).values
    found = pl.select(compared(pl.lit(read), one)).to_series()[0]
    if found is None:
        raise ConfigurationError(f"this is no value of {prop.name!r}, which is {prop.type}; give another one")
    return found
