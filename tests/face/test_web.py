"""What the browser is sent: one module a view, that is whole, and that never makes HTML of a text."""

import re
from pathlib import Path

import pytest

from cdpkit.face import views
from cdpkit.face.web import module, style

WEB = Path(views.__file__).parents[1] / "web"
SCRIPTS = sorted(WEB.glob("*.js"))
_STYLED = re.compile(r"\.(cdp-[\w-]+)")


@pytest.mark.parametrize("name", views.names())
def test_the_module_of_a_view_is_whole(name: str) -> None:
    """Nothing is imported from elsewhere, each part is there once, and it has no comments."""
    text = module(views.get(name).web)
    assert "import " not in text
    assert text.count("export ") == text.count("export default ") == 1
    parts = re.findall(r"^const (of_\w+) =", text, re.MULTILINE)
    assert len(parts) == len(set(parts))
    assert not re.search(r"^\s*//", text, re.MULTILINE)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_text_is_only_ever_text(path: Path) -> None:
    """Whatever makes HTML or code of a text is not used, and nothing is fetched."""
    text = path.read_text("utf-8")
    of_html = "innerHTML outerHTML insertAdjacentHTML document.write createContextualFragment srcdoc"
    of_code = "eval( Function( fetch( XMLHttp import("
    assert [name for name in [*of_html.split(), *of_code.split()] if name in text] == []
    assert [line for line in text.splitlines() if line.count("`") % 2] == []


@pytest.mark.parametrize("name", views.names())
def test_nothing_is_loaded_from_elsewhere(name: str) -> None:
    """Styles have no address in them, and no comment."""
    assert not re.search(r"url\(|@import|https?:|/\*", style(views.get(name).web))


@pytest.mark.parametrize("name", views.names())
def test_the_styles_of_a_view_are_its_own(name: str) -> None:
    """Other views of a notebook look as they do without it: each selector begins with the node of this one."""
    web = views.get(name).web
    rules = re.sub(r"@container[^{]*\{((?:[^{}]*\{[^{}]*\})*)\}", r"\1", style(web))
    selectors = re.sub(r"\([^()]*\)", "()", ",".join(re.findall(r"([^{}]+)\{", rules))).split(",")
    assert len(selectors) > 50
    assert [each for each in selectors if f".cdp.cdp-in-{web}" not in each] == []
    assert f'"cdp cdp-in-{web}"' in module(web)


@pytest.mark.parametrize("name", views.names())
def test_a_view_brings_the_styles_of_all_that_it_draws(name: str) -> None:
    """Also where it stands alone; of the parts that other views share."""
    styled = set(_STYLED.findall("".join(path.read_text("utf-8") for path in WEB.glob("*.css"))))
    drawn = set(re.findall(r"\bcdp-[\w-]+", module(views.get(name).web)))
    assert (drawn & styled) - set(_STYLED.findall(style(views.get(name).web))) == set()
