"""What the README shows works as shown."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BOT, TEST, OTHER_LIBRARY = re.findall(r"```python\n(.*?)```", README, re.S)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "bot.py").write_text(BOT)
    (tmp_path / "test_bot.py").write_text(TEST)
    (tmp_path / "day.py").write_text(OTHER_LIBRARY)
    return tmp_path


def run(folder, *arguments):
    return subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=300)


def test_the_bot_is_fifteen_lines():
    assert len([line for line in BOT.splitlines() if line.strip()]) <= 15


def test_the_bot_runs_through_a_scenario(folder):
    done = run(
        folder, "-m", "discord_sim", "run", "lazy_cache_eviction", "--subject", "bot.py:make",
        "--set", "guilds=50", "--set", "hours=3",
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert "✓ every handler finds its guild" in done.stdout


def test_the_bot_under_pytest(folder):
    done = run(folder, "-m", "pytest", "-q", "test_bot.py")
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_another_library_for_a_day(folder):
    pytest.importorskip("discord")
    done = run(folder, "day.py")
    assert done.stdout.split() == ["2095"], done.stderr


def test_without_a_token_the_user_is_told(folder):
    done = run(folder, "-c", "import bot; bot.make('')")
    assert "token is empty" in done.stderr
