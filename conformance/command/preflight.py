"""Before a run: is the target reachable, are the credentials good, and which states does the provider have?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console

from conformance.case import frame
from conformance.case.identifiers import unknown_device
from conformance.client.reachability import explain, stranger
from conformance.contract import answer as answers
from conformance.contract import codes
from conformance.contract.classification import described, is_task
from conformance.contract.meaning import SETTLED
from conformance.evidence.glyphs import block, line
from conformance.evidence.redaction import Redaction
from conformance.exceptions import NoVerdict, Unprepared
from conformance.run.case_context import CaseContext
from conformance.run.control import check_alive
from conformance.run.course import new_state
from conformance.run.rig import Rig

__all__ = ["Look", "check", "show"]

CALL = "a call for that device"
STATE = re.compile("state “[^”]*”")
NARROWEST = 30
"""Characters. Where a terminal leaves the words fewer, they stand on lines of their own."""


@dataclass(frozen=True)
class Look:
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


def _states(ctx: CaseContext) -> Iterator[tuple[str, Callable[[], str]]]:
    """Each state, and what asks for it; the value says what was had."""
    provider = ctx.provider
    device_id = ""

    def device() -> str:
        nonlocal device_id
        device_id = provider.device(pending=1).id
        return f"a device with one pending command: {device_id}"

    def full_device() -> str:
        others = dict.fromkeys(SETTLED, 1)
        given = provider.device(pending=1, delivered=1, others=others).others
        return f"with commands that are {', '.join(sorted(set(given.values()))) or 'in no other state'}"

    def commands() -> str:
        return f"{len(provider.commands(device_id))} commands read back"

    def delivered() -> str:
        given = provider.device(pending=1)
        return f"the command is {provider.deliver_command(given.id, given.pending[0])} now"

    def call() -> str:
        exchange = ctx.client.send(ctx.calls.plain(device_id), expected="201 with a task")
        if is_task(exchange):
            return "accepted"
        unknown = exchange.response is not None and answers.read(exchange.response).code == codes.UNKNOWN_DEVICE
        elsewhere = ": the target doesn't know the device, so the provider must have created it somewhere else"
        raise Unprepared(f"answered {described(exchange)}{elsewhere if unknown else ''}")

    yield "device", device
    # A device of a static provider can be called for once, which is the run's to do.
    if device_id and provider.kind != "static":
        yield CALL, call
    yield "device, with delivered and other commands", full_device
    yield "commands", commands
    yield "queue command", lambda: provider.queue_command(device_id)
    yield "foreign device", lambda: provider.foreign_device(pending=1).id
    yield "unauthorized application", provider.unauthorized_application
    yield "expired token", lambda: "a token" if provider.expired_token() else ""
    yield "flow control", lambda: _enter(lambda: provider.flow_control(100))
    yield "congestion", lambda: _enter(provider.congestion)
    yield "internal error", lambda: _enter(provider.internal_error)
    yield "authorized application", lambda: provider.authorized_application(pending=1).id
    yield "second application", lambda: provider.second_application(pending=1).device.id
    yield "deliver command", delivered


def check(rig: Rig) -> Iterator[Look]:
    """Look at the target of RIG and at its provider, one look after the other; ends early without credentials."""
    try:
        yield from _looks(rig)
    finally:
        rig.close()


def _looks(rig: Rig) -> Iterator[Look]:
    settings = rig.context.configuration.target
    ctx = CaseContext(rig, new_state(rig.context), frame.CONTROL_FIRST)
    rig.provider.begin()
    try:
        check_alive(ctx)
    except NoVerdict as error:
        yield Look("target", good=False, words=str(error))
        return
    problem = _stranger(ctx)
    if problem is not None:
        yield Look("target", good=False, words=problem)
        return
    if settings.https:
        words = "TLS, certificate and host name verified"
        if not settings.verify_hostname:
            words = "TLS, certificate verified, host name not (target.verify_hostname is false)"
    else:
        words = "plain HTTP: the requirement to serve HTTPS can't be tested"
    yield Look("target", good=True, words=f"{settings.base_url} answers")
    yield Look("transport", good=settings.https, words=words, decisive=False)
    yield Look("credentials", good=True, words="app_key and access token are accepted")
    said: dict[str, list[str]] = {}
    for state, ask in _states(ctx):
        subject = state if state == CALL else f"state “{state}”"
        try:
            yield Look(subject, good=True, words=ask())
        except Unprepared as error:
            # A hook that can't be reached, or none at all, is one thing to put right.
            others = said.setdefault(STATE.sub("", str(error)), [])
            others.append(subject)
            if len(others) == 1:
                yield Look(subject, good=False, words=str(error))
        rig.provider.release()
    for first, *others in said.values():
        if others:
            yield Look("and", good=False, words=f"the same as {first}: {', '.join(others)}")


def _stranger(ctx: CaseContext) -> str | None:
    """Why it isn't the call of CTX that answers; None when it is."""
    exchange = ctx.client.send(ctx.calls.plain(unknown_device()), expected="any answer of the call")
    settings = ctx.context.configuration.target
    if exchange.response is None:
        return explain(settings, exchange.fault) if exchange.fault else None
    return stranger(settings, exchange.response)


def show(looks: Sequence[Look], redaction: Redaction) -> None:
    """Print LOOKS as a table."""
    console = Console()
    width = console.width if console.is_terminal else 160
    subjects = [line(redaction.text(look.subject)) for look in looks]
    column = max(map(len, ["Looked at", *subjects]))
    click.echo(f"     {'Looked at':{column}} Found")
    for look, subject in zip(looks, subjects, strict=True):
        mark = "yes" if look.good else "no"
        start = f"{mark:4} {subject:{column}} "
        if width - len(start) < NARROWEST:
            click.echo(f"{mark:4} {subject}")
            start = "     … "
        click.echo(start + block(redaction.text(look.words), len(start), width))
