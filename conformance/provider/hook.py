"""The vendor's own endpoint, in the shape of Pact's provider states."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn
from urllib.parse import urlsplit

from conformance.client.channel import Channel
from conformance.contract import body as bodies
from conformance.contract import documents
from conformance.contract.bounds import LONGEST_ID
from conformance.evidence.exchange import Request
from conformance.evidence.redaction import Redaction
from conformance.exceptions import Blocked, Unprepared
from conformance.provider.states import Device, Queued, SecondApplication
from conformance.provider.values import is_credential, is_id
from conformance.record.timeline import Timeline

__all__ = ["HookProvider"]

UNKNOWN_STATE = (404, 501)
AN_ID = f"a string of 1 to {LONGEST_ID} printable characters"
UNENDED = ("commands", "queue command", "deliver command")
"""States that leave nothing to end."""

OF_THE_TARGET: dict[str, dict[str, Any]] = {
    "flow control": {"calls_per_minute": 100},
    "congestion": {},
    "internal error": {},
}
"""States of the whole target, each with params as it is set up with."""

KINDS = {str: "a string", float: "a number", dict: "an object"}
"""What members of the values that a command was queued with are, in words."""

COMMAND_MEMBERS = ("serviceId", "method", "paras")

GRACE = 2.0
"""Seconds that are left to end a state that disables the whole target, even when the run's time is over."""


