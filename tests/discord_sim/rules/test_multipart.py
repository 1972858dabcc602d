"""Forms of several parts, whole and broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_sim.rules.multipart import BadForm, Part, parts_of

KIND = "multipart/form-data; boundary=cut"
FIELD = b'--cut\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
END = b"--cut--\r\n"


def one(head):
    return parts_of(b"--cut\r\n" + head + b"\r\n\r\ndata\r\n" + END, KIND, 5)[0]


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20)


@given(st.lists(st.tuples(names, st.none() | names, st.binary(max_size=60)), max_size=5))
def test_what_is_written_is_read_again(parts):
    def quoted(text):
        return b'"' + text.encode().replace(b"\\", rb"\\").replace(b'"', rb"\"") + b'"'

    body = b""
    for name, filename, data in parts:
        data = data.replace(b"--cut", b"")
        body += b"--cut\r\nContent-Disposition: form-data; name=" + quoted(name)
        body += b"" if filename is None else b"; filename=" + quoted(filename)
        body += b"\r\nContent-Type: text/plain\r\n\r\n" + data + b"\r\n"
    read = parts_of(body + END, KIND, 5)
    assert read == [Part(name, file, "text/plain", data.replace(b"--cut", b"")) for name, file, data in parts]


@given(st.binary(max_size=300), st.text(max_size=60))
def test_any_bytes_are_parts_or_a_bad_form(body, kind):
    for head in (kind, KIND, f"multipart/form-data; boundary={kind}"):
        try:
            assert all(isinstance(part, Part) for part in parts_of(b"--cut\r\n" + body + b"\r\n--cut--", head, 5))
        except BadForm:
            continue


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b'Content-Disposition: form-data; name="a"', Part("a", None, "", b"data")),
        (b"content-disposition:form-data;name=a", Part("a", None, "", b"data")),
        (b'Content-Disposition: form-data; filename="f"; name="a"', Part("a", "f", "", b"data")),
        (b'Content-Disposition: form-data; name="a"; filename=""', Part("a", "", "", b"data")),
        (b'Content-Disposition: form-data; name="a;b=\\"c\\""', Part('a;b="c"', None, "", b"data")),
        (b'Content-Disposition: form-data; name="\xff"', Part("�", None, "", b"data")),
        (b"Content-Disposition: form-data; name=a; filename*=UTF-8''%F0%9F%A6%86", Part("a", "🦆", "", b"data")),
        (b"Content-Disposition: form-data; name=a; filename=b; filename*=utf-8'en'c", Part("a", "c", "", b"data")),
        (b"Content-Disposition: form-data; name=a; filename=b; filename*=latin1''%E9", Part("a", "b", "", b"data")),
        (b"Content-Type: a/b; c=d\r\nContent-Disposition: x; name=a", Part("a", None, "a/b; c=d", b"data")),
        (b"X: y", Part("", None, "", b"data")),
        (b"no header at all", Part("", None, "", b"data")),
    ],
    ids=lambda value: ascii(value[:60]) if isinstance(value, bytes) else None,
)  # fmt: skip
def test_what_the_header_of_a_part_says(head, part):
    assert one(head) == part


def test_data_may_look_like_anything_but_the_boundary():
    data = b"\r\n--cu\r\n\r\n-- cut\n--cut\n\x00\xff"
    body = b"--cut\r\nContent-Disposition: form-data; name=a\r\n\r\n" + data + b"\r\n" + END
    assert parts_of(body, KIND, 1)[0].data == data


def test_there_may_be_no_parts_and_something_after_the_end():
    assert parts_of(END, KIND, 5) == []
    assert len(parts_of(FIELD + END + b"more", KIND, 5)) == 1


@pytest.mark.parametrize("count", [5, 6])
def test_there_may_be_so_many_parts(count):
    if count == 5:
        assert len(parts_of(FIELD * count + END, KIND, 5)) == count
    else:
        with pytest.raises(BadForm, match="too many parts"):
            parts_of(FIELD * count + END, KIND, 5)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", KIND),
        (FIELD, KIND),
        (FIELD + b"--cut", KIND),
        (b"before\r\n" + FIELD + END, KIND),
        (b"\r\n" * 100 + FIELD + END, KIND),
        (b"--cut\r\n1\r\n" + END, KIND),
        (b"--cutx\r\n\r\n1\r\n" + END, KIND),
        (FIELD + END, "multipart/form-data"),
        (FIELD + END, "multipart/form-data; boundary="),
        (FIELD + END, "multipart/form-data; boundary=é"),
        (FIELD + END, "multipart/form-data; boundary=" + "x" * 71),
        (FIELD + END, "multipart/form-data; boundary=other"),
    ],
)
def test_what_is_no_form(body, kind):
    with pytest.raises(BadForm):
        parts_of(body, kind, 5)


def test_a_boundary_may_be_quoted():
    assert len(parts_of(FIELD + END, 'multipart/form-data; charset=x; boundary="cut"', 5)) == 1
