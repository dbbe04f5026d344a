"""Endless further examples of each class, from a seeded source."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from conformance.contract.bounds import LONGEST_ID
from conformance.fuzzing.corpus.device_ids import device_id, shown, written
from conformance.fuzzing.corpus.headers import with_line
from conformance.fuzzing.corpus.query import app_id
from conformance.fuzzing.example import APP_ID, APP_KEY, BODY, DEVICE, HEADERS, TOKEN, Example, excerpt, like
from conformance.fuzzing.random_text import plain, text

__all__ = ["edits"]

Make = Callable[[random.Random], Example]
VISIBLE = [chr(code) for code in range(0x21, 0x7F)]
STRUCTURE = (*(bytes([code]) for code in b"\"{}[]:,\\\0\xff \n'0#"), b"null", b"/*")
UNITS = ("z", "\u00e9", "\u8bbe", "\U0001f4a5")


def edits(input_class: str, source: random.Random) -> Iterator[Example]:
    """Examples of the class INPUT_CLASS without end."""
    make = _MAKERS[input_class]
    while True:
        yield make(source)


def _plain(source: random.Random) -> Example:
    value = plain(source)
    return device_id(value, f"text of {len(value)} characters: {shown(value)}")


def _characters(source: random.Random) -> Example:
    value = text(source)
    return device_id(value, f"text: {shown(value)}", ascii_only=source.random() < 0.3)  # noqa: PLR2004 (a share)


def _length(source: random.Random) -> Example:
    count = source.choice((60, 62, 63, 64, 64, 65, 65, 66, 70, 128, source.randint(66, 3000)))
    units = source.choices(UNITS, k=2)
    share = source.randint(0, count)
    value = units[0] * share + units[1] * (count - share)
    if value.isascii() and count <= LONGEST_ID:
        # Shorter text belongs to another class.
        value += "z" * (LONGEST_ID + 1)
    return device_id(value, f"{len(value)} characters, {len(value.encode())} bytes: {shown(value, 10)}")


def _near(source: random.Random) -> Example:
    name = source.choice(("upper", "lower", "swapcase", "capital", "fullwidth", "encoded"))
    base = source.choice((DEVICE, DEVICE, like(DEVICE, name)))
    piece = text(source, 4)
    value = base + piece if source.random() < 0.5 else piece + base  # noqa: PLR2004 (a share)
    return device_id(value, f"an existing one with more: {shown(value)}")


def _json(source: random.Random, depth: int = 3) -> Any:
    kind = source.randint(0, 7 if depth else 5)
    if kind <= 1:
        return source.choice((0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 0.1, 1e300, 10**30))
    if kind == 2:  # noqa: PLR2004 (one of the kinds)
        return source.choice((True, False, None))
    if kind <= 5:  # noqa: PLR2004 (one of the kinds)
        return source.choice((text(source, 12), DEVICE, plain(source, 6, 20)))
    if kind == 6:  # noqa: PLR2004 (one of the kinds)
        return [_json(source, depth - 1) for _ in range(source.randint(0, 4))]
    return {source.choice(("id", "deviceId", "$ne", "", text(source, 8))): _json(source, depth - 1) for _ in range(2)}


def _type(source: random.Random) -> Example:
    value = _json(source)
    while value is None or isinstance(value, str):
        value = _json(source)
    return device_id(value, f"no text: {excerpt(json.dumps(value), 50)}")


def _name(source: random.Random) -> Example:
    name = list("deviceId")
    place = source.randrange(len(name))
    edit = source.choice((name[place].swapcase(), "", name[place] * 2, text(source, 2)))
    name[place] = edit
    made = "".join(name)
    body = written({made if made != "deviceId" else "deviceIdd": DEVICE})
    return Example(f"the member is called {shown(made)} instead of deviceId", body)


def _spelling(source: random.Random) -> Example:
    def white() -> str:
        return "".join(source.choices(" \t\r\n", k=source.randint(0, 3)))

    def letter(character: str) -> str:
        code = f"{ord(character):04x}"
        return source.choice((character, character, f"\\u{code}", f"\\u{code.upper()}"))

    name = "".join(letter(character) for character in "deviceId")
    body = f'{white()}{{{white()}"{name}"{white()}:{white()}"{DEVICE}"{white()}}}{white()}'
    return Example(f"the same JSON, written as {json.dumps(body)[1:50]}", body.encode("ascii"))


def _not_object(source: random.Random) -> Example:
    value = _json(source)
    while isinstance(value, dict):
        value = _json(source)
    return Example(f"the body is no object: {excerpt(json.dumps(value), 50)}", written(value))


def _damaged(source: random.Random) -> Example:
    body = source.choice((BODY, BODY, b'{"a": [1, null, "b"], "deviceId": "--device--"}'))
    for _ in range(source.randint(1, 3)):
        place = source.randrange(len(body) + 1)
        kind = source.randint(0, 3)
        if kind == 0:
            body = body[:place] + source.choice(STRUCTURE) + body[place:]
        elif kind == 1:
            body = body[:place] + body[place + source.randint(1, 4) :]
        elif kind == 2:  # noqa: PLR2004 (one of the kinds)
            body = body[:place]
        else:
            end = source.randrange(place, len(body) + 1)
            body = body[:end] + body[place:end] + body[end:]
    if body.count(DEVICE.encode()) == 0 and b"device" in body:
        # What is left of the placeholder must not be taken for a device of that name.
        body = body.replace(b"device-", b"none-")
    return Example(f"a damaged body: {repr(body)[1:60]}", body)


def _encoding(source: random.Random) -> Example:
    place = source.randrange(len(BODY) + 1)
    firsts = [source.choice((0x80, 0xC0)) for _ in range(source.randint(1, 4))]
    raw = bytes(source.randint(first, 0xF7) for first in firsts)
    return Example(f"bytes {raw.hex(' ')} at {place}", BODY[:place] + raw + BODY[place:])


def _duplicates(source: random.Random) -> Example:
    values = [source.choice((f'"{DEVICE}"', '"none-such-device"', "null", "0", '""', "{}", "[]")) for _ in range(3)]
    members = ", ".join(f'"deviceId": {value}' for value in values[: source.randint(2, 3)])
    return Example(f"deviceId repeated: {members}", f"{{{members}}}".encode("ascii"))


def _further(source: random.Random) -> Example:
    members = {text(source, 10): _json(source) for _ in range(source.randint(1, 3))}
    items = [*members.items(), ("deviceId", DEVICE)]
    source.shuffle(items)
    body = written(dict(items))
    return Example(f"further members: {repr(body)[2:60]}", body)


def _line(source: random.Random) -> str:
    made = "".join(source.choices(VISIBLE, k=source.randint(1, 40)))
    return source.choice((made, made, f"{made} {made}", made + "\u00e9"))


def _app_key(source: random.Random) -> Example:
    line = _line(source)
    value = source.choice((line, line, APP_KEY + line, line + APP_KEY))
    return with_line("app_key", value, f"app_key is {shown(value)}")


def _token(source: random.Random) -> Example:
    line = _line(source)
    value = source.choice((f"Bearer {line}", f"Bearer {TOKEN}{line}", f"Bearer {line}{TOKEN}", f"{line} {TOKEN}", line))
    return with_line("Authorization", value, f"Authorization is {shown(value)}")


def _content_type(source: random.Random) -> Example:
    kind = source.choice(("application/json", "application/json; charset=", "application/", "text/", ""))
    value = (kind + _line(source)).strip()
    return with_line("Content-Type", value, f"the content type is {shown(value)}")


def _app_id(source: random.Random) -> Example:
    value = source.choice((text(source), plain(source), text(source, 500), APP_ID + plain(source, 6, 20)))
    return app_id(value, f"appId is {shown(value)}")


def _repeated(source: random.Random) -> Example:
    values = source.choices((APP_ID, "none-such-application", "", "none%20such"), k=source.randint(2, 4))
    parts = [f"appId={value}" for value in values] + [f"{source.choice(('a', 'none'))}=none-such"]
    source.shuffle(parts)
    return Example(f"the query is {'&'.join(parts)}", query="&".join(parts), headers=HEADERS)


_MAKERS: dict[str, Make] = {
    "generated-device-id-characters": _characters,
    "generated-device-id-length": _length,
    "generated-device-id-near-existing": _near,
    "generated-device-id-plain": _plain,
    "generated-device-id-type": _type,
    "generated-device-id-name": _name,
    "generated-json-spelling": _spelling,
    "generated-body-malformed": _damaged,
    "generated-body-encoding": _encoding,
    "generated-body-not-object": _not_object,
    "generated-duplicate-members": _duplicates,
    "generated-further-members": _further,
    "generated-content-type": _content_type,
    "generated-token": _token,
    "generated-app-key": _app_key,
    "generated-app-id": _app_id,
    "generated-repeated-parameters": _repeated,
}
