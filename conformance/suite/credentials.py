"""Calls whose credentials are missing or wrong: refused, each next to the plain call, which is accepted."""

from __future__ import annotations

import string
from urllib.parse import urlencode

from conformance.case.identifiers import altered, turned
from conformance.case.refusals import WRONG_APP_KEY, invalid_credentials
from conformance.client.draft import Draft
from conformance.contract.refused import Refusal
from conformance.suite.registry import refused

BASE64 = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
NO_EFFECT = "no-effect-credentials"
NO_APP_KEY = Refusal(("100220",), accepted="app-key-mandatory", row="error-100220-no-app-key")
EMPTY_APP_KEY = Refusal(("100220", "1010005", "100203"), accepted="app-key-mandatory", row="error-100220-no-app-key")
NO_TOKEN = invalid_credentials("authorization-mandatory")
NO_BEARER = invalid_credentials("authorization-bearer")
WRONG_TOKEN = invalid_credentials("access-token-valid")


@refused("app-key-missing", NO_APP_KEY, NO_EFFECT)
def test_app_key_missing(plain: Draft) -> Draft:
    """A call without app_key is refused with 500 and 100220."""
    return plain.with_header("app_key", None)


@refused("app-key-empty", EMPTY_APP_KEY, NO_EFFECT)
def test_app_key_empty(plain: Draft) -> Draft:
    """A call with an empty app_key is refused, as invalid or as if app_key were missing."""
    return plain.with_header("app_key", "")


@refused("app-key-unknown", WRONG_APP_KEY, NO_EFFECT)
def test_app_key_unknown(plain: Draft) -> Draft:
    """A call with an app_key that has the form of one, and was never allocated, is refused."""
    value = altered(dict(plain.headers)["app_key"])
    return plain.with_header("app_key", value, "app_key is one that was never allocated")


@refused("app-key-extended", WRONG_APP_KEY, NO_EFFECT, optional_parts=True)
def test_app_key_extended(plain: Draft) -> Draft:
    """A call whose app_key is the right one with one more character is refused."""
    value = dict(plain.headers)["app_key"]
    return plain.with_header("app_key", f"{value}0", "app_key is the right one and one character more")


@refused("app-key-cut-short", WRONG_APP_KEY, NO_EFFECT)
def test_app_key_cut_short(plain: Draft) -> Draft:
    """A call whose app_key is the right one without its last character is refused."""
    value = dict(plain.headers)["app_key"]
    return plain.with_header("app_key", cut(value), "app_key lacks the last character of the right one")


@refused("app-key-letter-case", WRONG_APP_KEY, NO_EFFECT)
def test_app_key_letter_case(plain: Draft) -> Draft:
    """A call whose app_key is the right one in another letter case is refused."""
    value = dict(plain.headers)["app_key"]
    return plain.with_header("app_key", swapped(value), "app_key is in other letter case")


@refused("app-key-in-the-query", NO_APP_KEY, NO_EFFECT)
def test_app_key_in_the_query(plain: Draft) -> Draft:
    """A call with the right app_key in the query instead of the header is refused."""
    query = urlencode({"app_key": dict(plain.headers)["app_key"]})
    return plain.with_header("app_key", None).with_parameter(query, "app_key is in the query, not in a header")


@refused("app-key-of-another-application", WRONG_APP_KEY, NO_EFFECT, about=())
def test_app_key_of_another_application(plain: Draft, unauthorized_app_key: str) -> Draft:
    """A call with another application's app_key and the caller's own token is refused."""
    return plain.with_header("app_key", unauthorized_app_key, "app_key is another application's")


@refused("token-missing", NO_TOKEN, NO_EFFECT)
def test_token_missing(plain: Draft) -> Draft:
    """A call without Authorization is refused with 403 and 1010005."""
    return plain.with_header("Authorization", None)


@refused("token-empty", NO_TOKEN, NO_EFFECT)
def test_token_empty(plain: Draft) -> Draft:
    """A call with an empty Authorization is refused."""
    return plain.with_header("Authorization", "")


@refused("token-bearer-without-token", NO_BEARER, NO_EFFECT)
def test_bearer_without_token(plain: Draft) -> Draft:
    """A call whose Authorization consists of the word Bearer alone is refused."""
    return plain.with_header("Authorization", "Bearer")


@refused("token-unknown", WRONG_TOKEN, NO_EFFECT)
def test_token_unknown(plain: Draft, token: str) -> Draft:
    """A call with a token that was never issued is refused, even one of the same characters with the same ends."""
    return plain.with_header("Authorization", f"Bearer {turned(token)}", "the token was never issued")


