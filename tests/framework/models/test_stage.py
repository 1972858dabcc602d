"""Stages."""

from framework.models.stage import StageInstance


def test_discords_schema_fits(fits):
    fits(StageInstance, "StageInstanceResponse")
