"""Header lines: credentials that aren't the caller's, undocumented content types, lines given twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from conformance.fuzzing.context import with_charset
from conformance.fuzzing.example import APP_ID, APP_KEY, BODY, HEADERS, TOKEN, Example, like

__all__ = ["SOURCES", "with_line"]

TEXTS: tuple[tuple[str, str], ...] = (
    ("the text null", "null"),
    ("the text undefined", "undefined"),
    ("SQL that is always true", "' OR '1'='1"),
    ("SQL in double quotation marks", '" OR ""="'),
    ("a percent sign", "%"),
    ("a percent-encoded NUL", "none%00"),
    ("a letter outside ASCII", "none-\u00e9"),
    ("bytes that aren't UTF-8", "none-\u00ff\u00fe"),
    ("a template", "${jndi:ldap://127.0.0.1:9/a}"),
    ("braces", "{{7*7}}"),
    ("a path upwards", "../../etc/passwd"),
    ("an asterisk", "*"),
    ("a hyphen", "-"),
    ("a comma", "none,such"),
    ("a semicolon", "none; a=1"),
    ("equals signs", "===="),
    ("a backslash", "none\\"),
    ("a format directive", "%s%n%x"),
    ("100 characters", "z" * 100),
    ("1000 characters", "z" * 1000),
    ("3000 characters", "z" * 3000),
    ("an LDAP filter", "*)(objectClass=*"),
    ("a tab inside", "none\tsuch"),
    ("a script", "<script>alert(1)</script>"),
)


def with_line(name: str, value: str, edit: str, body: bytes = BODY) -> Example:
    """An example with BODY whose header NAME has VALUE."""
    return Example(edit, body, headers=(*(line for line in HEADERS if line[0] != name), (name, value)))


def without(name: str, edit: str, *lines: tuple[str, str], query: str = "", body: bytes = BODY) -> Example:
    """An example without the header NAME, and with LINES, QUERY and BODY instead."""
    return Example(edit, body, query, (*(line for line in HEADERS if line[0] != name), *lines))


def _app_key() -> Iterator[Example]:
    # No header app-key: what hands headers on as CGI does can't tell it from app_key.
    lines = (("appkey", APP_KEY), ("X-App-Key", APP_KEY), ("appId", APP_KEY), ("Cookie", f"app_key={APP_KEY}"))
    body = b'{"deviceId": "--device--", "app_key": "--app-key--"}'
    yield without("app_key", "app_key is everywhere but in its header", *lines, query=f"appId={APP_ID}", body=body)
    yield Example("app_key and Authorization are missing, both", headers=HEADERS[2:])
    # As in the case app-key-unknown: what was refused once may be remembered, and taken.
    yield with_charset(with_line("app_key", like(APP_KEY, "altered"), "app_key is a made-up one, for the second time"))
    for words, text in (
        ("a letter outside ASCII", "none-\u00e9"),
        ("the right one with a character before it", f"z{APP_KEY}"),
        ("SQL that is always true", "' OR '1'='1"),
        ("the right one without its first character", like(APP_KEY, "tail")),
        ("the right one with another last character", like(APP_KEY, "last")),
        ("the right one with another first character", like(APP_KEY, "first")),
        # The core ends here.
        ("the right one with another character in the middle", like(APP_KEY, "middle")),
        ("the text null", "null"),
        ("a percent sign", "%"),
        ("a list of the right one", f"{APP_KEY}, {APP_KEY}"),
        ("the right one in quotation marks", f'"{APP_KEY}"'),
        ("the right one in capitals", like(APP_KEY, "upper")),
        ("the right one in small letters", like(APP_KEY, "lower")),
        ("an asterisk", "*"),
        ("the right one and a word", f"{APP_KEY} none"),
        # What is likely ends here.
        ("the right one percent-encoded", like(APP_KEY, "encoded")),
        ("the right one twice, without a space", APP_KEY * 2),
        ("the right one and a comma", f"{APP_KEY},"),
        ("the right one and SQL behind it", f"{APP_KEY}'--"),
        ("the right one and a percent sign", f"{APP_KEY}%"),
        ("the right one and an asterisk", f"{APP_KEY}*"),
        ("the right one with an underscore for its last character", f"{like(APP_KEY, 'head')}_"),
        ("the right one after the word Bearer", f"Bearer {APP_KEY}"),
        ("the right one, a NUL encoded behind it", f"{APP_KEY}%00"),
        ("the right token", TOKEN),
    ):
        yield with_line("app_key", text, f"app_key is {words}")
    for line in lines:
        yield without("app_key", f"app_key is missing, with the right one in the header {line[0]}", line)
    yield without("app_key", "app_key is missing, with the own appId in the query", query=f"appId={APP_ID}")
    for name in ("app_key", "appKey"):
        body = b'{"deviceId": "--device--", "%s": "--app-key--"}' % name.encode("ascii")
        yield without("app_key", f"app_key is missing, with the right one as the body's member {name}", body=body)
    for words, text in TEXTS:
        yield with_line("app_key", text, f"app_key is {words}")


def _token() -> Iterator[Example]:
    lines = (
        ("X-Access-Token", TOKEN),
        ("accessToken", TOKEN),
        ("access_token", TOKEN),
        ("X-Authorization", f"Bearer {TOKEN}"),
        ("Cookie", f"access_token={TOKEN}"),
        ("Proxy-Authorization", f"Bearer {TOKEN}"),
    )
    queries = (f"token={TOKEN}", f"accessToken={TOKEN}", f"Authorization=Bearer%20{TOKEN}")
    everywhere = "the token is everywhere but in Authorization"
    body = b'{"deviceId": "--device--", "accessToken": "--token--"}'
    yield without("Authorization", everywhere, *lines, query="&".join((*queries, f"appId={APP_ID}")), body=body)
    # As in the case token-unknown.
    never_issued = f"Bearer {like(TOKEN, 'turned')}"
    yield with_charset(with_line("Authorization", never_issued, "the token is one never issued, for the second time"))
    for words, text in (
        ("a letter outside ASCII for a token", "Bearer none-\u00e9"),
        ("the right token with a character before it", f"Bearer z{TOKEN}"),
        ("two tokens, the first one right", f"Bearer {TOKEN} none"),
        ("the right token under the scheme Bearers", f"Bearers {TOKEN}"),
        ("the right token under the scheme Token", f"Token {TOKEN}"),
        ("Basic with the right token for a password", f"Basic {like(TOKEN, 'basic')}"),
        ("the app_key for a token", f"Bearer {APP_KEY}"),
        ("the right token with another character in the middle", f"Bearer {like(TOKEN, 'middle')}"),
        # The core ends here.
        ("SQL that is always true for a token", "Bearer ' OR '1'='1"),
        ("two tokens, the second one right", f"Bearer none {TOKEN}"),
        ("the scheme twice", f"Bearer Bearer {TOKEN}"),
        ("the right token without its first character", f"Bearer {like(TOKEN, 'tail')}"),
        ("the right token and a comma", f"Bearer {TOKEN},"),
        ("a signed token of no algorithm", "Bearer eyJhbGciOiJub25lIn0.e30."),
        ("the right token in capitals", f"Bearer {like(TOKEN, 'upper')}"),
        ("the right token in small letters", f"Bearer {like(TOKEN, 'lower')}"),
        ("the right token in quotation marks", f'Bearer "{TOKEN}"'),
        ("the text undefined for a token", "Bearer undefined"),
        # What is likely ends here.
        ("twice the right token", f"Bearer {TOKEN}{TOKEN}"),
        ("the right token and a parameter", f"Bearer {TOKEN}; a=1"),
        ("a list of the right one", f"Bearer {TOKEN}, Bearer {TOKEN}"),
        ("the right token and SQL behind it", f"Bearer {TOKEN}'--"),
        ("the right token and an asterisk", f"Bearer {TOKEN}*"),
        ("the right token and a percent sign", f"Bearer {TOKEN}%"),
        ("the right token percent-encoded", f"Bearer {like(TOKEN, 'encoded')}"),
        ("the right token written backwards", f"Bearer {like(TOKEN, 'reversed')}"),
        ("the right token with an underscore for its last character", f"Bearer {like(TOKEN, 'head')}_"),
        ("the right token behind another scheme", f"none Bearer {TOKEN}"),
        ("the right token after a colon", f"Bearer: {TOKEN}"),
        ("the right token after an equals sign", f"Bearer={TOKEN}"),
        ("the right token in braces", f"Bearer {{{TOKEN}}}"),
        ("the right token under the scheme Digest", f"Digest {TOKEN}"),
        ("the right token under the scheme OAuth", f"OAuth {TOKEN}"),
        ("the right token under the scheme Bear", f"Bear {TOKEN}"),
        ("the right token under the scheme bearer", f"bearer {TOKEN}"),
        ("the right token under the scheme BEARER", f"BEARER {TOKEN}"),
        ("the right token after two spaces", f"Bearer  {TOKEN}"),
        ("the right token after a tab", f"Bearer\t{TOKEN}"),
        ("the placeholder of the document", "Bearer {accessToken}"),
        ("the placeholder of the document's example", "Bearer ******"),
        ("Basic with nothing", "Basic Og=="),
        ("a signed token whose parts are no base64", "Bearer a.b.c"),
        ("a comma alone", ","),
        ("a word alone", "none"),
        ("a scheme in Chinese, as Latin-1", "\u00e8\u00ae\u00be none"),
    ):
        yield with_line("Authorization", text, f"Authorization is {words}")
    for line in lines:
        yield without("Authorization", f"the right token is in the header {line[0]}, not in Authorization", line)
    for query in queries:
        name = query.partition("=")[0]
        words = f"the right token is the query's parameter {name}, not in Authorization"
        yield without("Authorization", words, query=query)
    for name in ("access_token", "accessToken"):
        body = b'{"deviceId": "--device--", "%s": "--token--"}' % name.encode("ascii")
        yield without("Authorization", f"the right token is the body's member {name}, not in Authorization", body=body)
    for words, text in TEXTS:
        yield with_line("Authorization", f"Bearer {text}", f"the token is {words}")


def _content_type() -> Iterator[Example]:
    yield without("Content-Type", "without a content type")
    for text in (
        'application/json;charset="utf-8"',
        "Application/JSON",
        "application/json;charset=none-such",
        "text/plain",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
        "application/json;",
        "application/json; charset=",
        "application/x-www-form-urlencoded",
        "*/*",
        "json",
        "application/xml",
        "application/json;charset=utf-8",
        'application/json; charset="utf-8"',
        "application/json; charset=UTF-8",
        'application/json; charset="',
        "application/json; charset=utf-8; charset=utf-16",
        "application/json; a=b",
        "application/json; charset=%00",
        "application/json, application/json",
        "application/json/json",
        "application/",
        "/json",
        "/",
        ";",
        "application/*",
        "application/jsonp",
        "application/json+xml",
        "application/vnd.api+json",
        "application/x-json",
        "text/json",
        "text/plain; charset=utf-8",
        "text/xml",
        "multipart/form-data",
        "multipart/form-data; boundary=b",
        "multipart/form-data; boundary=",
        "application/octet-stream",
        "application/x-java-serialized-object",
        "application/yaml",
        "text/html",
        "none",
        "application/json; charset=utf-8\u00e9",
        "%{(#a='b')}",
        "a" * 300,
        "application/json; " + "a" * 300,
    ):
        words = f"{text[:40]}… ({len(text)} characters)" if text[40:] else text
        yield with_line("Content-Type", text, f"the content type is {words}")
    yield with_line("Content-Type", "", "the content type is empty")


def _line_twice() -> Iterator[Example]:
    unknown = {"app_key": "none-such-application", "Authorization": "Bearer none", "Content-Type": "text/plain"}
    for name, value in HEADERS:
        yield Example(f"the header {name} twice, the same", headers=(*HEADERS, (name, value)))
        yield Example(f"the header {name} twice, another one behind", headers=(*HEADERS, (name, unknown[name])))
        rest = tuple(line for line in HEADERS if line[0] != name)
        before = (*rest, (name, unknown[name]), (name, value))
        yield Example(f"the header {name} twice, another one before", headers=before)
        yield Example(f"the header {name} twice, an empty one behind", headers=(*HEADERS, (name, "")))


def _parameters_twice() -> Iterator[Example]:
    unknown = "appId=--app-id--&appId=none-such-application"
    yield Example("the query has appId twice, an unknown one behind", BODY, unknown)
    yield from itertools.islice(_line_twice(), 5, 6)
    for words, query in (
        ("a further parameter without a value", "none"),
        ("appId twice, the application's own", "appId=--app-id--&appId=--app-id--"),
        ("appId twice, an unknown one before", "appId=none-such-application&appId=--app-id--"),
        ("appId twice, an empty one behind", "appId=--app-id--&appId="),
        ("appId twice, both unknown", "appId=none-such-application&appId=none-of-these"),
        ("appId a hundred times", "&".join(["appId=--app-id--"] * 100)),
        ("a further parameter", "none=1"),
        ("a parameter with no name", "=1"),
        ("an ampersand alone", "&"),
        ("a parameter of a list", "appId%5B%5D=--app-id--"),
        ("a parameter of an object", "appId%5B%24ne%5D=1"),
        ("two hundred further parameters", "&".join(f"a{number}={number}" for number in range(200))),
    ):
        yield Example(f"the query has {words}", BODY, query)
    yield from _line_twice()


SOURCES: dict[str, Callable[[], Iterator[Example]]] = {
    "generated-content-type": _content_type,
    "generated-token": _token,
    "generated-app-key": _app_key,
    "generated-repeated-parameters": _parameters_twice,
}
