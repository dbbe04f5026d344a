"""Where credentials stand in a message: what is shown there, and what is learned from it.

The names of headers and query parameters whose values may be shown are listed; every other value is masked, as nobody
can list the names that people give to secrets.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import quote, unquote, unquote_plus

from conformance.evidence.exchange import Exchange, Headers
from conformance.evidence.spellings import plainly

__all__ = [
    "CREDENTIAL_HEADERS",
    "CREDENTIAL_WORDS",
    "MARKERS",
    "MASKED",
    "SCHEMES",
    "USERINFO",
    "USERINFO_BYTES",
    "VARIABLE",
    "credentials",
    "is_credential",
    "is_shown",
    "scheme_of",
    "shown_header",
    "shown_url",
    "url_credentials",
]

MASKED = "MASKED"
COOKIE = "COOKIE"
CREDENTIALS = "CREDENTIALS"
USERINFO = "USERINFO"
ACCESS_TOKEN = "ACCESS_TOKEN"  # noqa: S105 (the name of a variable)
APP_KEY = "APP_KEY"
MARKERS = (MASKED, COOKIE, CREDENTIALS, USERINFO, ACCESS_TOKEN, APP_KEY)
"""What stands, behind a dollar sign, where a value of that kind stood."""

VARIABLE = re.compile(
    r"\$(?:(?:EDITED_|EXPIRED_|OTHER_)*(?:ACCESS_TOKEN|APP_KEY|SECRET|TOKEN)|CLIENT_CERT_PASSWORD"
    r"|MASKED|COOKIE|CREDENTIALS|USERINFO)(?![A-Z_])"
)
"""What stands for a secret in something that was redacted before."""

SHOWN_HEADERS = frozenset(
    {
        # As browsers record the request line of HTTP/2.
        ":authority",
        ":method",
        ":path",
        ":scheme",
        ":status",
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "accept-patch",
        "accept-post",
        "accept-ranges",
        "access-control-allow-credentials",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "access-control-max-age",
        "access-control-request-headers",
        "access-control-request-method",
        "age",
        "allow",
        "alt-svc",
        "cache-control",
        "connection",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "date",
        "deprecation",
        "dnt",
        "etag",
        "expect",
        "expires",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "keep-alive",
        "last-modified",
        "link",
        "location",
        "max-forwards",
        "origin",
        "pragma",
        "priority",
        "proxy-authenticate",
        "proxy-connection",
        "range",
        "ratelimit",
        "ratelimit-limit",
        "ratelimit-policy",
        "ratelimit-remaining",
        "ratelimit-reset",
        "referer",
        "referrer-policy",
        "refresh",
        "retry-after",
        "sec-ch-ua",
        "sec-ch-ua-mobile",
        "sec-ch-ua-platform",
        "sec-fetch-dest",
        "sec-fetch-mode",
        "sec-fetch-site",
        "sec-fetch-user",
        "server",
        "strict-transport-security",
        "sunset",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "upgrade-insecure-requests",
        "user-agent",
        "vary",
        "via",
        "warning",
        "www-authenticate",
        "x-content-type-options",
        "x-correlation-id",
        "x-frame-options",
        "x-powered-by",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-request-id",
    }
)
SHOWN_PARAMETERS = frozenset(
    {
        "appid",
        "callbackurl",
        "commandid",
        "creationtime",
        "deviceid",
        "endtime",
        "expiretime",
        "format",
        "gatewayid",
        "limit",
        "offset",
        "order",
        "page",
        "pageno",
        "pagesize",
        "sort",
        "starttime",
        "status",
        "taskid",
    }
)
URL_HEADERS = frozenset({":path", "content-location", "link", "location", "origin", "referer", "refresh"})
HOST_HEADERS = frozenset({":authority", "host"})

CREDENTIAL_HEADERS = frozenset({"authorization", "app_key", "cookie", "proxy-authorization", "set-cookie"})
_OF_HEADERS = {
    "authorization": ACCESS_TOKEN,
    "app_key": APP_KEY,
    "cookie": COOKIE,
    "set-cookie": COOKIE,
    "proxy-authorization": CREDENTIALS,
}
_OF_PARAMETERS = {"access_token": ACCESS_TOKEN, "accesstoken": ACCESS_TOKEN, "app_key": APP_KEY, "appkey": APP_KEY}
CREDENTIAL_WORDS = (
    r"auth(?!or|entic)|authoriz(?!ed)|token|secret|cookie|session|passw|passphrase|pwd|credential|signature"
    r"|assertion|jwt|saml|nonce|csrf|xsrf"
)
"""What names of headers, parameters and members of JSON that hold secrets have in them, as a regular expression."""

SCHEMES = (
    r"apikey|aws4-hmac-sha256|basic|bearer|digest|dpop|gnap|hmac|hoba|key|mac|mutual|negotiate|ntlm|oauth"
    r"|scram-sha-1|scram-sha-256|token|vapid"
)
"""The words before credentials in Authorization, as a regular expression."""

_NAME_OF_A_CREDENTIAL = re.compile(rf"(?i)authentic|{CREDENTIAL_WORDS}|key|(?:^|[_-])sid$")
_SCHEME = re.compile(rf"(?i)\s*({SCHEMES})(?=\s)\s*")
_RANDOM = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])[!-~]{12,}")
"""What is long, and of letters and digits, isn't likely to be a word, whatever the header that it stands in."""

