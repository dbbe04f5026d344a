"""The access token of the northbound provider: from the platform's log-in call, renewed when it expires."""

from __future__ import annotations

import json
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import fasteners

from conformance.client.channel import Channel
from conformance.client.pacing import Pacer
from conformance.client.reachability import explain
from conformance.configuration.settings import TargetSettings
from conformance.contract import body as bodies
from conformance.evidence.exchange import Request
from conformance.evidence.redaction import Redaction
from conformance.exceptions import NoVerdict
from conformance.provider.values import is_credential

__all__ = ["Login"]

PATH = "/iocm/app/sec/v1.1.0/login"
USUAL, LONGEST = 3600.0, 10.0**9
"""Seconds that a token is valid when the answer doesn't say so, and more than which nobody means."""

MOST_AT_ONCE, REGAINED = 20, 30.0
"""Log-ins that a run makes in a row, and seconds after which it may make one more. A real token lives for an hour."""

MARGIN = 30.0
"""Seconds before its end at which a token is renewed, or a tenth of its life if that is less."""


class Login:
    """Only the newest token of an application is valid, so all processes of a run share one, kept in SHARED.

    prefix: of the settings under [provider] that the credentials come from ("" or "other_").
    """

    def __init__(
        self,
        settings: TargetSettings,
        secret: str,
        channel: Channel,
        pacer: Pacer,
        redaction: Redaction,
        *,
        shared: Path | None = None,
        prefix: str = "",
    ) -> None:
        self._settings, self._secret, self._channel = settings, secret, channel
        self._pacer, self._redaction, self._prefix = pacer, redaction, prefix
        self._shared = None if shared is None else shared.with_name(f"{prefix}{shared.name}")
        self._token, self._until = "", 0.0
        self._left, self._counted = float(MOST_AT_ONCE), time.monotonic()

    def token(self) -> str:
        """A valid token; NoVerdict when the platform gives none."""
        if self._token and time.time() < self._until:
            return self._token
        lock: AbstractContextManager[object] = nullcontext()
        if self._shared is not None:
            lock = fasteners.InterProcessLock(f"{self._shared}.login")
        with lock:
            if not self._adopted():
                self._log_in()
        self._redaction.learn(self._token, f"{self._prefix}ACCESS_TOKEN".upper())
        return self._token

    def _adopted(self) -> bool:
        """Whether another process has a token that is still valid."""
        if self._shared is None:
            return False
        try:
            token, until = json.loads(self._shared.with_suffix(".token").read_text("utf-8"))
        except OSError:
            return False
        if time.time() >= until:
            return False
        self._token, self._until = token, until
        return True

    def _count(self) -> None:
        """Count one more log-in; NoVerdict where tokens end so early that a run would do little else."""
        now = time.monotonic()
        self._left = min(MOST_AT_ONCE, self._left + (now - self._counted) / REGAINED) - 1
        self._counted = now
        if self._left < 0:
            raise NoVerdict(
                f"{self._settings.base_url}: the tokens of its log-in expire at once: {MOST_AT_ONCE} log-ins "
                "brought none that lasts; give them a lifetime (expiresIn) of a minute or more"
            )

    def _log_in(self) -> None:
        self._count()
        body = urlencode({"appId": self._settings.app_id, "secret": self._secret}).encode("ascii")
        headers = (
            ("Host", urlsplit(self._settings.base_url).netloc),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", str(len(body))),
        )
        self._pacer.admit()
        exchange = self._channel.send(Request("POST", self._settings.base_url + PATH, headers, body))
        if exchange.response is None:
            assert exchange.fault is not None  # noqa: S101 (either a response or a fault)
            raise NoVerdict(explain(self._settings, exchange.fault))
        granted = _granted(exchange.response.body)
        if granted is None:
            raise NoVerdict(
                f"{self._settings.base_url}: the log-in was answered {exchange.response.status} without a token; "
                f"check {'provider.other_' if self._prefix else 'target.'}app_id and provider.{self._prefix}secret "
                f"(CONFORMANCE_PROVIDER_{self._prefix.upper()}SECRET)"
            )
        token, lifetime = granted
        self._token, self._until = token, time.time() + lifetime - min(MARGIN, lifetime / 10)
        if self._shared is not None:
            path = self._shared.with_suffix(".token")
            path.touch(mode=0o600)
            path.write_text(json.dumps([self._token, self._until]), "utf-8")


def _granted(body: bytes) -> tuple[str, float] | None:
    """The token in BODY and the seconds that it is valid; None when there is none that can be sent."""
    try:
        value = bodies.parse(body).value
    except bodies.NotJSON:
        return None
    token = value.get("accessToken") if isinstance(value, dict) else None
    if not isinstance(token, str) or not is_credential(token):
        return None
    lifetime = value.get("expiresIn")
    known = type(lifetime) in (int, float) and 0 < lifetime <= LONGEST
    return token, float(lifetime) if known else USUAL
