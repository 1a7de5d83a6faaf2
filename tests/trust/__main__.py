"""Tries every promise and prints the table: `python -m tests.trust [--full] [NAME …]`."""

import argparse
import asyncio
import signal
import sys
import time
import traceback

from tests.trust.experiments import EXPERIMENTS
from tests.trust.finding import HEAD, Experiment, Finding, NotTried, Size

EXIT_BROKEN_OFF = 130


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.trust",
        description="Tries to break what the server promises, and prints what came of it: one row a fault. "
        "Exit status 1 if a promise was broken.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these of {', '.join(EXPERIMENTS)}")
    parser.add_argument("--full", action="store_true", help="as much as the README's table; by default what CI runs")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(EXPERIMENTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}: choose from {', '.join(EXPERIMENTS)}")
    return chosen


async def findings(name: str, experiment: Experiment, size: Size) -> list[Finding]:
    began_s = time.monotonic()
    print(f"{name} …", end=" ", file=sys.stderr, flush=True)
    found: list[Finding] = []
    try:
        async for finding in experiment(size):
            found.append(finding)       # noqa: PERF401 - what was found before it broke off counts
    except NotTried as missing:
        found.append(Finding(name, "", f"not tried: {missing}", is_kept=True))
    except Exception as error:  # noqa: BLE001 - the table has a row for it
        traceback.print_exc()
        found.append(Finding(name, "", f"broke off: {error!r}", is_kept=False))
    print(f"{time.monotonic() - began_s:.0f} s", file=sys.stderr, flush=True)
    for finding in found:
        print(finding.row, file=sys.stderr, flush=True)
    return found


def main() -> int:
    chosen = arguments()
    signal.signal(signal.SIGINT, signal.default_int_handler)        # also as a shell's background job
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))    # which asyncio takes for a wish
    found: list[Finding] = []
    is_broken_off = False
    try:
        for name in chosen.names or EXPERIMENTS:
            found += asyncio.run(findings(name, EXPERIMENTS[name], Size(chosen.full)))
    except KeyboardInterrupt:       # every process that was started has been ended
        is_broken_off = True
    print(HEAD, *(finding.row for finding in found), sep="\n")
    if is_broken_off:
        return EXIT_BROKEN_OFF
    return 0 if all(finding.is_kept for finding in found) else 1


if __name__ == "__main__":
    sys.exit(main())
