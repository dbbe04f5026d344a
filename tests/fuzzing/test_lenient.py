"""Bodies that aren't JSON, and are read as an object all the same by one widespread parser or another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.fuzzing.lenient import strict

PLAIN = '{"deviceId": "d"}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PLAIN, {"deviceId": "d"}),
        ("{}", {}),
        ('{"a": [1, [], {"b": null}, {}], "c": true}', {"a": [1, [], {"b": None}, {}], "c": True}),
        # text after the object
        (f"{PLAIN} garbage", {"deviceId": "d"}),
        (f"{PLAIN}{PLAIN}", {"deviceId": "d"}),
        (f"{PLAIN}}}", {"deviceId": "d"}),
        (f"{PLAIN}\0", {"deviceId": "d"}),
        (f'{PLAIN}"', {"deviceId": "d"}),
        # white space and prefixes
        (f"\x0c\x00\u00a0\x1e{PLAIN}", {"deviceId": "d"}),
        (f")]}}'\n{PLAIN}", {"deviceId": "d"}),
        (f")]}}',\n{PLAIN}", {"deviceId": "d"}),
        # comments
        (f"/* a {{ */{PLAIN}", {"deviceId": "d"}),
        ('{// "x\n"deviceId": /**/ "d" # {\n}', {"deviceId": "d"}),
        # commas and colons
        ('{"deviceId": "d",}', {"deviceId": "d"}),
        ('{,"deviceId": "d",, "a": [1,,2,],}', {"deviceId": "d", "a": [1, 2]}),
        ('{"deviceId" = "d"; "a" => 1}', {"deviceId": "d", "a": 1}),
        # quotes
        ("{'deviceId': 'd\"'}", {"deviceId": 'd"'}),
        ("{deviceId: d}", {"deviceId": "d"}),
        ("{deviceId: a-b.c, 1: x}", {"deviceId": "a-b.c", "1": "x"}),
        # values that JSON doesn't have
        (
            '{"a": NaN, "b": -Infinity, "c": 01, "d": .5, "e": +1, "f": 0x1, "g": True, "h": undefined}',
            {"a": "NaN", "b": "-Infinity", "c": "01", "d": ".5", "e": "+1", "f": "0x1", "g": "True", "h": "undefined"},
        ),
        ('{"a": 1, "b": -0.5e3, "c": null, "d": false}', {"a": 1, "b": -500.0, "c": None, "d": False}),
        # strings
        ('{"a": "x\ty\nz\0"}', {"a": "x\ty\nz\0"}),
        ('{"a": "\\x41\\\'\\/\\n\\u0041\\\n"}', {"a": "x41'/\nAA"[:-1]}),
        ('{"a": "\\ud83d"}', {"a": "\ud83d"}),
    ],
)
def test_read(text: str, expected: Any) -> None:
    """What a lenient parser reads is had as strict JSON."""
    found = strict(text)

    assert found is not None
    assert expected == json.loads(found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "[]",
        f"[{PLAIN}]",
        '"d"',
        json.dumps(PLAIN),
        "null",
        "7",
        "d",
        "deviceId=d",
        "garbage {}",
        f"callback({PLAIN});",
        PLAIN[:-1],
        PLAIN[1:],
        PLAIN[:-2],
        '{"deviceId": "d"]',
        '{"a": [1}',
        '{"a": {]}',
        "{",
        '{"deviceId"}',
        '{"deviceId":}',
        '{"deviceId": ,}',
        '{"deviceId" "d"}',
        '{"deviceId":: "d"}',
        '{"a": 1 "b": 2}',
        '{"a": [1 2]}',
        '{"a": [1: 2]}',
        "{[]: 1}",
        '{"a": "\\u00"}',
        '{"a": "\\uzzzz"}',
        "{\"a\": u'd'}",
        f"/* never ended {PLAIN}",
        '{"a": /}',
        '{"a": \\}',
    ],
)
def test_not_read(text: str) -> None:
    """What is cut off, something else than an object, or nothing, no parser reads as an object."""
    assert strict(text) is None


def test_deep_and_long() -> None:
    """Nesting of any depth and strings of any length are read."""
    deep = '{"a":' * 3000 + "1" + "}" * 3000

    assert deep == strict(deep)
    assert strict('{"a": "' + "\\n" * 100_000 + '"}') is not None
    assert strict("{" * 100_000) is None
    assert strict('{"a": "' + "x" * 100_000) is None
