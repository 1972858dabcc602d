"""Requests that no client should send: heads, addresses, headers and the ways they are cut."""

import socket
import struct

import pytest

PAGE = b"<html><head><title>400 Bad Request</title></head><body>cloudflare</body></html>"


@pytest.mark.parametrize(
    "head",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /api/v10/gateway HTTP/9.9\r\n\r\n",
        b"GET\r\n\r\n",
        b"BREW /api/v10/gateway HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GE\x01T /api/v10/gateway HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET api/v10/gateway HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/v10/users/\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http:///api/v10/gateway HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/v10/gateway HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET /api/v10/gateway HTTP/1.1\r\nBad Header: x\r\n\r\n",
        b"GET /api/v10/gateway HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
        b"GET /api/v10/gateway HTTP/1.1\r\nX: a\x00b\r\n\r\n",
        b"POST /api/v10/gateway HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v10/gateway HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"POST /api/v10/gateway HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /api/v10/gateway HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /api/v10/gateway HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        b"GET /?" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/v10/gateway HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /api/v10/gateway HTTP/1.1\r\n" + b"X: a\r\n" * 1_000 + b"\r\n",
    ],
    ids=lambda head: ascii(head[:60]),
)
def test_what_is_no_http_gets_cloudflares_page_and_the_connection_ends(server, head):
    peer = server.open()
    peer.sendall(head)
    answer = server.answer(peer)
    assert (answer.status, answer.body) == (400, PAGE)
    assert peer.recv(1) == b""


def test_a_second_request_cannot_be_smuggled_behind_two_lengths(server):
    head = server.head(headers={"Content-Length": "4", "Transfer-Encoding": "chunked"})
    before = server.operator("GET", "/record").json["requests"]
    peer = server.open()
    peer.sendall(head + b"0\r\n\r\n" + server.head("GET", "/api/v10/users/@me"))
    assert server.answer(peer).body == PAGE
    assert peer.recv(1) == b""
    assert server.operator("GET", "/record").json["requests"] == before


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", "http://evil.example/api/v10/users/@me", (200, None)),  # the absolute form names the same resource
        ("GET", "//evil.example/api/v10/users/@me", (404, 0)),
        ("CONNECT", "discord.com:443", (404, 0)),
        ("OPTIONS", "*", (404, 0)),
        ("TRACE", "/api/v10/users/@me", (405, 0)),
        ("GET", "/api/v10/../../_sim/state", (404, 0)),
        ("GET", "/api/v10/%2e%2e/%2e%2e/_sim/state", (404, 0)),
        ("GET", "/api/v10/users/%40me", (200, None)),
        ("GET", "/api/v10/users/@me%00", (400, 50035)),
        ("GET", "/api/v10/users/..%2f@me", (400, 50035)),
        ("GET", "/api/v10/users/%ff%fe", (400, 50035)),
        ("GET", "/api/v10/users/%C2%B2", (400, 50035)),  # a digit to Python, no id
        ("GET", "/api/v10/users/" + "9" * 5_000, (400, 50035)),
        ("GET", "/api/v10/users/" + "9" * 20, (400, 50035)),
        ("GET", "/api/v10/users/-1", (400, 50035)),
        ("DELETE", "/api/v10/channels/1/messages/" + "9" * 5_000, (404, 10003)),
        ("GET", "/api/v" + "9" * 3 + "/users/@me", (400, 50041)),
        ("GET", "/api/v" + "9" * 5_000 + "/users/@me", (404, 0)),
        ("GET", "/" + "a/" * 3_000, (404, 0)),
        ("GET", "/api/v10/users/@me?" + "&".join(f"k{n}=%ff" for n in range(700)), (200, None)),
        ("GET", "/api/v10/users/@me?&&&=&%=%zz", (200, None)),
    ],
    ids=lambda value: value[:50] if isinstance(value, str) else None,
)
def test_an_address_leads_to_one_route_or_to_none(server, method, target, expected):
    answer = server.call(method, target)
    assert (answer.status, answer.json.get("code")) == expected


