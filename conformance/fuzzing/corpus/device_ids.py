"""Values of deviceId: unusual text, text at the bounds, text near an existing identifier, and what is no text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from conformance.fuzzing.context import with_charset
from conformance.fuzzing.example import BODY, DEVICE, HEADERS, Example, like

__all__ = ["INJECTIONS", "SOURCES", "UNUSUAL", "device_id", "shown", "written"]

UNUSUAL: tuple[tuple[str, str], ...] = (
    ("everything at once", "none-\"'%_*\\;<\0\x1b\r\n\u00e9\u8bbe\U0001f4a5"),
    ("half of a surrogate pair", "none-\ud83d-a"),
    ("every ASCII punctuation mark", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    ("a NUL character", "none-\0-a"),
    ("letters, ideographs and an emoji", "none-\u00e9\u0130\u8bbe\u5907\U0001f4a5"),
    ("a line break", "none-\r\nX-Injected: 1"),
    ("a lone backslash", "\\"),
    ("an asterisk", "*"),
    ("a space", " "),
    ("a percent sign", "none-%-a"),
    ("a control character", "none-\x1b[31m-a"),
    ("a byte order mark", "\ufeffnone-a"),
    ("a comma and a semicolon", "none-a,none-b;none-c"),
    ("a double quotation mark", 'none-"-a'),
    ("an apostrophe", "none-'-a"),
    ("a backslash", "none-\\-a"),
    ("a character beyond the basic plane", "none-\U0001f4a5-a"),
    ("the second half of a surrogate pair", "none-\udca5-a"),
    ("surrogates in the wrong order", "none-\udca5\ud83d-a"),
    ("right-to-left text", "none-\u202e\u05d0\u05d1-a"),
    ("combining text", "none-Z\u0351\u036b\u0343\u036a-a"),
    ("a letter outside ASCII", "none-\u00e9-a"),
    ("the same letter, decomposed", "none-e\u0301-a"),
    ("a format directive", "none-%s%n%x%d"),
    ("percent signs before no digits", "none-%zz%%"),
    ("a percent-encoded NUL", "none-%00-a"),
    ("the character DEL", "none-\x7f-a"),
    ("a C1 control character", "none-\x85-a"),
    ("a noncharacter", "none-\uffff\ufffe-a"),
    ("a replacement character", "none-\ufffd-a"),
    ("a zero-width joiner", "none-\u200d-a"),
    ("a line separator", "none-\u2028\u2029-a"),
    ("letters that change their length in other case", "none-\u0130\u00df\ufb03"),
    ("Turkish letters", "none-\u0131\u0130iI"),
    ("Chinese text", "none-\u8bbe\u5907\u7f16\u53f7"),
    ("Arabic digits", "\u0660\u0661\u0662\u0663\u0664"),
    ("Thai text without spaces", "none-\u0e01\u0e33\u0e40\u0e19\u0e34\u0e14"),
    ("a private character", "none-\ue000\U000f0000-a"),
    ("an emoji of several characters", "none-\U0001f468\u200d\U0001f469\u200d\U0001f467"),
    ("a flag", "none-\U0001f1e6\U0001f1f6"),
    ("the last code point", "none-\U0010ffff"),
    ("a lone apostrophe", "'"),
    ("a lone double quotation mark", '"'),
    ("a lone NUL", "\0"),
    ("a lone underscore, which matches any character", "_%_%_%"),
    ("a question mark", "?"),
    ("a dot", "."),
    ("a tab", "\t"),
    ("a no-break space", "\u00a0"),
    ("an empty-looking character", "\u200b"),
    ("brackets", "none-[0]{1}(2)<3>"),
    ("a colon and at sign", "none:a@b"),
    ("a plus sign and a space", "none-+ a"),
    ("a hash sign and an ampersand", "none-#&a=1"),
    ("a tilde", "~root"),
    ("an exclamation mark", "none-!!-a"),
    ("a dollar sign", "none-$HOME-a"),
    ("a backtick", "none-`id`-a"),
)
"""The first are many in one: whatever is hurt by any of their characters shows."""

INJECTIONS: tuple[tuple[str, str], ...] = (
    ("SQL that is always true", "' OR '1'='1"),
    ("a path upwards", "../../../../etc/passwd"),
    ("a template of braces", "{{7*7}}"),
    ("a C format", "%p%p%p%n"),
    ("an LDAP filter", "*)(|(objectClass=*)"),
    ("SQL that ends the statement", "none'; DROP TABLE none--"),
    ("SQL in double quotation marks", '" OR ""="'),
    ("an SQL comment", "none'/**/--"),
    ("an SQL escape", "none\\'"),
    ("an SQL union", "' UNION SELECT NULL--"),
    ("a path upwards, encoded", "..%2f..%2f..%2fetc%2fpasswd"),
    ("a path of another system", "..\\..\\windows\\win.ini"),
    ("a template of a dollar sign", "${7*7}"),
    ("a template of percent signs", "<%= 7*7 %>"),
    ("a template of a hash sign", "#{7*7}"),
    ("a look-up in a log message", "${jndi:ldap://127.0.0.1:9/a}"),
    ("a placeholder of a log message", "{}{0}{none}"),
    ("a script", "<script>alert(1)</script>"),
    ("an XML entity", "&none;<!--"),
    ("a shell command", "none;$(id)|id"),
    ("a regular expression that is none", "none-(["),
    ("a slow regular expression", "(a+)+$"),
    ("a query operator", '{"$ne":null}'),
    ("a formula", "=1+1"),
    ("a URL", "http://127.0.0.1:9/none"),
    ("a Lucene query", "none:* AND [* TO *]"),
    ("a Redis key pattern", "none:*\r\nDEL none"),
    ("a header after a line break", "none\nSet-Cookie: a=b"),
)

PLAIN: tuple[tuple[str, str], ...] = (
    ("a leading hyphen, underscores and capitals", "-None_Such-Device_Nobody-Has_This-One"),
    ("digits beyond 64 bits", "99999999999999999999999999"),
    ("the text null", "null"),
    ("the text undefined", "undefined"),
    ("a UUID in capitals", "FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFE"),
    ("a nil UUID", "00000000-0000-0000-0000-000000000000"),
    ("an SQL comment and letters", "none--such-device"),
    ("a UUID without hyphens", "ffffffffffff4fffbfffffffffffffff"),
    ("a number with an exponent", "9e99999"),
    ("64 hyphens and underscores", "-_" * 32),
    ("64 digits", "9" * 64),
    ("a leading hyphen", "--none-such-device"),
    ("a trailing hyphen", "none-such-device-"),
    ("the text true", "true"),
    ("the text NaN", "NaN"),
    ("the text __proto__", "__proto__"),
    ("the text constructor", "constructor"),
    ("underscores only", "_" * 40),
    ("a number in hexadecimal", "0xFFFFFFFFFFFFFFFF"),
    ("letters that look like base64", "bm9uZS1zdWNoLWRldmljZQ"),
    ("two characters", "zz"),
    ("63 characters", "z" * 63),
    ("64 capitals", "Z" * 64),
    ("the name of a device file", "con"),
    ("the word for no value in Python", "None"),
)


def device_id(value: Any, words: str, *, ascii_only: bool = False) -> Example:
    """An example whose deviceId is VALUE."""
    return Example(f"deviceId is {words}", written({"deviceId": value}, ascii_only=ascii_only))


def written(value: Any, *, ascii_only: bool = False) -> bytes:
    """VALUE as JSON: text as it is, unless half a surrogate pair is in it, which only an escape can spell."""
    try:
        return json.dumps(value, ensure_ascii=ascii_only, allow_nan=False).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False).encode("ascii")


def shown(text: str, limit: int = 40) -> str:
    """TEXT in ASCII and quotation marks, cut after LIMIT characters."""
    words = json.dumps(text[:limit])
    return words if len(text) <= limit else f"{words}… ({len(text)} characters)"


def _plain() -> Iterator[Example]:
    # As in the case device-id-length-1: a device that was named once may be there from then on.
    yield with_charset(device_id("z", "a single letter, for the second time"))
    for words, text in PLAIN:
        yield device_id(text, f"{words}: {shown(text)}")


def _characters() -> Iterator[Example]:
    for words, text in (*UNUSUAL[:4], INJECTIONS[0], *UNUSUAL[4:8], *INJECTIONS[1:5], *UNUSUAL[8:], *INJECTIONS[5:]):
        yield device_id(text, f"text with {words}: {shown(text)}")
    for words, text in UNUSUAL:
        if not text.isascii():
            yield device_id(text, f"text with {words}, escaped: {shown(text)}", ascii_only=True)


def _length() -> Iterator[Example]:
    for words, text in (
        ("64 characters and three spaces", "z" * 64 + "   "),
        ("64 characters beyond the basic plane, 128 UTF-16 units, 256 bytes", "\U0001f4a5" * 64),
        ("65 characters outside ASCII, 130 bytes", "\u00e9" * 65),
        ("65 combining marks on one letter", "z" + "\u0301" * 65),
        ("64 characters and a NUL", "z" * 64 + "\0"),
        ("65 characters beyond the basic plane", "\U0001f4a5" * 65),
        ("64 characters outside ASCII, 128 bytes", "\u00e9" * 64),
        ("66 characters", "z" * 66),
        ("256 characters", "z" * 256),
        ("65 digits", "9" * 65),
        ("22 characters of three bytes, 66 bytes", "\u8bbe" * 22),
        ("255 characters", "z" * 255),
        ("a space before 64 characters", " " + "z" * 64),
        ("65 spaces", " " * 65),
        ("33 characters beyond the basic plane, 66 UTF-16 units", "\U0001f4a5" * 33),
        ("32 characters beyond the basic plane, 64 UTF-16 units, 128 bytes", "\U0001f4a5" * 32),
        ("21 characters of three bytes, 63 bytes", "\u8bbe" * 21),
        ("16 characters of four bytes, 64 bytes", "\U0001f4a5" * 16),
        ("64 bytes of ASCII and é, 63 characters", "z" * 62 + "\u00e9"),
        ("65 bytes of ASCII and é, 64 characters", "z" * 63 + "\u00e9"),
        ("64 characters, the last one half a surrogate pair", "z" * 63 + "\ud83d"),
        ("65 capitals", "Z" * 65),
        ("64 combining marks on one letter", "z" + "\u0301" * 64),
        ("100 characters", "z" * 100),
        ("128 characters", "z" * 128),
        ("257 characters", "z" * 257),
        ("1024 characters", "z" * 1024),
        ("4000 percent signs", "%" * 4000),
        ("16384 characters", "z" * 16_384),
        ("65 NUL characters", "\0" * 65),
        ("65 quotation marks", '"' * 65),
    ):
        yield device_id(text, words)
    yield device_id(DEVICE + "z" * 64, "an existing one and 64 characters more")
    yield Example("deviceId is 65 escaped characters", b'{"deviceId": "' + b"\\u007a" * 65 + b'"}')
    yield Example("deviceId is 64 escaped characters", b'{"deviceId": "' + b"\\u007a" * 64 + b'"}')


def _near() -> Iterator[Example]:
    for words, text in (
        ("and a condition behind it", f"{DEVICE}' OR '1'='1"),
        ("in other letter case", like(DEVICE, "swapcase")),
        ("and a space behind it", f"{DEVICE} "),
        ("and a NUL behind it", f"{DEVICE}\0"),
        ("with a dot for its last character", f"{like(DEVICE, 'head')}."),
        ("without its first character", like(DEVICE, "tail")),
        ("with its first character percent-encoded", like(DEVICE, "escaped")),
        # The core ends here.
        ("and a line break behind it", f"{DEVICE}\n"),
        ("with a question mark for its last character", f"{like(DEVICE, 'head')}?"),
        ("with another last character", like(DEVICE, "last")),
        ("and a percent sign behind it", f"{DEVICE}%"),
        ("and a space before it", f" {DEVICE}"),
        ("in full-width characters", like(DEVICE, "fullwidth")),
        ("without its hyphens", like(DEVICE, "undashed")),
        ("twice with a comma", f"{DEVICE},{DEVICE}"),
        ("in braces", f"{{{DEVICE}}}"),
        # What is likely ends here.
        ("and an asterisk behind it", f"{DEVICE}*"),
        ("with an underscore for its last character", f"{like(DEVICE, 'head')}_"),
        ("with an asterisk for its last character", f"{like(DEVICE, 'head')}*"),
        ("with a percent sign for its last character", f"{like(DEVICE, 'head')}%"),
        ("with a class of characters for its last one", f"{like(DEVICE, 'head')}[!-~]"),
        ("with another first character", like(DEVICE, "first")),
        ("with another character in the middle", like(DEVICE, "middle")),
        ("percent-encoded", like(DEVICE, "encoded")),
        ("with typographic hyphens", like(DEVICE, "hyphens")),
        ("with underscores for hyphens", like(DEVICE, "underscores")),
        ("in capitals", like(DEVICE, "upper")),
        ("in small letters", like(DEVICE, "lower")),
        ("with one letter in the other case", like(DEVICE, "capital")),
        ("written backwards", like(DEVICE, "reversed")),
        ("as a UUID of a URN", f"urn:uuid:{DEVICE}"),
        ("and a path before it", f"x/{DEVICE}"),
        ("and a NUL and text behind it", f"{DEVICE}\0z"),
        ("and a tab before it", f"\t{DEVICE}"),
        ("and a tab behind it", f"{DEVICE}\t"),
        ("and a no-break space behind it", f"{DEVICE}\u00a0"),
        ("and a zero-width space behind it", f"{DEVICE}\u200b"),
        ("and a byte order mark before it", f"\ufeff{DEVICE}"),
        ("and an apostrophe behind it", f"{DEVICE}'"),
        ("and an SQL comment behind it", f"{DEVICE}'--"),
        ("and an SQL comment of two hyphens behind it", f"{DEVICE} -- none"),
        ("in quotation marks", f'"{DEVICE}"'),
        ("in apostrophes", f"'{DEVICE}'"),
        ("in brackets", f"[{DEVICE}]"),
        ("and a slash behind it", f"{DEVICE}/"),
        ("and a path behind it", f"{DEVICE}/../{DEVICE}"),
        ("and a dot behind it", f"{DEVICE}."),
        ("and a semicolon behind it", f"{DEVICE};"),
        ("and a comma behind it", f"{DEVICE},"),
        ("and a word behind it", f"{DEVICE} none"),
        ("and a hash sign behind it", f"{DEVICE}#"),
        ("and a query behind it", f"{DEVICE}?a=1"),
        ("and a combining mark behind it", f"{DEVICE}\u0301"),
        ("and half a surrogate pair behind it", f"{DEVICE}\ud83d"),
        ("and a plus sign before it", f"+{DEVICE}"),
        ("and a hyphen behind it", f"{DEVICE}-"),
        ("and an underscore behind it", f"{DEVICE}_"),
        ("and a zero before it", f"0{DEVICE}"),
        ("and a backslash behind it", f"{DEVICE}\\"),
        ("as a deviceId of a URN", f"urn:dev:{DEVICE}"),
    ):
        yield device_id(text, f"an existing one {words}")


def _type() -> Iterator[Example]:
    for words, value in (
        ("a fraction", 0.5),
        ("false", False),
        ("a list in a list", [[DEVICE]]),
        ("zero", 0),
        ("a list of nothing", []),
        ("an object of nothing", {}),
        ("an object with the member id", {"id": DEVICE}),
        ("a number beyond 64 bits", 2**64),
        ("minus one", -1),
        ("a list of existing ones", [DEVICE, DEVICE]),
        ("an object with the member value", {"value": DEVICE}),
        ("an object with a query operator", {"$gt": ""}),
        ("an object that holds an existing one", {"deviceId": DEVICE}),
        ("a query operator and an existing one", {"$eq": DEVICE}),
        ("a regular expression as an object", {"$regex": ".*"}),
        ("a list of null", [None]),
        ("a list of an object", [{"deviceId": DEVICE}]),
        ("the largest number of 64 bits", 2**63 - 1),
        ("the largest number that JavaScript counts to", 2**53),
        ("a number with an exponent", 1e308),
        ("a typed object", {"@type": "java.lang.String", "@value": DEVICE}),
        ("a typed list", ["java.lang.String", DEVICE]),
        ("an object as Python writes bytes", {"__bytes__": DEVICE}),
        ("an object with length", {"length": 36, "toString": DEVICE}),
        ("a list of characters", list("none-such-device")),
        ("a list of code points", [110, 111, 110, 101]),
    ):
        yield device_id(value, words)
    for words, text in (
        ("a number of 1000 digits", "9" * 1000),
        ("a number of 5000 digits", "9" * 5000),
        ("a number with a huge exponent", "1e999999"),
        ("a number with a tiny exponent", "1e-999999"),
        ("minus zero", "-0"),
        ("a fraction of 1000 digits", "0." + "9" * 1000),
        ("a list 200 deep", "[" * 200 + "]" * 200),
        ("an object 200 deep", '{"a":' * 200 + "0" + "}" * 200),
    ):
        yield Example(f"deviceId is {words}", f'{{"deviceId": {text}}}'.encode("ascii"))


ALIKE = ("deviceid", "DEVICEID", "DeviceId", "device_id", "device-id", "deviceId ", "deviceId\0", "\uff44eviceId")
OTHER_NAMES = ("id", "device", "deviceNo", "nodeId", "uuid", "imei")
NESTED = ("data", "body", "params", "request", "__proto__")


def _name() -> Iterator[Example]:
    # Many mistakes at once: each would take one of these for deviceId.
    nested = {name: {"deviceId": DEVICE} for name in NESTED}
    members = {**dict.fromkeys((*ALIKE, *OTHER_NAMES), DEVICE), "deviceIds": [DEVICE], **nested}
    text = json.dumps(members, ensure_ascii=False).encode("utf-8")
    yield Example("deviceId is everywhere but at its place", text, f"deviceId={DEVICE}")
    for name in (
        "id",
        "deviceid",
        "device_id",
        "deviceIds",
        "deviceId ",
        "device",
        "\uff44eviceId",
        "",
        "DeviceId",
        "DEVICEID",
        "device-id",
        " deviceId",
        "deviceId\0",
        "deviceld",
        "devic\u0435Id",
        "deviceI\u0307d",
        "dev\u0131ceId",
        "deviceId[]",
        "deviceId.0",
        "$deviceId",
        "'deviceId'",
        "nodeId",
        "appId",
    ):
        body = json.dumps({name: DEVICE}, ensure_ascii=False).encode("utf-8")
        yield Example(f"the member is called {shown(name)} instead of deviceId", body)
    for words, value in (
        ("deviceId stands in a nested object", {"body": {"deviceId": DEVICE}}),
        ("deviceId stands in the member data", {"data": {"deviceId": DEVICE}}),
        ("deviceId stands in __proto__", {"__proto__": {"deviceId": DEVICE}}),
        ("deviceId stands in a list", {"devices": [{"deviceId": DEVICE}]}),
        ("deviceId is null, with deviceid beside it", {"deviceId": None, "deviceid": DEVICE}),
        ("deviceId is the name's value", {"name": "deviceId", "value": DEVICE}),
    ):
        yield Example(words, json.dumps(value).encode("ascii"))


def _spelling() -> Iterator[Example]:
    small = tuple((name.lower(), value) for name, value in HEADERS)
    yield Example("the names of the headers in small letters", headers=small)
    for words, body in (
        ("no white space at all", b'{"deviceId":"--device--"}'),
        ("the name's letters escaped", b'{"\\u0064\\u0065\\u0076\\u0069\\u0063\\u0065\\u0049\\u0064": "--device--"}'),
        ("spaces around everything", b' \r\n\t { \t"deviceId"\n:\r"--device--" } \r\n\t '),
        ("a letter of the name escaped in capitals", b'{"device\\u0049d": "--device--"}'),
        ("the name's escape in mixed case", b'{"de\\u0076ice\\u0049d": "--device--"}'),
        ("a line break behind the object", b'{"deviceId": "--device--"}\n'),
        ("carriage returns", b'\r{\r"deviceId"\r:\r"--device--"\r}\r'),
        ("a thousand spaces", b'{"deviceId": ' + b" " * 1000 + b'"--device--"}'),
        ("a thousand line breaks before it", b"\n" * 1000 + BODY),
        ("tabs", b'\t{\t"deviceId"\t:\t"--device--"\t}\t'),
    ):
        yield Example(f"the same JSON, written with {words}", body)


SOURCES: dict[str, Callable[[], Iterator[Example]]] = {
    "generated-device-id-characters": _characters,
    "generated-device-id-length": _length,
    "generated-device-id-near-existing": _near,
    "generated-device-id-plain": _plain,
    "generated-device-id-type": _type,
    "generated-device-id-name": _name,
    "generated-json-spelling": _spelling,
}
