"""The long form of the fuzz tests: `python -m tests.fuzz --seconds 600 --seed 1`."""

import argparse
import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

EFFORT = 5


def main():
    """Round after round with other seeds until the time is over or something fails; says how to repeat that."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="no round begins later than this (default 600)")
    parser.add_argument("--seed", type=int, default=2, help="of the first round (default 2; the suite has 1)")
    options = parser.parse_args()
    end = time.monotonic() + options.seconds
    for seed in itertools.count(options.seed):
        began = time.monotonic()
        environment = {**os.environ, "FUZZ_SEED": str(seed), "FUZZ_EFFORT": str(EFFORT)}
        command = [sys.executable, "-m", "pytest", "-q", "-x", str(Path(__file__).parent)]
        done = subprocess.run(command, env=environment, cwd=Path(__file__).parents[2], capture_output=True, text=True)
        print(f"seed {seed}: {'passed' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s")
        if done.returncode != 0:
            print(done.stdout, done.stderr, sep="\n")
            print(f"Repeat: python -m tests.fuzz --seconds 0 --seed {seed}")
            sys.exit(1)
        if time.monotonic() >= end:
            return


if __name__ == "__main__":
    main()
