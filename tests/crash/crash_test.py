"""Kills Bodega, cuts its power, fails its calls, fills its disk and damages its files while clients
of all three APIs write; starts it again and checks that every acknowledged write is there with the
right bytes, that none is half there, and that blob files and records agree.

    python tests/crash/crash_test.py [--scenario NAME ...] [--rounds N] [--seed N] [--first N]

Without --rounds each scenario runs in its short form. A round of a scenario depends on the seed and
its number alone, so that what failed can be run again with --first (as far as threads allow)."""

import argparse
import importlib
import os
import pathlib
import random
import signal
import sys
import tempfile
import time

SCENARIOS = {  # name -> the module that runs it
    "kill": "kills",
    "power": "power_cuts",
    "ext4": "ext4_cuts",
    "faults": "failing_calls",
    "torn": "torn_log",
    "damage": "damage",
    "full": "full_disk",
}

parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
parser.add_argument("--scenario", nargs="+", choices=list(SCENARIOS), default=list(SCENARIOS))
parser.add_argument("--rounds", type=int, help="default: each scenario's short form")
parser.add_argument("--seed", type=int, help="of the writers' choices and of the instants")
parser.add_argument("--first", type=int, default=1, help="number of the first round")
parser.add_argument("--binary", help="default: BODEGA_BINARY, else the release build")
parser.add_argument("--durability", default="process", choices=["process", "power"],
                    help="of the scenario kill; the others choose by themselves")
arguments = parser.parse_args()
if arguments.binary:
    os.environ["BODEGA_BINARY"] = str(pathlib.Path(arguments.binary).resolve())

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
from load import Tally  # noqa: E402
from shim import Unavailable  # noqa: E402


def run(name, seed):
    """The scenario's closing line, and whether it passed."""
    scenario = importlib.import_module(SCENARIOS[name])
    tally = Tally(name, seed)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bodega-crash-") as workshop:
        rounds = arguments.rounds or scenario.SHORT_ROUNDS
        print(" ".join(scenario.__doc__.split("\n\n")[0].split()), flush=True)
        try:
            scenario.run(tally, rounds, arguments.first, workshop, arguments.durability)
        except Unavailable as reason:
            return f"{name}: skipped, {reason}", True
    verdict = "FAILED" if tally.failures else "passed"
    return f"{tally.closing()}, {time.monotonic() - begun:.0f} s: {verdict}", not tally.failures


def main():
    # Servers are stopped and file systems unmounted also when somebody has had enough.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("crash test: stopped"))
    seed = arguments.seed
    if seed is None:
        seed = random.SystemRandom().randrange(1 << 20)
    print(f"crash test: --seed {seed}", flush=True)
    results = []
    for name in arguments.scenario:
        results.append(run(name, seed))
        print(f"crash test: {results[-1][0]}", flush=True)
    failed = [name for name, (_, passed) in zip(arguments.scenario, results) if not passed]
    if len(results) > 1:
        print("crash test, in all:")
        for line, _ in results:
            print(f"  {line}")
    if failed:
        print(f"crash test: failed with --seed {seed}: {', '.join(failed)}")
        sys.exit(1)
    print("crash test: passed")


if __name__ == "__main__":
    main()
