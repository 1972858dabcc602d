"""Every answer that an operation of the fake gives anywhere in the suite is held against Discord's own schema of that
operation; the end of a full run says how many of the operations were exercised."""

import copy
import json
import re
from collections import Counter
from pathlib import Path

import jsonschema_rs
import msgspec
import pytest

from discord_sim.edge.rest import Rest
from discord_sim.spec import DOCUMENT, OPERATIONS


class Audit:
    """Validates answers; keeps what was wrong."""

    def __init__(self):
        self.answers = Counter()
        self.succeeded = Counter()
        self.wrong = []
        self._validators = {}
        self._seen = set()
        self._components = copy.deepcopy(DOCUMENT["components"])
        # The document types the inner codes of form errors as integers; on the wire they have always been strings.
        self._components["schemas"]["Error"]["properties"]["code"] = {"type": ["integer", "string"]}
        # The document requires `code` in a 429; the documentation and the wire leave it out mostly.
        limited = self._components["schemas"]["RatelimitedResponse"]
        limited["allOf"] = [{"type": "object", "required": ["message"]}, *limited["allOf"][1:]]

    def __call__(self, operation, answer):
        self.answers[operation] += 1
        if 200 <= answer.status < 300:
            self.succeeded[operation] += 1
        if operation not in OPERATIONS or answer.body is None or isinstance(answer.body, (str, bytes)):
            if operation in OPERATIONS and 200 <= answer.status < 300:
                expected = OPERATIONS[operation].responses
                if str(answer.status) not in expected:
                    self.wrong.append(f"{operation}: {answer.status}, the document knows {sorted(expected)}")
            return
        body = msgspec.json.encode(answer.body)
        if (key := (operation, answer.status, hash(body))) in self._seen:
            return
        self._seen.add(key)
        validator = self._validator(operation, answer.status)
        if validator is None:
            self.wrong.append(f"{operation}: {answer.status} with a body, which the document does not know")
            return
        error = next(iter(validator.iter_errors(msgspec.json.decode(body))), None)
        if error is not None:
            path = "/".join(map(str, error.instance_path))
            self.wrong.append(f"{operation} {answer.status}: {error.message[:300]} at {path!r}")

    def _needed(self, schema):
        """The components a schema refers to, however indirectly: with all of them each validator takes megabytes."""
        known, found, waiting = self._components["schemas"], {}, [schema]
        while waiting:
            for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(waiting.pop())):
                if name not in found:
                    found[name] = known[name]
                    waiting.append(known[name])
        return {"schemas": found}

    def _validator(self, operation, status):
        key = (operation, status)
        if key not in self._validators:
            if status == 429:
                schema = {"$ref": "#/components/schemas/RatelimitedResponse"}
            elif status >= 400:
                schema = {"$ref": "#/components/schemas/ErrorResponse"}
            else:
                schema = OPERATIONS[operation].responses.get(str(status))
            if schema is not None:
                schema = jsonschema_rs.Draft202012Validator({**schema, "components": self._needed(schema)})
            self._validators[key] = schema
        return self._validators[key]


AUDIT = Audit()
Rest.observers.append(AUDIT)


class ErlangPy:
    """Erlang terms by the package erlang_py, to and from JSON values: text is a binary, null the atom nil."""

    def __init__(self):
        self._erlang = pytest.importorskip("erlang")

    def pack(self, value):
        return self._erlang.term_to_binary(self._term(value))

    def unpack(self, data):
        return self._value(self._erlang.binary_to_term(data))

    def _term(self, value):
        if isinstance(value, dict):
            return {self._term(key): self._term(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._term(item) for item in value]
        if value is None:
            return self._erlang.OtpErlangAtom(b"nil")
        return self._erlang.OtpErlangBinary(value.encode()) if isinstance(value, str) else value

    def _value(self, term):
        if isinstance(term, dict):
            return {self._value(key): self._value(item) for key, item in term.items()}
        if isinstance(term, list):
            return [self._value(item) for item in term]
        if isinstance(term, self._erlang.OtpErlangAtom):
            return None if term.value == b"nil" else term
        return term.value.decode() if isinstance(term, self._erlang.OtpErlangBinary) else term


@pytest.fixture(scope="session")
def erlang_py():
    """A second opinion on Erlang's external term format."""
    return ErlangPy()


@pytest.fixture
def audit():
    """The audit of all answers so far."""
    return AUDIT


@pytest.fixture(autouse=True)
def _answers_fit_the_schemas():
    """The test in which an answer did not fit its schema fails."""
    before = len(AUDIT.wrong)
    yield
    assert AUDIT.wrong[before:] == []


def _is_whole(config):
    """Whether all tests of the server are run: only then every operation must have been exercised."""
    chosen = (config.option.keyword, config.option.markexpr, config.option.deselect, config.option.ignore)
    parts = {Path(argument).name for argument in config.args}
    return ("tests" in parts or {"conformance", "discord_sim", "fuzz"} <= parts) and not any(chosen)


def _untried():
    return sorted(set(OPERATIONS) - set(AUDIT.succeeded))


def pytest_sessionfinish(session):
    """A run of all tests of the server fails where an operation of Discord's REST API was left untried."""
    if session.exitstatus == pytest.ExitCode.OK and _is_whole(session.config) and _untried():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    known = [o for o in AUDIT.succeeded if o in OPERATIONS]
    if known:
        total = sum(AUDIT.answers.values())
        terminalreporter.write_line(
            f"{len(known)} of {len(OPERATIONS)} operations answered with success; {total:,} answers, "
            f"{len(AUDIT._seen):,} different ones held against their schemas, {len(AUDIT.wrong)} wrong"
        )
        if _is_whole(terminalreporter.config) and _untried():
            terminalreporter.write_line(f"FAILED: no test exercised {', '.join(_untried())}")
