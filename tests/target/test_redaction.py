"""Secrets, however they are spelled, leave the redaction as the names of variables."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from conformance.evidence.redaction import Redaction
from conformance.exchange import Exchange, Fault, Request, Response

TOKEN = "Sq7/x+Zt='\"\\ü-9f3K_longer.than~that"
PLAIN = "b7Rk2QwX9zLm4TfV"


def _redaction(*secrets: str) -> Redaction:
    redaction = Redaction()
    for secret in secrets:
        redaction.learn(secret, "ACCESS_TOKEN")
    return redaction


SPELLINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "URL-encoded": lambda secret: quote(secret, safe=""),
    "URL-encoded, slashes left": quote,
    "form-encoded": quote_plus,
    "URL-encoded in small letters": lambda secret: quote(secret, safe="").replace("%2F", "%2f").replace("%2B", "%2b"),
    "wholly URL-encoded": lambda secret: "".join(f"%{byte:02X}" for byte in secret.encode()),
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON in UTF-8": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "JSON with escaped slashes": lambda secret: secret.replace("/", "\\/"),
    "Python": lambda secret: repr(secret)[1:-1],
    "hexadecimal": lambda secret: secret.encode().hex(),
    "HEXADECIMAL": lambda secret: secret.encode().hex().upper(),
    "lower case": str.lower,
    "upper case": str.upper,
    "swapped case": str.swapcase,
}


@pytest.mark.parametrize("name", SPELLINGS)
@pytest.mark.parametrize("secret", [PLAIN, TOKEN])
def test_every_spelling_is_replaced(name: str, secret: str) -> None:
    """A secret is replaced in text and in bytes of each encoding, however it is written."""
    spelled = SPELLINGS[name](secret)
    if name == "URL-encoded in small letters" and secret == TOKEN:
        spelled = quote(secret, safe="").lower()
    redaction = _redaction(secret)
    assert redaction.text(f"before {spelled} behind") == "before $ACCESS_TOKEN behind"
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        body = f"before {spelled} behind".encode(encoding)
        assert redaction.apply(body) == "before $ACCESS_TOKEN behind".encode(encoding)


def test_every_character_escaped_is_replaced() -> None:
    """A secret whose every character is a JSON escape is replaced, in either letter case of the digits."""
    for form in ("\\u{:04x}", "\\u{:04X}"):
        assert _redaction(PLAIN).text("".join(form.format(ord(one)) for one in PLAIN)) == "$ACCESS_TOKEN"


@pytest.mark.parametrize("before", ["", "a", "ab", "Bearer "])
@pytest.mark.parametrize("behind", ["", "x", "xy"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_at_any_place_is_replaced(before: str, behind: str, encode: Callable[[bytes], bytes]) -> None:
    """Of a text in base64 that holds a secret, all that is the secret's own is replaced."""
    for secret in (PLAIN, TOKEN):
        spelled = encode(f"{before}{secret}{behind}".encode()).decode()
        shown = _redaction(secret).text(spelled)
        assert "$ACCESS_TOKEN" in shown
        # What is left holds the neighbours, and no more than some bits of the secret's ends.
        assert len(shown) <= len(encode(f"{before}{behind}".encode())) + len("$ACCESS_TOKEN") + 4