class HookStates:
    """Asks the hook at URL. One that was out of reach once isn't asked again: every question would cost a time-out.

    REDACTION learns the credentials that the hook hands out, and TIMELINE how long it takes.
    """

    def __init__(
        self, url: str, channel: Channel, redaction: Redaction | None = None, timeline: Timeline | None = None
    ) -> None:
        self.url = url
        self.queued: dict[str, Queued] = {}
        self._channel = channel
        self._redaction = redaction or Redaction()
        self._timeline = timeline or Timeline()
        self._dead: str | None = None
        self._unknown: dict[str, str] = {}
        self._known: set[str] = set()
        self._set_up: list[tuple[str, dict[str, Any]]] = []

    def _ask(self, action: str, state: str, params: Mapping[str, Any], *, at_least: float = 0.0) -> Mapping[str, Any]:
        """The values of the hook's answer; Unprepared when it gives none. at_least: seconds, as Channel.send has it."""
        if self._dead is not None and not at_least:
            raise Unprepared(self._dead)
        question = f"{state} {json.dumps(dict(params), sort_keys=True)}"
        if question in self._unknown:
            raise Unprepared(self._unknown[question])
        text = json.dumps({"action": action, "state": state, "params": dict(params)}).encode("ascii")
        headers = (
            ("Host", urlsplit(self.url).netloc),
            ("Content-Type", "application/json"),
            ("Accept", "application/json"),
            ("Content-Length", str(len(text))),
        )
        with self._timeline.during("hook", state if action == "setup" else f"the end of {state}"):
            exchange = self._channel.send(Request("POST", self.url, headers, text), at_least=at_least)
        if exchange.fault is not None:
            problem = f"{exchange.fault.message} (asked for the state “{state}”)"
            words = f"the provider-state hook {self.url} can't be used (provider.url): {problem}"
            if exchange.fault.kind in ("unreachable", "timeout"):
                self._dead = words
            raise Unprepared(words)
        response = exchange.response
        assert response is not None  # noqa: S101 (either a fault or a response)
        if response.status in UNKNOWN_STATE and action == "setup":
            # A hook may know a state with some params and not with others.
            words = f"the provider-state hook answers {response.status} to the state “{state}”"
            self._unknown[question] = (
                f"{words} with {_said(params)}: implement these params too to have it tested"
                if state in self._known
                else f"{words}: implement this state in the hook to have it tested"
            )
            raise Unprepared(self._unknown[question])
        if response.status != 200:  # noqa: PLR2004 (the promised status)
            raise Unprepared(
                f"the provider-state hook answered {response.status} to the state “{state}”, 200 was expected"
            )
        if action == "teardown":
            return {}
        self._known.add(state)
        return _values(response.body, state)

    def _setup(self, state: str, **params: Any) -> Mapping[str, Any]:
        values = self._ask("setup", state, params)
        if state not in UNENDED:
            self._set_up.append((state, params))
        return values

    def _teardown(self, state: str, params: Mapping[str, Any], at_least: float = 0.0) -> None:
        try:
            self._ask("teardown", state, params, at_least=at_least)
        except (Unprepared, Blocked):
            # Its answer is ignored; a state that lingers shows at the next control call.
            return

    @contextmanager
    def _while(self, state: str, **params: Any) -> Iterator[None]:
        if self._dead is not None:
            raise Unprepared(self._dead)
        try:
            # One that answers late or with an error may have been set up all the same.
            self._ask("setup", state, params)
            yield
        finally:
            self._teardown(state, params, GRACE)

    def device(self, pending: int, delivered: int = 0, others: Mapping[str, int] | None = None) -> Device:
        """The state "device"."""
        params: dict[str, Any] = {"pending": pending, "delivered": delivered}
        if others:
            params["others"] = dict(others)
        values = self._setup("device", **params)
        return Device(
            id=_text(values, "deviceId", "device"),
            pending=_texts(values, "pending", "device", pending),
            delivered=_texts(values, "delivered", "device", delivered),
            others=_statuses(values.get("others") or {}, "others", "device"),
            queued=self._learned(values, "device"),
        )

    def foreign_device(self, pending: int) -> Device:
        """The state "foreign device"."""
        return self._device_of_another(self._setup("foreign device", pending=pending), "foreign device", pending)

    def authorized_application(self, pending: int) -> Device:
        """The state "authorized application"."""
        state = "authorized application"
        return self._device_of_another(self._setup(state, pending=pending), state, pending)

    def second_application(self, pending: int) -> SecondApplication:
        """The state "second application"."""
        state = "second application"
        values = self._setup(state, pending=pending)
        app_key, token = _credential(values, "appKey", state), _credential(values, "accessToken", state)
        # They stand in calls and answers from now on.
        self._redaction.learn(token, "SECOND_ACCESS_TOKEN")
        self._redaction.learn(app_key, "SECOND_APP_KEY")
        device = self._device_of_another(values, state, pending)
        return SecondApplication(app_key, token, device.app_id or "", device)

    def deliver_command(self, device_id: str, command_id: str) -> str:
        """The state "deliver command"."""
        values = self._setup("deliver command", deviceId=device_id, commandId=command_id)
        return _known_status(_text(values, "status", "deliver command"), "deliver command")

    def _device_of_another(self, values: Mapping[str, Any], state: str, pending: int) -> Device:
        """The device in VALUES, which another application has."""
        return Device(
            id=_text(values, "deviceId", state),
            pending=_texts(values, "pending", state, pending),
            app_id=_text(values, "appId", state),
            queued=self._learned(values, state),
        )

    def _learned(self, values: Mapping[str, Any], state: str) -> Mapping[str, Queued]:
        """What VALUES say that commands were queued with, kept for whoever asks later."""
        found = _queued(values.get("queued"), state)
        self.queued |= found
        return found

    def queue_command(self, device_id: str) -> str:
        """The state "queue command"."""
        values = self._setup("queue command", deviceId=device_id)
        self._learned(values, "queue command")
        return _text(values, "commandId", "queue command")

    def commands(self, device_id: str) -> Mapping[str, str]:
        """The state "commands"."""
        values = self._setup("commands", deviceId=device_id)
        if "commands" not in values:
            raise Unprepared("the provider-state hook answered the state “commands” without the member commands")
        return _statuses(values["commands"], "commands", "commands")

    def unauthorized_application(self) -> str:
        """The state "unauthorized application"."""
        return _text(self._setup("unauthorized application"), "appId", "unauthorized application")

    def expired_token(self) -> str:
        """The state "expired token"."""
        return _credential(self._setup("expired token"), "accessToken", "expired token")

    def flow_control(self, calls_per_minute: int) -> Any:
        """The state "flow control"."""
        return self._while("flow control", calls_per_minute=calls_per_minute)

    def congestion(self) -> Any:
        """The state "congestion"."""
        return self._while("congestion")

    def internal_error(self) -> Any:
        """The state "internal error"."""
        return self._while("internal error")


