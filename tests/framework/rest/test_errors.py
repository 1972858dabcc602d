"""What a refused call tells: which field is wrong and why."""

from __future__ import annotations

from typing import Any

import pytest

from framework.rest import BadRequest, FormError, RequestFailed, Route, ServerError
from framework.rest.errors import error_for

ROUTE = Route.of("POST", "/channels/{channel_id}/messages", channel_id=1)


def leaf(*messages: str) -> dict[str, Any]:
    return {"_errors": [{"code": "BASE_TYPE_BAD_LENGTH", "message": message} for message in messages]}


def refused(errors: Any) -> RequestFailed:
    return error_for(ROUTE, 400, {"message": "Invalid Form Body", "code": 50035, "errors": errors}, {})


def test_fields_are_named_by_their_path_in_discords_order() -> None:
    error = refused(
        {
            "embeds": {"0": {"fields": {"2": {"value": leaf("too short")}, "10": {"name": leaf("too long")}}}},
            "content": leaf("too long", "too dull"),
        }
    )
    assert isinstance(error, BadRequest)
    assert (error.status, error.code, error.message) == (400, 50035, "Invalid Form Body")
    assert list(error.errors.items()) == [
        ("embeds.0.fields.2.value", [FormError("BASE_TYPE_BAD_LENGTH", "too short")]),
        ("embeds.0.fields.10.name", [FormError("BASE_TYPE_BAD_LENGTH", "too long")]),
        ("content", [FormError("BASE_TYPE_BAD_LENGTH", "too long"), FormError("BASE_TYPE_BAD_LENGTH", "too dull")]),
    ]
    assert str(error) == (
        "POST /channels/{channel_id}/messages: 400 / 50035 Invalid Form Body; embeds.0.fields.2.value: too short; "
        "embeds.0.fields.10.name: too long; content: too long; content: too dull"
    )


def test_an_error_of_the_whole_request_and_one_below_it() -> None:
    error = refused({**leaf("all wrong"), "name": {**leaf("bad"), "de": leaf("worse")}})
    assert {path: [e.message for e in found] for path, found in error.errors.items()} == {
        "": ["all wrong"], "name": ["bad"], "name.de": ["worse"],
    }  # fmt: skip
    assert "request: all wrong" in str(error)


def test_many_fields_are_all_kept_and_some_shown() -> None:
    error = refused({str(n): leaf("x") for n in range(30)})
    assert len(error.errors) == 30
    assert str(error).endswith("; 4: x; and 25 more")


@pytest.mark.parametrize(
    "body",
    [
        None, "text", [], {}, {"message": None, "code": "x", "errors": "x"}, {"errors": {"a": ["Value is wrong."]}},
        {"errors": {"_errors": "x"}}, {"errors": {"_errors": [None, "x"]}}, {"errors": {"a": {"_errors": [{}]}}},
    ],
)  # fmt: skip
def test_what_is_no_error_of_discord_is_an_error_all_the_same(body: Any) -> None:
    error = error_for(ROUTE, 502, body, {})
    assert isinstance(error, ServerError)
    assert (error.status, error.code, dict(error.headers)) == (502, 0, {})


def test_a_tree_may_be_deep() -> None:
    tree: dict[str, Any] = leaf("x")
    for _ in range(5_000):
        tree = {"a": tree}
    assert list(refused(tree).errors) == [".".join("a" * 5_000)]
