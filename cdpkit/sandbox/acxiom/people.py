"""Whom Acxiom knows: the people of the shared world with an American address, and some who are told of oddly."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from cdpkit.sandbox.world.people import ids_of
from cdpkit.sandbox.world.population import Population

ROUND = 40
ODD: Mapping[int, str] = {
    3: "opted_out",
    5: "deceased",
    7: "moved",
    9: "bare",
    11: "several",
    13: "unknown",
    15: "zero_date",
    17: "no_confidence",
    19: "confidence_10",
    21: "confidence_x",
    25: "inferred_deceased",
    27: "group_of_one",
    29: "busy_once",
}
"""Of each forty people those who are told of in a way of their own, by their place among the forty.

`moved`: found by name and zip alone. `bare`: without bundles. `several`: two candidates. `unknown`: nobody is found.
`busy_once`: the first request meets a fault of the vendor's.
"""
PLAIN = "plain"

_FIRST_ZIP, _ZIPS = 1000, 90_000
_PLACES = (("ALMA", "WI"), ("BOISE", "ID"), ("CHICO", "CA"), ("DOVER", "DE"), ("ELKO", "NV"))
_STREETS = (("ELM", "ST"), ("OAK", "AVE"), ("MAIN", "ST"), ("LAKE", "RD"))
_AREA = "608"
_MOVED = 500


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody at Acxiom.

    Attributes:
        id: In the world.
        first: First name, in capitals.
        last: Last name.
        email: The address.
        born: The date of birth, `YYYY-MM-DD`; None where it is not known.
    """

    id: int
    first: str
    last: str
    email: str
    born: str | None

    @property
    def oddity(self) -> str:
        """A word of `ODD`, or `plain`."""
        return ODD.get(self.id % ROUND, PLAIN)

    @property
    def number(self) -> str:
        """Of the house."""
        return str(self.id // _ZIPS + 1)

    @property
    def street(self) -> tuple[str, str]:
        """Name and suffix of the street."""
        return _STREETS[self.id % len(_STREETS)]

    @property
    def city(self) -> tuple[str, str]:
        """City and state."""
        return _PLACES[self.id % len(_PLACES)]

    @property
    def zip(self) -> str:
        """Five digits."""
        return f"{_FIRST_ZIP + self.id % _ZIPS:05d}"

    @property
    def phone(self) -> str:
        """Ten digits."""
        return f"{_AREA}{self.id:07d}"

    def told(self) -> dict[str, Any]:
        """What a customer of Acxiom knows of them."""
        moved = self.oddity == "moved"
        number = str(int(self.number) + _MOVED) if moved else self.number
        return {
            "id": self.id,
            "oddity": self.oddity,
            "firstName": self.first,
            "lastName": self.last,
            "streetAddress": f"{number} {' '.join(self.street)}",
            "city": self.city[0],
            "state": self.city[1],
            "zipCode": self.zip,
            **({} if moved else {"email": self.email, "phone": self.phone}),
        }


class People:
    """Who is known, found by computing."""

    def __init__(self, population: Population) -> None:
        self.population = population

    def of(self, ids: Iterable[int]) -> dict[int, Known]:
        """The people of these ids."""
        wanted = pl.Series(sorted({*ids}), dtype=pl.Int64)
        frame = self.population.frame(wanted, {"email", "firstName", "lastName", "birthDate"})
        rows = frame.select("id", "firstName", "lastName", "email", "birthDate").iter_rows()
        return {
            number: Known(number, _plain(first, "KIM"), _plain(last, "DOE"), email, born)
            for number, first, last, email, born in rows
        }

    def by_email(self, addresses: Iterable[str]) -> dict[str, int]:
        """Ids by address."""
        return ids_of("email", addresses, self.population.count, self.population.seed)

    def by_phone(self, phone: str) -> int | None:
        """The id behind a phone."""
        return self._there(int(phone.removeprefix(_AREA))) if phone.startswith(_AREA) else None

    def by_zip(self, zip_code: str) -> list[int]:
        """The ids that live there."""
        first = int(zip_code[:5]) - _FIRST_ZIP
        return list(range(first, self.population.count, _ZIPS)) if first >= 0 else []

    def _there(self, number: int) -> int | None:
        return number if number < self.population.count else None


def _plain(text: str | None, otherwise: str) -> str:
    return " ".join((text or otherwise).split()).upper()
