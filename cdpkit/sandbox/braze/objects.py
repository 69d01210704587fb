"""The objects of `/users/track`: whom one means, and what is wrong with it that the answer tells of."""

from collections.abc import Iterable, Mapping
from typing import Any

from cdpkit.sandbox.braze.account import Account, Identifier
from cdpkit.sandbox.braze.values import moment
from cdpkit.sandbox.world.people import possible_address, was_forgotten

ARRAYS = ("attributes", "events", "purchases")
NOBODY = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
_RESERVED = ("time", "event_name")
_LONGEST, _MOST_QUANTITY, _CURRENCY = 255, 100, 3


def identifier(given: Mapping[str, Any]) -> Identifier | None:
    """By what an object means its user; of several, in the order in which the vendor looks at them."""
    external = given.get("external_id")
    if isinstance(external, str | int) and not isinstance(external, bool) and str(external):
        return "external_id", str(external)
    alias = given.get("user_alias")
    if isinstance(alias, dict):
        label, name = alias.get("alias_label"), alias.get("alias_name")
        return ("alias", f"{label}\n{name}") if _named(label) and _named(name) else None
    for kind in ("braze_id", "email", "phone"):
        text = given.get(kind)
        if isinstance(text, str) and text.strip():
            return kind, text
    return None


def _named(text: object) -> bool:
    return isinstance(text, str) and bool(text)


def creates(given: Mapping[str, Any], who: Identifier) -> bool:
    """Whether an object makes a user who is not there: one known by an alias only where the flag is off expressly."""
    flag = given.get("_update_existing_only")
    if who[0] == "braze_id":
        return False
    return flag is False if who[0] == "alias" else flag is not True


def complaints(array: str, given: Any) -> Iterable[str]:
    """What is wrong with an object, in the vendor's words as far as they are known."""
    if not isinstance(given, dict):
        yield f"'{array}' must be an array of objects"
        return
    who = identifier(given)
    if who is None:
        yield NOBODY
    elif who[0] == "external_id" and given.get("user_alias") is not None:
        yield "only one of 'external_id' or 'user_alias' may be given"
    elif who[0] == "external_id" and was_forgotten(who[1]):
        yield "provided external_id is blacklisted and disallowed"
    email = given.get("email")
    if email is not None and not (isinstance(email, str) and possible_address(email.strip())):
        yield "The value provided for the 'email' field is not a valid email."
    if array == "events":
        yield from _event(given)
    elif array == "purchases":
        yield from _purchase(given)


def _event(given: Mapping[str, Any]) -> Iterable[str]:
    if not _named(given.get("name")):
        yield "'name' is required"
    if moment(given.get("time")) is None:
        yield "'time' is not valid"
    yield from _properties(given)


def _purchase(given: Mapping[str, Any]) -> Iterable[str]:
    product, currency, price = given.get("product_id"), given.get("currency"), given.get("price")
    if not isinstance(product, str) or not 0 < len(product) <= _LONGEST:
        yield "'product_id' is required"
    if not isinstance(currency, str) or len(currency) != _CURRENCY or not currency.isalpha():
        yield "'currency' is not valid"
    if not isinstance(price, int | float) or isinstance(price, bool):
        yield "'price' is not valid"
    quantity = given.get("quantity", 1)
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= _MOST_QUANTITY:
        yield "'quantity' is not valid"
    if moment(given.get("time")) is None:
        yield "'time' is not valid"
    yield from _properties(given)


def _properties(given: Mapping[str, Any]) -> Iterable[str]:
    properties = given.get("properties")
    if properties is None:
        return
    if not isinstance(properties, dict):
        yield "'properties' is not valid"
        return
    for name in properties:
        if name in _RESERVED or not 0 < len(name) <= _LONGEST or name.startswith("$"):
            yield "'properties' is not valid"
            return


def unknown(account: Account, given: Mapping[str, Any], known: Any) -> bool:
    """Whether an object updates somebody who is not there."""
    who = identifier(given)
    return who is not None and not creates(given, who) and account.find(who, known) is None