EDITS: dict[str, Callable[[str], str]] = {
    "cut short": lambda token: token[:-1],
    "cut in half": lambda token: token[: len(token) // 2],
    "another first character": lambda token: f"A{token[1:]}",
    "other last characters": lambda token: f"{token[:-3]}AAA",
    "a space within": lambda token: f"{token[:12]} {token[12:]}",
    "other letter case": str.swapcase,
    "reversed halves": lambda token: token[8:] + token[:8],
}


@pytest.mark.parametrize("name", EDITS)
def test_what_an_edit_made_of_a_secret_is_a_secret(name: str) -> None:
    """A header with an edited token teaches its words, so that an echo of them is replaced, in base64 too."""
    redaction = _redaction(PLAIN)
    edited = EDITS[name](PLAIN)
    redaction.derive((("Authorization", f"Bearer {edited}"),))
    # The first word; what is left of it may be too little to be of use.
    word = edited.split()[0]
    assert word not in redaction.text(f"you sent {edited}")
    assert base64.b64encode(word.encode()).decode().rstrip("=")[:-1] not in redaction.text(
        base64.b64encode(word.encode()).decode()
    )


def test_edited_secret_has_a_name_of_its_own() -> None:
    """A reader can tell the edited token from the right one; one with more behind it shows what that is."""
    redaction = _redaction(PLAIN)
    redaction.derive((("Authorization", f"Bearer {PLAIN[:-1]} {PLAIN.swapcase()}"), ("Other", f"Bearer {PLAIN}0")))
    assert redaction.text(PLAIN) == "$ACCESS_TOKEN"
    assert redaction.text(f"{PLAIN[:-1]}.") == "$EDITED_ACCESS_TOKEN."
    assert redaction.text(PLAIN.swapcase()) == "$EDITED_ACCESS_TOKEN"
    assert redaction.text(f"{PLAIN}0") == "$ACCESS_TOKEN0"


def test_ordinary_headers_teach_nothing() -> None:
    """Headers that have nothing of a secret are left as they are."""
    redaction = _redaction(PLAIN)
    headers = (("Authorization", "Bearer 0000000000000000"), ("Content-Type", "application/json"), ("app_key", ""))
    redaction.derive(headers)
    request = Request("POST", "http://target/", headers, b"{}")
    assert redaction.apply(request) == request


@pytest.mark.parametrize("length", range(6, len(PLAIN)))
def test_cut_secret_is_replaced(length: int) -> None:
    """Where a text was cut within a secret, the beginning that is left is replaced; in bytes too."""
    redaction = _redaction(PLAIN)
    assert redaction.text(f"it is {PLAIN[:length]}… (900 characters)") == "it is $ACCESS_TOKEN… (900 characters)"
    assert redaction.apply(f"\xff{PLAIN[:length]}…".encode()) == "\xff$ACCESS_TOKEN…".encode()


def test_nothing_that_is_no_text_is_touched() -> None:
    """Bytes that are no UTF-8 stay as they are, but for the secret in them."""
    redaction = _redaction(PLAIN)
    noise = bytes(range(256))
    assert redaction.apply(noise + PLAIN.encode() + noise) == noise + b"$ACCESS_TOKEN" + noise
    assert redaction.apply(noise + "…".encode()) == noise + "…".encode()


def test_longest_secret_first() -> None:
    """Of two secrets, one of which is part of the other, each keeps its own name."""
    redaction = Redaction()
    redaction.learn(PLAIN[:8], "APP_KEY")
    redaction.learn(PLAIN, "ACCESS_TOKEN")
    assert redaction.text(f"{PLAIN} {PLAIN[:8]}") == "$ACCESS_TOKEN $APP_KEY"


def test_short_secret_is_replaced_in_its_headers_only() -> None:
    """A secret of three characters would turn words into variables; in the headers of credentials it is replaced."""
    redaction = _redaction("abc")
    request = Request("POST", "http://target/abc", (("Authorization", "Bearer abc"), ("X", "abc")), b"abc")
    headers = (("Authorization", "Bearer $ACCESS_TOKEN"), ("X", "abc"))
    assert redaction.apply(request) == Request("POST", "http://target/abc", headers, b"abc")


def test_nested_values_are_walked() -> None:
    """Everything in an exchange, and in collections of exchanges, is redacted."""
    headers = ((f"X-{PLAIN}", PLAIN),)
    exchange = Exchange(
        Request("POST", f"http://target/?{PLAIN}", headers, PLAIN.encode()),
        Response(201, PLAIN, "HTTP/1.1", headers, PLAIN.encode()),
        Fault("broken", PLAIN),
        0.0,
        0.0,
        PLAIN,
        PLAIN,
        (PLAIN,),
    )
    shown = _redaction(PLAIN).apply([{"id": (exchange, None, 1)}])
    assert PLAIN not in repr(shown)
    assert repr(shown).count("$ACCESS_TOKEN") == 12


def test_own_words_stay() -> None:
    """Ids, keys of dictionaries and other words of the suite's own stay, though a secret be the same word."""
    exchange = Exchange(
        Request("POST", "http://target/", (), None), None, Fault("timeout", "a timeout of 1 s"), 0.0, 0.0
    )
    shown = _redaction("timeout").apply({"timeout": exchange})
    assert list(shown) == ["timeout"]
    assert shown["timeout"].fault == Fault("timeout", "a $ACCESS_TOKEN of 1 s")


def test_names_that_were_put_in_stay() -> None:
    """A secret that is part of a variable's name doesn't tear the name apart."""
    redaction = Redaction()
    redaction.learn(PLAIN, "ACCESS_TOKEN")
    redaction.learn("TOKEN", "APP_KEY")
    assert redaction.text(f"{PLAIN} TOKEN") == "$ACCESS_TOKEN $APP_KEY"
    assert redaction.apply(f"{PLAIN} TOKEN".encode()) == b"$ACCESS_TOKEN $APP_KEY"
