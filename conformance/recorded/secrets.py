"""The secrets of a recording: whatever a client or a target used as one, in any call of the file.

What is looked for is bounded: a message that has more secrets than that isn't looked through to its end, and whoever
shows it shows nothing of it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from conformance.evidence.positions import CREDENTIAL_WORDS, SCHEMES
from conformance.recorded.content import Odd, answer_body, request_body

__all__ = ["MOST", "MOST_OF_ONE", "Secrets", "secrets"]

MOST, MOST_OF_ONE = 12_000, 1000
"""Secrets that are learned of a recording, and of one of its entries: each takes some kilobytes."""

SECRET_NAME = re.compile(rf"(?i){CREDENTIAL_WORDS}|(api|app|access|private|client|subscription)[-_]?key")
"""Here the word key alone may be anything."""

ABOUT_SECRETS = re.compile(r"(?i)(type|expir\w*|scope|ur[il]|endpoint|method|mode|policy|status)$")
"""How names end that only say something of a secret, as tokenType does."""

OF_ADDRESSES = re.compile(r"(?i)key|sig|(^|[_-])(code|ticket|otp|pin|hmac|hash|sas|sid)$")
"""What names of parameters of an address have in them besides; webhooks carry their secrets so."""

PASSWORD = re.compile(r"(?i)passw|passphrase|pwd")
NAMING = re.compile(rf"(?i){CREDENTIAL_WORDS}|key|bearer|basic|negotiate|ntlm|passcode")
TELLING = re.compile(r"(?i)bearer|PRIVATE KEY|eyJ|A[KS]IA|://|\bkey\b")
BEHIND_A_SCHEME = re.compile(r"(?i)(?<![\w-])(bearer|basic|token|negotiate|ntlm)[ \t]+\"?([A-Za-z0-9._~+/=-]{8,4096})")
PAIR = re.compile(r"(?<![A-Za-z_-])([A-Za-z_-]{2,100})=\"?([^\s;,&\"'<>]{4,4096})")
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(.{1,16384}?)-----END", re.DOTALL)
MEMBER = re.compile(
    r"(?<![\w.-])([A-Za-z_][\w.-]{1,60})\\*[\"']?[ \t]*(?::|=>)[ \t]*(\\*[\"'])?([^\s\"',;&<>{}\[\]\\]{4,4096})"
)
"""A member as JSON, YAML, JavaScript and people write it, also in a text that is none of them."""

ELEMENT = re.compile(
    r"<(?:[\w.-]{1,40}:)?([A-Za-z_][\w.-]{1,60})(?:\s[^<>]{0,400})?>\s{0,40}(?:<!\[CDATA\[)?([^<>\]]{4,4096})"
)
NAMED_PART = re.compile(
    r"\b(?:name|key|id)=[\"']([^\"'<>\r\n]{2,60})[\"'](?:[^<>\r\n]{0,200}>\s{0,40}"
    r"|[^\r\n]{0,200}\r?\n(?:[^\r\n]{1,400}\r?\n){0,4}\r?\n)([^<>\r\n]{4,4096})"
)
"""An element that is named by an attribute, and a part of a form."""

IN_PROSE = re.compile(
    r"(?i)\b((?:(?:api|app|access|secret|client)[ _-]?)?key|\w{0,30}token|\w{0,30}secret|password|passphrase|passcode"
    r"|credentials?|session(?:[ _-]?id)?|cookie|signature|nonce|jwt)"
    r"(?=[\s:=\"'`<(\[\\])"
    r"[ \t]*(?:(?:is|was|of|for|value|named?|[:=]|\\*[\"'`<(\[])[ \t]*){0,3}([^\s\"'`<>()\[\],;\\]{6,4096})"
)
SELF_EVIDENT = re.compile(
    r"\beyJ[\w-]{6,4096}\.[\w-]{4,8192}(?:\.[\w-]{0,4096}){0,3}"
    r"|\b(?:A[KS]IA|ABIA|ACCA)[0-9A-Z]{16}\b(?:[\s:,;/|]{1,3}[A-Za-z0-9/+=]{20,128})?"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|sk-|[sr]k_(?:live|test)_|npm_|AIza)[\w-]{16,255}"
)
"""What is a credential by its form alone."""

ADDRESS = re.compile(r"https?:(?:\\?/){2}[^\s\"'<>]{1,4096}")
RANDOM = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[!-~]{8,}|(?=[!-~]*[a-z][A-Z])[!-~]{12,}|[!-~]{24,}")
"""What isn't likely to be a word."""

