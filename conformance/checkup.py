"""Before a run: is the target reachable, are the credentials good, and which states does the provider have?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from conformance.evidence.redaction import Redaction
from conformance.exceptions import NoVerdict, Unprepared
from conformance.report.glyphs import visible
from conformance.run import Run

__all__ = ["Finding", "check", "show"]


@dataclass(frozen=True)
class Finding:
    """One line of the check: what was looked at, whether it is good, and what was found.

    decisive: a run is incomplete without it.
    """

    subject: str
    good: bool
    words: str
    decisive: bool = True


def _enter(context: Callable[[], Any]) -> str:
    with context():
        return "set up and ended again"


def _states(run: Run) -> Iterator[tuple[str, Callable[[], str]]]:
    """Each state, and what asks for it; the value says what was had."""
    provider = run.provider
    device_id = ""

    def device() -> str:
        nonlocal device_id
        device_id = provider.device(pending=1).id
        return f"a device with one pending command: {device_id}"

    def full_device() -> str:
        others = {"SUCCESSFUL": 1, "FAILED": 1, "TIMEOUT": 1, "EXPIRED": 1, "CANCELED": 1}
        given = provider.device(pending=1, delivered=1, others=others).others
        return f"with commands that are {', '.join(sorted(set(given.values()))) or 'in no other state'}"

    def commands() -> str:
        return f"{len(provider.commands(device_id))} commands read back"

    yield "device", device
    yield "device, with delivered and other commands", full_device
    yield "commands", commands
    yield "queue command", lambda: provider.queue_command(device_id)
    yield "foreign device", lambda: provider.foreign_device(pending=1).id
    yield "unauthorized application", provider.unauthorized_application
    yield "expired token", lambda: "a token" if provider.expired_token() else ""
    yield "flow control", lambda: _enter(lambda: provider.flow_control(100))
    yield "congestion", lambda: _enter(provider.congestion)
    yield "internal error", lambda: _enter(provider.internal_error)


def check(run: Run) -> Iterator[Finding]:
    """Look at the target of RUN and at its provider, one finding after the other; ends early without credentials."""
    try:
        yield from _findings(run)
    finally:
        run.provider.close()
        run.client.close()


def _findings(run: Run) -> Iterator[Finding]:
    settings = run.configuration.target
    try:
        run.recheck()
    except NoVerdict as error:
        yield Finding("target", good=False, words=str(error))
        return
    if settings.https:
        words = "TLS, certificate and host name verified"
        if not settings.verify_hostname:
            words = "TLS, certificate verified, host name not (target.verify_hostname is false)"
    else:
        words = "plain HTTP: the requirement to serve HTTPS can't be tested"
    yield Finding("target", good=True, words=f"{settings.base_url} answers")
    yield Finding("transport", good=settings.https, words=words, decisive=False)
    yield Finding("credentials", good=True, words="app_key and access token are accepted")
    for state, ask in _states(run):
        try:
            yield Finding(f"state “{state}”", good=True, words=ask())
        except Unprepared as error:
            yield Finding(f"state “{state}”", good=False, words=str(error))
        run.provider.release()


def show(findings: Sequence[Finding], redaction: Redaction) -> None:
    """Print FINDINGS as a table."""
    table = Table("", "Looked at", "Found", box=None, pad_edge=False, header_style="bold")
    for finding in findings:
        mark = "yes" if finding.good else "no"
        table.add_row(mark, finding.subject, visible(redaction.text(finding.words)))
    console = Console(highlight=False, markup=False)
    Console(highlight=False, markup=False, width=console.width if console.is_terminal else 160).print(table)
