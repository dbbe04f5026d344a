"""Reads HAR files as browsers, proxies and test tools write them.

What a recording lacks (bodies that were left out or cut, headers that were taken out) is known to be lacking, so that
nobody judges it. An entry that can't be read costs itself and is told; the others are read.
"""

from __future__ import annotations

import base64
import binascii
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

from conformance.client.draft import PATH
from conformance.contract import body as bodies
from conformance.evidence.exchange import Exchange, Headers, Request, Response
from conformance.files import content
from conformance.record.reading import LAST_SECOND, unreadable

__all__ = ["Call", "Recording", "read"]

Kind = Literal["call", "method", "path"]

NAME = PATH.rpartition("/")[2]
"""What tells this call from others also where the rest of the path is wrong."""

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
"""Methods by which a client may have meant this call. GET on its path is a call of its own."""

LONGEST_NUMBER = 400
LONGEST_TIME = 10**9
"""Milliseconds: more than eleven days."""

FRAMED = re.compile(r"(?i)h[23]|(http/)?[23](\.0)?")
"""HTTP versions whose sizes on the wire count frames, too."""

VERSION = re.compile(r"[!-~]{1,20}")
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
UNREADABLE = re.compile(r"[\x00-\x20\x7f\u2028\u2029\ud800-\udfff]")
SURROGATE = re.compile(r"[\ud800-\udfff]")
LEFT_OUT = re.compile(
    r"(?i)not (included|available|recorded|captured)|truncat|discard|omit|too (large|big)|limit|\bcut\b"
)
"""What exporters say in a comment, in the place of a body or beside a part of it."""

CUT_END = re.compile(r"(?i)(…|\.\.\.|\[?\(?truncated\)?\]?)\s*$")
LIMITS = (64 * 1024, 100_000)
"""Exporters cut bodies at multiples of these."""


@dataclass(frozen=True)
class Call:
    """A call of the recording, entry ENTRY of the file.

    kind is "call" for a POST to the path of the call, under whatever prefix, "method" where the method is another one,
    "path" where the path only resembles it. The lacking ones say in words why something isn't known, or are empty.
    """

    entry: int
    exchange: Exchange
    kind: Kind = "call"
    answer_lacking: str = ""
    body_lacking: str = ""
    headers_lacking: str = ""
    request_body_lacking: str = ""
    request_headers_lacking: str = ""
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


class _Odd(ValueError):
    """Why an entry can't be read."""


def read(path: Path) -> Recording:
    """The calls in the HAR file PATH, in their order; RecordError when it is no HAR."""
    log, entries = _entries(path)
    calls: list[Call] = []
    oddities: list[tuple[int, str]] = []
    passed_over: Counter[str] = Counter()
    for number, entry in enumerate(entries, 1):
        try:
            call = _call(number, entry, passed_over)
        except _Odd as odd:
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
    try:
        data = json.loads(content(path), parse_int=_integer, parse_float=_fraction)
    except OSError as error:
        raise unreadable(path, f"{error.strerror or error}") from error
    except RecursionError as error:
        raise unreadable(path, "no HAR file (nested too deep)") from error
    except MemoryError as error:
        raise unreadable(path, "too large to be read") from error
    except UnicodeDecodeError as error:
        raise unreadable(path, f"no HAR file (byte {error.start} isn't UTF-8)") from error
    except ValueError as error:
        raise unreadable(path, f"no HAR file (not JSON: {error})") from error
    log = data.get("log") if isinstance(data, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(log, dict) or not isinstance(entries, list):
        raise unreadable(path, "no HAR file (it has no list log.entries)")
    return log, entries


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
        raise _Odd("no request is recorded")
    method, url = request.get("method"), request.get("url")
    if not isinstance(method, str) or not isinstance(url, str):
        raise _Odd(f"the request's {'URL' if isinstance(method, str) else 'method'} isn't text")
    method = method.upper()
    if method not in CHANGING or not (method == "POST" or NAME.lower() in url.lower()):
        return None
    parts = _parts(url)
    right, near = parts.path.endswith(PATH), NAME.lower() in parts.path.lower()
    if method == "POST" and not right:
        passed_over[f"{parts.scheme}://{_host(parts)}{parts.path}"] += 1
    if not near:
        return None
    kind: Kind = "path" if not right else "call" if method == "POST" else "method"
    sent = Request(method, _without_user(parts), _headers(request, "the request"), None)
    return _read(number, entry, sent, kind)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise _Odd("its URL can't be read") from None
    if not parts.hostname or UNREADABLE.search(url):
        raise _Odd("its URL can't be read")
    return parts


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _without_user(parts: SplitResult) -> str:
    """The URL without user and password: no client sends them in the request's line."""
    return urlunsplit(parts._replace(netloc=_host(parts), fragment=""))


def _read(number: int, entry: Mapping[str, Any], sent: Request, kind: Kind) -> Call:
    posted = _member(entry["request"], "postData", "the request's postData")
    request_body, request_lacking = _request_body(posted, entry["request"], sent.headers)
    duration, oddity = _duration(entry.get("time"))
    started = _started(entry.get("startedDateTime"))
    response = entry.get("response")
    if not isinstance(response, dict):
        answer, answer_lacking, body_lacking = None, "no response is recorded", ""
    else:
        answer, answer_lacking, body_lacking = _response(response)
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
        oddity=oddity,
    )


