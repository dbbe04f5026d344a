"""Reads HAR files as browsers, proxies and test tools write them.

What a recording lacks (bodies that were left out or cut, headers that were taken out) is known to be lacking, so that
nobody judges it. An entry that can't be read costs itself and is told; the others are read.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit, urlunsplit

from conformance import files
from conformance.client.draft import PATH
from conformance.evidence.exchange import Exchange, Headers, Request, Response
from conformance.record.reading import LAST_SECOND, unreadable
from conformance.recorded import content
from conformance.recorded.content import Odd

__all__ = ["Call", "Recording", "read"]

Kind = Literal["call", "method", "path"]

NAME = PATH.rpartition("/")[2]
"""What tells this call from others also where the rest of the path is wrong."""

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
"""Methods by which a client may have meant this call. GET on its path is a call of its own."""

LONGEST_NUMBER = 400
LONGEST_TIME = 10**9
"""Milliseconds: more than eleven days."""

VERSION = re.compile(r"[!-~]{1,20}")
PACKED = {b"\x1f\x8b": "gzip", b"PK\3\4": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
"""How files begin that hold others."""

BROKEN = re.compile(r"(?i)_.*(error|fail|abort|interrupt)")
JSON_TYPE = re.compile(r"(?i)\s*application/json\b")
SINGLE = frozenset({"content-type", "content-length"})
"""Headers that have one value, however often they are sent."""

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
OF_WORDS = re.compile(r"(/(v\d+(\.\d+)*|[A-Z]?[a-z]{1,14}((-|-?[A-Z])[a-z]{2,14}){0,5}))*/?")
"""Paths of words alone, as nobody gives to others as a secret."""

UNRESERVED = re.compile(r"%(2[DdEe]|3[0-9]|4[1-9A-Fa-f]|5[0-9Aa]|5[Ff]|6[1-9A-Fa-f]|7[0-9Aa]|7[Ee])")
UNREADABLE = re.compile(r"[\x00-\x20\x7f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True)
class Call:
    """A call of the recording, entry ENTRY of the file.

    kind is "call" for a POST to the path of the call, under whatever prefix, "method" where the method is another one,
    "path" where the path only resembles it. The lacking ones say in words why something isn't known, or are empty.
    request_size: the bytes of the request's body, as far as the recording gives them.
    """

    entry: int
    exchange: Exchange
    kind: Kind = "call"
    answer_lacking: str = ""
    body_lacking: str = ""
    headers_lacking: str = ""
    request_body_lacking: str = ""
    request_headers_lacking: str = ""
    media_type_lacking: str = ""
    request_size: int = 0
    oddity: str = ""


@dataclass(frozen=True)
class Recording:
    """What a HAR file holds of the call.

    oddities: entries that couldn't be read, each with the reason. passed_over: the other POSTs, with their numbers.
    sanitized: the exporter took the credentials out. raw: the entries as parsed.
    """

    calls: tuple[Call, ...]
    oddities: tuple[tuple[int, str], ...]
    passed_over: tuple[tuple[str, int], ...]
    sanitized: bool
    raw: tuple[Any, ...]


def read(path: Path) -> Recording:
    """The calls in the HAR file PATH, in their order; RecordError when it is no HAR."""
    log, entries = _entries(path)
    calls: list[Call] = []
    oddities: list[tuple[int, str]] = []
    passed_over: Counter[str] = Counter()
    for number, entry in enumerate(entries, 1):
        try:
            call = _call(number, entry, passed_over)
        except Odd as odd:
            oddities.append((number, str(odd)))
            continue
        if call is not None:
            calls.append(call)
    if entries and not any(isinstance(entry, dict) and isinstance(entry.get("request"), dict) for entry in entries):
        raise unreadable(path, "no HAR file (none of its entries has a request)")
    return Recording(
        tuple(calls), tuple(oddities), tuple(passed_over.most_common()), _sanitized(log, entries), tuple(entries)
    )


def _entries(path: Path) -> tuple[Mapping[str, Any], list[Any]]:
    raw = b""
    try:
        raw = files.content(path)
        data = json.loads(raw, parse_int=_integer, parse_float=_fraction)
    except OSError as error:
        raise unreadable(path, f"{error.strerror or error}") from error
    except RecursionError as error:
        raise unreadable(path, "no HAR file (nested too deep)") from error
    except MemoryError as error:
        raise unreadable(path, "too large to be read") from error
    except UnicodeDecodeError as error:
        raise unreadable(path, f"no HAR file ({_instead_of_text(raw, error)})") from error
    except ValueError as error:
        raise unreadable(path, f"no HAR file (not JSON: {error})") from error
    log = data.get("log") if isinstance(data, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(log, dict) or not isinstance(entries, list):
        raise unreadable(path, "no HAR file (it has no list log.entries)")
    return log, entries


def _instead_of_text(raw: bytes, error: UnicodeDecodeError) -> str:
    """What RAW, which can't be decoded for ERROR, is."""
    packed = next((name for start, name in PACKED.items() if raw.startswith(start)), None)
    if packed:
        return f"it is packed with {packed}; unpack it first"
    encoding = re.sub(r"-?(le|be|sig)$", "", error.encoding.lower()).replace("utf", "UTF")
    if encoding != "UTF-8" and error.end >= len(raw):
        return f"it is {encoding} that ends within a character"
    return f"byte {error.start} isn't {encoding}"


