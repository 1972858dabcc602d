"""How long a sound lasts."""

import struct

import pytest

from discord_sim.rules.audio import duration_ms

MPEG_1 = (b"\xff\xfb\x90\x00", 417)  # 128 kbit/s at 44,100 Hz: 1,152 samples
MPEG_2 = (b"\xff\xf3\x82\x00", 209)  # 64 kbit/s at 22,050 Hz with a padding byte: 576 samples


def mp3(frame, count):
    header, size = frame
    return header.ljust(size, b"\0") * count


def page(position, payload=b""):
    return b"OggS\0\0" + struct.pack("<q", position) + bytes(13) + payload


def vorbis(samples, rate):
    return page(0, b"\x01vorbis" + bytes(5) + struct.pack("<I", rate)) + page(samples)


def opus(samples, skipped):
    return page(0, b"OpusHead\x01\x02" + struct.pack("<H", skipped)) + page(samples + skipped)


@pytest.mark.parametrize(("data", "expected"), [
    (mp3(MPEG_1, 100), 2_612), (mp3(MPEG_2, 100), 2_612),
    (mp3(MPEG_1, 50) + mp3(MPEG_2, 50), 2_612),
    (b"ID3\x04\0\0\0\0\x01\x01" + bytes(129) + mp3(MPEG_1, 100), 2_612),
    (mp3(MPEG_1, 100) + b"TAG" + bytes(125), 2_612),
    (vorbis(88_200, 44_100), 2_000), (opus(96_000, 312), 2_000),
])  # fmt: skip
def test_frames_and_positions_tell_the_length(data, expected):
    assert duration_ms(data) == expected


@pytest.mark.parametrize("data", [
    b"", b"\xff", b"ID3", b"ID3\x04\0\0\0\0\0\0no frame", b"\xff\xfb\xf0\x00", b"\xff\xfb\x9c\x00", b"\xff\xeb\x90\x00",
    b"\xff\xfd\x90\x00", b"OggS", page(44_100), vorbis(0, 44_100), vorbis(44_100, 0), opus(0, 312),
])  # fmt: skip
def test_without_a_length_there_is_none(data):
    assert duration_ms(data) is None
