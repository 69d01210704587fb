"""Which vendors there are."""

from dataclasses import replace
from pathlib import Path

import pytest

from cdpkit import vendors
from cdpkit.errors import ConfigurationError, UnknownNameError
from tests.vendors.installed import install


def test_each_folder_with_a_vendor_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beside them is none, and neither is what a removed folder left behind."""
    for name in ("zeta", "acme"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    (tmp_path / "shared.py").touch()
    (tmp_path / "gone" / "__pycache__").mkdir(parents=True)
    monkeypatch.setattr(vendors, "__path__", [str(tmp_path)])
    assert {"acme", "zeta"} <= set(vendors.names())
    assert not {"shared", "gone"} & set(vendors.names())


def test_a_vendor_that_is_not_there_is_named_with_those_that_are() -> None:
    """Nothing is imported for that."""
    with pytest.raises(UnknownNameError, match=r"no vendor 'acme'; there are: .*iterable"):
        vendors.get("acme")


@pytest.mark.parametrize(
    "value", ["no_such_package.crm:VENDOR", "os:VENDOR", "os:sep", "cdpkit.vendors.iterable:VENDOR"]
)
def test_what_another_package_does_not_hold_is_no_vendor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """Its entry point leads nowhere, to something else, or to a vendor of another name; the others work as ever."""
    install(monkeypatch, tmp_path / "packages", crm=value)
    with pytest.raises(ConfigurationError, match=rf"{value}.*package|vendor 'crm'"):
        vendors.get("crm")
    assert vendors.get("iterable").name == "iterable"


def test_a_vendor_is_registered_for_as_long_as_the_process_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands among the others, and in place of one that is installed; never in place of one of cdpkit's own."""
    monkeypatch.setattr(vendors, "_registered", {})
    install(monkeypatch, tmp_path / "packages", crm="no_such_package.crm:VENDOR")
    iterable = vendors.get("iterable")
    crm = replace(iterable, name="crm")
    vendors.register(crm)
    assert vendors.get("crm") is crm
    assert vendors.names().count("crm") == 1
    for wrong, said in ((iterable, "there is a vendor 'iterable' in cdpkit"), ("crm", "this is a str")):
        with pytest.raises(ConfigurationError, match=said):
            vendors.register(wrong)  # type: ignore[arg-type]
