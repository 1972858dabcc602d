"""Finding a subject, and telling a user what is wrong with theirs."""

import pytest

from scenarios import BadSubject, Resharding, run_scenario
from scenarios.subjects import WindowLimit, subject_for

SMALL = Resharding(guilds=20, between_s=2)

GOOD = """
from framework import Bot, Intents, MessageCreate

def make(token):
    bot = Bot(token, intents=Intents.GUILD_MESSAGES, shard_count=4)
    @bot.on(MessageCreate)
    async def greet(event):
        pass
    return bot
"""


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ("nobody", "framework, naive"),
        ("missing.py:make", "no file missing.py"),
        ("{dir}/bot.py:nothing", "no callable 'nothing'"),
        ("{dir}/broken.py:make", "cannot be loaded: ZeroDivisionError"),
    ],
)
def test_a_wrong_subject_is_explained(tmp_path, spec, text):
    (tmp_path / "bot.py").write_text(GOOD)
    (tmp_path / "broken.py").write_text("1 / 0")
    with pytest.raises(BadSubject, match=text):
        subject_for(spec.format(dir=tmp_path))


def test_a_users_own_bot_runs_through_a_scenario(tmp_path):
    (tmp_path / "bot.py").write_text(GOOD)
    result = run_scenario(SMALL, f"{tmp_path}/bot.py:make")
    assert result.held, result.expectations
    assert result.counts["handled"] > 100


def test_a_factory_that_makes_something_else_is_told_so(tmp_path):
    (tmp_path / "bot.py").write_text("def make(token):\n    return 42\n")
    result = run_scenario(SMALL, f"{tmp_path}/bot.py:make")
    assert result.exit_code == 4
    assert "needs a framework.Bot" in result.expectations[0].figure


def test_the_window_limit_sends_fifty_at_once_and_waits_for_the_next_second():
    limit = WindowLimit()
    for _ in range(50):
        assert limit.ready_at(7) == 7
        limit.left(7)
    assert [limit.ready_at(now) for now in (7, 1_006, 1_007)] == [1_007, 1_007, 1_007]
    limit.pause(3_000)
    assert [limit.ready_at(now) for now in (2_999, 3_000, 3_001)] == [3_000, 3_000, 3_001]
