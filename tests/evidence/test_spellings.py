"""However a secret is spelled, it is found: by property, for any secret and any two spellings of it."""

from __future__ import annotations

import base64
import html
import json
import quopri
import textwrap
import time
import unicodedata
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from conformance.evidence.glyphs import visible
from conformance.evidence.redaction import Redaction
from conformance.evidence.spellings import views
from conformance.evidence.vocabulary import is_common


def _digits(text: str, form: str) -> str:
    return "".join(form.format(ord(one)) for one in text)


def _of_units(text: str, form: str) -> str:
    """TEXT with FORM for each unit of UTF-16."""
    raw = text.encode("utf-16-be")
    return "".join(form.format(int.from_bytes(raw[at : at + 2], "big")) for at in range(0, len(raw), 2))


def _wrapped(text: str, width: int = 16, end: str = "\n") -> str:
    return end.join(textwrap.wrap(text, width))


def _raw(text: str) -> bytes:
    return text.encode("utf-8")


SPELLINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "lower case": str.lower,
    "upper case": str.upper,
    "swapped case": str.swapcase,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON with slashes escaped": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON as templates write it": lambda text: json.dumps(text)[1:-1].translate(
        {ord(one): f"\\u{ord(one):04x}" for one in "=+/&<>'"}
    ),
    "JSON, all escaped": lambda text: _of_units(text, "\\u{:04X}"),
    "Python": lambda text: repr(text)[1:-1],
    "Python's bytes": lambda text: repr(_raw(text))[2:-1],
    "octal": lambda text: "".join(f"\\{byte:03o}" for byte in _raw(text)),
    "HTML": html.escape,
    "HTML in decimals": lambda text: _digits(text, "&#{};"),
    "HTML in hexadecimal": lambda text: _digits(text, "&#x{:X};"),
    "HTML in hexadecimal with zeros": lambda text: _digits(text, "&#x{:06x};"),
    "HTML by names": lambda text: text.translate(
        {ord("&"): "&amp;", ord("="): "&equals;", ord("+"): "&plus;", ord("/"): "&sol;"}
    ),
    "percent": lambda text: quote(text, safe=""),
    "percent in small letters": lambda text: "".join(f"%{byte:02x}" for byte in _raw(text)),
    "percent, slashes left": quote,
    "form": quote_plus,
    "double percent": lambda text: quote(quote(text, safe=""), safe=""),
    "quoted-printable": lambda text: quopri.encodestring(_raw(text)).decode("ascii"),
    "hexadecimal": lambda text: _raw(text).hex(),
    "HEXADECIMAL": lambda text: _raw(text).hex().upper(),
    "hexadecimal with colons": lambda text: _raw(text).hex(":"),
    "hexadecimal of C": lambda text: ", ".join(f"0x{byte:02x}" for byte in _raw(text)),
    "hexadecimal of UTF-16": lambda text: text.encode("utf-16-le").hex(),
    "base64": lambda text: base64.b64encode(_raw(text)).decode("ascii"),
    "base64 behind one byte": lambda text: base64.b64encode(b"x" + _raw(text)).decode("ascii"),
    "base64 behind two bytes": lambda text: base64.b64encode(b"xy" + _raw(text) + b"z").decode("ascii"),
    "base64 without padding": lambda text: base64.urlsafe_b64encode(_raw(text)).decode("ascii").rstrip("="),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(_raw(text)).decode("ascii"),
    "base64 in lines": lambda text: _wrapped(base64.b64encode(_raw(text)).decode("ascii")),
    "base64 in lines of CRLF": lambda text: _wrapped(base64.b64encode(_raw(text)).decode("ascii"), 11, "\r\n "),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode("ascii"),
    "base32": lambda text: base64.b32encode(_raw(text)).decode("ascii"),
    "base32 in small letters": lambda text: base64.b32encode(b"abc" + _raw(text)).decode("ascii").lower(),
    "base32 in lines": lambda text: _wrapped(base64.b32encode(_raw(text)).decode("ascii"), 8),
}

HEADER_TEXT = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=60)
"""What can stand in a header."""

_LATIN = st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=["Cc"])
PASSWORDS = st.text(_LATIN, min_size=8, max_size=60).filter(
    lambda secret: secret == secret.strip() and len(secret) == len(secret.upper()) == len(secret.lower())
)
"""Where a letter becomes two in another case, changing it again makes something else of it."""

