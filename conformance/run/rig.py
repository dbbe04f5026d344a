"""What a run works with: client, provider, redaction and token, put together from its configuration."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from conformance import provider
from conformance.client import proxies
from conformance.client.budget import UNLIMITED, Budget
from conformance.client.client import Client
from conformance.client.pacing import Clock, Pacer
from conformance.evidence.redaction import Redaction
from conformance.provider.states import Provider
from conformance.record.timeline import Timeline
from conformance.run.context import Context

__all__ = ["Rig", "assemble"]


@dataclass(frozen=True)
class Rig:
    """The parts that every case of a run shares.

    token gives the access token that is valid now; timeline is told what takes time beside the calls.
    """

    context: Context
    client: Client
    provider: Provider
    redaction: Redaction
    token: Callable[[], str]
    timeline: Timeline = field(default_factory=Timeline)

    def close(self) -> None:
        """End every state that was set up, and the connections."""
        self.provider.close()
        self.client.close()


def assemble(
    context: Context,
    *,
    budget: Budget = UNLIMITED,
    on_wait: Callable[[float], None] = lambda _: None,
    shared: Path | None = None,
    timeline: Timeline | None = None,
    clock: Clock = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Rig:
    """A rig for CONTEXT; UsageError when a certificate file isn't usable.

    Args:
        context: configuration and options.
        budget: how long the run may go on.
        on_wait: is told the seconds of every wait.
        shared: the file by which the processes of a distributed run keep one pace.
        timeline: is told what takes time beside the calls; a new one when left out.
        clock: the clock that calls are paced by, in seconds.
        sleep: waits so many seconds.
    """
    configuration = context.configuration
    settings = configuration.target
    timeline = timeline or Timeline()
    redaction = Redaction()
    for secret, name in configuration.secrets():
        redaction.learn(secret, name)
    for url in (settings.base_url, configuration.provider.url, *proxies.configured()):
        redaction.learn_url(url)
    pacer = Pacer(settings.calls_per_minute, shared=shared, clock=clock, sleep=sleep, on_wait=on_wait, budget=budget)
    client = Client(settings, pacer, budget)
    states, token = provider.make(configuration, client, redaction, shared, timeline)
    return Rig(context, client, states, redaction, token, timeline)
