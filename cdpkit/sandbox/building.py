"""Putting an imitation to work."""

from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp

from cdpkit.sandbox.gate import Gate, Options
from cdpkit.sandbox.imitation import Imitation, settings_of
from cdpkit.sandbox.switches import switches


def build(imitation: Imitation, options: Options, given: Mapping[str, Any]) -> tuple[ASGIApp, Gate]:
    """An imitation at work: its application with the switches of the sandbox, and the gate that sees its calls."""
    parts = imitation.build(options, settings_of(imitation, given))
    gate = Gate(options, parts.manners)
    return gate.app(parts.endpoints, switches(imitation.name, gate, parts)), gate