@refused("token-last-character", WRONG_TOKEN, NO_EFFECT)
def test_token_last_character(plain: Draft, token: str) -> Draft:
    """A call whose token is wrong in its last character is refused."""
    # The low bits of a last base64 digit may be bits that no decoder looks at; its highest bit is always looked at.
    place = BASE64.find(token[-1])
    last = BASE64[place ^ 32] if place >= 0 else "0"
    return plain.with_header("Authorization", f"Bearer {token[:-1]}{last}", "the token's last character is another")


@refused("token-first-character", WRONG_TOKEN, NO_EFFECT)
def test_token_first_character(plain: Draft, token: str) -> Draft:
    """A call whose token is wrong in its first character is refused."""
    first = "A" if token[0] != "A" else "B"
    return plain.with_header("Authorization", f"Bearer {first}{token[1:]}", "the token's first character is another")


@refused("token-cut-short", WRONG_TOKEN, NO_EFFECT)
def test_token_cut_short(plain: Draft, token: str) -> Draft:
    """A call whose token is the right one without its last character is refused."""
    return plain.with_header("Authorization", f"Bearer {cut(token)}", "the token lacks its last character")


@refused("token-extended", WRONG_TOKEN, NO_EFFECT)
def test_token_extended(plain: Draft, token: str) -> Draft:
    """A call whose token is the right one with one more character is refused."""
    return plain.with_header("Authorization", f"Bearer {token}0", "the token has one character more")


@refused("token-letter-case", WRONG_TOKEN, NO_EFFECT)
def test_token_letter_case(plain: Draft, token: str) -> Draft:
    """A call whose token is the right one in another letter case is refused."""
    return plain.with_header("Authorization", f"Bearer {swapped(token)}", "the token is in other letter case")


@refused(
    "token-expired",
    invalid_credentials("access-token-unexpired"),
    NO_EFFECT,
    about=("access-token-unexpired",),
    optional_parts=True,
)
def test_token_expired(plain: Draft, expired_token: str) -> Draft:
    """A call whose token has expired is refused."""
    return plain.with_header("Authorization", f"Bearer {expired_token}", "the token has expired")


@refused("token-basic-scheme", NO_BEARER, NO_EFFECT)
def test_basic_scheme(plain: Draft, token: str) -> Draft:
    """A call with the right token under the scheme Basic instead of Bearer is refused."""
    return plain.with_header("Authorization", f"Basic {token}", "the scheme is Basic, not Bearer")


@refused("token-without-scheme", NO_BEARER, NO_EFFECT)
def test_without_scheme(plain: Draft, token: str) -> Draft:
    """A call whose Authorization consists of the token alone is refused."""
    return plain.with_header("Authorization", token, "the token without the word Bearer")


@refused("token-without-space", NO_BEARER, NO_EFFECT, optional_parts=True)
def test_without_space(plain: Draft, token: str) -> Draft:
    """A call whose Authorization has no space between Bearer and the token is refused."""
    return plain.with_header("Authorization", f"Bearer{token}", "no space between Bearer and the token")


@refused("token-null", WRONG_TOKEN, NO_EFFECT, optional_parts=True)
def test_token_null(plain: Draft) -> Draft:
    """A call whose token is the word null, which clients without a token send, is refused."""
    return plain.with_header("Authorization", "Bearer null", "the token is the word null")


@refused("token-behind-a-colon", NO_BEARER, NO_EFFECT)
def test_behind_a_colon(plain: Draft, token: str) -> Draft:
    """A call whose Authorization has a colon between Bearer and the token is refused."""
    return plain.with_header("Authorization", f"Bearer:{token}", "a colon between Bearer and the token")


@refused("token-in-the-query", NO_BEARER, NO_EFFECT)
def test_in_the_query(plain: Draft, token: str) -> Draft:
    """A call with the right token in the query instead of the header is refused."""
    query = urlencode({"access_token": token})
    return plain.with_header("Authorization", None).with_parameter(query, "the token is in the query, not in a header")


@refused("token-in-another-header", NO_BEARER, NO_EFFECT)
def test_in_another_header(plain: Draft, token: str) -> Draft:
    """A call with the right token in another header is refused."""
    return plain.with_header("Authorization", None).with_header(
        "X-Auth-Token", token, "the token is in the header X-Auth-Token"
    )


def swapped(token: str) -> str:
    """TOKEN in other letter case; one without letters is written twice, so that it is another in any case."""
    return token.swapcase() if token.swapcase() != token else token + token


def cut(credential: str) -> str:
    """CREDENTIAL without its last character; of one that has no other, another character."""
    return credential[:-1] or ("0" if credential != "0" else "1")
