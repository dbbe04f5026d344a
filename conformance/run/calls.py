"""Making calls, valid ones above all; an odd answer is asked for once more, by one policy, before it is judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from conformance.client.client import Client
from conformance.client.draft import Draft, plain
from conformance.contract import answer as answers
from conformance.contract import codes, names
from conformance.contract.classification import is_task, refused
from conformance.contract.statuses import UNAUTHORIZED
from conformance.contract.values import Queued
from conformance.evidence.exchange import Exchange
from conformance.evidence.redaction import Redaction
from conformance.record.observation import AppIdDemanded, Reconnected, Repeated, ValidCall
from conformance.run.credentials import Credentials
from conformance.run.state import RunState
from conformance.run.transcript import Transcript

__all__ = ["CALL_ACCEPTED", "Calls", "body_for"]

CALL_ACCEPTED = names.CALL_ACCEPTED
CONFIRMATIONS = (3, 1)
"""Right answers in a row on new connections, a wrong one behind each row, as no target gives them now and then."""


def body_for(device_id: str) -> bytes:
    """The valid request body for DEVICE_ID."""
    return json.dumps({"deviceId": device_id}).encode("ascii")


class Calls:
    """Calls by CLIENT for the case of TRANSCRIPT. queued tells what commands were queued with, as far as known."""

    def __init__(
        self,
        client: Client,
        state: RunState,
        transcript: Transcript,
        credentials: Credentials,
        redaction: Redaction,
        *,
        queued: Callable[[], Mapping[str, Queued]] = dict,
    ) -> None:
        self._queued = queued
        self.client, self.credentials = client, credentials
        self._state, self._transcript, self._redaction = state, transcript, redaction

    def plain(self, device_id: str) -> Draft:
        """The plain valid call for DEVICE_ID."""
        draft = plain(self.credentials.app_key(), self.credentials.token(), body_for(device_id))
        if self._state.app_id_demanded:
            return draft.with_app_id(self.credentials.own_app_id(), draft.edit)
        return draft

    def as_documented(self, device_id: str) -> Draft:
        """The valid call as the document's request example has it, white space and headers, but for the appId."""
        body = f'{{\n  "deviceId": {json.dumps(device_id)}\n}}'.encode("ascii")
        return replace(self.plain(device_id).with_body(body, "as the document's request example has it"), bare=True)

    def with_optional_parts(self, draft: Draft) -> Draft:
        """DRAFT plus the optional parts a valid call may carry: the application's own appId and a charset.

        A target that refuses a valid call for one of them gets it without.
        """
        words = []
        if not self._state.seems_broken(names.APP_ID_OPTIONAL):
            words.append("the application's own appId")
            draft = draft.with_app_id(self.credentials.own_app_id(), draft.edit)
        if not self._state.seems_broken(names.REQUEST_CHARSET):
            words.append("a charset")
            draft = draft.with_header("Content-Type", "application/json; charset=UTF-8", draft.edit)
        return replace(draft, edit=", with ".join(filter(None, (draft.edit, " and ".join(words)))))

    def send(self, draft: Draft, expected: str, *, fresh: bool = False, paced: bool = True) -> int:
        """Send DRAFT; the index of its exchange."""
        self._redaction.derive(draft.headers)
        exchange = self.client.send(draft, expected=expected, fresh=fresh, paced=paced)
        return self.record(exchange)

    def record(self, exchange: Exchange) -> int:
        """Take EXCHANGE in as evidence; its index."""
        return self._transcript.record(exchange, self.credentials.token())

    def must_accept(
        self,
        draft: Draft,
        device_id: str,
        blame: str = CALL_ACCEPTED,
        *,
        paced: bool = True,
        pending: Collection[str] | None = None,
        otherwise: str | None = None,
        app_id: str | None = None,
    ) -> int:
        """Send DRAFT, a valid call, and observe whether it is accepted; the index of its answer.

        Args:
            draft: the call.
            device_id: the device that it is for.
            blame: the requirement that is broken when it is refused.
            paced: whether it waits for the target's allowance, and may be made again.
            pending: the commands that should be listed, where they are known.
            otherwise: the requirement that is broken instead when the plain call for the device is refused too.
            app_id: the application that it is made for; the caller's own when left out.
        """
        index = self.send(draft, "201 with a task", fresh=True, paced=paced)
        plainly = None
        if paced and blame != CALL_ACCEPTED and refused(self._transcript.exchanges[index]):
            # Refused for what sets this call apart, or now and then whatever the call is? The same call again tells.
            again = self.send(draft, "201 with a task", fresh=True)
            if is_task(self._transcript.exchanges[again]):
                self._transcript.observe(Repeated(index, again, blame))
                index = again
            elif otherwise is not None:
                plainly = self.send(self.plain(device_id), "201 with a task", fresh=True)
        self.observe_valid(index, device_id, blame, pending, plainly=plainly, otherwise=otherwise, app_id=app_id)
        return index

    def observe_valid(
        self,
        index: int,
        device_id: str,
        blame: str = CALL_ACCEPTED,
        pending: Collection[str] | None = None,
        *,
        plainly: int | None = None,
        otherwise: str | None = None,
        special: tuple[str, ...] = (),
        replaces_failures: bool = False,
        app_id: str | None = None,
        apart: str | None = None,
    ) -> bool:
        """Observe the exchange INDEX as the answer to a valid call; whether it brought a task. See ValidCall."""
        exchange = self._transcript.exchanges[index]
        known = None if pending is None else tuple(pending)
        app_id = app_id or self.credentials.own_app_id()
        plain = plainly is not None or blame in (CALL_ACCEPTED, names.NOTHING_PENDING_EMPTY_TASK)
        if plain and device_id in self._state.devices.served:
            # Where devices are few, most plain calls are second ones.
            special = (*special, names.SECOND_CALL_EMPTY)
        queued = {command: self._queued()[command] for command in known or () if command in self._queued()}
        self._transcript.observe(
            ValidCall(
                index,
                device_id,
                app_id,
                blame,
                pending=known,
                plainly=plainly,
                otherwise=otherwise,
                special=special,
                replaces_failures=replaces_failures,
                queued=queued,
                apart=apart,
            )
        )
        accepted = is_task(exchange)
        if accepted:
            self._state.devices.served.add(device_id)
        else:
            self._suspect(exchange)
        return accepted

    def observe_demand(self, index: int, named: int) -> None:
        """The target refuses calls without appId in the query; the rest of the run gives it."""
        self._transcript.observe(AppIdDemanded(index, named))

    def _suspect(self, exchange: Exchange) -> None:
        """A valid call that was refused for its credentials may mean that they stopped working."""
        response = exchange.response
        if response is not None and (
            response.status == UNAUTHORIZED or answers.read(response).code in codes.CREDENTIALS_UNKNOWN
        ):
            self._transcript.needs_health_check = True

    def alone(self, first: Exchange, draft: Draft, right: Callable[[Exchange], bool]) -> Exchange | None:
        """How DRAFT is answered on a connection of its own, where FIRST, its other answer, was due to the connection.

        A target that takes what is left of one request for the next one, or gives one the answer to another, is right
        about the same call whenever it has a connection of its own, and wrong again when it hasn't.
        """
        trouble = self._state.intermittence
        if not first.reused or trouble.reconnects <= 0 or right(first):
            return None
        trouble.reconnects -= 1
        alone = first
        for rights in CONFIRMATIONS:
            for _ in range(rights):
                alone = self.client.send(draft, expected=first.expected, fresh=True)
                if not right(alone):
                    return None
            if right(self.client.send(draft, expected=first.expected)):
                return None
        return alone

    def record_connection_mixup(self, index: int, alone: Exchange, blame: str) -> int:
        """The connection that it shared was to blame at INDEX; from now on no call shares one. Where ALONE is kept."""
        self.client.reconnecting = self._state.intermittence.reconnecting = True
        kept = self.record(alone)
        self._transcript.observe(Reconnected(index, kept, blame))
        return kept