def _integer(digits: str) -> float:
    """A number too long to be one costs its entry only."""
    return int(digits) if len(digits) <= LONGEST_NUMBER else math.inf


def _fraction(digits: str) -> float:
    return float(digits) if len(digits) <= LONGEST_NUMBER else math.inf


def _sanitized(log: Mapping[str, Any], entries: list[Any]) -> bool:
    """Whether this is a recording of Chrome's that it took the credentials out of, as it does by default."""
    creator = log.get("creator")
    if not isinstance(creator, dict) or creator.get("name") != "WebInspector":
        return False
    requests = [entry.get("request") for entry in entries if isinstance(entry, dict)]
    listed = [request.get("headers") for request in requests if isinstance(request, dict)]
    headers = [header for one in listed if isinstance(one, list) for header in one if isinstance(header, dict)]
    return not any(str(header.get("name")).lower() in ("authorization", "cookie") for header in headers)


# -- one entry ---------------------------------------------------------------------------------------------------------


def _call(number: int, entry: Any, passed_over: Counter[str]) -> Call | None:
    """The entry as a call of ours; None when it is another one, which goes to PASSED_OVER if it is a POST."""
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        raise Odd("no request is recorded")
    method, url = request.get("method"), request.get("url")
    if not isinstance(method, str) or not isinstance(url, str):
        raise Odd(f"the request's {'URL' if isinstance(method, str) else 'method'} isn't text")
    method = method.upper()
    if method not in CHANGING or not (method == "POST" or NAME.lower() in _plain(url).lower()):
        return None
    parts = _parts(url)
    path = _plain(parts.path)
    right, near = path.endswith(PATH), NAME.lower() in path.lower()
    if method == "POST" and not right:
        # Of another service the path may be the secret, as webhooks have it.
        passed_over[f"{parts.scheme}://{_host(parts)}{path if OF_WORDS.fullmatch(path) else ''}"] += 1
    if not near:
        return None
    kind: Kind = "path" if not right else "call" if method == "POST" else "method"
    sent = Request(method, _without_user(parts), _headers(request, "the request"), None)
    return _read(number, entry, sent, kind)


def _plain(path: str) -> str:
    """PATH without the escapes of characters that need none: the same address (RFC 3986, section 6.2.2.2)."""
    return UNRESERVED.sub(lambda match: chr(int(match[1], 16)), path)


def _parts(url: str) -> SplitResult:
    # Some exporters write an address as it is shown.
    url = url.strip(" ").replace(" ", "%20")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise Odd("its URL can't be read") from None
    if not parts.hostname or UNREADABLE.search(url):
        raise Odd("its URL can't be read")
    return parts


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _without_user(parts: SplitResult) -> str:
    """The URL without user and password: no client sends them in the request's line."""
    return urlunsplit(parts._replace(netloc=_host(parts), fragment=""))


def _read(number: int, entry: Mapping[str, Any], sent: Request, kind: Kind) -> Call:
    posted = content.member(entry["request"], "postData", "the request's postData")
    request_body, request_lacking, request_size = content.request_body(posted, entry["request"], sent.headers)
    duration, oddity = _duration(entry.get("time"))
    started = _started(entry.get("startedDateTime"))
    response = entry.get("response")
    if not isinstance(response, dict):
        answer, answer_lacking, body_lacking = None, "no response is recorded", ""
    else:
        answer, answer_lacking, body_lacking = _response(response, broken=_broken_off(entry, response))
    return Call(
        entry=number,
        exchange=Exchange(
            request=replace(sent, body=request_body),
            response=answer,
            fault=None,
            started=started,
            duration_s=duration,
            edit="as recorded",
        ),
        kind=kind,
        answer_lacking=answer_lacking,
        body_lacking=body_lacking,
        headers_lacking="" if answer is None or answer.headers else "the recording has none of the answer's headers",
        request_body_lacking=request_lacking,
        request_headers_lacking="" if sent.headers else "the recording has none of the request's headers",
        media_type_lacking=_media_type_lacking(answer, response),
        request_size=request_size,
        oddity=oddity,
    )


