"""Who may use the operator's API over HTTP, what it refuses, and what it says of itself."""

import asyncio
import re

import aiohttp
import msgspec
import pytest
from openapi_spec_validator import validate
from yarl import URL

from discord_sim import Settings, World
from discord_sim.edge import FakeDiscord
from discord_sim.edge.control.actions import ACTIONS

SECRET = "open sesame"
FIRST_GUILD = World(1).guild_at(0).id


@pytest.fixture
def knock():
    """`knock(method, path, body)`: (status, body) of one call on a real socket, by default with the right secret."""

    def call(method, path, body=None, headers=None, settings=None):
        async def main():
            fake = FakeDiscord(World(1, guilds=2), settings or Settings(control_secret=SECRET))
            url = URL(f"http://127.0.0.1:{await fake.start()}{path}", encoded=True)
            told = {"X-Sim-Secret": SECRET} if headers is None else headers
            try:
                async with aiohttp.request(method, url, headers=told, json=body) as answer:
                    return answer.status, await answer.json()
            finally:
                await fake.stop()

        return asyncio.run(main())

    return call


def path_of(action):
    return "/_sim" + re.sub(r"\{\w+\}", "1", action.path)


each_action = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: f"{action.method} {action.path}")
each_body = pytest.mark.parametrize(
    "action", [a for a in ACTIONS if a.body is not None], ids=lambda action: action.path
)


@pytest.mark.parametrize("path", ["/_sim/openapi.json", "/_sim/state", "/_sim/nope"])
def test_without_a_secret_of_its_own_a_server_has_no_such_api(knock, path):
    answer = knock("GET", path, settings=Settings(), headers={"X-Sim-Secret": ""})
    assert answer == (404, {"message": "this server was started without a control secret"})


@each_action
def test_no_action_opens_without_the_secret(knock, action):
    refused = (401, {"message": "the header X-Sim-Secret must hold the control secret"})
    assert knock(action.method, path_of(action), {}, headers={}) == refused


@pytest.mark.parametrize(
    "secret", ["", "wrong", SECRET + "!", SECRET.upper(), Settings().token, f"Bot {Settings().token}"]
)
def test_nothing_else_is_the_secret(knock, secret):
    assert knock("GET", "/_sim/state", headers={"X-Sim-Secret": secret})[0] == 401


@pytest.mark.parametrize(
    "path", ["/", "/nope", "/state/", "/guilds", "/guilds/0/members", "/users/1", "/as/1", "/as/x/gateway", "/%73tate"]
)
def test_a_path_that_is_not_there(knock, path):
    assert knock("GET", f"/_sim{path}") == (404, {"message": "no such path; /_sim/openapi.json lists them"})


@each_action
def test_another_method_is_told_those_of_the_path(knock, action):
    status, answer = knock("OPTIONS", path_of(action))
    assert status == 405
    assert action.method in answer["message"].removeprefix("this path takes ").split(", ")


@each_body
def test_a_misspelt_field_is_named(knock, action):
    assert knock(action.method, path_of(action), {"mispelt": 1}) == (
        400, {"message": "Object contains unknown field `mispelt`"}
    )  # fmt: skip


@each_body
def test_a_field_of_another_type_is_named(knock, action):
    for field in msgspec.structs.fields(action.body):
        status, answer = knock(action.method, path_of(action), {field.name: [[]]})
        assert status == 400
        assert f"`$.{field.name}" in answer["message"]


@each_body
def test_a_body_that_is_none_is_refused(knock, action):
    assert knock(action.method, path_of(action))[0] == 400
    assert knock(action.method, path_of(action), [])[0] == 400


NAMED = [
    (action, name)
    for action in ACTIONS
    for name in re.findall(r"\{(\w+)\}", action.path)
    if action.body is None and name not in ("kind", "ip")
]


@pytest.mark.parametrize(
    ("action", "name"), NAMED, ids=[f"{action.method} {action.path}: {name}" for action, name in NAMED]
)
@pytest.mark.parametrize("text", ["x", "%C2%B2", "-1", "9" * 5_000])
def test_what_the_path_names_must_be_an_id(knock, action, name, text):
    path = "/_sim" + re.sub(r"\{\w+\}", lambda found: text if found[0][1:-1] == name else str(FIRST_GUILD), action.path)
    status, answer = knock(action.method, path)
    assert status == 404
    assert answer["message"].endswith("is no id")


def test_the_document_is_valid_and_describes_every_action(knock):
    status, document = knock("GET", "/_sim/openapi.json", headers={})
    assert status == 200
    validate(document)
    described = {(m.upper(), path) for path, methods in document["paths"].items() for m in methods}
    of_users = {(method, "/_sim/as/{user_id}/{path}") for method in ("GET", "POST", "PUT", "PATCH", "DELETE")}
    assert described == {(action.method, f"/_sim{action.path}") for action in ACTIONS} | of_users
    for action in ACTIONS:
        told = document["paths"][f"/_sim{action.path}"][action.method.lower()]
        assert ("requestBody" in told) == (action.body is not None)
        assert [p["name"] for p in told["parameters"]] == re.findall(r"\{(\w+)\}", action.path)


@each_body
def test_the_documents_schema_of_a_body_is_what_the_server_takes(knock, action):
    document = knock("GET", "/_sim/openapi.json")[1]
    schema = document["components"]["schemas"][action.body.__name__]
    assert set(schema["properties"]) == {field.name for field in msgspec.structs.fields(action.body)}
    assert set(schema["required"]) == {field.name for field in msgspec.structs.fields(action.body) if field.required}
    assert schema["additionalProperties"] is False