SECRETS = (HEADER_TEXT | PASSWORDS).filter(lambda secret: not is_common(secret))
BEFORE = st.sampled_from(["", " ", '{"a": "', "token ", "before/", "Bearer ", "x", "ünd ", "100% "])
BEHIND = st.sampled_from(["", " ", '"}', ".", "\n", " %", "ß"])
MARKER = "$ACCESS_TOKEN"
EDITED = "$EDITED_ACCESS_TOKEN"


def _redaction(*secrets: str) -> Redaction:
    redaction = Redaction()
    for secret in secrets:
        redaction.learn(secret, "ACCESS_TOKEN")
    return redaction


@pytest.mark.parametrize("outer", SPELLINGS)
@settings(max_examples=60, deadline=None)
@given(secret=SECRETS, inner=st.sampled_from(sorted(SPELLINGS)), before=BEFORE, behind=BEHIND)
@example(secret="ends-in=", inner="JSON as templates write it", before="", behind="")
@example(secret="a+b/c=d+e", inner="HTML in hexadecimal", before="x", behind="")
@example(secret="percent%41ly", inner="JSON, all escaped", before="", behind="")
@example(secret="back\\slash\\u0041", inner="JSON", before="", behind="")
@example(secret="and&amp;lt;more", inner="HTML", before="", behind="")
@example(secret="00\xa000" + "\xa0\xa00" + "\xa0" * 15 + "¡", inner="hexadecimal of C", before="token ", behind="")
@example(secret="0\\¡000¡0", inner="Python", before="", behind="")
def test_no_composition_of_two_spellings_shows_a_secret(
    outer: str, secret: str, inner: str, before: str, behind: str
) -> None:
    """Spelled in one way, and that in another, a secret is masked, and masking once more changes nothing."""
    # In UTF-16, letters that aren't ASCII and escapes together are read only as far as bytes without NUL go.
    assume(secret.isascii() or "UTF-16" not in outer + inner)
    spelled = SPELLINGS[outer](SPELLINGS[inner](secret))
    redaction, text = _redaction(secret), f"{before}{spelled}{behind}"
    for shown in (redaction.text(text), redaction.apply(text.encode()).decode()):
        assert spelled not in shown
        assert MARKER in shown or EDITED in shown
        assert shown == redaction.text(shown)


@settings(max_examples=200, deadline=None)
@given(secret=HEADER_TEXT.filter(lambda secret: not is_common(secret)), before=BEFORE, behind=BEHIND)
def test_neighbours_stay(secret: str, before: str, behind: str) -> None:
    """What stands before and behind a secret is shown, unless a part of it belongs to the secret, too."""
    assume(secret not in (before + secret + behind)[1:].replace(secret, "", 1))
    shown = _redaction(secret).text(f"{before}{secret}{behind}")
    assert f"{before}{MARKER}{behind}" == shown


@settings(max_examples=200, deadline=None)
@given(text=st.text() | st.text(st.sampled_from("\\\\%&#;=u0041x+/AB \n\"'{}")))
def test_text_without_secrets_is_unchanged(text: str) -> None:
    """Whatever text has no secret in it, nor a URL with a password, stays as it is; as bytes, too."""
    assume("//" not in text)
    redaction = _redaction("b7Rk2QwX9zLm4TfV", "Sq7/x+Zt='\"\\ü-9f3K_longer.than~that")
    assert text == redaction.text(text)
    assert text.encode("utf-8", "surrogatepass") == redaction.apply(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=200, deadline=None)
@given(data=st.binary())
def test_bytes_without_secrets_are_unchanged(data: bytes) -> None:
    """Bytes that are no text stay as they are."""
    assume(b"//" not in data)
    assert data == _redaction("b7Rk2QwX9zLm4TfV").apply(data)


@settings(max_examples=50, deadline=None)
@given(secrets=st.lists(SECRETS, min_size=1, max_size=60, unique=True), data=st.data())
def test_any_number_of_secrets(secrets: list[str], data: st.DataObject) -> None:
    """Each of any number of secrets is masked, however each of them is spelled, and masking again changes nothing."""
    names = data.draw(st.lists(st.sampled_from(sorted(SPELLINGS)), min_size=len(secrets), max_size=len(secrets)))
    spelled = [SPELLINGS[name](secret) for name, secret in zip(names, secrets, strict=True)]
    redaction = _redaction(*secrets)
    shown = redaction.text(" | ".join(spelled))
    assert [] == [one for one in spelled if one in shown]
    assert shown == redaction.text(shown)


