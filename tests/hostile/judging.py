"""Calls through the suite's own channel, and which requirements their answers break."""

from __future__ import annotations

import ssl

from conformance.client.channel import Channel
from conformance.client.draft import plain
from conformance.configuration.settings import TargetSettings
from conformance.contract.accepted import judge_accepted
from conformance.evidence.exchange import Exchange, Request

DEVICE = "device-1"
LIMIT = 0.5
SLACK = 4.0
"""Seconds that a busy machine may add to a limit."""


def settings(url: str, timeout: float = LIMIT) -> TargetSettings:
    """The settings of a target at URL."""
    return TargetSettings(
        url, "key-of-the-application", "token-of-the-application", "key-of-the-application", 0, timeout
    )


def request(url: str) -> Request:
    """The plain valid call."""
    target = settings(url)
    body = f'{{"deviceId": "{DEVICE}"}}'.encode("ascii")
    return plain(target.app_key, target.access_token or "", body).request(url)


def call(url: str, context: ssl.SSLContext | None = None, limit: float = LIMIT) -> Exchange:
    """The plain valid call, made once on a connection of its own."""
    channel = Channel(url, limit, context)
    try:
        return channel.send(request(url), fresh=True)
    finally:
        channel.close()


def broken(exchange: Exchange) -> set[str]:
    """The requirements that EXCHANGE, a valid call, breaks."""
    accepted = judge_accepted(exchange, device_id=DEVICE, app_id="key-of-the-application")
    return {finding.requirement for finding in accepted.judgement.failures}
