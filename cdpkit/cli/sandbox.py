"""The command that serves imitations of vendors on this machine."""

from dataclasses import fields
from importlib.util import find_spec
from typing import Annotated, Any

import typer

from cdpkit.cli import names
from cdpkit.cli.base import command
from cdpkit.errors import ConfigurationError


def check_installed() -> None:
    """Look for the packages that the sandbox is built with.

    Raises:
        ConfigurationError: One is missing; says how to install it.
    """
    missing = [name for name in ("starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f'the sandbox needs {" and ".join(missing)}; install what it needs with: pip install "cdpkit[sandbox]"'
        )


@command()
def sandbox(
    ctx: typer.Context,
    vendors: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VENDOR", help="Whom to imitate; all, where none is named.", autocompletion=names.vendors
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Of the first by name, the others follow; free ones, where left out."),
    ] = None,
    people: Annotated[int, typer.Option(min=0, help="How many invented people there are.")] = 1000,
    seed: Annotated[int, typer.Option(help="Which people they are.")] = 0,
    limits_factor: Annotated[float, typer.Option(help="Multiplies the rates that are enforced.")] = 1.0,
    latency: Annotated[float, typer.Option(min=0, help="Milliseconds by which each answer is delayed.")] = 0.0,
    visibility: Annotated[float, typer.Option(min=0, help="Milliseconds until a write can be read back.")] = 0.0,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting of one imitation, such as project_type=hybrid."),
    ] = None,
) -> None:
    """Imitate vendors on this machine, until it is interrupted; nothing leaves the machine, and nobody in it exists."""
    check_installed()
    from cdpkit.sandbox.gate import Options
    from cdpkit.sandbox.server import serve

    if not limits_factor > 0:
        raise ConfigurationError("--limits-factor has to be above zero; 1 for the vendor's own limits")
    options = Options(people, seed, limits_factor, latency / 1000, visibility / 1000)
    serve(*(vendors or ()), port=port, options=options, as_json=bool(ctx.obj), **_settings(setting or []))


def _settings(given: list[str]) -> dict[str, Any]:
    """Settings of single imitations, each of the type that its default has; unknown ones are refused by the server."""
    from cdpkit.sandbox.imitation import get, names

    types = {field.name: type(field.default) for name in names() for field in fields(get(name).settings)}
    return {name: _value(name, text, types.get(name, str)) for name, _, text in (each.partition("=") for each in given)}


def _value(name: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text not in {"true", "false"}:
            raise ConfigurationError(f"--set {name}= takes true or false")
        return text == "true"
    try:
        return kind(text)
    except ValueError:
        raise ConfigurationError(f"--set {name}= takes a number, such as {name}=1") from None
