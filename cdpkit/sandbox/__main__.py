"""`python -m cdpkit.sandbox`: serve imitations of vendors on loopback."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from cdpkit.errors import ConfigurationError
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.imitation import get, names
from cdpkit.sandbox.server import serve

_WRONG_USE = 2


def _parser() -> tuple[argparse.ArgumentParser, set[str]]:
    """The command line, and the names of the settings of single imitations."""
    parser = argparse.ArgumentParser(prog="python -m cdpkit.sandbox", description=__doc__)
    parser.add_argument("vendors", nargs="*", metavar="VENDOR", help=f"{', '.join(names())}; all when none is given")
    parser.add_argument(
        "--port", type=int, help="of the first vendor by name, the others follow; free ones if left out"
    )
    parser.add_argument("--people", type=int, default=1000, help="how many invented people (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="which people (%(default)s)")
    parser.add_argument("--limits-factor", type=float, default=1.0, help="multiplies the rates that are enforced")
    parser.add_argument("--latency", type=float, default=0.0, help="milliseconds by which each answer is delayed")
    parser.add_argument("--visibility", type=float, default=0.0, help="milliseconds until a write can be read back")
    parser.add_argument("--json", action="store_true", help="print the addresses as one JSON object")
    parser.add_argument("--until-input-ends", action="store_true", help="stop when standard input ends")
    settings: set[str] = set()
    for vendor in names():
        group = parser.add_argument_group(vendor)
        for field in fields(get(vendor).settings):
            if field.name in settings:
                continue
            settings.add(field.name)
            flag, shown = "--" + field.name.replace("_", "-"), field.metadata["help"]
            if field.default is False:
                group.add_argument(flag, action="store_true", help=shown)
            else:
                choices = field.metadata.get("choices")
                group.add_argument(flag, type=type(field.default), choices=choices, help=shown)
    return parser, settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; the status is 2 for wrong use."""
    parser, settings = _parser()
    given = vars(parser.parse_args(arguments))
    options = Options(
        people=given["people"],
        seed=given["seed"],
        limits_factor=given["limits_factor"],
        latency=given["latency"] / 1000,
        visibility=given["visibility"] / 1000,
    )
    chosen: dict[str, Any] = {
        name: given[name] for name in settings if given[name] is not None and given[name] is not False
    }
    try:
        serve(
            *given["vendors"],
            port=given["port"],
            options=options,
            as_json=given["json"],
            until_input_ends=given["until_input_ends"],
            **chosen,
        )
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return _WRONG_USE
    return 0


if __name__ == "__main__":
    sys.exit(main())
