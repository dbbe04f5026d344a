"""Secrets, however they are spelled, leave the redaction as the names of variables."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from conformance.evidence.exchange import Exchange, Headers, Request, Response, TransportError
from conformance.evidence.redaction import LONGEST_VALUE, Redaction

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
    # In another letter case it is another value, and whoever reads on sees that.
    marker = "$EDITED_ACCESS_TOKEN" if spelled != secret and spelled.lower() == secret.lower() else "$ACCESS_TOKEN"
    redaction = _redaction(secret)
    assert f"before {marker} behind" == redaction.text(f"before {spelled} behind")
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        body = f"before {spelled} behind".encode(encoding)
        assert f"before {marker} behind".encode(encoding) == redaction.apply(body)


def test_every_character_escaped_is_replaced() -> None:
    """A secret whose every character is a JSON escape is replaced, in either letter case of the digits."""
    for form in ("\\u{:04x}", "\\u{:04X}"):
        assert "$ACCESS_TOKEN" == _redaction(PLAIN).text("".join(form.format(ord(one)) for one in PLAIN))


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
    assert "$ACCESS_TOKEN" == redaction.text(PLAIN)
    assert "$EDITED_ACCESS_TOKEN." == redaction.text(f"{PLAIN[:-1]}.")
    assert "$EDITED_ACCESS_TOKEN" == redaction.text(PLAIN.swapcase())
    assert "$ACCESS_TOKEN0" == redaction.text(f"{PLAIN}0")


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
    assert "it is $ACCESS_TOKEN… (900 characters)" == redaction.text(f"it is {PLAIN[:length]}… (900 characters)")
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
    assert "$ACCESS_TOKEN $APP_KEY" == redaction.text(f"{PLAIN} {PLAIN[:8]}")


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
        TransportError("broken", PLAIN),
        0.0,
        0.0,
        PLAIN,
        PLAIN,
        (PLAIN,),
    )
    shown = _redaction(PLAIN).apply([{"id": (exchange, None, 1)}])
    assert PLAIN not in repr(shown)
    assert 12 == repr(shown).count("$ACCESS_TOKEN")


def test_own_words_stay() -> None:
    """Ids, keys of dictionaries and other words of the suite's own stay, though a secret be the same word."""
    exchange = Exchange(
        Request("POST", "http://target/", (), None), None, TransportError(PLAIN, f"a {PLAIN} of 1 s"), 0.0, 0.0
    )
    shown = _redaction(PLAIN).apply({PLAIN: exchange})
    assert [PLAIN] == list(shown)
    assert shown[PLAIN].fault == TransportError(PLAIN, "a $ACCESS_TOKEN of 1 s")


def test_names_that_were_put_in_stay() -> None:
    """A secret that is part of a variable's name doesn't tear the name apart."""
    redaction = Redaction()
    redaction.learn(PLAIN, "ACCESS_TOKEN")
    # No word of the suite, but a part of the name.
    redaction.learn("SS_TOKEN", "APP_KEY")
    assert "$ACCESS_TOKEN SS_TOKEN" == redaction.text(f"{PLAIN} SS_TOKEN")
    redaction.learn("KEN and more", "APP_KEY")
    assert "TO$APP_KEY" == redaction.text("TOKEN and more")
    assert "$ACCESS_TOKEN" == redaction.text("$ACCESS_TOKEN")


@pytest.mark.parametrize("word", ["test", "true", "201", "deviceId", "DEVICEID", "expect", "timeout", "100022", "x9"])
def test_common_words_are_masked_in_their_places_only(word: str) -> None:
    """A secret that is a word of reports, or short, stays in other text; that it can't be told from it is said."""
    redaction = _redaction(word)
    request = Request("POST", f"http://target/?access_token={word}", (("Authorization", f"Bearer {word}"),), b"")
    shown = redaction.apply([request, f"{word}ed", word.encode()])
    masked = Request(
        "POST", "http://target/?access_token=$ACCESS_TOKEN", (("Authorization", "Bearer $ACCESS_TOKEN"),), b""
    )
    assert [masked, f"{word}ed", word.encode()] == shown
    assert ("ACCESS_TOKEN",) == redaction.indistinct