TEXTS = {
    "plain": b'{"commandId": "0123456789abcdef", "status": "PENDING"}, ',
    "escapes": rb"\u0041%41&#65;=41\x41%2541&amp;#65;\\u005cu0041",
    "base64": base64.b64encode(base64.b64encode(b"base64 of base64 of a text of some length")),
    "backslashes": b"\\",
    "ampersands": b"&amp;amp",
    "percents": b"%25",
    "NUL": b"a\0b\0",
    "zeros": b"0",
}


@pytest.mark.parametrize("name", TEXTS)
def test_work_grows_as_the_text_does(name: str) -> None:
    """A text of twice the length has views of about twice the length, whatever is in it."""
    sizes = []
    for length in (20_000, 40_000):
        text = (TEXTS[name] * (length // len(TEXTS[name]) + 1))[:length]
        sizes.append(sum(len(view.text) for view in views(text, 20, 20)))
    assert sizes[1] <= 2.2 * sizes[0]
    assert sizes[1] <= 400 * 40_000


def test_letters_outside_ascii_make_no_text_of_everything() -> None:
    """A secret with no two letters of ASCII in a row is found, too, and doesn't make each look take for minutes."""
    secret = "é\u4e2dà\u6587ö\u5b57"
    redaction = Redaction()
    redaction.learn(secret, "SECRET")
    started = time.process_time()
    text = "".join(f"{number:032x}/{number}" for number in range(4000))

    assert text == redaction.text(text)
    assert "$SECRET" == redaction.text(base64.b64encode(json.dumps(secret).strip('"').encode()).decode())
    assert time.process_time() - started < 13


UNUSUAL: dict[str, Callable[[str], str]] = {
    "backwards": lambda text: text[::-1],
    "backwards in base64": lambda text: base64.b64encode(_raw(text[::-1])).decode("ascii"),
    "numbers of bytes": lambda text: json.dumps(list(_raw(text))),
    "numbers of bytes without commas": lambda text: " ".join(map(str, _raw(text))),
    "zero-width spaces": "\u200b".join,
    "soft hyphens": "\u00ad".join,
    "soft hyphens by name": "&shy;".join,
    "zero-width joiners, escaped": "\\u200d".join,
    "places for a line break": "<wbr>".join,
    "tags between characters": "<br/>".join,
    "comments between characters": "<!-- -->".join,
    "a CDATA section that ends within": lambda text: f"<![CDATA[{text[:9]}]]><![CDATA[{text[9:]}]]>",
    "two literals": lambda text: f'"{text[:9]}" + "{text[9:]}"',
    "literals that Python broke up": lambda text: f"b'{text[:9]}'\nE        b'{text[9:]}'",
    "a list of characters": lambda text: json.dumps(list(text)),
    "wide letters": lambda text: "".join(chr(ord(one) + 0xFEE0) for one in text),
    "UTF-7": lambda text: text.replace("-", "+AC0-").replace("_", "+AF8-"),
    "marks of direction": lambda text: f"\u202e{text[::-1]}\u202c",
}


def test_whatever_is_not_seen() -> None:
    """Between its characters stands, one after the other, every character that shows nothing."""
    redaction, secret = Redaction(), "Zq8-secretToken_4711xyz"
    redaction.learn(secret, "ACCESS_TOKEN")
    unseen = [
        chr(code)
        for code in range(1, 0xE0200)
        if not (0xD800 <= code < 0xF900 or chr(code) == "\r")
        and visible(chr(code)) != chr(code)
        and unicodedata.category(chr(code)) not in ("Cn", "Co", "Zs")
    ]

    assert [] == [one for one in unseen if "$ACCESS_TOKEN" not in redaction.text(one.join(secret))]


@pytest.mark.parametrize("spelling", UNUSUAL)
def test_unusual_spellings(spelling: str) -> None:
    """Backwards, as numbers, or with what nobody sees between its characters, a secret is found as well."""
    redaction = Redaction()
    redaction.learn("Zq8-secretToken_4711xyz", "ACCESS_TOKEN")
    hidden = redaction.text(f"before {UNUSUAL[spelling]('Zq8-secretToken_4711xyz')} after")

    assert ("before", "after", True) == (hidden[:6], hidden[-5:], "$ACCESS_TOKEN" in hidden)


def test_short_secrets_are_not_looked_for_backwards() -> None:
    """What is short turns up backwards by chance."""
    redaction = Redaction()
    redaction.learn("k7-nim", "APP_KEY")

    assert "the word min-7k" == redaction.text("the word min-7k")
