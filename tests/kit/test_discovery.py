"""What a connection finds: fields of everybody and of lists, identifiers, things to choose."""

from cdpkit.kit.discovery import Discovery, Item, VendorField

EVERYBODY = VendorField("name", "text")
OF_ONE, OF_TWO = VendorField("size", "text", lists=("1",)), VendorField("size", "number", lists=("2", "3"))
CARD = VendorField("Card (no.)", "text", lists=("2",), identifies=True)
FOUND = Discovery((EVERYBODY, OF_ONE, OF_TWO, CARD), {"lists": (Item("1", "One"),), "buckets": (Item("b", "B"),)})


def test_fields_belong_to_everybody_or_to_lists() -> None:
    """One name may be another field in another list; without lists all fields are meant."""
    assert FOUND.fields_of() == FOUND.fields
    assert FOUND.fields_of(("1",)) == (EVERYBODY, OF_ONE)
    assert FOUND.fields_of(("3", "9")) == (EVERYBODY, OF_TWO)
    assert (FOUND.field("size"), FOUND.field("size", ("2",))) == (OF_ONE, OF_TWO)
    assert (FOUND.field("Size"), FOUND.field("size", ("9",))) == (None, None)


def test_fields_may_identify_people() -> None:
    """Beside the identifiers that the vendor declares, each once."""
    assert FOUND.identifiers(("email",)) == ("email", "Card (no.)")
    assert FOUND.identifiers(("Card (no.)", "email")) == ("Card (no.)", "email")


def test_lists_are_one_kind_of_things() -> None:
    """A vendor need not have any."""
    assert FOUND.lists == (Item("1", "One"),)
    assert Discovery().lists == ()