_LONG = re.compile(r"[!-~]{16,}")
_IDS = re.compile(rb'"(?:deviceId|appId)"\s*:\s*"([^"\\]{1,64})"')
_AN_ADDRESS = re.compile(r"://.*[?#@;]")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""What no user name and no password has in Basic."""

_BETWEEN = re.compile(r"[\s,;]+")
_MEMBER = re.compile(
    rb'"(?:access_?token|refresh_?token|id_?token|(?:client|app)_?secret|secret|pass(?:word|wd|phrase)|api_?key|app_?key)"'
    rb'\s*:\s*("(?:[^"\\\x00-\x1f]|\\.){1,8192}")',
    re.IGNORECASE,
)
"""A member of a JSON object that holds a credential."""

_QUERY = re.compile(r"([?&;#])([^?&;#=\s]*)(=?)([^?&;#\s<>\"]*)")
_USERINFO = re.compile(
    r"//([^\s/?#\"'<>\\]*"
    # A password with one of these characters ends the host for whoever reads the URL by its grammar.
    r"|[^\s/?#@:\[\]\"'<>\\]*:(?!\d{0,5}[/?#])[^\s@\"'<>\\]*"
    r")@"
)
USERINFO_BYTES = re.compile(_USERINFO.pattern.encode("ascii"))
"""User and password of a URL, in the bytes of any text."""

Named = Callable[[str], str | None]
"""The name of the variable that stands for a value, None when it is no known secret."""


def is_shown(name: str) -> bool:
    """Whether the value of the header NAME may be shown."""
    return name.strip().lower() in SHOWN_HEADERS


def is_credential(name: str) -> bool:
    """Whether a header or a parameter NAME sounds as if its value were secret, so that it is one elsewhere, too."""
    return not is_shown(name) and _NAME_OF_A_CREDENTIAL.search(name) is not None


def shown_header(name: str, value: str, named: Named) -> str:
    """VALUE of the header NAME, of a message that isn't the suite's own, as it may be shown."""
    kind = name.strip().lower()
    if kind in URL_HEADERS:
        return shown_url(value, named)
    if kind in HOST_HEADERS:
        return re.sub(r"\S*@", f"${USERINFO}@", value)
    if is_shown(kind) or not value.strip():
        return value
    scheme, rest = scheme_of(kind, value)
    if not rest.strip() or VARIABLE.fullmatch(rest.strip()):
        return value
    marker = _OF_HEADERS.get(kind, MASKED)
    if scheme and scheme.strip().lower() != "bearer":
        marker = CREDENTIALS
    known = named(value.strip()) or next(filter(None, map(named, _BETWEEN.split(rest))), None)
    return f"{scheme}${known or marker}"


def scheme_of(name: str, value: str) -> tuple[str, str]:
    """(the scheme before the credentials, with its white space; the rest) of VALUE of the header NAME."""
    scheme = _SCHEME.match(value) if "authorization" in name.lower() else None
    end = scheme.end() if scheme else 0
    return value[:end], value[end:]


def shown_url(url: str, named: Named, *, own: bool = False) -> str:
    """URL as it may be shown; own: the suite made it, so that only a known secret is masked in it."""

    def parameter(match: re.Match[str]) -> str:
        before, name, equals, value = match.groups()
        kind = unquote_plus(name).strip().lower()
        if kind in SHOWN_PARAMETERS:
            inner = unquote(value)
            shown = shown_url(inner, named, own=own) if _AN_ADDRESS.search(inner) else inner
            return match[0] if shown == inner else f"{before}{name}{equals}{quote(shown, safe='$')}"
        known = named(unquote_plus(value))
        if (own and not known) or VARIABLE.fullmatch(value):
            return match[0]
        if equals and value:
            return f"{before}{name}=${known or _OF_PARAMETERS.get(kind, MASKED)}"
        return match[0] if equals or not name else f"{before}${MASKED}"

    url = _USERINFO.sub(f"//${USERINFO}@", url)
    start = min((url.index(mark) for mark in "?#;" if mark in url), default=len(url))
    return url[:start] + _QUERY.sub(parameter, url[start:])


def url_credentials(url: str) -> Iterator[tuple[str, str]]:
    """The secrets in URL, each with the name of its kind: user, password, values of parameters that sound secret."""
    for match in _USERINFO.finditer(url):
        # An @ in the part before the host must be written as %40, and isn't always.
        yield from _pair(unquote(match[1]), USERINFO)
    for _, name, _, value in _QUERY.findall(url):
        kind = unquote_plus(name).strip().lower()
        if value and kind not in SHOWN_PARAMETERS and _NAME_OF_A_CREDENTIAL.search(kind):
            yield unquote_plus(value), _OF_PARAMETERS.get(kind, MASKED)


def _pair(text: str, name: str) -> Iterator[tuple[str, str]]:
    user, _, password = text.partition(":")
    yield from ((part, name) for part in (text, password, user) if part)


def _header_credentials(name: str, value: str) -> Iterator[tuple[str, str]]:
    kind = name.strip().lower()
    if kind in URL_HEADERS:
        yield from url_credentials(value)
    elif kind in HOST_HEADERS and "@" in value:
        yield from _pair(value.rpartition("@")[0], USERINFO)
    elif kind in ("cookie", "set-cookie"):
        pairs = value.split(";")
        # Behind the first pair a server says how long and where its cookie holds.
        for pair in pairs[:1] if kind == "set-cookie" else pairs:
            yield pair.partition("=")[2].strip().strip('"') or pair.strip(), COOKIE
    elif is_credential(kind):
        yield from _authentication(kind, value)


def _authentication(kind: str, value: str) -> Iterator[tuple[str, str]]:
    """The secrets in VALUE of the header KIND, which identifies who calls."""
    scheme, rest = scheme_of(kind, value)
    scheme, rest = scheme.strip().lower(), rest.strip()
    marker = CREDENTIALS if scheme not in ("", "bearer") else _OF_HEADERS.get(kind, MASKED)
    if scheme == "basic":
        # What can't be decoded, or to something that is no text, has no password in it.
        with suppress(ValueError):
            plain = base64.b64decode(rest + "=" * (-len(rest) % 4), validate=True).decode("utf-8", "replace")
            if CONTROL.search(plain) is None:
                yield from _pair(plain, marker)
    yield rest, marker
    for word in _BETWEEN.split(rest):
        yield word, marker
        quoted = re.fullmatch(r"[\w-]+=\"([^\"]*)\"?", word)
        if quoted and scheme:
            yield quoted[1], marker


def _words(value: str) -> Iterator[str]:
    """Those words of VALUE, of a header that nobody knows, that aren't likely to be any: random ones, or long ones."""
    for word in dict.fromkeys((value.strip(), *_BETWEEN.split(value))):
        if _RANDOM.fullmatch(word) or _LONG.fullmatch(word):
            yield word


