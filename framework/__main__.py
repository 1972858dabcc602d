"""`python -m framework COMMAND`: the processes a large bot is made of. Exit codes: 0 ended as asked, 2 wrong usage."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from framework.errors import InvalidUse
from framework.rest.proxy import command as rest

_COMMANDS = (rest.add_to,)


def run_command(arguments: Sequence[str]) -> int:
    """Carry out one command line and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m framework", description="The processes a large bot is made of.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add_to in _COMMANDS:
        add_to(commands)
    options = parser.parse_args(arguments)
    try:
        return int(options.command(options))
    except InvalidUse as error:
        print(f"framework: {error}", file=sys.stderr)
    except OSError as error:
        print(f"framework: {error.filename or options.command.__module__}: {error.strerror or error}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(run_command(sys.argv[1:]))
