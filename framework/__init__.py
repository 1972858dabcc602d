"""A bot framework after discordeno: gateway, bot and rest."""