def test_uncommon_secrets_can_be_told() -> None:
    """A secret that is no word isn't reported as one, and neither is what an edit made of a word."""
    redaction = _redaction(PLAIN, TOKEN)
    redaction.learn("tes", "EDITED_ACCESS_TOKEN")
    assert () == redaction.indistinct


def _answer(headers: Headers = (), body: bytes = b"", *, request: Request | None = None) -> Exchange:
    """An exchange with an answer that has HEADERS and BODY."""
    asked = request or Request("POST", "http://target/", (), b'{"deviceId": "d-1"}')
    return Exchange(asked, Response(200, "OK", "HTTP/1.1", headers, body), None, 0.0, 0.0)


def test_secrets_are_learned_before_anything_is_shown() -> None:
    """What a late exchange shows to be secret is masked in the early ones, and in texts that were shown before."""
    redaction = Redaction(recorded=True)
    assert f"next {PLAIN}" == redaction.text(f"next {PLAIN}")
    early = _answer(body=f"next {PLAIN}".encode())
    late = _answer(request=Request("POST", "http://target/", (("authorization", f" bearer  {PLAIN}"),), b""))
    shown = redaction.apply((early, f"next {PLAIN}", late))
    assert isinstance(shown[0], Exchange)
    assert shown[0].response is not None
    assert b"next $ACCESS_TOKEN" == shown[0].response.body
    assert "next $ACCESS_TOKEN" == shown[1] == redaction.text(f"next {PLAIN}")
    assert isinstance(shown[2], Exchange)
    assert (("authorization", " bearer  $ACCESS_TOKEN"),) == shown[2].request.headers


def test_answers_of_a_target_show_listed_headers_only() -> None:
    """The cookie of a live target is masked, in its header and elsewhere, and any header whose name isn't listed."""
    headers = (("Set-Cookie", f"id={PLAIN}; Path=/"), ("X-Whatever", "abcdefgh"), ("Content-Type", "a/b"))
    shown = Redaction().apply(_answer(headers, PLAIN.encode()))
    assert shown.response is not None
    assert (("Set-Cookie", "$COOKIE"), ("X-Whatever", "$MASKED"), ("Content-Type", "a/b")) == shown.response.headers
    assert b"$COOKIE" == shown.response.body


def test_what_the_suite_sent_is_no_secret() -> None:
    """A target that puts the device's id into a cookie doesn't make a secret of it."""
    request = Request("POST", "http://target/", (("X", "y"),), b'{"deviceId": "device-4711"}')
    shown = Redaction().apply(_answer((("Set-Cookie", "device=device-4711"),), b"device-4711", request=request))
    assert request == shown.request
    assert shown.response is not None
    assert b"device-4711" == shown.response.body


def test_redacting_again_changes_nothing() -> None:
    """Results of a worker are redacted there, and again with the whole record; recordings may be redacted before."""
    headers = (("Authorization", f"Bearer {PLAIN}"), ("X-Token", PLAIN), ("Cookie", "a=b"))
    exchange = _answer(headers, PLAIN.encode(), request=Request("POST", f"https://u:{PLAIN}@h/?a=b", headers, b""))
    for recorded in (False, True):
        redaction = Redaction(recorded=recorded)
        redaction.learn(PLAIN, "ACCESS_TOKEN")
        once = redaction.apply(exchange)
        assert once == redaction.apply(once)
        assert once == Redaction(recorded=recorded).apply(once)
        assert PLAIN not in repr(once)


@pytest.mark.parametrize(
    "text",
    [
        "see https://user:pass@host/x",
        "https:\\/\\/user:pass@host",
        "https%3A%2F%2Fuser%3Apass%40host",
        "//user:pa/ss@host",
    ],
)
def test_user_and_password_of_a_url_are_masked(text: str) -> None:
    """User and password are masked in any text, though nobody told them, and however the URL is spelled."""
    for shown in (Redaction().text(text), Redaction().apply(text.encode()).decode()):
        assert "user" not in shown
        assert "pa" not in shown
        assert "$USERINFO" in shown
        assert "host" in shown


