"""How long a sound lasts, from the bytes of an MP3 or Ogg file."""

from __future__ import annotations

__all__ = ["duration_ms"]

_KBPS = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG 1, layer III
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG 2 and 2.5, layer III
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_ID3_HEADER = 10
_OPUS_RATE = 48_000  # its positions count at this rate whatever the rate of the input was


def duration_ms(data: bytes) -> int | None:
    """The length in milliseconds; None where the bytes are neither MP3 nor Ogg with Opus or Vorbis."""
    return _ogg(data) if data.startswith(b"OggS") else _mp3(data)


def _mp3(data: bytes) -> int | None:
    at, total_ms = 0, 0.0
    if data.startswith(b"ID3"):
        size = 0
        for byte in data[6:_ID3_HEADER]:
            size = size << 7 | byte & 0x7F
        at = _ID3_HEADER + size
    while (frame := _frame(data[at : at + 4])) is not None:
        size, samples, rate = frame
        at += size
        total_ms += samples * 1000 / rate
    return round(total_ms) or None


def _frame(header: bytes) -> tuple[int, int, int] | None:
    """Bytes, samples and rate of the frame with this header, if it is one."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0 or header[1] >> 1 & 3 != 1:
        return None
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or not 0 < bitrate < 15 or rate == 3:
        return None
    samples, hertz = 1_152 if version == 3 else 576, _RATES[version][rate]
    size = samples // 8 * _KBPS[version == 3][bitrate] * 1000 // hertz + (header[2] >> 1 & 1)
    return size, samples, hertz


def _ogg(data: bytes) -> int | None:
    last = data.rfind(b"OggS")
    position = int.from_bytes(data[last + 6 : last + 14], "little", signed=True)
    vorbis, opus = data.find(b"\x01vorbis"), data.find(b"OpusHead")
    if opus >= 0:
        rate = _OPUS_RATE
        position -= int.from_bytes(data[opus + 10 : opus + 12], "little")
    elif vorbis >= 0:
        rate = int.from_bytes(data[vorbis + 12 : vorbis + 16], "little")
    else:
        return None
    return position * 1000 // rate if position > 0 and rate > 0 else None
