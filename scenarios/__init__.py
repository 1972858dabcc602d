"""Replayable stories any bot can be run through."""