class HookProvider(HookStates):
    """Ends what the hook set up, and hands over what is known of it."""

    kind = "hook"
    roomy = True
    remedy = "answer the state “device” with them in the member others to have it tested"

    def hold(self, device_id: str) -> None:
        """Every device is fresh."""

    def release(self) -> None:
        """Every device is fresh."""

    def begin(self) -> None:
        """End the states that disable the whole target: a run that was killed may have left it in one of them."""
        for state, params in OF_THE_TARGET.items():
            self._teardown(state, params)

    def close(self) -> None:
        """End the states that were set up, the last one first."""
        for state, params in reversed(self._set_up):
            if self._dead is not None:
                break
            self._teardown(state, params)
        self._set_up.clear()
        self._channel.close()

    def disconnect(self) -> None:
        """Close the connection; states stay as they are."""
        self._channel.close()

    def hand_over(self) -> dict[str, Any]:
        """The states that are set up, and what is known of the hook."""
        return {
            "set_up": self._set_up,
            "unknown": self._unknown,
            "known": sorted(self._known),
            "dead": self._dead,
            "queued": {command: vars(queued) for command, queued in self.queued.items()},
        }

    def take_over(self, remembered: Mapping[str, Any]) -> None:
        """Go on with what another process REMEMBERED."""
        self._set_up = [(state, params) for state, params in remembered.get("set_up", ())]
        self._unknown, self._known = dict(remembered.get("unknown", {})), set(remembered.get("known", ()))
        self._dead = remembered.get("dead")
        for command, values in remembered.get("queued", {}).items():
            # What a command was queued with never changes.
            if command not in self.queued:
                self.queued[command] = Queued(**values)


def _said(params: Mapping[str, Any]) -> str:
    """PARAMS in words."""
    return ", ".join(f"{name} {json.dumps(value)}" for name, value in params.items()) or "no params"


def _values(body: bytes, state: str) -> Mapping[str, Any]:
    """The JSON object in BODY, the answer to STATE; an empty body stands for no values."""
    if not body.strip():
        return {}
    try:
        value = bodies.parse(body).value
    except bodies.NotJSON as error:
        raise Unprepared(
            f"the provider-state hook answered the state “{state}” without a JSON object: {error}"
        ) from error
    if not isinstance(value, dict):
        raise Unprepared(f"the provider-state hook answered the state “{state}” without a JSON object")
    return value


def _text(values: Mapping[str, Any], name: str, state: str) -> str:
    """The id NAME."""
    value = values.get(name)
    if not is_id(value):
        _unlike(state, name, AN_ID)
    return str(value)


def _credential(values: Mapping[str, Any], name: str, state: str) -> str:
    """The value NAME that is sent in a header."""
    value = values.get(name)
    if not is_credential(value):
        _unlike(state, name, "a string fit for a header")
    return str(value)


def _texts(values: Mapping[str, Any], name: str, state: str, count: int) -> tuple[str, ...]:
    value = [] if values.get(name) is None and count == 0 else values.get(name)
    if not isinstance(value, list) or not all(map(is_id, value)):
        _unlike(state, name, f"a list, each {AN_ID}")
    if len(set(value)) != count:
        raise Unprepared(f"the provider-state hook prepared {len(set(value))} commands as {name} instead of {count}")
    return tuple(value)


def _statuses(value: Any, name: str, state: str) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(is_id(text) for pair in value.items() for text in pair):
        _unlike(state, name, f"{{commandId: status}}, each {AN_ID}")
    return {command: _known_status(status, state) for command, status in value.items()}


def _known_status(status: str, state: str) -> str:
    known = documents.command_statuses()
    if status not in known:
        raise Unprepared(
            f"the provider-state hook answered the state “{state}” with the command status {status}, which is none of "
            f"{', '.join(known)}"
        )
    return status


def _queued(value: Any, state: str) -> Mapping[str, Queued]:
    """The optional member queued: by commandId, the values that a command was queued with."""
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(map(is_id, value)):
        _unlike(state, "queued", "{commandId: values}")
    return {command: _values_of(values, state) for command, values in value.items()}


def _values_of(values: Any, state: str) -> Queued:
    """VALUES of one command; a member that is null is like one that is left out, and so is one of another name."""
    if not isinstance(values, dict):
        _unlike(state, "queued", "{commandId: values}")
    information = _typed(values, "command", dict, state) or {}
    for name, kind in (("serviceId", str), ("method", str), ("paras", dict)):
        _typed(information, name, kind, state)
    known = {name: information[name] for name in COMMAND_MEMBERS if information.get(name) is not None}
    return Queued(
        command=known,
        callback_url=_typed(values, "callbackUrl", str, state),
        expire_time=_typed(values, "expireTime", float, state),
        max_retransmit=_typed(values, "maxRetransmit", float, state),
        creation_time=_typed(values, "creationTime", str, state),
    )


def _typed(values: Mapping[str, Any], name: str, kind: type, state: str) -> Any:
    """The member NAME of what a command was queued with, None where there is none."""
    value = values.get(name)
    right = isinstance(value, (int, float) if kind is float else kind) and not isinstance(value, bool)
    if value is not None and not right:
        _unlike(state, f"queued.{name}", KINDS[kind])
    return value


def _unlike(state: str, name: str, wanted: str) -> NoReturn:
    raise Unprepared(f"the provider-state hook answered the state “{state}” without {name} as {wanted}")