def test_long_values_are_cut() -> None:
    """What a record holds of one value is bounded, and a secret that is cut doesn't show its beginning."""
    redaction = _redaction(PLAIN)
    text = "x" * (LONGEST_VALUE - 8) + PLAIN * 2
    assert "x" * (LONGEST_VALUE - 8) + "$ACCESS_TOKEN…" == redaction.apply(text)
    assert ("x" * (LONGEST_VALUE - 8) + "$ACCESS_TOKEN…").encode() == redaction.apply(text.encode())


@pytest.mark.parametrize("length", range(6, len(PLAIN)))
def test_ends_of_cut_secrets_are_masked(length: int) -> None:
    """Python cuts values in their middle: what is left of a secret at either side is masked."""
    text = f"key='{PLAIN[:length]}...{PLAIN[-length:]}', other='x'"
    assert "key='$ACCESS_TOKEN...$ACCESS_TOKEN', other='x'" == _redaction(PLAIN).text(text)


@pytest.mark.parametrize("spell", [json.dumps, lambda text: quote(text, safe=""), lambda text: text.encode().hex()])
def test_cut_spellings_are_masked(spell: Callable[[str], str]) -> None:
    """A secret that is spelled and cut, even within an escape, doesn't show its beginning."""
    secret = "Sq7/x+Zt=%&/()=-9f3K"
    whole = spell(secret).strip('"')
    for end in range(len(whole) // 2, len(whole)):
        assert whole[: len(whole) // 3] not in _redaction(secret).text(f"a {whole[:end]}…"), whole[:end]


def test_many_secrets_take_time_in_proportion() -> None:
    """2,000 calls with a token each, which other calls repeat, are redacted in seconds."""
    tokens = [f"tOkEn-0f.thE_CaLl~{number:x}.{number**5}" for number in range(0x10000, 0x10000 + 2000)]
    exchanges = [
        _answer(
            (("Content-Type", "application/json"),),
            json.dumps({"error_desc": f"{tokens[number - 1]} of {number}"}).encode(),
            request=Request("POST", "http://target/", (("Authorization", f"Bearer {token}"),), b"{}"),
        )
        for number, token in enumerate(tokens)
    ]
    started = time.perf_counter()
    shown = Redaction(recorded=True).apply(exchanges)
    assert time.perf_counter() - started < 10
    assert [] == [exchange for exchange in shown if "tOkEn" in repr(exchange)]


def test_secrets_are_learned_while_others_look() -> None:
    """Libraries log from threads, while the run learns secrets."""
    redaction, problems = Redaction(), []

    def look(number: int) -> None:
        for turn in range(10):
            secret = f"{PLAIN}-{number}-{turn}"
            redaction.learn(secret, "ACCESS_TOKEN")
            if secret in redaction.text(f"it is {secret}."):
                problems.append(secret)

    threads = [threading.Thread(target=look, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == problems


def test_secret_that_begins_like_an_escape() -> None:
    """An equals sign and a secret that begins with hexadecimal digits aren't taken for an escape and a shorter one."""
    redaction = Redaction()
    redaction.learn("3dabcdefgh1234", "APP_KEY")
    redaction.learn("abcdefgh1234", "EDITED_APP_KEY")

    assert "app_key=$APP_KEY" == redaction.text("app_key=3dabcdefgh1234")
    assert "app_key=$EDITED_APP_KEY" == redaction.text("app_key=abcdefgh1234")


def test_letter_that_is_left_of_a_short_credential() -> None:
    """What an edit left of a short credential is hidden where it stands by itself, and not within another word."""
    redaction = Redaction()
    redaction.learn("k1", "APP_KEY")
    redaction.learn("k", "EDITED_APP_KEY")
    sent = [(("app_key", value),) for value in ("nobodys-application-key", "k", "k1")]
    shown = [redaction.apply(Request("POST", "http://a", headers, b"")).headers[0][1] for headers in sent]

    assert ["nobodys-application-key", "$EDITED_APP_KEY", "$APP_KEY"] == shown
