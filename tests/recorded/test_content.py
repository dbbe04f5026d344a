"""Bodies as exporters store them: what was cut, replaced or never unpacked isn't the target's; what is whole is."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.recorded import judging
from tests.recorded.conftest import BODY, TASK

Change = Callable[[Any], object]
Har = Callable[..., Path]


def outcome(path: Path) -> tuple[int, str]:
    """The exit status of judging PATH, and what becomes of answer-json."""
    record = judging.judge_file(path, strict=False, allow_untested=False).record
    (found,) = (one.outcome for one in record.requirements if one.id == "answer-json")
    return record.exit_status, found


def stored(text: str, encoding: str | None = None, *, size: int = -1, **headers: str) -> Change:
    """The answer's body is stored as TEXT, beside HEADERS that say how it came; no other size is known."""

    def change(entry: Any) -> None:
        content = {"size": size, "mimeType": "application/json", "text": text}
        entry["response"].update(content=content | ({"encoding": encoding} if encoding else {}), bodySize=-1)
        entry["response"]["headers"] += [
            {"name": name.replace("_", "-"), "value": value} for name, value in headers.items()
        ]

    return change


def digits(raw: bytes) -> str:
    """RAW in base64."""
    return base64.b64encode(raw).decode("ascii")


def chunked(raw: bytes) -> str:
    """RAW in chunks, as it goes over the wire."""
    half = len(raw) // 2
    parts = (raw[:half], raw[half:], b"")
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts).decode("latin-1")


RAW = BODY.encode()
PACKED = gzip.compress(RAW)
LONG = json.dumps({**TASK, "taskId": "x" * 70_000})
DEFLATED = zlib.compress(RAW)[2:-4]
READ: dict[str, Change] = {
    "gzip in base64": stored(digits(PACKED), "base64", size=len(PACKED), Content_Encoding="gzip"),
    "gzip in base64, other size": stored(digits(PACKED), "base64", size=len(RAW), Content_Encoding="x-gzip"),
    "gzip as characters": stored(PACKED.decode("latin-1"), size=len(PACKED), Content_Encoding="gzip"),
    "deflate": stored(digits(zlib.compress(RAW)), "base64", Content_Encoding="deflate"),
    "deflate without its head": stored(digits(DEFLATED), "base64", Content_Encoding="deflate"),
    "gzip twice": stored(digits(gzip.compress(PACKED)), "base64", Content_Encoding="gzip, gzip"),
    "gzip in base64, its header taken out": stored(digits(PACKED), "base64", size=len(PACKED)),
    "chunks": stored(chunked(RAW), size=len(chunked(RAW)), Transfer_Encoding="chunked"),
    "chunks of gzip": stored(
        digits(chunked(PACKED).encode("latin-1")), "base64", Transfer_Encoding="chunked", Content_Encoding="gzip"
    ),
    "unpacked": stored(BODY, Content_Encoding="br", Transfer_Encoding="chunked"),
}
LACKING: dict[str, Change] = {
    "gzip with replaced characters": stored(PACKED.decode("utf-8", "replace"), size=90, Content_Encoding="gzip"),
    "gzip with replaced characters, its header taken out": stored(PACKED.decode("utf-8", "replace"), size=90),
    "undefined": stored("undefined", size=9),
    "an object as a script prints it": stored("[object Object]", size=15),
    "a blob as a script prints it": stored("[object Blob]", size=13),
    "bytes as Python prints them": stored(repr(RAW), size=len(RAW) + 3),
    "base64 that isn't called so": stored(digits(RAW), Content_Length=str(len(RAW))),
    "escaped as in HTML": stored(BODY.replace('"', "&quot;"), Content_Length=str(len(RAW))),
    "within a string": stored(json.dumps(BODY), Content_Length=str(len(RAW))),
    "half of gzip": stored(digits(PACKED[:60]), "base64", size=60, Content_Encoding="gzip"),
    "gzip that never ends": stored(
        digits(gzip.compress(b"[" + b" " * 20_000_000 + b"]")), "base64", Content_Encoding="gzip"
    ),
    "brotli": stored(digits(b"\x1b\xf4\x00\x00\x84\xa6" * 8), "base64", size=48, Content_Encoding="br"),
    "zstd": stored("(\ufffd/\ufffd\x04\0", Content_Encoding="zstd"),
    "half of its chunks": stored(chunked(RAW)[:90], size=90, Transfer_Encoding="chunked"),
    "binary data omitted": stored("[binary data omitted]"),
    "omitted with its length": stored("[binary data omitted]", size=21),
    "not available": stored("<content not available>"),
    "redacted": stored("REDACTED", size=8),
    "a phrase": stored("Response body is too large to be shown"),
    "truncated in brackets": stored(BODY[:50] + "... [truncated 300 bytes]", size=75),
    "truncated in a line": stored(BODY[:50] + "\n<truncated>", size=62),
    "more bytes": stored(BODY[:50] + " (106 more bytes)", size=67),
    "a byte less than 64 KiB": stored(LONG[:65_535], size=65_535),
    "50 KiB": stored(LONG[:51_200]),
    "ten thousand": stored(LONG[:10_000], size=0),
    "anywhere, without a size": stored(BODY[:41]),
    "empty, without a size": stored(""),
    "broken off": lambda e: (stored("", size=0)(e), e["response"].update(_error="net::ERR_ABORTED")),
    "broken off within": lambda e: (stored(BODY[:41], size=41)(e), e.update(_error="net::ERR_FAILED")),
}
WRONG: dict[str, Change] = {
    "cut by the target": stored(BODY[:41], Content_Length="41"),
    "cut by the target, with its size": stored(BODY[:41], size=41),
    "cut by the target at a limit": stored(LONG[:65_536], Content_Length="65536"),
    "a mark of the target": stored(BODY[:41] + "...", Content_Length="44"),
    "words of the target": stored("[body omitted]", Content_Length="14"),
    "undefined, and as long": stored("undefined", Content_Length="9"),
    "a string, and as long": stored(json.dumps(BODY), Content_Length=str(len(json.dumps(BODY)))),
    "empty": stored("", size=0),
    "empty by its header": stored("", Content_Length="0"),
    "no JSON": stored("<html>limit exceeded</html>", size=27),
    "no JSON, without a size": stored("<html>limit exceeded</html>"),
    "an object that isn't JSON": stored("{'taskId': 't'}"),
    "gzip of no JSON": stored(digits(gzip.compress(b"<html>")), "base64", Content_Encoding="gzip"),
    "binary, not compressed": stored(digits(b"\1\2\3\xff"), "base64", size=4),
}


