"""What Discord itself offers to everybody: packs of standard stickers, default sounds, voice regions."""

from __future__ import annotations

from discord_sim.spec import skeleton
from discord_sim.world.payloads import Doc

__all__ = ["DEFAULT_SOUNDS", "REGIONS", "SOUND_SLOTS", "STANDARD_STICKERS", "STICKER_PACKS"]

SOUND_SLOTS = (8, 24, 36, 48)  # of a guild, by boost tier
_LOTTIE = 3


def _pack(pack_id: int, name: str, description: str, stickers: dict[int, tuple[str, str]]) -> Doc:
    """A pack; `stickers` maps ids to names and tags."""
    made = [
        skeleton(
            "StandardStickerResponse", id=str(sticker_id), name=title, tags=tags, type=1, format_type=_LOTTIE,
            description=f"{name} {title.lower()}", pack_id=str(pack_id), sort_value=order,
        )
        for order, (sticker_id, (title, tags)) in enumerate(stickers.items(), start=1)
    ]  # fmt: skip
    return skeleton(
        "StickerPackResponse", id=str(pack_id), sku_id=str(pack_id - 2), name=name, description=description,
        stickers=made, cover_sticker_id=made[0]["id"], banner_asset_id=str(pack_id + 4),
    )  # fmt: skip


STICKER_PACKS: dict[int, Doc] = {
    int(pack["id"]): pack
    for pack in (
        _pack(847199849233514549, "Wumpus Beyond", "Say hello to Wumpus!", {
            749054660769218631: ("Wave", "wumpus, hello, hi, hey, welcome, wave"),
            749053689419006003: ("Howdy", "wumpus, hello, howdy, hat"),
            749052944682582036: ("Sad", "wumpus, sad, cry, rain"),
            751606379340365864: ("Love", "wumpus, love, heart, hug"),
        }),
        _pack(816086581509095424, "Hello, Nelly", "Nelly the hamster greets you", {
            816087132447178774: ("Good morning", "nelly, hamster, morning, coffee"),
            816087792291282944: ("Thank you", "nelly, hamster, thanks, flowers"),
            816088121309138984: ("Good night", "nelly, hamster, night, sleep, moon"),
        }),
    )
}  # fmt: skip
STANDARD_STICKERS: dict[int, Doc] = {int(s["id"]): s for pack in STICKER_PACKS.values() for s in pack["stickers"]}

DEFAULT_SOUNDS: dict[int, Doc] = {
    sound_id: skeleton(
        "SoundboardSoundResponse", sound_id=str(sound_id), name=name, emoji_name=emoji, volume=1.0, available=True
    )
    for sound_id, name, emoji in (
        (1, "quack", "🦆"), (2, "airhorn", "🔊"), (3, "cricket", "🦗"), (4, "golf clap", "👏"), (7, "sad horn", "🎺"),
        (8, "ba dum tss", "🥁"),
    )
}  # fmt: skip

REGIONS: list[Doc] = [
    skeleton("VoiceRegionResponse", id=region, name=name, optimal=region == "us-east")
    for region, name in (
        ("brazil", "Brazil"), ("hongkong", "Hong Kong"), ("india", "India"), ("japan", "Japan"),
        ("rotterdam", "Rotterdam"), ("singapore", "Singapore"), ("southafrica", "South Africa"),
        ("south-korea", "South Korea"), ("sydney", "Sydney"), ("us-central", "US Central"), ("us-east", "US East"),
        ("us-south", "US South"), ("us-west", "US West"),
    )
]  # fmt: skip
