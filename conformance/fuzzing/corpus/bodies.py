"""Bodies that are no JSON object, or hardly one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from conformance.fuzzing.corpus.device_ids import written
from conformance.fuzzing.corpus.headers import with_line
from conformance.fuzzing.example import APP_ID, BODY, DEVICE, Example

__all__ = ["SOURCES"]


def _body(words: str, body: bytes) -> Example:
    return Example(words, body)


def _not_object() -> Iterator[Example]:
    for words, body in (
        ("a list of two objects", b"[" + BODY + b"," + BODY + b"]"),
        ("a JSON string of the deviceId", b'"--device--"'),
        ("false", b"false"),
        ("a list of pairs of name and value", b'[["deviceId", "--device--"]]'),
        ("true", b"true"),
        ("an empty JSON string", b'""'),
        ("a list of the deviceId", b'["--device--"]'),
        ("a list of null", b"[null]"),
        ("a number of 5000 digits", b"9" * 5000),
        ("a fraction", b"0.1"),
        ("a list in a list", b"[[]]"),
        ("a list of name and value", b'["deviceId", "--device--"]'),
        ("the object inside a JSON string", json.dumps(BODY.decode("ascii")).encode("ascii")),
        ("minus zero", b"-0"),
        ("a number with an exponent", b"1e400"),
        ("a list 1000 deep", b"[" * 1000 + b"]" * 1000),
        ("an object 200 deep in a list", b"[" + b'{"a":' * 200 + b"0" + b"}" * 200 + b"]"),
        ("a list of 1000 zeros", b"[" + b",".join([b"0"] * 1000) + b"]"),
        ("the string null", b'"null"'),
        ("a JSON string of a NUL", b'"\\u0000"'),
        ("a JSON string of half a surrogate pair", b'"\\ud83d"'),
        ("a list of a name and its object", b'["deviceId", {"deviceId": "--device--"}]'),
        ("null with white space around it", b" null\n"),
    ):
        yield _body(f"the body is {words}", body)


def _malformed() -> Iterator[Example]:
    inner = BODY[1:-1]
    form = "application/x-www-form-urlencoded"
    yield with_line("Content-Type", form, "the body is malformed: a form that says so", b"deviceId=--device--")
    for words, body in (
        ("a value in single quotation marks", b"{\"deviceId\": '--device--'}"),
        ("two lines of objects", BODY + b"\n" + BODY + b"\n"),
        ("a raw tab inside the string", b'{"deviceId": "--device--\t"}'),
        ("an escape that JSON doesn't have", b'{"deviceId": "--device--\\x41"}'),
        ("a number with a leading zero", b"{" + inner + b', "n": 01}'),
        ("an object with one brace too many", BODY + b"}"),
        ("a NUL behind the object", BODY + b"\x00"),
        ("a semicolon behind the object", BODY + b";"),
        ("a value without quotation marks", b'{"deviceId": --device--}'),
        ("a comment to the end of the line", b"{" + inner + b" // none\n}"),
        ("a raw line break inside the string", b'{"deviceId": "--device--\n"}'),
        ("True in a capital", b"{" + inner + b', "n": True}'),
        ("a form feed as white space", b"\x0c" + BODY),
        ("an equals sign instead of the colon", b'{"deviceId" = "--device--"}'),
        ("an object without its braces", inner),
        ("a comma behind the last element of a list", b"{" + inner + b', "a": [1,]}'),
        ("a backslash before a line break inside the string", b'{"deviceId": "--device--\\\n"}'),
        ("a comma behind the last member", b"{" + inner + b",}"),
        ("two objects, one after the other", BODY + BODY),
        ("no closing quotation mark", b'{"deviceId": "--device--}'),
        ("a name without quotation marks", b'{deviceId: "--device--"}'),
        ("a comment behind the member", b"{" + inner + b" /* none */}"),
        ("a comment of a hash sign", b"# none\n" + BODY),
        ("a raw NUL inside the string", b'{"deviceId": "--device--\x00"}'),
        ("a NUL before the object", b"\x00" + BODY),
        ("a further member that is Infinity", b"{" + inner + b', "n": Infinity}'),
        ("a further member that is -Infinity", b"{" + inner + b', "n": -Infinity}'),
        ("a further member that is undefined", b"{" + inner + b', "n": undefined}'),
        ("an object whose brace is never opened", inner + b"}"),
        ("an object that ends with a bracket", b"{" + inner + b"]"),
        ("no colon", b'{"deviceId" "--device--"}'),
        ("two colons", b'{"deviceId":: "--device--"}'),
        ("no comma between members", b"{" + inner + b' "a": 1}'),
        ("two commas between members", b"{" + inner + b',, "a": 1}'),
        ("a leading comma", b"{," + inner + b"}"),
        ("a name without a value", b'{"deviceId"}'),
        ("a name without a value, but with a colon", b'{"deviceId":}'),
        ("a value without a name", b'{"--device--"}'),
        ("a name that is a number", b'{1: "--device--"}'),
        ("a name that is null", b'{null: "--device--"}'),
        ("an escaped apostrophe", b'{"deviceId": "--device--\\\'"}'),
        ("an escape that is cut short", b'{"deviceId": "--device--\\u00"}'),
        ("an escape of no digits", b'{"deviceId": "--device--\\uzzzz"}'),
        ("a backslash before the closing quotation mark", b'{"deviceId": "--device--\\"}'),
        ("a number with a plus sign", b"{" + inner + b', "n": +1}'),
        ("a number in hexadecimal", b"{" + inner + b', "n": 0x1}'),
        ("a number that begins with a point", b"{" + inner + b', "n": .5}'),
        ("a number that ends with a point", b"{" + inner + b', "n": 5.}'),
        ("a number with an empty exponent", b"{" + inner + b', "n": 1e}'),
        ("a minus sign alone", b"{" + inner + b', "n": -}'),
        ("None instead of null", b"{" + inner + b', "n": None}'),
        ("a no-break space as white space", "\u00a0".encode() + BODY),
        ("typographic quotation marks", "{\u201cdeviceId\u201d: \u201c--device--\u201d}".encode()),
        ("a prefix against script inclusion", b")]}',\n" + BODY),
        ("a call around the object", b"callback(" + BODY + b");"),
        ("an assignment", b"body=" + BODY),
        ("a form with the object in it", b"deviceId=--device--&appId=1"),
        ("an encoded form of the object", b"%7B%22deviceId%22%3A%22--device--%22%7D"),
        ("a line of YAML", b"deviceId: --device--"),
        ("a document of YAML", b"---\ndeviceId: --device--\n"),
        ("XML", b'<?xml version="1.0"?><request><deviceId>--device--</deviceId></request>'),
        (
            "XML with an entity",
            b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY d "--device--">]><deviceId>&d;</deviceId>',
        ),
        ("a multipart form", b'--b\r\nContent-Disposition: form-data; name="deviceId"\r\n\r\n--device--\r\n--b--\r\n'),
        ("an object as Python prints it", b"{'deviceId': u'--device--'}"),
        ("an object as JavaScript prints it", b"[object Object]"),
        ("the word undefined", b"undefined"),
        ("an unclosed list, 1000 deep", b"[" * 1000),
        ("unclosed objects, 1000 deep", b'{"a":' * 1000),
        ("an opening brace alone", b"{"),
        ("a closing brace alone", b"}"),
        ("a quotation mark alone", b'"'),
        ("a single zero byte", b"\x00"),
        ("sixteen zero bytes", b"\x00" * 16),
        ("a text sequence record", b"\x1e" + BODY + b"\n"),
        ("text behind a line break", BODY + b"\nnone"),
        ("a serialized object of another platform", b"\xac\xed\x00\x05t\x00\x0a--device--"),
        ("bytes that are compressed", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"),
        ("a template that was never filled in", b'{"deviceId": {{deviceId}}}'),
        ("capital names of constants", b"NULL"),
    ):
        yield _body(f"the body is malformed: {words}", body)


def _encoding() -> Iterator[Example]:
    text = BODY.decode("ascii")
    yield _body("the body begins with a byte order mark", b"\xef\xbb\xbf" + BODY)
    yield from _not_utf_8(NOT_UTF_8[:1])
    yield _body("a character cut short behind the object", BODY + b"\xe8\xae")
    yield _body("the body is UTF-16-LE", _encoded(text, "utf-16-le"))
    yield from _not_utf_8(NOT_UTF_8[1:5])
    yield _body("an existing deviceId and a byte that isn't UTF-8", b'{"deviceId": "--device--\xff"}')
    yield _body("the name of the member isn't UTF-8", b'{"deviceId\xff": "--device--"}')
    yield _body("a further member isn't UTF-8", b'{"deviceId": "--device--", "a": "\xff"}')
    for encoding in ("utf-16", "utf-16-be", "utf-32-le", "utf-32"):
        yield _body(f"the body is {encoding.upper()}", _encoded(text, encoding))
    yield from _not_utf_8(NOT_UTF_8[5:])
    yield _body("a byte before the object isn't UTF-8", b"\xff" + BODY)
    yield _body("a byte behind the object isn't UTF-8", BODY + b"\xff")
    yield _body("the body is in EBCDIC", text.encode("cp037"))
    yield _body("the body is in UTF-7", b'{"deviceId": "none-+AOk-"}')
    yield _body("the body begins with two byte order marks", b"\xef\xbb\xbf" * 2 + BODY)
    yield _body("a byte order mark behind the object", BODY + b"\xef\xbb\xbf")


NOT_UTF_8 = (
    ("a surrogate in three bytes", b"\xed\xa0\xbd"),
    ("a letter of Latin-1", b"\xe9"),
    ("a slash in too many bytes", b"\xc0\xaf"),
    ("a NUL in two bytes", b"\xc0\x80"),
    ("a character cut short", b"\xe2\x82"),
    ("a byte that begins nothing", b"\x80"),
    ("a surrogate pair in six bytes", b"\xed\xa0\xbd\xed\xb2\xa5"),
    ("a code point beyond the last", b"\xf4\x90\x80\x80"),
    ("a sequence of five bytes", b"\xf8\x88\x80\x80\x80"),
    ("text of GBK", b"\xc9\xe8\xb1\xb8"),
    ("the bytes FE FF", b"\xfe\xff"),
    ("64 bytes FF", b"\xff" * 64),
)


def _not_utf_8(sequences: Sequence[tuple[str, bytes]]) -> Iterator[Example]:
    for words, raw in sequences:
        yield _body(f"deviceId isn't UTF-8: {words}", b'{"deviceId": "none-' + raw + b'"}')


def _encoded(text: str, encoding: str) -> bytes:
    mark = {"utf-16": b"\xff\xfe", "utf-32": b"\xff\xfe\0\0"}.get(encoding, b"")
    return mark + text.encode(f"{encoding}-le" if mark else encoding)


def _duplicates() -> Iterator[Example]:
    for words, first, second in (
        ("an existing one, then an unknown one", '"--device--"', '"none-such-device"'),
        ("an unknown one, then an existing one", '"none-such-device"', '"--device--"'),
        ("the same one twice", '"--device--"', '"--device--"'),
        ("an existing one, then null", '"--device--"', "null"),
        ("null, then an existing one", "null", '"--device--"'),
        ("an existing one, then a number", '"--device--"', "0"),
        ("a number, then an existing one", "0", '"--device--"'),
        ("an existing one, then an empty one", '"--device--"', '""'),
        ("an existing one, then one of 65 characters", '"--device--"', f'"{"z" * 65}"'),
        ("an existing one, then a list", '"--device--"', "[]"),
        ("an existing one, then an object", '"--device--"', "{}"),
        ("null twice", "null", "null"),
    ):
        yield _body(f"deviceId twice: {words}", f'{{"deviceId": {first}, "deviceId": {second}}}'.encode("ascii"))
    yield _body("deviceId twice, once escaped", b'{"deviceId": "--device--", "device\\u0049d": "none-such-device"}')
    yield _body("deviceId a hundred times", b"{" + b",".join([BODY[1:-1]] * 100) + b"}")
    yield _body("another member twice", b'{"a": 1, "deviceId": "--device--", "a": 2}')


OVERRIDING = 8
"""Further members that are listed first: each names something else than the documented one does."""


EVERY_KIND = (
    r'"a": null, "b": [true, [], {}], "c": {"deviceId": {"d": false}}, "e": -1.5e3, "f": 9007199254740993, '
    r'"g": "\/\b\f\n\r\t\"\\ \u00e9 \ud83d\udca5", "h": "设备", "": ""'
)


def _further() -> Iterator[Example]:
    members: tuple[tuple[str, Any], ...] = (
        ("appId", "none-such-application"),
        ("__proto__", {"deviceId": "none-such-device"}),
        ("constructor", {"prototype": {"deviceId": "none-such-device"}}),
        ("deviceid", "none-such-device"),
        ("DEVICEID", "none-such-device"),
        ("device_id", "none-such-device"),
        ("deviceIds", ["none-such-device"]),
        ("id", "none-such-device"),
        ("appId", APP_ID),
        ("deviceIds", [DEVICE]),
        ("", ""),
        ("\0", "\0"),
        ("\ud83d", "\ud83d"),
        ("$where", "1"),
        ("@type", "java.lang.Object"),
        ("class", "java.lang.Object"),
        ("toString", None),
        ("hasOwnProperty", 1),
        ("expireTime", 0),
        ("callbackUrl", "http://127.0.0.1:9/"),
        ("commandId", "none"),
        ("status", "CANCELED"),
        ("a", None),
        ("a", 1.5),
        ("a", [[], {}, [None]]),
        ("a.b", 1),
        ("a[0]", 1),
        ("\u8bbe\u5907", "\u8bbe\u5907"),
        ("a" * 1000, 1),
        ("a", "z" * 20_000),
    )
    overriding = {**dict(members[:OVERRIDING]), "deviceId": DEVICE}
    yield _body("further members that might be taken for deviceId or appId", written(overriding))
    yield _body("further members of every kind of JSON", b"{" + BODY[1:-1] + b", " + EVERY_KIND.encode("utf-8") + b"}")
    yield _body("deviceId, then a member deviceid", written({"deviceId": DEVICE, "deviceid": "none-such-device"}))
    for name, value in members:
        words = f"a further member {json.dumps(name[:20])}: {json.dumps(value)[:30]}"
        yield _body(f"{words} before deviceId", written({name: value, "deviceId": DEVICE}))
    for words, value_text in (
        ("1e400", "1e400"),
        ("a number of 400 digits", "9" * 400),
        ("a number of 5000 digits", "9" * 5000),
        ("1e-999999", "1e-999999"),
        ("a list 100 deep", "[" * 100 + "]" * 100),
        ("a list 600 deep", "[" * 600 + "]" * 600),
        ("a list 5000 deep", "[" * 5000 + "]" * 5000),
        ("an object 1500 deep", '{"a":' * 1500 + "0" + "}" * 1500),
        ("a list of 2000 numbers", f"[{','.join(['0'] * 2000)}]"),
        ("-0", "-0"),
        ("half a surrogate pair", '"\\ud83d"'),
    ):
        yield _body(f"a further member is {words}", f'{{"deviceId": "--device--", "a": {value_text}}}'.encode("ascii"))
    many = ", ".join(f'"a{number}": {number}' for number in range(1000))
    yield _body("a thousand further members", f'{{{many}, "deviceId": "--device--"}}'.encode("ascii"))


SOURCES: dict[str, Callable[[], Iterator[Example]]] = {
    "generated-body-malformed": _malformed,
    "generated-body-encoding": _encoding,
    "generated-body-not-object": _not_object,
    "generated-duplicate-members": _duplicates,
    "generated-further-members": _further,
}
