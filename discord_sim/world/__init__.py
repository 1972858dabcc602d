"""What exists: guilds, channels, roles, members, messages, bans; and who is told when it changes.

Knows `wire`. Must not know clocks, sockets, asyncio or chance: a population of any size is computed from a seed.
"""
