"""Discord on a laptop: a fake server with the real rules."""