@pytest.mark.parametrize(
    "target",
    ["/attachments/../../../../etc/passwd", "/attachments/%2e%2e/%2e%2e/etc/passwd", "/icons/..%2f..%2fetc%2fpasswd",
     "/attachments//etc/passwd", "/avatars/%00", "/emojis/" + "a/" * 3_000],
)  # fmt: skip
def test_the_cdn_has_what_was_uploaded_and_nothing_of_the_machine(server, target):
    assert server.call("GET", target) == (404, b"404 page not found")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("%0d%0aX-Injected:%20yes", "\r\nX-Injected: yes"),  # decoded into JSON, never into a header
        ("%ff", "�"),
        ("\xff\xfe", "��"),
        ("%", "%"),
        ("%zz%4", "%zz%4"),
        ("a" * 512, "a" * 512),
    ],
    ids=["line breaks", "no UTF-8", "raw bytes", "a lone per cent", "no hex", "as long as may be"],
)
def test_an_audit_log_reason_is_text_whatever_it_says(server, sent, kept):
    channel = f"/api/v10/channels/{server.channel}"
    number = sum(entry["reason"] == kept for entry in audit_log(server))
    assert server.call("PATCH", channel, b'{"nsfw":true}', headers={"X-Audit-Log-Reason": sent}).status == 200
    assert server.call("PATCH", channel, b'{"nsfw":false}', headers={"X-Audit-Log-Reason": sent}).status == 200
    assert sum(entry["reason"] == kept for entry in audit_log(server)) == number + 2


def audit_log(server):
    entries = server.call("GET", f"/api/v10/guilds/{server.guild}/audit-logs").json["audit_log_entries"]
    return [entry for entry in entries if "reason" in entry]


def test_a_reason_that_is_too_long_is_refused(server):
    answer = server.call(
        "PATCH", f"/api/v10/channels/{server.channel}", b'{"nsfw":true}', headers={"X-Audit-Log-Reason": "%41" * 513}
    )
    assert answer.error == (400, 50035)


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"Authorization": "Bot \xff\xfe"}, (401, 0)),
        ({"Authorization": "Bot " + "x" * 8_000}, (401, 0)),
        ({"Authorization": "Basic %00"}, (401, 0)),
        ({"Authorization": "Bearer sim-0-0"}, (401, 50025)),
        ({"User-Agent": "\xff"}, (401, 0)),
        ({"User-Agent": ""}, (403, 40333)),
    ],
    ids=str,
)
def test_credentials_that_are_none(server, headers, error):
    assert server.call("GET", "/api/v10/users/@me", headers={"Authorization": "Bot x", **headers}).error == error


@pytest.mark.parametrize("secret", ["", "\xff", "secret\xff", "Secret", "s" * 8_000], ids=ascii)
def test_the_operators_api_opens_to_its_secret_only(server, secret):
    assert server.call("GET", "/_sim/state", headers={"X-Sim-Secret": secret}).status == 401


@pytest.mark.parametrize(
    "headers",
    [{"Upgrade": "websocket"}, {"Upgrade": "websocket", "Connection": "Upgrade"},
     {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "short"}],
    ids=["only that", "no version", "no key"],
)  # fmt: skip
def test_an_upgrade_that_is_none_is_a_bad_request(server, headers):
    assert server.call("GET", "/?v=10", headers=headers).status == 400


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HT", b"GET /api/v10/gateway HTTP/1.1\r\nHost"], ids=["nothing", "half a line", "half a head"]
)
@pytest.mark.parametrize("how", ["closed", "half-closed", "reset"])
def test_a_connection_that_ends_within_a_head_is_forgotten(server, sent, how):
    cut(server.open(), sent, how)


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("how", ["closed", "half-closed", "reset"])
def test_a_connection_that_ends_within_a_body_is_forgotten(server, kind, how):
    head = server.head(headers={"Content-Length": "1000", "Content-Type": kind})
    cut(server.open(), head + b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nabc', how)


def cut(peer, sent, how):
    peer.sendall(sent)
    if how == "half-closed":
        peer.shutdown(socket.SHUT_WR)
        assert peer.recv(1) == b""
        return
    if how == "reset":
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def test_hundreds_of_connections_that_never_finish_their_request_cost_the_others_nothing(server, within):
    with within(64):
        for n in range(300):
            peer = server.open()
            peer.sendall(server.head()[:-2] if n % 2 else server.head(headers={"Content-Length": "100"}) + b"{")


def test_a_thousand_requests_sent_at_once_are_all_answered_in_order(server):
    peer = server.open()
    one = server.head("GET", "/api/v10/users/@me")
    peer.sendall(one * 1_000 + server.head("GET", "/api/v10/gateway", {"Connection": "close"}))
    data = b""
    while piece := peer.recv(1 << 16):
        data += piece
    assert data.count(b"HTTP/1.1 200 OK") == 1_001
    assert b'"url":' in data[data.rindex(b"\r\n\r\n") :]
