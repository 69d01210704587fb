"""`python -m tests.vendors.large [VENDOR ...] [--people 50000]`: many people in and out, 2 % bad, with figures.

Each vendor is a process of its own, which keeps to the same limits as the connection. All that `test_large.py` asserts
at 500 people is asserted here too.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from cdpkit.sandbox.process import start
from tests.vendors.large.exchange import Exchange
from tests.vendors.large.side import names, side_of

FACTOR = 100.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.vendors.large", description=__doc__)
    parser.add_argument("vendors", nargs="*", metavar="VENDOR", help=f"{', '.join(names())}; all by default")
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--limits-factor", type=float, default=FACTOR)
    options = parser.parse_args()
    for vendor in options.vendors or names():
        common = {"people": options.people, "limits_factor": options.limits_factor}
        with tempfile.TemporaryDirectory() as folder, start(vendor, **common, **side_of(vendor).settings) as there:
            figures = Exchange(vendor, Path(folder), there.addresses, options.limits_factor).run(options.people)
        print(json.dumps(asdict(figures), indent=2), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
