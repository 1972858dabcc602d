"""Stickers."""

import msgspec
import pytest

from discord_sim.world.catalogue import STICKER_PACKS
from framework.models import decode, to_wire
from framework.models.sticker import Sticker, StickerItem, StickerPack


@pytest.mark.parametrize(
    ("model", "components"),
    [
        (Sticker, ("GuildStickerResponse", "StandardStickerResponse")),
        (StickerItem, ("MessageStickerItemResponse",)),
        (StickerPack, ("StickerPackResponse",)),
    ],
)
def test_discords_schemas_fit(fits, model, components):
    fits(model, *components)


def test_the_packs():
    for body in STICKER_PACKS.values():
        assert to_wire(decode(StickerPack, msgspec.json.encode(body))) == body
