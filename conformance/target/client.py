"""Makes the calls: paced, counted, and kept as evidence."""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from conformance.contract import answer as answers
from conformance.exceptions import UsageError
from conformance.exchange import Exchange, Request
from conformance.target.budget import Budget
from conformance.target.channel import Channel, tls_context
from conformance.target.configuration import TargetSettings
from conformance.target.pacing import UNLIMITED, Pacer

__all__ = ["PATH", "Client", "Draft", "plain"]

PATH = "/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks"
THROTTLED = "1010009"
MOST_REPEATS = 2
AGENT = "revocation-conformance"


@dataclass(frozen=True)
class Draft:
    """A call before it is sent: the plain valid one, or that with one edit, which `edit` says in words."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    edit: str = "the plain valid call"

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

    def with_query(self, query: str, edit: str) -> Draft:
        """The raw query string QUERY."""
        return replace(self, query=query, edit=edit)

    def with_app_id(self, app_id: str, edit: str) -> Draft:
        """The query parameter appId."""
        return self.with_query(f"appId={quote(app_id, safe='')}", edit)

    def with_method(self, method: str, edit: str) -> Draft:
        """METHOD instead of POST."""
        return replace(self, method=method, edit=edit)

    def request(self, base_url: str) -> Request:
        """The request as it goes out to BASE_URL."""
        url = f"{base_url}{self.path}" + (f"?{self.query}" if self.query else "")
        headers = [("Host", urlsplit(base_url).netloc), *self.headers, ("User-Agent", AGENT), ("Accept", "*/*")]
        headers.append(("Accept-Encoding", "gzip, deflate"))
        if self.method != "GET":
            headers.append(("Content-Length", str(len(self.body or b""))))
        return Request(self.method, url, tuple(headers), self.body)


def plain(app_key: str, access_token: str, body: bytes) -> Draft:
    """The plain valid call with BODY: as the document's request example has it, without the optional appId."""
    headers = (
        ("app_key", app_key),
        ("Authorization", f"Bearer {access_token}"),
        ("Content-Type", "application/json"),
    )
    return Draft("POST", PATH, "", headers, body)


class Client:
    """Calls the target of SETTINGS at the pace of PACER, and counts the calls to the endpoint under test."""

    def __init__(self, settings: TargetSettings, pacer: Pacer, budget: Budget = UNLIMITED) -> None:
        self.settings, self.pacer, self._budget = settings, pacer, budget
        self.calls = 0
        self.throttled = 0
        self._lock = threading.Lock()
        try:
            self.context = tls_context(settings) if settings.https else None
        except (ssl.SSLError, OSError) as error:
            raise UsageError([f"target.client_cert, target.client_key or target.ca_bundle: {error}"]) from error
        self._channel = self.channel()

    def channel(self) -> Channel:
        """A channel of its own to the target, for simultaneous and sibling calls."""
        return Channel(self.settings.base_url, self.settings.timeout, self.context)

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def send(self, draft: Draft, *, expected: str = "", fresh: bool = False, paced: bool = True) -> Exchange:
        """Send DRAFT and return the evidence.

        fresh: on a new connection, so that it can't be made twice. paced: False when the calls were admitted before.
        A refusal by flow control means that somebody else calls the target too: the minute is waited out and the
        call repeated, unless the target has no threshold or the calls were admitted before.
        """
        notes: tuple[str, ...] = ()
        while True:
            if paced:
                self.pacer.admit()
            exchange = self._once(self._channel, draft, fresh=fresh)
            exchange = replace(exchange, edit=draft.edit, expected=expected, notes=(*notes, *exchange.notes))
            if not (paced and self.settings.calls_per_minute and is_throttled(exchange)) or len(notes) >= MOST_REPEATS:
                return exchange
            self.throttled += 1
            self.pacer.exhaust()
            notes = (*notes, f"refused by flow control ({THROTTLED}) although paced; repeated after a minute")

    def send_together(self, drafts: tuple[Draft, ...], *, expected: str = "") -> tuple[Exchange, ...]:
        """Send DRAFTS at the same time, each on a connection of its own."""
        self.pacer.admit(len(drafts))
        channels = [self.channel() for _ in drafts]
        gate = threading.Barrier(len(drafts))
        results: list[Exchange | None] = [None] * len(drafts)

        def call(index: int) -> None:
            gate.wait()
            results[index] = self._once(channels[index], drafts[index], fresh=False)

        threads = [threading.Thread(target=call, args=(index,)) for index in range(len(drafts))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for channel in channels:
            channel.close()
        return tuple(
            replace(result, edit=draft.edit, expected=expected)
            for result, draft in zip(results, drafts, strict=True)
            if result is not None
        )

    def _once(self, channel: Channel, draft: Draft, *, fresh: bool) -> Exchange:
        limit = self._budget.seconds(self.settings.timeout)
        exchange = channel.send(draft.request(self.settings.base_url), fresh=fresh, timeout=limit)
        with self._lock:
            self.calls += 1 + len(exchange.notes)
        if exchange.fault is not None and limit < self.settings.timeout:
            self._budget.check(self.settings.timeout)
        return exchange


def is_throttled(exchange: Exchange) -> bool:
    """Whether EXCHANGE was refused by flow control."""
    return exchange.response is not None and answers.read(exchange.response).code == THROTTLED
