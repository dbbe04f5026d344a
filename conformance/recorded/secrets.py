"""The secrets of a recording: whatever a client or a target used as one, in any call of the file."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from conformance.evidence.positions import CREDENTIAL_WORDS, SCHEMES

__all__ = ["secrets"]

SECRET_NAME = re.compile(rf"(?i){CREDENTIAL_WORDS}|(api|app|access|private|client|subscription)[-_]?key")
"""Here the word key alone may be anything."""

ABOUT_SECRETS = re.compile(r"(?i)(type|expir\w*|scope|ur[il]|endpoint|method|mode|policy|status)$")
"""How names end that only say something of a secret, as tokenType does."""

TELLING = re.compile(r"(?i)bearer|PRIVATE KEY")
BEHIND_A_SCHEME = re.compile(r"(?i)(?<![\w-])(bearer|basic|token)[ \t]+\"?([A-Za-z0-9._~+/=-]{8,4096})")
PAIR = re.compile(r"([A-Za-z_-]{2,40})=\"?([^\s;,&\"'<>]{4,4096})")
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(.{1,16384}?)-----END", re.DOTALL)

SCHEME = re.compile(rf"(?i)\s*({SCHEMES})(?:[\s:]+|(?<=bearer))")
DEEPEST = 6
LONGEST_BODY = 1024 * 1024
SHORTEST = 6
"""Characters. What is shorter in a place that isn't meant for credentials may be anything: a flag, a language."""

Found = Iterator[tuple[str, str]]
"""Secrets, each with the name of the variable that stands in its place."""


def secrets(entries: tuple[Any, ...]) -> Found:
    """The secrets in ENTRIES, a HAR file's, as parsed; whatever can't be read has none."""
    sides = (entry.get(name) for entry in entries if isinstance(entry, dict) for name in ("request", "response"))
    for side in sides:
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
        yield from _named(name, value)
    for member in ("url", "redirectURL"):
        if isinstance(url := side.get(member), str):
            yield from _of_url(url)
    for member in ("postData", "content"):
        if isinstance(content := side.get(member), dict):
            yield from _of_content(content)


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
        case "cookie":
            for pair in re.split(r"[;\n]", value):
                yield from _long(pair.partition("=")[2], "COOKIE")
        case "set-cookie":
            for line in value.split("\n"):
                yield from _long(line.partition(";")[0].partition("=")[2], "COOKIE")
        case "location" | "referer" | "content-location":
            yield from _of_url(value)
        case lower if not lower.startswith(":") and not lower.endswith("-authenticate"):
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
            yield from _named(name, value)


def _of_content(content: Mapping[str, Any]) -> Found:
    for name, value in _pairs(content.get("params")):
        yield from _named(name, value)
    text = content.get("text")
    if not isinstance(text, str) or len(text) > LONGEST_BODY or not (SECRET_NAME.search(text) or TELLING.search(text)):
        return
    yield from _in_text(text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        for name, one in parse_qsl(text, max_num_fields=None):
            yield from _named(name, one)
        return
    yield from _of_json(value, DEEPEST)


def _of_json(value: Any, deep: int, under: str = "") -> Found:
    """The secrets in VALUE, which stands UNDER a name: what is in a secret is one, whatever its own name."""
    if deep and isinstance(value, list):
        for one in value:
            yield from _of_json(one, deep - 1, under)
    elif deep and isinstance(value, dict):
        for name, one in value.items():
            yield from _of_json(one, deep - 1, name if SECRET_NAME.search(name) or not under else under)
    elif isinstance(value, str):
        yield from _named(under, value)


def _in_text(text: str) -> Found:
    """What stands in TEXT behind a word that says it is secret."""
    for scheme, word in BEHIND_A_SCHEME.findall(text):
        yield from _long(word, "CREDENTIALS" if scheme.lower() == "basic" else "ACCESS_TOKEN")
    for name, value in PAIR.findall(text):
        yield from _named(name, value)
    for key in PRIVATE_KEY.findall(text):
        for line in re.split(r"\s+|\\n", key):
            yield from _long(line, "MASKED")


def _named(name: str, value: str) -> Found:
    if SECRET_NAME.search(name) and not ABOUT_SECRETS.search(name):
        for line in value.split("\n"):
            yield from _long(SCHEME.sub("", line, count=1).strip(), "CREDENTIALS")


def _long(value: str, variable: str) -> Found:
    value = value.strip().strip('"')
    if len(value) >= SHORTEST:
        yield value, variable
