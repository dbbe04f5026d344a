"""A call before it is sent."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, urlsplit

from conformance import distribution
from conformance.configuration.addresses import CALL
from conformance.evidence.exchange import PLAIN_EDIT, Request

__all__ = ["PATH", "Draft", "plain"]

PATH = CALL
USUAL = (("User-Agent", distribution.NAME), ("Accept", "*/*"), ("Accept-Encoding", "gzip, deflate"))
"""Headers that clients send, and that the document doesn't name."""


@dataclass(frozen=True)
class Draft:
    """A call before it is sent: the plain valid one, or that with one edit, which `edit` says in words.

    bare: it goes without the headers that clients usually send beside those of the document.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    edit: str = PLAIN_EDIT
    bare: bool = False

    def header(self, name: str) -> str | None:
        """The first value of the header NAME, in any letter case; None when there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def app_id(self) -> str | None:
        """The appId that the query names; None when it names none."""
        return next((value for name, value in parse_qsl(self.query) if name == "appId"), None)

    @property
    def device_id(self) -> str:
        """The deviceId that the body names; "" when it names none."""
        try:
            value = json.loads(self.body or b"")["deviceId"]
        except (ValueError, LookupError, TypeError, RecursionError):
            return ""
        return value if isinstance(value, str) else ""

    def with_header(self, name: str, value: str | None, edit: str | None = None) -> Draft:
        """The header NAME with VALUE instead; None takes it away."""
        headers = [(key, text) for key, text in self.headers if key.lower() != name.lower()]
        if value is not None:
            headers.append((name, value))
        words = f"without the header {name}" if value is None else f"the header {name} is {value or 'empty'}"
        return replace(self, headers=tuple(headers), edit=edit or words)

    def with_body(self, body: bytes | None, edit: str) -> Draft:
        """BODY instead, as it stands; None sends none."""
        return replace(self, body=body, edit=edit)

    def with_parameter(self, parameter: str, edit: str) -> Draft:
        """PARAMETER, encoded, beside what the query has."""
        return replace(self, query="&".join(filter(None, (self.query, parameter))), edit=edit)

    def with_app_id(self, app_id: str, edit: str) -> Draft:
        """The query parameter appId, and no other one."""
        return replace(self, query=f"appId={quote(app_id, safe='')}", edit=edit)

    def with_escaped_app_id(self, edit: str) -> Draft:
        """The same query, the first character of its appId percent-encoded."""
        name, _, value = self.query.partition("=")
        if value[:1] in {"", "%"}:
            return self
        return replace(self, query=f"{name}=%{ord(value[0]):02X}{value[1:]}", edit=edit)

    def with_method(self, method: str, edit: str) -> Draft:
        """METHOD instead of POST."""
        return replace(self, method=method, edit=edit)

    def request(self, base_url: str) -> Request:
        """The request as it goes out to BASE_URL."""
        url = f"{base_url}{self.path}" + (f"?{self.query}" if self.query else "")
        headers = [
            ("Host", urlsplit(base_url).netloc),
            *self.headers,
            *(() if self.bare else USUAL),
            ("Content-Length", str(len(self.body or b""))),
        ]
        return Request(self.method, url, tuple(headers), self.body)


def plain(app_key: str, access_token: str, body: bytes) -> Draft:
    """The plain valid call with BODY: as the document's request example has it, without the optional appId."""
    headers = (
        ("app_key", app_key),
        ("Authorization", f"Bearer {access_token}"),
        ("Content-Type", "application/json"),
    )
    return Draft("POST", PATH, "", headers, body)
