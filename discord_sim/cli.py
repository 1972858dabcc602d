"""The command line: list, run, replay, serve.

Exit codes: 0 all hold, 1 an expectation failed, 2 wrong usage, 3 a safety invariant broke, 4 the system did not come
to an end or become ready (liveness), 5 the same seed gave another trace.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

from discord_sim.report.text import result_lines, table
from discord_sim.serve import Plan, TlsMissing, serve
from discord_sim.trace import BadTrace, Divergence, read_trace
from scenarios import SCENARIOS, SUBJECTS, BadSubject, Result, Scenario, run_scenario

__all__ = ["main", "run_command"]

_OK, _USAGE, _DIVERGED = 0, 2, 5
_LIBRARIES = ("aiohttp", "msgspec", "picows")


class _Usage(Exception):
    """A user's mistake, in one line."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Usage(f"{message} (see {self.prog} --help)")


def main() -> NoReturn:
    """Entry point. Starts itself again with a fixed hash seed, so that third-party sets iterate alike each time."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        os.execve(sys.executable, [sys.executable, "-m", "discord_sim", *sys.argv[1:]], environment)
    try:
        code = run_command(sys.argv[1:])
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _OK
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        code = 130
    sys.exit(code)


def run_command(arguments: Sequence[str]) -> int:
    """Carry out one command line and return its exit code."""
    try:
        options = _parser().parse_args(arguments)
        return int(options.command(options))
    except (_Usage, BadSubject, BadTrace) as error:
        print(f"discord-sim: {error}", file=sys.stderr)
        return _USAGE
    except OSError as error:
        print(f"discord-sim: {error.filename or 'file'}: {error.strerror or error}", file=sys.stderr)
        return _USAGE


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="discord-sim", description="Run bots through scenarios against a fake Discord in virtual time."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)

    lister = commands.add_parser("list", help="scenarios and subjects")
    lister.set_defaults(command=_list)

    runner = commands.add_parser("run", help="run scenarios and print verdicts")
    runner.add_argument("names", nargs="*", metavar="NAME", help="scenarios; see `discord-sim list`")
    runner.add_argument("--all", action="store_true", help="every scenario")
    runner.add_argument("--seed", type=_seed, default=1, metavar="N", help="equal seeds give equal runs (default 1)")
    runner.add_argument(
        "--subject",
        action="append",
        metavar="S",
        help="framework (default), naive, or path/to/bot.py:factory; repeatable",
    )
    runner.add_argument("--json", metavar="F", help="write the results as JSON (- is standard output)")
    runner.add_argument("--trace", metavar="F", help="write what happened, for replay (one scenario, one subject)")
    runner.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="OPTION=VALUE",
        help="change a scenario's option; repeatable",
    )
    runner.set_defaults(command=_run)

    server = commands.add_parser("serve", help="the fake Discord on real sockets, for any client")
    server.add_argument("--host", default="127.0.0.1", metavar="H", help="address to bind (default 127.0.0.1)")
    server.add_argument("--port", type=_port, default=0, metavar="N", help="port; 0 (default) picks a free one")
    server.add_argument("--guilds", type=_seed, default=10, metavar="N", help="how many guilds there are (default 10)")
    server.add_argument("--seed", type=_seed, default=1, metavar="N", help="equal seeds give equal worlds (default 1)")
    server.add_argument("--apps", type=_count, default=1, metavar="N", help="how many applications, each with a bot")
    server.add_argument(
        "--token",
        action="append",
        default=[],
        metavar="T",
        help="an application's token; made up by default; repeatable",
    )
    server.add_argument("--tls", action="store_true", help="https and wss, with a generated authority")
    server.add_argument("--secret", metavar="S", help="opens the control API under /_sim/; made up by default")
    server.set_defaults(command=_serve)

    replayer = commands.add_parser("replay", help="run a trace again and compare every line")
    replayer.add_argument("trace", metavar="TRACE")
    replayer.set_defaults(command=_replay)
    return parser


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no seed or count; use a whole number >= 0")
    return int(text)


def _count(text: str) -> int:
    if _seed(text) == 0:
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return int(text)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; use 0 to 65535")
    return int(text)


def _serve(options: argparse.Namespace) -> int:
    for name, texts in (("--token", options.token), ("--secret", [] if options.secret is None else [options.secret])):
        if any(not text or not text.isascii() or any(c.isspace() for c in text) for text in texts):
            raise _Usage(f"{name} must not be empty, and hold ASCII without white space")
    if len(set(options.token)) < len(options.token):
        raise _Usage("--token was given twice with the same value: each application needs one of its own")
    plan = Plan(
        options.host, options.port, options.guilds, options.seed, options.apps, tuple(options.token), options.tls,
        options.secret,
    )  # fmt: skip
    try:
        serve(plan, sys.stdout)
    except TlsMissing as error:
        raise _Usage(str(error)) from None
    except OSError as error:
        raise _Usage(f"cannot listen on {options.host}:{options.port}: {error.strerror or error}") from None
    return _OK


def _list(_: argparse.Namespace) -> int:
    rows = [[name, kind.SUMMARY, _options_of(kind)] for name, kind in SCENARIOS.items()]
    print(table(["SCENARIO", "STORY", "OPTIONS (--set)"], rows))
    subjects = [*sorted(SUBJECTS), "path/to/bot.py:factory"]
    print(f"\nSubjects: {', '.join(subjects)}")
    print("Next: discord-sim run --all")
    return _OK


def _options_of(kind: type[Scenario]) -> str:
    return " ".join(f"{f.name}={f.default:g}" for f in _fields(kind))


def _fields(kind: type[Scenario]) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()


def _run(options: argparse.Namespace) -> int:
    names = list(SCENARIOS) if options.all else list(dict.fromkeys(options.names))
    subjects = list(dict.fromkeys(options.subject or ["framework"]))
    if not names:
        raise _Usage("name a scenario or use --all; there are " + ", ".join(SCENARIOS))
    if options.all and options.names:
        raise _Usage("use --all or names, not both")
    if options.trace and len(names) * len(subjects) != 1:
        raise _Usage(f"--trace holds one run; this would be {len(names) * len(subjects)}")
    planned = [(_make(name, options.set), subject) for name in names for subject in subjects]
    out = sys.stderr if options.json == "-" else sys.stdout
    results = []
    with _writable(options.json) as json_file, _writable(options.trace) as trace_file:
        for scenario, subject in planned:
            _progress(f"{scenario.NAME} · {subject} …")
            header = _header(scenario, subject, options.seed)
            binary = None if trace_file is None else trace_file.buffer
            result = run_scenario(scenario, subject, options.seed, header=header, file=binary)
            results.append(dataclasses.replace(result, stage=None))
            _progress("")
            print("\n".join(result_lines(results[-1])) + "\n", file=out)
        if json_file is not None:
            json.dump([r.to_json() for r in results], json_file, indent=2)
            json_file.write("\n")
    rows = [
        [
            r.name,
            r.subject,
            "pass" if r.held else "FAIL",
            f"{r.virtual_s:,.0f} s",
            f"{r.real_s:.1f} s",
            r.digest[:12],
        ]
        for r in results
    ]
    print(table(["SCENARIO", "SUBJECT", "VERDICT", "VIRTUAL", "REAL", "DIGEST"], rows), file=out)
    print(_next_step(results, options), file=out)
    return max((r.exit_code for r in results), default=_OK)


def _next_step(results: list[Result], options: argparse.Namespace) -> str:
    failed = [r for r in results if not r.held]
    if failed:
        first = failed[0]
        return f"\nRepeat: discord-sim run {first.name} --subject {first.subject} --seed {first.seed} --trace run.trace"
    if not options.subject:
        return "\nNext: discord-sim run mass_ban_flood --subject naive   (the bot that gets itself banned)"
    return "\nNext: the same with another --seed, or your own bot: --subject path/to/bot.py:factory"


def _make(name: str, changes: Sequence[str]) -> Scenario:
    kind = SCENARIOS.get(name)
    if kind is None:
        raise _Usage(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    defaults: dict[str, Any] = {f.name: f.default for f in _fields(kind)}
    values: dict[str, Any] = {}
    for change in changes:
        option, equals, text = change.partition("=")
        if not equals or option not in defaults:
            raise _Usage(f"--set {change}: {name} has the options {_options_of(kind)}")
        try:
            values[option] = type(defaults[option])(text)
        except ValueError:
            raise _Usage(f"--set {change}: {text!r} is no {type(defaults[option]).__name__}") from None
        if not values[option] > 0:
            raise _Usage(f"--set {change}: must be more than 0")
    return kind(**values)


def _header(scenario: Scenario, subject: str, seed: int) -> dict[str, Any]:
    versions = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    return {
        "scenario": scenario.NAME,
        "seed": seed,
        "subject": subject,
        "options": {f.name: getattr(scenario, f.name) for f in _fields(type(scenario))},
        "versions": {"python": platform.python_version(), **versions},
    }


def _replay(options: argparse.Namespace) -> int:
    header, lines = read_trace(Path(options.trace))
    try:
        kind = SCENARIOS[header["scenario"]]
        scenario, subject, seed = kind(**header["options"]), str(header["subject"]), int(header["seed"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadTrace(f"{options.trace}: its header does not describe a run of this version ({error})") from None
    now = _header(scenario, subject, seed)["versions"]
    if now != header.get("versions"):
        print(f"note: recorded with {header.get('versions')}, replayed with {now}", file=sys.stderr)
    _progress(f"{scenario.NAME} · {subject} · seed {seed} …")
    result = run_scenario(scenario, subject, seed, expect=lines)
    _progress("")
    divergence = None if result.stage is None else result.stage.discord.record.trace.divergence
    if divergence is None and result.digest == header["digest"]:
        print(f"same run: {header['lines']:,} lines, digest {result.digest}")
        return _OK
    _print_divergence(divergence, header["digest"], result.digest)
    return _DIVERGED


def _print_divergence(divergence: Divergence | None, recorded: str, replayed: str) -> None:
    if divergence is None:
        print(f"the lines agree but the digests do not: recorded {recorded}, replayed {replayed}")
        return
    print(f"first divergence at line {divergence.line} (after the header):")
    print(f"  recorded  {divergence.expected if divergence.expected is not None else '(the trace ends here)'}")
    print(f"  replayed  {divergence.got if divergence.got is not None else '(the run ends here)'}")


@contextlib.contextmanager
def _writable(path: str | None) -> Iterator[Any]:
    """Open before the run, so that a wrong path costs no time."""
    if path is None:
        yield None
    elif path == "-":
        yield sys.stdout
    else:
        file: IO[str]
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            yield file


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
