"""Values as people read them in a table: one line each, nothing hidden in it."""

from unicodedata import combining, east_asian_width

from cdpkit.show.bar import Bar


def cell(value: object) -> str:
    """A value: null is a dash, numbers have commas, several values stand behind each other."""
    if isinstance(value, Bar):
        value = value.n
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.2f}"
        case int():
            return f"{value:,}"
        case list() | tuple():
            return ", ".join(map(visible, map(str, value))) or "-"
        case _:
            return visible(str(value))


def is_number(value: object) -> bool:
    """Whether it is written to the right."""
    return isinstance(value, int | float | Bar) and not isinstance(value, bool)


def visible(text: str, keep: str = "") -> str:
    """The same text, with what cannot be seen written as Python writes it: a line break as backslash and n.

    Among it are characters that a terminal obeys, and those that change how others are read.

    Args:
        text: The text; parts of it may come from a vendor or a file.
        keep: Those that stay, such as line breaks.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in keep else repr(sign)[1:-1] for sign in text)


def cut(text: str, longest: int) -> str:
    """The beginning of a text that is too long."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def width(text: str) -> int:
    """How many places a text takes where each letter takes one: some take two, some none."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)
