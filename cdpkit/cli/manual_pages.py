"""The manual: pages in `cdpkit/manual`, and one in the folder of each vendor."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

from cdpkit import vendors
from cdpkit.cli.gallery import options
from cdpkit.errors import UnknownNameError
from cdpkit.kit.declare import Setting
from cdpkit.kit.vendor import Vendor

_PLACES = {"import": "source", "export": "target"}


def pages() -> dict[str, str]:
    """The text of each page by its topic; of a vendor, its name."""
    found = {file.name: file for file in files("cdpkit").joinpath("manual").iterdir() if file.name.endswith(".md")}
    own = {name: files("cdpkit.vendors").joinpath(name, "manual.md") for name in vendors.names()}
    named: Mapping[str, Traversable] = {name.removesuffix(".md"): found[name] for name in sorted(found)}
    return {name: file.read_text(encoding="utf-8") for name, file in {**named, **own}.items() if file.is_file()}


def title(text: str) -> str:
    """What a page is about: its headline without the topic in front."""
    headline = text.partition("\n")[0].removeprefix("# ")
    return headline.partition(": ")[2] or headline


def page(topic: str) -> str:
    """A page; that of a vendor has the tables that are made from its declarations at its end.

    Raises:
        UnknownNameError: There is none of this topic; names the nearest ones, and all.
    """
    known, name = pages(), topic.strip().lower().removesuffix(".md")
    if name not in known:
        about = [each for each, text in known.items() if name in text.partition("\n")[0].lower()]
        fix = f"see {', '.join(about)}, which has this word in its headline" if about else ""
        raise UnknownNameError("topic", topic, known, fix)
    tables = vendor_tables(vendors.get(name)) if name in vendors.names() else ()
    return "\n".join([known[name].rstrip("\n"), *tables])


def vendor_tables(vendor: Vendor) -> Iterator[str]:
    """The settings of a vendor, and the options of its goals, as Markdown."""
    yield from ("", "## Settings, below `[settings]`", "", *_table("setting", vendor.settings))
    for way, declared in options(vendor).items():
        yield from ("", f"## Options of an {way}, in `{_PLACES[way]}`", "", *_table("option", declared))


def _table(what: str, declared: Sequence[Setting]) -> Iterator[str]:
    yield from (f"| {what} | what it is | what it may be | where it is left out |", "|---|---|---|---|")
    for each in declared:
        yield f"| `{each.name}` | {each.help} | {each.kind.expected} | {_default(each)} |"


def _default(declared: Setting) -> str:
    if declared.required:
        return "it has to be given"
    match declared.default:
        case None | () | "":
            return "none"
        case bool() as flag:
            return "`true`" if flag else "`false`"
        case default:
            return f"`{default}`"
