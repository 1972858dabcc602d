"""The command line: what it prints, writes and returns."""

import json
import os
import subprocess
import sys

import pytest

from discord_sim.cli import run_command

SMALL = ["--set", "guilds=40", "--set", "between_s=5"]
RUN = ["run", "resharding", *SMALL]


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    path = tmp_path_factory.mktemp("trace") / "run.trace"
    assert run_command([*RUN, "--seed", "3", "--trace", str(path)]) == 0
    return path


def test_list_names_scenarios_options_and_subjects(capsys):
    assert run_command(["list"]) == 0
    out = capsys.readouterr().out
    for word in ("mass_ban_flood", "resharding", "lazy_cache_eviction", "framework", "naive", "guilds=5000"):
        assert word in out


def test_run_ends_in_a_table_and_says_what_next(capsys):
    assert run_command(RUN) == 0
    lines = capsys.readouterr().out.splitlines()
    header = next(n for n, line in enumerate(lines) if line.startswith("SCENARIO"))
    assert lines[header + 1].split()[:3] == ["resharding", "framework", "pass"]
    assert lines[-1].startswith("Next: ")


def test_a_failed_expectation_is_exit_1_with_the_command_to_repeat(capsys):
    assert run_command([*RUN, "--subject", "naive"]) == 1
    out = capsys.readouterr().out
    assert "✗" in out
    assert "Repeat: discord-sim run resharding --subject naive --seed 1" in out


def test_json_holds_one_object_per_run(tmp_path, capsys):
    path = tmp_path / "out.json"
    assert run_command([*RUN, "--subject", "framework", "--subject", "naive", "--seed", "5", "--json", str(path)]) == 1
    runs = json.loads(path.read_text())
    assert [(r["name"], r["subject"], r["seed"], r["verdict"]) for r in runs] == [
        ("resharding", "framework", 5, "pass"),
        ("resharding", "naive", 5, "fail"),
    ]
    run = runs[0]
    assert set(run) == {
        "name", "seed", "subject", "digest", "verdict", "expectations", "virtual_s", "real_s", "counts"
    }  # fmt: skip
    assert len(run["digest"]) == 64
    assert all(set(e) == {"name", "held", "figure"} for e in run["expectations"])
    assert set(run["counts"]["responses_429"]) == {"user", "global", "shared", "cloudflare"}
    for key in ("identifies", "requests", "invalid_requests", "cloudflare_bans", "dispatched", "handled"):
        assert isinstance(run["counts"][key], int)


def test_json_to_standard_output_is_only_json(capsys):
    assert run_command([*RUN, "--json", "-"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)[0]["name"] == "resharding"
    assert "SCENARIO" in captured.err


def test_a_replay_is_the_same_run(traced, capsys):
    assert run_command(["replay", str(traced)]) == 0
    assert "same run" in capsys.readouterr().out


def test_a_changed_seed_is_found_at_its_first_divergence(traced, tmp_path, capsys):
    changed = tmp_path / "changed.trace"
    changed.write_bytes(traced.read_bytes().replace(b'"seed":3', b'"seed":4', 1))
    assert run_command(["replay", str(changed)]) == 5
    out = capsys.readouterr().out
    assert "first divergence at line" in out
    assert "recorded" in out
    assert "replayed" in out


def test_a_changed_line_is_found_at_its_place(traced, tmp_path, capsys):
    lines = traced.read_bytes().split(b"\n")
    lines[20] = lines[20].replace(b"[", b"[9", 1)
    changed = tmp_path / "changed.trace"
    changed.write_bytes(b"\n".join(lines))
    assert run_command(["replay", str(changed)]) == 5
    assert "first divergence at line 20 " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "COMMAND"),
        (["frobnicate"], "invalid choice"),
        (["run"], "name a scenario or use --all"),
        (["run", "nope"], "no scenario 'nope'"),
        (["run", "resharding", "--all"], "not both"),
        (["run", "resharding", "--seed", "x"], "'x' is no seed"),
        (["run", "resharding", "--seed", "-1"], "seed"),
        (["run", "resharding", "--subject", "nobody"], "no subject 'nobody'"),
        (["run", "--all", "--trace", "f"], "--trace holds one run"),
        (["run", "resharding", "--set", "colour=1"], "has the options guilds="),
        (["run", "resharding", "--set", "guilds=many"], "'many' is no int"),
        (["run", "resharding", "--set", "guilds=0"], "more than 0"),
        (["run", "resharding", "--json", "/nonexistent/f.json"], "/nonexistent/f.json: No such file"),
        (["serve", "--port", "99999"], "'99999' is no port"),
        (["serve", "--guilds", "many"], "'many' is no seed or count"),
        (["serve", "--token", "a b"], "--token must not"),
        (["serve", "--host", "203.0.113.1"], "cannot listen on 203.0.113.1"),
        (["replay", "/nonexistent.trace"], "/nonexistent.trace: No such file"),
    ],
)
def test_wrong_usage_is_one_clear_line_and_exit_2(arguments, text, capsys):
    assert run_command(arguments) == 2
    captured = capsys.readouterr()
    assert text in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


@pytest.mark.parametrize("content", [b"", b"hello\n", b'{"a":1}\n', b'{"discord_sim_trace":1}\n[1,"open"]\n'])
def test_what_is_no_trace_is_refused(content, tmp_path, capsys):
    path = tmp_path / "x.trace"
    path.write_bytes(content)
    assert run_command(["replay", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_trace_of_an_unknown_scenario_is_refused(traced, tmp_path, capsys):
    path = tmp_path / "x.trace"
    path.write_bytes(traced.read_bytes().replace(b"resharding", b"rehearsing", 1))
    assert run_command(["replay", str(path)]) == 2


def test_the_program_fixes_its_hash_seed_so_that_two_processes_agree(tmp_path):
    digests = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "discord_sim", *RUN, "--json", "-"],
            capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}, timeout=120,
        )  # fmt: skip
        digests.add(json.loads(done.stdout)[0]["digest"])
    assert len(digests) == 1


def test_the_token_is_nowhere_in_a_trace(traced):
    from discord_sim import Settings

    assert Settings().token.encode() not in traced.read_bytes()
