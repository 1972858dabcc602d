"""Bodies that no client should send: broken and endless ones, bombs, and files with dangerous names."""

import gzip
import http.client
import json
import zlib

import pytest

FORM = "multipart/form-data; boundary=x"
NO_JSON = (400, 50109)
NO_FORM = (400, 50035)
TOO_LARGE = (413, 40005)


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"nope", b'{"content":"x"', b'{"content":"x"}}', b"{'content':'x'}", b'{"content":NaN}',
        b'{"tts":Infinity}', b'{"content":"\xff"}', b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b'{"content":"\\ud800"}',
        b'{"content":"\x00"}', b'{"flags":1e400}', b'{"nonce":' + b"9" * 5_000 + b"}", b"\x00" * 10_000,
        b'{"content":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b"[" * 100_000, b'{"a":' * 100_000,
    ],
    ids=lambda body: ascii(body[:24]),
)  # fmt: skip
def test_what_is_no_json_is_told_so(server, body):
    assert server.call(body=body).error == NO_JSON


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"[]", NO_FORM),
        (b"1", NO_FORM),
        (b'"content"', NO_FORM),
        (b"{}", (400, 50006)),
        (b'{"content":"x","flags":' + b"9" * 500 + b"}", NO_FORM),
        (b'{"content":"x","flags":1e300}', NO_FORM),
        (b'{"content":"x","flags":9223372036854775808}', NO_FORM),
        (b'{"content":"x","message_reference":{"message_id":"' + b"9" * 5_000 + b'"}}', NO_FORM),
        (b'{"content":"x","message_reference":{"message_id":"\xc2\xb2"}}', NO_FORM),
        (b'{"content":"x","message_reference":{"message_id":-1}}', NO_FORM),
    ],
    ids=lambda value: ascii(value[:40]) if isinstance(value, bytes) else None,
)
def test_json_that_fits_no_schema_is_a_form_error(server, body, error):
    assert server.call(body=body).error == error


def test_of_equal_keys_the_last_counts(server):
    assert server.call(body=b'{"content":1,"content":"first","content":"last"}').json["content"] == "last"


def test_every_depth_of_nesting_has_its_answer(server):
    rest = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"User-Agent": "DiscordBot", "Authorization": f"Bot {server.token}", "Content-Type": "application/json"}
    codes = []
    for depth in range(1, 1_050):
        body = (
            b'{"content":' + b"[" * depth + b"]" * depth + b',"flags":' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"
        )
        rest.request("POST", server.messages, body, headers)
        codes.append(json.loads(rest.getresponse().read())["code"])
    rest.close()
    shallow = codes.index(50109)
    assert set(codes[:shallow]) == {50035}
    assert set(codes[shallow:]) == {50109}


@pytest.mark.parametrize(
    "kind", ["application/json", FORM, "application/x-www-form-urlencoded", "text/plain", "x\xff/y"]
)
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "identity, gzip"])
def test_a_bomb_stays_packed(server, within, encoding, kind):
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31 if "gzip" in encoding else 15)
    bomb = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(64)) + squeeze.flush()
    bomb = gzip.compress(bomb * 16)  # 64 MiB in a kilobyte or two; a gigabyte where both layers are unpacked
    with within(16):
        answer = server.call(body=bomb, kind=kind, headers={"Content-Encoding": encoding})
    assert answer.status == 400


def test_a_compressed_body_is_read_as_it_is(server):
    packed = gzip.compress(b'{"content":"x"}')
    assert server.call(body=packed, headers={"Content-Encoding": "gzip"}).error == NO_JSON


def test_a_body_on_a_get_is_never_read(server):
    assert server.call("GET", "/api/v10/users/@me", b"\xff" * 100_000).status == 200


# -- size ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["application/json", FORM, "application/x-www-form-urlencoded"])
def test_a_hundred_mebibytes_announced_are_refused_unread(server, within, kind):
    with within(64):
        head = server.head(headers={"Content-Length": str(100 << 20), "Content-Type": kind})
        assert server.raw(head).error == TOO_LARGE
        assert server.raw(head, *[bytes(1 << 20)] * 100).error == TOO_LARGE


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_a_hundred_mebibytes_unannounced_are_refused_after_25(server, within, kind):
    with within(128):
        assert server.chunked([b" " * (1 << 20)] * 100, kind).error == TOO_LARGE


