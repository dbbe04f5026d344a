"""The embedded reference implementation, started and stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self, TypeVar

from conformance.reference import behaviour, configuration, gate, hook, siblings
from conformance.reference.address import Address
from conformance.reference.behaviour import Behaviour
from conformance.reference.certificate import certificate
from conformance.reference.edits import Fault, Variant
from conformance.reference.errors import INVALID_INPUT
from conformance.reference.fault import faults as fault_registry
from conformance.reference.hook import Hook
from conformance.reference.inventory import Inventory
from conformance.reference.messages import Request, Transmission
from conformance.reference.server import HOST, Server
from conformance.reference.siblings import Siblings
from conformance.reference.store import Store
from conformance.reference.timers import Timers
from conformance.reference.variant import variants as variant_registry

Edited = TypeVar("Edited", Fault, Variant)


class Reference:
    """A running reference implementation. A context manager; `stop` ends it."""

    def __init__(
        self,
        *,
        tls: bool,
        port: int,
        calls_per_minute: int,
        faults: Iterable[str],
        variants: Iterable[str],
        token_lifetime: float,
        clock: Callable[[], float],
    ) -> None:
        self.store = Store(calls_per_minute=calls_per_minute, token_lifetime=token_lifetime, clock=clock)
        self.timers = Timers()
        self.behaviour = Behaviour(self.store, self.timers)
        self.siblings = Siblings(self.store, self.timers)
        self.hook = Hook(self.store)
        for variant in _chosen(variants, variant_registry(), "variant"):
            variant.edit(self.behaviour)
            variant.edit_hook(self.hook)
        for fault in _chosen(faults, fault_registry(), "fault"):
            fault.edit(self.behaviour)
        self.inventory = Inventory.stock(self.store)
        self._server = Server(self._exchange, self._malformed, port, certificate().context if tls else None)
        self.address = Address(
            f"{'https' if tls else 'http'}://{HOST}:{self._server.port}", certificate().ca_file if tls else None
        )

    @classmethod
    def start(
        cls,
        *,
        tls: bool = True,
        port: int = 0,
        calls_per_minute: int = 0,
        faults: Iterable[str] = (),
        variants: Iterable[str] = (),
        token_lifetime: float = 3600,
        clock: Callable[[], float] = time.monotonic,
    ) -> Self:
        """Start one on loopback, at a free port unless one is given.

        Args:
            tls: serve HTTPS with a certificate of its own authority; otherwise plain HTTP.
            port: 0 for any that is free.
            calls_per_minute: the flow-control threshold; 0 for none.
            faults: names from the registry of faults; they add up.
            variants: names from the registry of variants; they add up.
            token_lifetime: seconds that a token of the log-in call is valid.
            clock: seconds, for flow control and token expiry.

        Raises OSError when the port is taken, LookupError for a fault or a variant that doesn't exist.
        """
        reference = cls(
            tls=tls,
            port=port,
            calls_per_minute=calls_per_minute,
            faults=faults,
            variants=variants,
            token_lifetime=token_lifetime,
            clock=clock,
        )
        reference._server.start()
        return reference

    def stop(self) -> None:
        """Cut every connection and drop what was to be done later."""
        self.timers.cancel()
        self._server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def configuration(self, provider: configuration.Provider = "hook") -> str:
        """A TOML file that has the suite test this reference."""
        return configuration.configuration(self.address, self.inventory, provider)

    def describe(self) -> str:
        """Where it listens and what it admits, for a person."""
        return configuration.description(self.address, self.inventory)

    def _exchange(self, request: Request) -> Transmission:
        if request.path == hook.PATH:
            answer = gate.refused(request, gate.JSON) or self.hook.respond(request)
            return self.siblings.transmit(request, answer)
        the_call = request.path == behaviour.PATH
        if the_call and (request.method != "GET" or self.behaviour.creates_task("GET")):
            return self.behaviour.exchange(request)
        refusal = gate.refused(request, gate.FORM if request.path == siblings.LOG_IN else gate.JSON)
        return self.siblings.exchange(request) if refusal is None else self.siblings.transmit(request, refusal)

    def _malformed(self) -> Transmission:
        request = Request("POST", "")
        return self.siblings.transmit(request, self.siblings.correct.answers.refused(request, INVALID_INPUT))


def _chosen(names: Iterable[str], registry: Iterable[Edited], kind: str) -> list[Edited]:
    known = {one.name: one for one in registry}
    chosen = list(names)
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise LookupError(f"no {kind} {', '.join(unknown)}")
    return [known[name] for name in chosen]