def _response(response: Mapping[str, Any]) -> tuple[Response | None, str, str]:
    """(the answer, why there is none, why its body isn't known)."""
    status = response.get("status")
    if isinstance(status, float) and status.is_integer():
        status = int(status)
    if type(status) is not int or not (status <= 0 or 100 <= status <= 599):  # noqa: PLR2004 (as HTTP has them)
        raise _Odd("the answer's status isn't a status of HTTP")
    if status <= 0:
        # Browsers and proxies record a call that got no answer so.
        return None, "no answer is recorded", ""
    headers = _headers(response, "the answer")
    version = response.get("httpVersion")
    version = version if isinstance(version, str) and VERSION.fullmatch(version) else ""
    body, lacking = _answer_body(response, status, headers, version)
    reason = response.get("statusText")
    return Response(status, reason if isinstance(reason, str) else "", version, headers, body), "", lacking


def _member(holder: Mapping[str, Any], name: str, words: str) -> Mapping[str, Any] | None:
    value = holder.get(name)
    if value is not None and not isinstance(value, dict):
        raise _Odd(f"{words} isn't an object")
    return value


def _headers(holder: Mapping[str, Any], whose: str) -> Headers:
    listed = holder.get("headers", [])
    if not isinstance(listed, list):
        raise _Odd(f"{whose}'s headers aren't a list")
    return tuple(line for header in listed for line in _lines(header, whose))


def _lines(header: Any, whose: str) -> Iterator[tuple[str, str]]:
    name, value = (header.get("name"), header.get("value")) if isinstance(header, dict) else (None, None)
    if not isinstance(name, str):
        raise _Odd(f"a header of {whose} has no name")
    if name.startswith(":"):
        # HTTP/2 has method, path and status among the headers.
        return
    if not TOKEN.fullmatch(name):
        raise _Odd(f"a header of {whose} has a name that none can have")
    if not isinstance(value, str):
        raise _Odd(f"the header {name} of {whose} has no value")
    # Chrome joins the lines of one name so.
    for line in value.split("\n"):
        yield name, line.strip("\r")


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


# -- bodies ------------------------------------------------------------------------------------------------------------


def _answer_body(response: Mapping[str, Any], status: int, headers: Headers, version: str) -> tuple[bytes, str]:
    content = _member(response, "content", "the answer's content")
    sizes = _sizes(content or {}, response, headers, framed=FRAMED.fullmatch(version) is not None)
    if content is None or content.get("text") is None:
        known = status in (204, 304) or _length(headers) == 0
        return b"", "" if known else _without_text(content or {}, sizes, "the answer's body")
    return _decoded(content, sizes, "the answer's body")


