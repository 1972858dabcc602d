"""Measurements. Nothing here is asserted by a test: a time is a property of a machine."""