LIKE_A_KEY = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[!-~]{12,}")

SCHEME = re.compile(rf"(?i)\s*({SCHEMES})(?:[\s:]+|(?<=bearer))")
LONGEST_NAME = 100
"""Characters of a name that are looked at."""

DEEPEST = 100
MOST_NESTED = 3
"""JSON within strings of JSON."""

LONGEST_BODY = 1024 * 1024
"""Characters of a body that are looked through; of what is longer, reports show the beginning only."""

SHORTEST = 6
"""Characters. What is shorter in a place that isn't meant for credentials may be anything: a flag, a language."""

Found = Iterator[tuple[str, str]]
"""Secrets, each with the name of the variable that stands in its place."""


@dataclass(frozen=True)
class Secrets:
    """What is secret in a recording, each with the name of its variable; entries that have more than is learned."""

    names: Mapping[str, str]
    beyond: frozenset[int]


def secrets(entries: tuple[Any, ...]) -> Secrets:
    """The secrets in ENTRIES, a HAR file's, as parsed; whatever can't be read has none."""
    names: dict[str, str] = {}
    beyond: set[int] = set()
    for number, entry in enumerate(entries, 1):
        before = len(names)
        for secret, name in _of_entry(entry):
            if secret in names:
                continue
            if len(names) >= MOST or len(names) - before >= MOST_OF_ONE:
                beyond.add(number)
                break
            names[secret] = name
    return Secrets(names, frozenset(beyond))


def _of_entry(entry: Any) -> Found:
    for side in (entry.get("request"), entry.get("response")) if isinstance(entry, dict) else ():
        if isinstance(side, dict):
            for secret, name in _of_message(side):
                # Half a surrogate pair has no bytes that could turn up anywhere.
                yield secret.encode("utf-8", "ignore").decode("utf-8"), name


def _of_message(side: Mapping[str, Any]) -> Found:
    for name, value in _pairs(side.get("headers")):
        yield from _of_header(name, value)
        yield from _in_text(value)
    if isinstance(reason := side.get("statusText"), str):
        yield from _in_text(reason)
    for _, value in _pairs(side.get("cookies")):
        yield from _long(value, "COOKIE")
    for name, value in _pairs(side.get("queryString")):
        yield from _of_parameter(name, value)
    for member in ("url", "redirectURL"):
        if isinstance(url := side.get(member), str):
            yield from _of_url(url)
    for member in ("postData", "content"):
        if isinstance(content := side.get(member), dict):
            yield from _of_content(content, side)


def _pairs(listed: Any) -> Iterator[tuple[str, str]]:
    """Names and values of a list of HAR's, those that are text."""
    for one in listed if isinstance(listed, list) else ():
        name, value = (one.get("name"), one.get("value")) if isinstance(one, dict) else (None, None)
        if isinstance(name, str) and isinstance(value, str):
            yield name, value


def _of_header(name: str, value: str) -> Found:
    match name.lower():
        case "app_key":
            yield from ((line.strip(), "APP_KEY") for line in value.split("\n"))
        case "authorization" | "proxy-authorization":
            for line in value.split("\n"):
                yield from _of_authorization(line, "ACCESS_TOKEN" if name.lower() == "authorization" else "CREDENTIALS")
        case "cookie" | "set-cookie":
            # Behind the first pair a server says how long and where its cookie holds.
            pairs = re.split(r"[;\n]", value) if name.lower() == "cookie" else re.findall(r"(?m)^[^;\n]*", value)
            yield from (found for pair in pairs for found in _long(pair.partition("=")[2], "COOKIE"))
        case "location" | "referer" | "content-location":
            yield from _of_url(value)
        case lower if lower.endswith("-authenticate"):
            # What a server asks for stands there in words, and a part of a handshake in digits.
            yield from (found for word in value.split() if RANDOM.fullmatch(word) for found in _long(word, "MASKED"))
        case lower if not lower.startswith(":"):
            yield from _named(name, value)


