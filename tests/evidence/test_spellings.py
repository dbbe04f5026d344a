"""However a secret is spelled, it is found: by property, for any secret and any two spellings of it."""

from __future__ import annotations

import base64
import html
import json
import quopri
import textwrap
from collections.abc import Callable
from itertools import product
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

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

PASSWORDS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=("Cc",)), min_size=8)
SECRETS = (HEADER_TEXT | PASSWORDS).filter(lambda secret: not is_common(secret))
SURROUNDINGS = st.sampled_from(["", " ", '{"a": "', "token ", "before/", "Bearer ", "x", "ünd "])


def _visible(shown: str, spelled: str) -> bool:
    return spelled in shown


@pytest.mark.parametrize("name", SPELLINGS)
@settings(max_examples=25, deadline=None)
@given(secret=SECRETS, before=SURROUNDINGS, behind=st.sampled_from(["", " ", '"}', ".", "\n"]), data=st.data())
def test_no_composition_of_two_spellings_shows_a_secret(
    name: str, secret: str, before: str, behind: str, data: st.DataObject
) -> None:
    """Spelled in one way, and that in another, a secret is masked, and masking once more changes nothing."""
    outer = data.draw(st.sampled_from(sorted(SPELLINGS)), label="outer")
    spelled = SPELLINGS[outer](SPELLINGS[name](secret))
    redaction = Redaction()
    redaction.learn(secret, "ACCESS_TOKEN")
    for shown in (
        redaction.text(f"{before}{spelled}{behind}"),
        redaction.apply(f"{before}{spelled}{behind}".encode()).decode(),
    ):
        assert spelled not in shown
        assert "$ACCESS_TOKEN" in shown
        assert redaction.text(shown) == shown
