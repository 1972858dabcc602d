"""What was handled is known to the next process, however this one ended."""

from __future__ import annotations

import pytest

from framework.errors import InvalidUse
from framework.mq import Journal, Seen, journal


def new(positions, *seqs, session="s"):
    return [positions.is_new(1, session, seq) for seq in seqs]


def test_the_next_process_knows_what_was_handled(tmp_path):
    first = Journal(tmp_path / "seen")
    first.settle(1, "s", 5)
    first.done(1, "s", 7)
    # no close: it was killed
    assert new(Journal(tmp_path / "seen"), 5, 6, 7, 8) == [False, True, False, True]
    assert new(Journal(tmp_path / "seen"), 5, 6, 7, 8) == [False, True, False, True]


def test_a_line_that_was_not_written_whole_counts_as_not_written(tmp_path):
    Journal(tmp_path / "seen").done(1, "s", 7)
    with (tmp_path / "seen").open("ab") as file:
        file.write(b"done 1 1")  # of "done 1 12 s"
    assert new(Journal(tmp_path / "seen"), 7, 1, 12) == [False, True, True]


@pytest.mark.parametrize("text", ["hello\n", "done 1 x s\n", "done 64 1 s\n", "upto 1\n", "gone 1 1 s\n", "\udcff\n"])
def test_a_file_that_is_something_else_is_left_as_it_is(tmp_path, text):
    path = tmp_path / "seen"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InvalidUse, match="no journal of handled events"):
        Journal(path)
    assert path.read_bytes() == text.encode("utf-8", "surrogateescape")


def test_it_stays_as_small_as_what_it_says(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "_REWRITE_FROM_BYTES", 1_000)
    path = tmp_path / "seen"
    kept, model = Journal(path), Seen()
    for seq in range(1, 500):
        for positions in (kept, model):
            positions.done(seq % 3, "s", seq)
            positions.settle(seq % 3, "s", seq)
        assert path.stat().st_size <= 1_100
    assert list(Journal(path)._seen.records()) == list(model.records())


def test_closed_it_lets_the_file_go(tmp_path):
    kept = Journal(tmp_path / "seen")
    kept.close()
    kept.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        kept.done(1, "s", 1)