def _of_authorization(line: str, variable: str) -> Found:
    token = SCHEME.sub("", line, count=1).strip()
    yield token, variable
    if re.match(r"(?i)\s*basic", line):
        try:
            plain = base64.b64decode(token, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return
        yield plain, "CREDENTIALS"
        yield plain.partition(":")[2], "PASSWORD"


def _of_url(url: str) -> Found:
    try:
        parts = urlsplit(url)
        user, password = parts.username, parts.password
    except ValueError:
        return
    if password:
        yield password, "PASSWORD"
        yield unquote(password), "PASSWORD"
    yield from _long(unquote(user or ""), "CREDENTIALS")
    for text in (parts.query, parts.fragment):
        for name, value in parse_qsl(text):
            yield from _of_parameter(name, value)
    yield from _of_path(parts.path)


def _of_parameter(name: str, value: str, deep: int = MOST_NESTED) -> Found:
    """The secrets of a parameter of an address, which may be an address itself."""
    yield from _named(name, value)
    if OF_ADDRESSES.search(name) and not ABOUT_SECRETS.search(name):
        yield from _long(value, "MASKED")
    if deep and "=" in value:
        for inner, one in parse_qsl(value.partition("?")[2] or value):
            yield from _of_parameter(inner, one, deep - 1)
    yield from _in_text(value)


def _of_path(path: str) -> Found:
    """What stands behind a name of secrets in PATH, as in /token/…, and what is one by its form."""
    segments = [unquote(one) for one in path.split("/")]
    for name, value in pairwise(segments):
        if SECRET_NAME.search(name) and RANDOM.fullmatch(value):
            yield from _long(value, "MASKED")
    # Before the platform's own path a gateway has words; what isn't one may let anybody in.
    for value in segments[: segments.index("iocm")] if "iocm" in segments else ():
        if LIKE_A_KEY.fullmatch(value):
            yield from _long(value, "MASKED")
    for found in SELF_EVIDENT.findall(unquote(path)):
        yield from _long(found, "MASKED")


def _of_content(content: Mapping[str, Any], side: Mapping[str, Any]) -> Found:
    for name, value in _pairs(content.get("params")):
        yield from _named(name, value)
    if isinstance(comment := content.get("comment"), str):
        yield from _in_text(comment)
    if not isinstance(text := content.get("text"), str):
        return
    decoded = _decoded(content, side) if content.get("encoding") or not text.isascii() else text
    for one in dict.fromkeys((text, decoded)):
        yield from _of_body(one)


def _decoded(content: Mapping[str, Any], side: Mapping[str, Any]) -> str:
    """The text that CONTENT, of the message SIDE, stands for where it is encoded; as far as it is one."""
    headers = tuple(_pairs(side.get("headers")))
    try:
        if "content" in side:
            body, _ = answer_body({**side, "bodySize": -1}, 0, headers, "", broken=False)
        else:
            body = request_body(content, {}, headers)[0] or b""
    except Odd:
        body = b""
    if not body and str(content.get("encoding")).lower() == "base64":
        # It may have been cut, or be compressed.
        digits = re.sub(r"[^A-Za-z0-9+/]", "", content["text"][: 2 * LONGEST_BODY])
        body = base64.b64decode(digits[: len(digits) // 4 * 4])
    # What is left of ASCII in UTF-16.
    return body.replace(b"\0", b"").decode("utf-8", "replace")


def _of_body(text: str) -> Found:
    start = text[:LONGEST_BODY]
    if not (SECRET_NAME.search(start) or TELLING.search(start) or SELF_EVIDENT.search(start)):
        return
    yield from _in_text(start)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        yield from _in_pieces(start)
        for name, one in parse_qsl(start, max_num_fields=None):
            yield from _named(name, one)
        return
    yield from _of_json(value, DEEPEST)


def _of_json(value: Any, deep: int, under: str = "", nested: int = MOST_NESTED) -> Found:
    """The secrets in VALUE, which stands UNDER a name: what is in a secret is one, whatever its own name."""
    if deep and isinstance(value, list):
        for one in value:
            yield from _of_json(one, deep - 1, under, nested)
    elif deep and isinstance(value, dict):
        for name, one in value.items():
            if under and RANDOM.fullmatch(name):
                yield from _named(under, name)
            yield from _of_json(one, deep - 1, name if not under or _names_a_secret(name) else under, nested)
    elif isinstance(value, str):
        yield from _named(under, value)
        if nested and value.lstrip()[:1] in ("{", "["):
            try:
                inner = json.loads(value)
            except (ValueError, RecursionError):
                return
            yield from _of_json(inner, deep, under, nested - 1)
    elif isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < 4096:  # noqa: PLR2004 (so many bits can be written)
        yield from _named(under, str(value))


def _in_pieces(text: str) -> Found:
    """What stands in TEXT, which is no JSON, as the value of a name: in XML, or in a form of several parts."""
    for name, value in chain(ELEMENT.findall(text), NAMED_PART.findall(text)):
        yield from _named(name, value.strip())


def _in_text(text: str) -> Found:
    """What stands in TEXT behind a word that says it is secret."""
    if NAMING.search(text):
        yield from _behind_names(text)
    for found in SELF_EVIDENT.findall(text):
        for word in re.split(r"[\s:,;|]+", found):
            yield from _long(word, "MASKED")
    for address in ADDRESS.findall(text):
        yield from _of_address(address.replace("\\/", "/"))
    for key in PRIVATE_KEY.findall(text):
        for line in re.split(r"\s+|\\n", key):
            yield from _long(line, "MASKED")


def _behind_names(text: str) -> Found:
    for scheme, word in BEHIND_A_SCHEME.findall(text):
        yield from _long(word, "CREDENTIALS" if scheme.lower() == "basic" else "ACCESS_TOKEN")
    for name, value in PAIR.findall(text):
        yield from _named(name, value)
    for name, quote, value in MEMBER.findall(text):
        if quote or PASSWORD.search(name) or RANDOM.fullmatch(value):
            yield from _named(name, value)
    for name, word in IN_PROSE.findall(text):
        value = word.rstrip(".:!?")
        if RANDOM.fullmatch(value):
            yield from _long(value, "ACCESS_TOKEN" if "token" in name.lower() else "CREDENTIALS")


def _of_address(url: str) -> Found:
    """The secrets in URL, which stands in a text."""
    if "?" in url or "#" in url or "@" in url or SECRET_NAME.search(url) or "eyJ" in url:
        head, _, query = url.partition("?")
        yield from _of_url(head)
        for name, value in parse_qsl(query.replace("#", "&")):
            if (OF_ADDRESSES.search(name) and not ABOUT_SECRETS.search(name)) or SECRET_NAME.search(name):
                yield from _long(value, "MASKED")


@lru_cache(maxsize=4096)
def _names_a_secret(name: str) -> bool:
    return SECRET_NAME.search(name) is not None


@lru_cache(maxsize=4096)
def _tells_of_secrets(name: str) -> bool:
    return ABOUT_SECRETS.search(name) is not None


def _named(name: str, value: str) -> Found:
    name = name[:LONGEST_NAME]
    if _names_a_secret(name) and not _tells_of_secrets(name):
        for line in value.split("\n"):
            yield from _long(SCHEME.sub("", line, count=1).strip(), "CREDENTIALS")


def _long(value: str, variable: str) -> Found:
    value = value.strip().strip('"')
    if len(value) >= SHORTEST:
        yield value, variable
