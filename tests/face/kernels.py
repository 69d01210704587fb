"""The story under several versions of ipykernel, whose threads differ: `python -m tests.face.kernels [VERSION ...]`.

Each version is installed into a folder of its own, which stands before all else that Python looks in; the rest is what
is installed here. Prints how each ended, and ends with the number of those in which something failed.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.face.programs import ROOT

VERSIONS = ("6.29.5", "7.1.0", "newest")
TESTS = ("tests/face/test_story.py",)
_SECONDS = 900


def installed(version: str, folder: Path) -> dict[str, str]:
    """An environment in which this version is the one that is found."""
    wanted = "ipykernel" if version == "newest" else f"ipykernel=={version}"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), wanted]
    subprocess.run(command, check=True, timeout=_SECONDS)
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT)))}


def found(environment: dict[str, str]) -> str:
    """The version that a kernel has in an environment."""
    asked = [sys.executable, "-c", "import ipykernel; print(ipykernel.__version__)"]
    told = subprocess.run(asked, env=environment, check=True, capture_output=True, text=True, timeout=60)
    return told.stdout.strip()


def passed(environment: dict[str, str], folder: Path) -> bool:
    """Run the story; what does not end is ended, with all that it has started."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", *TESTS]
    running = subprocess.Popen(command, cwd=ROOT, env=environment | {"TMPDIR": str(folder)}, start_new_session=True)
    try:
        return running.wait(_SECONDS) == 0
    except BaseException:
        os.killpg(running.pid, signal.SIGTERM)
        raise


def main() -> None:
    """Try each version that was given, or all of them."""
    failed = 0
    for version in sys.argv[1:] or VERSIONS:
        with tempfile.TemporaryDirectory() as folder:
            at = Path(folder)
            (at / "tmp").mkdir()
            environment, began = installed(version, at / "site"), time.monotonic()
            well = passed(environment, at / "tmp")
            print(f"ipykernel {found(environment)}: {'passed' if well else 'failed'}, {time.monotonic() - began:.0f} s")
            failed += not well
    sys.exit(failed)


if __name__ == "__main__":
    main()
