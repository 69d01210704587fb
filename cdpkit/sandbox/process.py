"""The sandbox as a process of its own, for notebooks, the demo and tests."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Any, Self

from cdpkit.errors import ConfigurationError

_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that runs in a process of its own; it ends with the block, with `stop`, or with this process.

    Attributes:
        addresses: Base address and credentials of each imitation, by vendor; what `cdpkit sandbox --json` prints.
    """

    addresses: dict[str, dict[str, str]]
    _process: "subprocess.Popen[bytes]" = field(repr=False)
    _errors: IO[bytes] = field(repr=False)

    def stop(self) -> None:
        """End it, and wait until it has ended; doing so again does nothing."""
        _end(self._process)
        self._errors.close()

    def errors(self) -> str:
        """What it has written to standard error so far."""
        return _text(self._errors)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def _text(errors: IO[bytes]) -> str:
    errors.seek(0)
    return errors.read().decode("utf-8", "replace").strip()


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _flags(options: dict[str, Any]) -> list[str]:
    """Options as the command line takes them."""
    flags: list[str] = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        flags += [flag] if value is True else [flag, str(value)]
    return flags


def start(
    *vendors: str,
    people: int = 1000,
    seed: int = 0,
    port: int | None = None,
    limits_factor: float = 1.0,
    latency: float = 0.0,
    visibility: float = 0.0,
    patience: float = 60.0,
    **settings: str | float | bool | None,
) -> Sandbox:
    """Start the sandbox as a process of its own, and wait until it can be called.

    Args:
        *vendors: Names of imitations; none for all that there are.
        people: How many invented people there are.
        seed: Which people they are.
        port: That of the first in the order of their names, the others follow; None for free ones.
        limits_factor: Multiplies all rates that are enforced.
        latency: Milliseconds by which each answer is delayed, as `cdpkit sandbox --latency` takes them.
        visibility: Milliseconds until what was written can be read back.
        patience: Seconds to wait for it at most.
        **settings: Settings of single imitations, such as `project_type`.

    Raises:
        ConfigurationError: It did not start; the message has what it said.
    """
    common = {"people": people, "seed": seed, "port": port, "limits_factor": limits_factor}
    times = {"latency": latency, "visibility": visibility}
    command = [sys.executable, "-m", "cdpkit.sandbox", *vendors, *_flags({**common, **times, **settings})]
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
    process = subprocess.Popen(  # noqa: S603 - this interpreter, and arguments that no shell sees
        [*command, "--json", "--until-input-ends"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
        start_new_session=True,
    )
    timer = threading.Timer(patience, process.kill)
    timer.start()
    line = process.stdout.readline() if process.stdout else b""
    timer.cancel()
    if not line:
        _end(process)
        said = _text(errors)
        errors.close()
        raise ConfigurationError(
            f"the sandbox did not start (status {process.returncode}): {said or 'it said nothing'}"
        )
    return Sandbox(json.loads(line), process, errors)
