"""The classes of Acxiom's documents, and the fields that are known of each; a contract decides which of them come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import Discovery, Item, Thing, VendorField

CLASSES: Mapping[str, str] = {
    "person": "people",
    "household": "households",
    "residency": "residencies",
    "place": "places",
    "entity": "entities",
}
"""The classes, and their words in requests; what forms call a business is an entity."""

BUNDLES = Thing("bundles", "bundle", "bundles")
SENSITIVE = Thing("sensitive", "kind of sensitive data", "kinds of sensitive data")

ALWAYS = ("id", "matchMetadata")
"""Asked for with every document: without them nobody knows whether it is a match, and how good."""
DEAD = ("basicDemographics", "insights", "marketingSuppression")
"""Asked for with every person: in them stands whether somebody has died."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "health": ("healthAndMedical", "insurance.medical", "interests.diet", "interests.health"),
    "gambling": ("gambling",),
    "finances": (
        "personicxFinancial",
        "creditAndBankCards",
        "investmentsAndAssets",
        "mortgagesAndLoans",
        "marketingSuppression",
        "householdDemographics.netWorth",
    ),
    "children": ("productPurchases.infant", "productPurchases.baby", "insights.children"),
}
"""Kinds of sensitive data, and where they stand: how fields begin behind their class; also inside of other bundles."""
OWN = "own"
"""The kind of the fields that `sensitive_fields` names."""

GROUPS = ("household.id", "place.householdId", "residency.householdId")
"""The fields that hold the id of a household: what is known of it stands in documents of other classes too."""

_CONTACT = ("firstName", "lastName", "primaryNumber", "street", "streetSuffix", "city", "state", "zipCode")
_META = ("matchMetadata.matchConfidence text", "matchMetadata.nameMatchIntegrity text")
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "person": (
        "id text",
        "householdId text",
        "abilitec.consumerLink text",
        "dob.birthDate text",
        *(f"postalContact[].{name} list" for name in _CONTACT),
        "phoneContact[].phone list",
        "emailContact[].email list",
        "basicDemographics.age number",
        "basicDemographics.gender text",
        "basicDemographics.maritalStatus text",
        "basicDemographics.homeOwner flag",
        "basicDemographics.lengthOfResidence number",
        "basicDemographics.ownerRenter text",
        "personicxLifestage.lifestageCluster text",
        "personicxLifestage.lifestageGroup text",
        "personicxFinancial.cluster text",
        "interests.cooking flag",
        "interests.dieting flag",
        "interests.sports list",
        "insurance.autoRenewalMonth text",
        "insurance.medicalInsurance flag",
        "spending.likelihood.likely list",
        "spending.likelihood.veryLikely list",
        "spending.yearly number",
        "healthAndMedical.allergies flag",
        "gambling.casino flag",
        *_META,
    ),
    "household": (
        "id text",
        "abilitec.householdLink text",
        "householdMembers.personIds list",
        "householdDemographics.adultCount number",
        "householdDemographics.childPresent flag",
        "householdDemographics.incomeMin number",
        "householdDemographics.incomeMax number",
        *_META,
    ),
    "residency": (
        "id text",
        "householdId text",
        "placeId text",
        "personIds list",
        "residencyDetails.lengthOfResidence number",
        "residencyDetails.ownerRenter text",
        *_META,
    ),
    "place": (
        "id text",
        "placeType text",
        "householdId text",
        "abilitec.addressLink text",
        *(f"postalAddress.{name} text" for name in ("primaryNumber", "street", "city", "state", "zipCode")),
        "property.dwellingType text",
        "property.yearBuilt number",
        *_META,
    ),
    "entity": (
        "id text",
        "personIds list",
        "placeId text",
        "abilitec.consumerLink text",
        "abilitec.addressLink text",
        *_META,
    ),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A field by its parts.

    Attributes:
        about: The class.
        rest: The bundle, or the id beside the bundles, and what is below it.
    """

    about: str
    rest: str

    @property
    def bundle(self) -> str:
        """What brings it."""
        return self.rest.split(".")[0].removesuffix("[]")


def named(field: str) -> Named | None:
    """A field by its parts; None where it begins with no class."""
    about, _, rest = field.partition(".")
    return Named(about, rest) if about in CLASSES and rest else None


def listed(text: str | None) -> tuple[str, ...]:
    """The words of a setting that holds several, by commas."""
    return tuple(word for part in (text or "").split(",") if (word := part.strip()))


def kind_of(rest: str, own: Iterable[str] = ()) -> str | None:
    """The kind of sensitive data that a field is, its class left out; None where it is none."""
    begins = {**KINDS, OWN: tuple(own)}
    plain = rest.replace("[]", "").lower()
    return next((kind for kind, starts in begins.items() for start in starts if _begins(plain, start.lower())), None)


def _begins(name: str, start: str) -> bool:
    """Whether a field stands there: a bundle is named whole, a field inside of one by how it begins."""
    return name.startswith(start) if "." in start else name.split(".", maxsplit=1)[0] == start


def discovered(settings: Settings) -> Discovery:
    """The fields that an account can have, as far as its settings say what it has licensed."""
    licensed, classes = listed(settings["licensed"]), listed(settings["documents"]) or tuple(CLASSES)
    free = {*ALWAYS, "householdId", "placeId", "personIds", "placeType"}
    more = [name for name in listed(settings["more_fields"]) if named(name)]
    fields = {f"{about}.{each.split()[0]}": each.split()[1] for about in classes for each in _FIELDS.get(about, ())}
    offered = [
        VendorField(name, word, several=word == "list")
        for name, word in {**fields, **dict.fromkeys(more, "text")}.items()
        if (parts := named(name)) and (not licensed or parts.bundle in {*licensed, *free} or name in more)
    ]
    bundles = dict.fromkeys(parts.bundle for field in offered if (parts := named(field.name)))
    kinds = (*KINDS, OWN) if listed(settings["sensitive_fields"]) else (*KINDS,)
    return Discovery(
        tuple(offered),
        {
            BUNDLES.name: tuple(Item(name, name) for name in bundles),
            SENSITIVE.name: tuple(Item(kind, kind) for kind in kinds),
        },
    )