@pytest.mark.parametrize("value", [b"[]", b"{}", b'""', b"0", b'{"a":[]}'])
def test_millions_of_small_values_are_refused_before_they_are_made(server, within, value):
    with within(96):
        body = b'{"embeds":[' + (value + b",") * ((24 << 20) // (len(value) + 1)) + b"0]}"
        assert server.call(body=body).error == TOO_LARGE


def test_one_huge_text_is_an_ordinary_form_error(server, within):
    with within(192):
        answer = server.call(body=b'{"content":"' + b"a" * (24 << 20) + b'"}')
    assert answer.json["errors"]["content"]["_errors"][0]["code"] == "BASE_TYPE_MAX_LENGTH"


def test_a_form_has_a_thousand_fields_at_most(server):
    body = b"&".join(b"k%d=1" % n for n in range(2_000))
    assert server.call(body=body, kind="application/x-www-form-urlencoded").error == NO_FORM


# -- multipart -----------------------------------------------------------------------------------------------


def part(disposition, data=b"abc", more=b""):
    return b"--x\r\nContent-Disposition: " + disposition + b"\r\n" + more + b"\r\n" + data + b"\r\n"


def form(*parts):
    return b"".join(parts) + b"--x--\r\n"


FIELD, FILE = b'form-data; name="a"', b'form-data; name="files[0]"; filename="a.txt"'


@pytest.mark.parametrize(
    "chunks",
    [
        [b"".join(part(b'form-data; name="k%d"' % n) for n in range(5_000))] * 20,
        [b"".join(part(FILE) for _ in range(5_000))] * 20,
        [b"-" * (1 << 20)] * 20,
        [b"\r\n" * (1 << 19)] * 24,
        [part(FIELD, b"", b"X: y\r\n" * 10_000)],
        [part(b'form-data; name="' + b"a" * 100_000 + b'"')],
        [b"--x\r\n" + b"a" * (20 << 20) + b"\r\n\r\nabc\r\n--x--\r\n"],
        [part(FIELD)],  # without an end
        [b"--x--\r\n" + b"x" * (1 << 20)] * 20,
    ],
    ids=[
        "parts",
        "files",
        "a boundary without end",
        "line breaks",
        "headers",
        "a name",
        "a header",
        "no end",
        "after the end",
    ],
)
def test_a_form_without_measure_is_refused(server, within, chunks):
    with within(64):
        answer = server.chunked(chunks, FORM)
    assert answer.status == 400


def test_files_of_a_hundred_mebibytes_in_all_are_refused(server, within):
    with within(128):
        assert server.chunked([part(FILE, bytes(9 << 20))] * 12, FORM).error == TOO_LARGE


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (form(part(FIELD)), "multipart/form-data"),
        (form(part(FIELD)), "multipart/form-data; boundary=" + "x" * 100),
        (form(part(FIELD)), "multipart/form-data; boundary=\xff"),
        (form(part(FIELD)), "multipart/form-data; boundary=y"),
        (form(part(FIELD, b"", b"Content-Type: multipart/mixed; boundary=y\r\n")), FORM),
        (form(part(FIELD, b"", b"Content-Type: multipart/mixed\r\n")), FORM),
        (form(part(b'form-data; name="_charset_"', b"\xff" * 10)), FORM),
        (form(part(b'form-data; name="_charset_"', b"x" * 100)), FORM),
        (form(part(b'form-data; name="payload_json"', b"{")), FORM),
        (form(part(b'form-data; name="payload_json"', b"[" * 100_000)), FORM),
        (form(part(b'form-data; name="payload_json"', b"1")), FORM),
        (form(part(b"form-data; name")), FORM),
        (form(part(b"\xff\xfe")), FORM),
    ],
)
def test_a_form_that_is_none_is_refused(server, body, kind):
    assert server.call(body=body, kind=kind).status == 400


@pytest.mark.parametrize(
    ("disposition", "filename", "title"),
    [
        (b'filename="../../../etc/passwd"', "......etcpasswd", "../../../etc/passwd"),
        (b'filename="..\\\\..\\\\boot.ini"', "....boot.ini", "..\\..\\boot.ini"),
        (b'filename="a%0d%0aSet-Cookie: x.txt"', "a0d0aSet-Cookie_x.txt", "a%0d%0aSet-Cookie: x.txt"),
        (b"filename*=UTF-8''a%0d%0ab.txt", "ab.txt", "a\r\nb.txt"),
        (b'filename="a\xff.txt"', "a.txt", "a\ufffd.txt"),
        (b'filename="<script>.html"', "script.html", "<script>.html"),
        (b'filename="/"', "unknown", "/"),
        (b'filename=".."', "..", None),
    ],
)
def test_a_files_name_is_cleaned_and_leads_nowhere_else(server, disposition, filename, title):
    body = form(part(b'form-data; name="files[0]"; ' + disposition, b"data"))
    (attachment,) = server.call(body=body, kind=FORM).json["attachments"]
    assert (attachment["filename"], attachment.get("title")) == (filename, title)
    path = attachment["url"].partition(f":{server.port}")[2].partition("?")[0]
    assert path == f"/attachments/{server.channel}/{attachment['id']}/{filename}"
    assert server.call("GET", path) == (200, b"data")


def test_a_name_with_a_line_break_gives_no_file_and_no_header(server):
    body = form(part(b'form-data; name="files[0]"; filename="a\r\nX-Injected: yes"'))
    assert server.call(body=body, kind=FORM).error == (400, 50006)


@pytest.mark.parametrize(
    "kind", [b"text/plain\xff", b"text / html", b"; charset=x", b"x" * 5_000, b"text/html; charset=%0d%0a"]
)
def test_whatever_type_a_file_claims_it_can_be_had_again(server, kind):
    (attachment,) = server.call(body=form(part(FILE, b"data", b"Content-Type: " + kind + b"\r\n")), kind=FORM).json[
        "attachments"
    ]
    path = attachment["url"].partition(f":{server.port}")[2].partition("?")[0]
    assert server.call("GET", path) == (200, b"data")