@pytest.mark.parametrize("change", READ.values(), ids=list(READ))
def test_body_is_read_as_a_client_reads_it(har: Har, entry: Any, change: Change) -> None:
    """What was stored as it came over the wire is unpacked and judged."""
    change(entry)

    assert (7, "passed") == outcome(har(entry))


@pytest.mark.parametrize("change", LACKING.values(), ids=list(LACKING))
def test_what_the_exporter_did_is_not_the_target_s(har: Har, entry: Any, change: Change) -> None:
    """A body that the exporter cut, replaced or didn't unpack isn't judged."""
    change(entry)

    assert (7, "not tested") == outcome(har(entry))


@pytest.mark.parametrize("change", WRONG.values(), ids=list(WRONG))
def test_what_the_target_did_is_held_against_it(har: Har, entry: Any, change: Change) -> None:
    """A body that the recording shows to be whole is judged as it is, however much it looks cut or replaced."""
    change(entry)

    assert (1, "failed") == outcome(har(entry))


REPLACED = [
    *("redacted", "REDACTED", "(redacted)", "[redacted]", "<redacted>", "xxxxxxxx", "***", "****1234", "{{app_key}}"),
    *(
        "${APP_KEY}",
        "%REDACTED%",
        "__REDACTED__",
        "--hidden--",
        "[Filtered]",
        "removed",
        "your-app-key",
        "•••••",
        "SCRUBBED",
        "REMOVED-ID",
        "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
    ),
]


@pytest.mark.parametrize("value", REPLACED)
def test_what_was_replaced_is_not_compared(har: Har, entry: Any, value: str) -> None:
    """A value that says that it stands for another is compared with nothing, whoever's it is."""
    places: dict[str, Change] = {
        "app_key": lambda e: e["request"]["headers"][0].update(value=value),
        "appId": lambda e: e["request"].update(url=e["request"]["url"] + f"?appId={value}".replace("%", "%25")),
        "deviceId": lambda e: e["request"]["postData"].update(text=json.dumps({"deviceId": value}), size=-1),
        "the answer's appId": stored(json.dumps({**TASK, "appId": value})),
        "the answer's deviceId": stored(json.dumps({**TASK, "deviceId": value})),
        "the answer's status": stored(json.dumps({**TASK, "status": value})),
        "the answer's totalCount": stored(json.dumps({**TASK, "totalCount": value})),
        "the answer's Content-Type": lambda e: e["response"]["headers"][0].update(value=value),
    }
    found = {}
    for place, change in places.items():
        changed = json.loads(json.dumps(entry))
        change(changed)
        found[place] = outcome(har(changed))[0]

    assert dict.fromkeys(places, 7) == found


@pytest.mark.parametrize("value", ["application-2", "redaction-service", "0", "my-application", "a.b-c_d"])
def test_what_was_not_replaced_is_compared(har: Har, entry: Any, value: str) -> None:
    """Other values are compared as before."""
    entry["request"]["headers"][0]["value"] = value

    assert 1 == outcome(har(entry))[0]


def test_replaced_credentials_are_no_mistake_of_the_client(har: Har, entry: Any) -> None:
    """Nor is anybody blamed for a token that was taken out."""
    entry["request"]["headers"][1]["value"] = "[redacted]"

    assert () == judging.judge_file(har(entry), strict=False, allow_untested=False).requests


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([{"name": "Date", "value": "x"}], 7),
        ([{"name": "Content-Type", "value": "application/json, application/json"}], 7),
        ([{"name": "Content-Type", "value": "application/json\napplication/json"}], 7),
        ([{"name": "Content-Type", "value": "application/json, text/html"}], 1),
        ([{"name": "Content-Type", "value": "text/html"}], 1),
        ([{"name": "Content-Type", "value": ""}], 7),
        ([{"name": "Content-Type", "value": "5"}], 7),
    ],
    ids=str,
)
def test_media_type_that_the_exporter_lost(har: Har, entry: Any, headers: list[Any], status: int) -> None:
    """Where only the headers lack a type that was seen, or repeat it, that isn't the target's."""
    entry["response"]["headers"] = headers

    assert status == outcome(har(entry))[0]


@pytest.mark.parametrize("seen", ["", "x-unknown", "text/plain"])
def test_media_type_that_there_never_was(har: Har, entry: Any, seen: str) -> None:
    """An answer without Content-Type is wrong where no exporter saw one."""
    entry["response"]["headers"] = [{"name": "Date", "value": "x"}]
    entry["response"]["content"]["mimeType"] = seen

    assert 1 == outcome(har(entry))[0]