def _body_credentials(body: bytes) -> Iterator[tuple[str, str]]:
    # A member may stand in a string of another object.
    for text in plainly(body):
        for match in _MEMBER.finditer(text):
            try:
                value = json.loads(match[1])
            except ValueError:
                continue
            name = match[0].lower().partition(b":")[0]
            yield value, ACCESS_TOKEN if b"token" in name else MASKED


def credentials(exchange: Exchange, *, recorded: bool) -> Iterator[tuple[str, str]]:
    """The secrets that stand in EXCHANGE where secrets stand, each with the name of its kind; those of its answer only.

    recorded: those of the request as well, which isn't the suite's own.
    """
    lines: Headers = ()
    bodies = []
    if recorded:
        lines += exchange.request.headers
        bodies.append(exchange.request.body or b"")
        yield from url_credentials(exchange.request.url)
    if exchange.response is not None:
        lines += exchange.response.headers
        bodies.append(exchange.response.body)
    # Whom a call is for may stand in a header, too, and is shown.
    named = frozenset(one.decode("utf-8", "replace") for one in _IDS.findall(exchange.request.body or b""))
    for name, value in lines:
        yield from _header_credentials(name, value)
        if recorded and not is_shown(name) and name.strip().lower() not in CREDENTIAL_HEADERS:
            yield from ((word, MASKED) for word in _words(value) if word not in named)
    for body in bodies:
        yield from _body_credentials(body)