def _response(response: Mapping[str, Any], *, broken: bool) -> tuple[Response | None, str, str]:
    """(the answer, why there is none, why its body isn't known); BROKEN: the exporter says that it broke off."""
    status = _status(response.get("status"))
    if status <= 0:
        # Browsers and proxies record a call that got no answer so.
        return None, "no answer is recorded", ""
    if status < 200:  # noqa: PLR2004 (where HTTP's final answers begin)
        return None, f"only {status} is recorded, which no answer ends with", ""
    headers = _headers(response, "the answer")
    version = response.get("httpVersion")
    version = version if isinstance(version, str) and VERSION.fullmatch(version) else ""
    body, lacking = content.answer_body(response, status, headers, version, broken=broken)
    reason = response.get("statusText")
    return Response(status, reason if isinstance(reason, str) else "", version, headers, body), "", lacking


def _status(value: Any) -> int:
    """The status VALUE, some exporters' text or fraction included."""
    if isinstance(value, str) and re.fullmatch(r"[1-5][0-9]{2}", value.strip()):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or not (value <= 0 or 100 <= value <= 599):  # noqa: PLR2004 (as HTTP has them)
        raise Odd("the answer's status isn't a status of HTTP")
    return value


def _broken_off(*holders: Mapping[str, Any]) -> bool:
    """Whether one of HOLDERS has a member of the exporter's own that tells of an error, as Chrome's _error does."""
    return any(value and BROKEN.match(name) for one in holders for name, value in one.items())


def _media_type_lacking(answer: Response | None, response: Any) -> str:
    """Why nobody knows the media type of ANSWER, which has headers: the exporter saw one that isn't among them."""
    stored = response.get("content") if isinstance(response, dict) else None
    seen = stored.get("mimeType") if isinstance(stored, dict) else None
    if answer is None or not answer.headers or not isinstance(seen, str):
        return ""
    if "/" in (answer.header("content-type") or ""):
        return ""
    # What browsers make of a body that has no Content-Type is another type.
    return "the recording lacks the answer's Content-Type, and names its type" if JSON_TYPE.match(seen) else ""


def _headers(holder: Mapping[str, Any], whose: str) -> Headers:
    listed = holder.get("headers", [])
    if not isinstance(listed, list):
        raise Odd(f"{whose}'s headers aren't a list")
    return tuple(line for header in listed for line in _lines(header, whose))


def _lines(header: Any, whose: str) -> Iterator[tuple[str, str]]:
    name, value = (header.get("name"), header.get("value")) if isinstance(header, dict) else (None, None)
    if not isinstance(name, str):
        raise Odd(f"a header of {whose} has no name")
    if name.startswith(":"):
        # HTTP/2 has method, path and status among the headers.
        return
    if not TOKEN.fullmatch(name):
        raise Odd(f"a header of {whose} has a name that none can have")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        value = str(value)
    if not isinstance(value, str):
        raise Odd(f"the header {name} of {whose} has no value")
    # Chrome joins the lines of one name so.
    for line in value.split("\n"):
        for one in _repeated(name, line.strip("\r")):
            yield name, one


def _repeated(name: str, line: str) -> list[str]:
    """The lines of the header NAME that some exporters join to LINE by commas, where they are all the same."""
    parts = [part.strip() for part in line.split(",")]
    return parts if name.lower() in SINGLE and len(parts) > 1 and len(set(parts)) == 1 else [line]


def _duration(value: Any) -> tuple[float, str]:
    """(seconds, what is odd about them)."""
    if value is None:
        return 0.0, ""
    if type(value) not in (int, float) or not math.isfinite(value) or value > LONGEST_TIME:
        return 0.0, "its time isn't a number of milliseconds"
    return max(0.0, float(value)) / 1000, ""


def _started(value: Any) -> float:
    """Seconds since the epoch, 0 where the recording has no moment that can be read."""
    try:
        moment = dt.datetime.fromisoformat(value)
        # The clock of whoever recorded it is unknown; the order of the entries isn't.
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return seconds if 0 <= seconds <= LAST_SECOND else 0.0
