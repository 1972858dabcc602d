"""Requests to join."""

import msgspec
import pytest

from framework.models import decode, to_wire
from framework.models.join_request import JoinRequest, JoinRequestAnswer, JoinRequests

FIELDS = [f"{kind}FormFieldResponse" for kind in ("MultipleChoice", "Paragraph", "Terms", "TextInput")]


@pytest.mark.parametrize(
    ("model", "components"),
    [
        (JoinRequest, ["GuildJoinRequestResponse"]),
        (JoinRequestAnswer, FIELDS),
        (JoinRequests, ["GuildJoinRequestsListResponse"]),
    ],
)
def test_discords_schemas_fit(fits, model, components):
    fits(model, *components)


@pytest.mark.parametrize("response", [True, False, 0, 2, "", "12", "true"])
def test_an_answer_is_what_was_given(response):
    body = {"field_type": "TERMS", "response": response}
    answer = decode(JoinRequestAnswer, msgspec.json.encode(body))
    assert answer.response is response or (type(answer.response), answer.response) == (type(response), response)
    assert to_wire(answer) == body
