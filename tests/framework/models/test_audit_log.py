"""Audit logs."""

import msgspec
import pytest

from discord_sim.spec import DOCUMENT
from framework.models import decode, to_wire
from framework.models.audit_log import AuditLog, AuditLogChange, AuditLogEntry, AuditLogEvent, AuditLogOptions


@pytest.mark.parametrize(
    ("model", "component"),
    [
        (AuditLog, "GuildAuditLogResponse"),
        (AuditLogChange, "AuditLogObjectChangeResponse"),
        (AuditLogEntry, "AuditLogEntryResponse"),
    ],
)
def test_discords_schemas_fit(fits, model, component):
    fits(model, component)


def test_every_action_has_a_name():
    known = DOCUMENT["components"]["schemas"]["AuditLogActionTypes"]["oneOf"]
    assert {event.value for event in AuditLogEvent} == {action["const"] for action in known}


def test_options_are_text_on_the_wire_and_numbers_here():
    body = {
        "id": "9", "user_id": None, "target_id": "8", "action_type": 999,
        "options": {"count": "3", "channel_id": "7", "type": "0", "role_name": "cats", "status": "12"},
        "changes": [
            {"key": "$add", "new_value": [{"id": "5", "name": "cats"}]}, {"key": "nick", "old_value": None},
            {"key": "position", "old_value": 1, "new_value": 2.5},
        ],
    }  # fmt: skip
    entry = decode(AuditLogEntry, msgspec.json.encode(body))
    assert entry.options == AuditLogOptions(count=3, channel_id=7, type=0, role_name="cats", status="12")
    assert entry.changes[0].new_value == [{"id": "5", "name": "cats"}]
    assert to_wire(entry) == body
