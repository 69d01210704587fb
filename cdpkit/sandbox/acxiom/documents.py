"""The documents of Acxiom: what is told of a person, and of the home, household, residency, business and entity."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from cdpkit.sandbox.acxiom.people import Known

Document = dict[str, Any]

PLURALS: Mapping[str, str] = {
    "person": "people",
    "place": "places",
    "household": "households",
    "residency": "residencies",
    "business": "businesses",
    "entity": "entities",
}
"""The classes of documents, and their words in paths; the singular is taken too."""
CLASSES: Mapping[str, str] = {word: name for name, plural in PLURALS.items() for word in (name, plural)}

_STEPS = {
    1: ("name", "streetAddress", "zipCode"),
    2: ("name", "email"),
    3: ("name", "phone"),
    4: ("name", "email"),
    5: ("name", "phone"),
    6: ("email",),
    7: ("phone",),
    8: ("name", "zipCode"),
}
STRICT = (1, 2, 3)
_UNUSUAL = {"no_confidence": None, "confidence_10": "10", "confidence_x": "x"}


def id_of(kind: str, known: Known) -> str:
    """The id of a document."""
    return "7f7f7f7f00" + sha256(f"{kind} {known.id}".encode()).hexdigest()[:32]


def derived(query: str) -> Document:
    """What is worked out from a question where nobody is found: an id that is kept nowhere."""
    return {"id": "7f7f7fZZ00" + sha256(query.encode()).hexdigest()[:32]}


def portrait() -> Document:
    """What statistics make up where nobody is found."""
    return {"basicDemographics": {"age": 45, "ownerRenter": "Owner"}, "interests": {"cooking": True}}


def document(kind: str, known: Known, step: int) -> Document:
    """A document of some class."""
    bundles: Document = {} if known.oddity == "bare" else _MADE[kind](known)
    confidence = _UNUSUAL.get(known.oddity, str(step))
    meta: Document = {"matchComponents": list(_STEPS[step]), "distinctMatch": known.oddity != "several"}
    if confidence is not None:
        meta["matchConfidence"] = confidence
    return {"id": id_of(kind, known), **bundles, "matchMetadata": meta | {"nameMatchIntegrity": "complete"}}


def _person(known: Known) -> Document:
    basics = {"age": 20 + known.id % 60, "gender": ("Female", "Male")[known.id % 2], "maritalStatus": "Married"}
    if known.id % 3 == 0:
        basics["homeOwner"] = True  # only what is true is told
    if known.oddity == "deceased":
        basics["deceased"] = True
    born = (known.born or "1950-00-00").replace("-", "")
    born = "19500000" if known.oddity == "zero_date" else born
    street, suffix = known.street
    insights = {"lifeStage": {"isInferredDeceased": True}} if known.oddity == "inferred_deceased" else {}
    return {
        "householdId": id_of("household", known),
        "abilitec": {"consumerLink": f"00T1US02{known.id:08d}"},
        "dob": {"birthDate": born},
        "postalContact": [
            {
                "firstName": known.first,
                "lastName": known.last,
                "primaryNumber": known.number,
                "street": street,
                "streetSuffix": suffix,
                "city": known.city[0],
                "state": known.city[1],
                "zipCode": known.zip,
            }
        ],
        "phoneContact": [{"firstName": known.first, "lastName": known.last, "phone": known.phone}],
        "emailContact": [{"firstName": known.first, "lastName": known.last, "email": known.email.upper()}],
        "basicDemographics": basics | {"lengthOfResidence": 1 + known.id % 12},
        "personicxLifestage": {"lifestageCluster": f"{known.id % 70:02d}", "lifestageGroup": "12B"},
        "interests": {"cooking": True, "sports": ["golf", "tennis"], "dieting": True},
        "insurance": {"autoRenewalMonth": "03", "medicalInsurance": True},
        "healthAndMedical": {"allergies": True},
        "gambling": {"casino": True},
        "spending": {"likelihood": {"likely": ["books"], "veryLikely": ["shoes"]}, "yearly": 1000 + known.id},
        **({"insights": insights} if insights else {}),
    }


def _household(known: Known) -> Document:
    return {
        "abilitec": {"householdLink": f"00T1US08{known.id:08d}"},
        "householdMembers": {"personIds": [id_of("person", known)]},
        "householdDemographics": {
            "adultCount": 1 + known.id % 4,
            "childPresent": True,
            "incomeMin": 25_000 * (1 + known.id % 5),
            "incomeMax": 25_000 * (2 + known.id % 5) - 1,
        },
    }


def _place(known: Known) -> Document:
    street, suffix = known.street
    return {
        "placeType": "postal",
        "householdId": id_of("household", known),
        "abilitec": {"addressLink": f"00T1US03{known.id:08d}"},
        "postalAddress": {
            "primaryNumber": known.number,
            "street": f"{street} {suffix}",
            "city": known.city[0],
            "state": known.city[1],
            "zipCode": known.zip,
        },
        "property": {"dwellingType": "Single family", "yearBuilt": 1900 + known.id % 120},
    }


def _residency(known: Known) -> Document:
    return {
        "householdId": id_of("household", known),
        "placeId": id_of("place", known),
        "personIds": [id_of("person", known)],
        "residencyDetails": {"lengthOfResidence": 1 + known.id % 12, "ownerRenter": ("Owner", "Renter")[known.id % 2]},
    }


def _business(known: Known) -> Document:
    return {
        "businessName": f"{known.last} BAKERY",
        "placeIds": [id_of("place", known)],
        "firmographics": {"sic": f"{5000 + known.id % 900}", "employeesMin": 1, "employeesMax": 4},
    }


def _entity(known: Known) -> Document:
    return {
        "personIds": [id_of("person", known)],
        "placeId": id_of("place", known),
        "abilitec": {"consumerLink": f"00T1US02{known.id:08d}"},
    }


_MADE: Mapping[str, Callable[[Known], Document]] = {
    "person": _person,
    "household": _household,
    "place": _place,
    "residency": _residency,
    "business": _business,
    "entity": _entity,
}