def _request_body(
    posted: Mapping[str, Any] | None, request: Mapping[str, Any], headers: Headers
) -> tuple[bytes | None, str]:
    sizes = _sizes({}, request, headers, framed=False)
    if posted is None or posted.get("text") is None:
        params = posted.get("params") if posted else None
        if not any(sizes) and not params and not (posted and _comment(posted)):
            return None, ""
        sent = f", although {max(sizes)} bytes were sent" if any(sizes) else ""
        return None, f"the recording has no body of the request{sent}"
    # HAR has no member that says how a request's text is encoded; the suite's own recordings say it in the comment.
    named = {**posted, "encoding": posted.get("encoding") or ("base64" if posted.get("comment") == "base64" else None)}
    return _decoded(named, sizes, "the request's body")


def _sizes(content: Mapping[str, Any], holder: Mapping[str, Any], headers: Headers, *, framed: bool) -> list[int]:
    """The sizes that the recording gives for a body, those left out that count something else."""
    names = {name.lower() for name, _ in headers}
    sizes = [_size(content.get("size"))]
    if "content-encoding" not in names:
        sizes.append(_length(headers) or 0)
        on_wire = _size(holder.get("bodySize"))
        if framed or "transfer-encoding" in names:
            # Chunks and frames are counted as well: only much more than what is there shows that something isn't.
            on_wire = max(0, on_wire * 98 // 100 - 64)
        sizes.append(on_wire)
    return sizes


def _size(value: Any) -> int:
    return int(value) if type(value) in (int, float) and math.isfinite(value) and value > 0 else 0


def _length(headers: Headers) -> int | None:
    values = {value.strip() for name, value in headers if name.lower() == "content-length"}
    value = values.pop() if len(values) == 1 else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None  # noqa: PLR2004 (digits)


def _comment(content: Mapping[str, Any]) -> str:
    comment = content.get("comment")
    return comment if isinstance(comment, str) and LEFT_OUT.search(comment) else ""


def _without_text(content: Mapping[str, Any], sizes: list[int], what: str) -> str:
    size = f" of {max(sizes)} bytes" if any(sizes) else ""
    comment = _comment(content)
    return f"the recording lacks {what}{size}" + (f" ({comment[:80]})" if comment else "")


def _decoded(content: Mapping[str, Any], sizes: list[int], what: str) -> tuple[bytes, str]:
    """(the body, why it isn't known)."""
    text, encoding = content["text"], content.get("encoding")
    if not isinstance(text, str):
        raise _Odd(f"{what} isn't text")
    if encoding is not None and not isinstance(encoding, str):
        raise _Odd(f"the encoding of {what} isn't text")
    match (encoding or "").lower():
        case "":
            if SURROGATE.search(text):
                return b"", f"the recording has {what} with half a character in it"
            body = text.encode("utf-8")
        case "base64":
            decoded = _from_base64(text, sizes)
            if decoded is None:
                return b"", f"the recording calls {what} base64, which it isn't"
            body = decoded
        case _:
            return b"", f"the recording has {what} in an encoding that HAR doesn't have"
    if not body and (any(sizes) or _comment(content)):
        return b"", _without_text(content, sizes, what)
    if _is_cut(body, text, content, max(sizes)):
        size = f" of {max(sizes)}" if max(sizes) > len(body) else ""
        return b"", f"the recording has {len(body)}{size} bytes of {what}, which was cut"
    return body, ""


def _from_base64(text: str, sizes: list[int]) -> bytes | None:
    """What TEXT stands for; None when it isn't base64, whatever the recording says."""
    compact = "".join(text.split())
    try:
        body = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        return None
    # By chance plain text can be read as base64; then its own length is the one that is recorded.
    return None if len(compact) in sizes and len(body) not in sizes and not _is_json(body) else body


def _is_json(body: bytes) -> bool:
    try:
        bodies.parse(body)
    except bodies.NotJSON:
        return False
    return True


def _is_cut(body: bytes, text: str, content: Mapping[str, Any], size: int) -> bool:
    """Whether BODY is only a part of what was sent: a whole JSON text isn't, whatever sizes are recorded."""
    shorter = size > len(body)
    limited = any(part and len(part) % limit == 0 for part in (body, text) for limit in LIMITS)
    if not (shorter or limited or _comment(content) or CUT_END.search(text[-40:])):
        return False
    return not _is_json(body)
