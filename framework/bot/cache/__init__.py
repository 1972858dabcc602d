"""The guild cache: pure rules over guilds that are held as compressed JSON and read as models.

`policy` says what is kept, `store` who stays and what may be fetched, `changes` what events do to a guild, `guild` is
what handlers read; `entities` and `storage` hold it.
"""

from framework.bot.cache.changes import CHANGES
from framework.bot.cache.guild import Guild, SectionView
from framework.bot.cache.policy import (
    FETCHED_BY,
    NEVER_FETCH,
    CachePolicy,
    CacheSnapshot,
    Members,
    Section,
    kept_true_by,
    sections,
)
from framework.bot.cache.store import GuildCache

__all__ = [
    "CHANGES",
    "FETCHED_BY",
    "NEVER_FETCH",
    "CachePolicy",
    "CacheSnapshot",
    "Guild",
    "GuildCache",
    "Members",
    "Section",
    "SectionView",
    "kept_true_by",
    "sections",
]
