"""Whole runs of the written cases against the correct reference, by every kind of provider; and hooks that lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformance.client.draft import Draft
from conformance.evidence.exchange import Exchange
from conformance.exceptions import Unprepared
from conformance.reference import Reference
from conformance.reference.store import Device
from conformance.run.context import Options
from conformance.run.course import Course
from conformance.run.devices import PreparedDevices
from conformance.verdict import Exit, Judged
from tests.running import Clock, case_context, run, written

from .conftest import Begin

OUT_OF_REACH = {
    "no-effect-congestion",
    "error-100001-internal-error",
    "error-100501-congestion",
    "congestion-refused",
    "internal-error-reported",
}
FLOW_CONTROL = {
    "no-effect-flow-control",
    "error-1010009-flow-control",
    "flow-control-enforced",
    "flow-control-allowance",
}
HISTORY = {"keep-delivered", "keep-finished"}
FOREIGN = {"keep-foreign-device"}
NEEDS_READING_BACK = {
    "keep-other-devices",
    "later-commands-revoked-next",
    "later-commands-stay",
    "no-effect-application",
    "no-effect-credentials",
    "no-effect-device",
    "no-effect-input",
    "revoke-all-pending",
    "revoke-keeps-record",
    "task-status-true",
}


def carry_out(course: Course) -> Judged:
    """All written cases between the control calls."""
    return run(course, written())


def with_outcome(judged: Judged, outcome: str) -> dict[str, str]:
    """The MUSTs of that outcome, with the reasons."""
    return {one.id: one.reason for one in judged.requirements if (one.outcome, one.level) == (outcome, "MUST")}


def test_hook(reference: Reference, begin: Begin) -> None:
    """With a hook that knows every state everything is tested, and holds; there is nothing to note."""
    course = begin(reference)
    judged = carry_out(course)

    assert (Exit.CONFORMANT, {}, {}, []) == (
        judged.exit_status,
        with_outcome(judged, "failed"),
        with_outcome(judged, "not tested"),
        course.state.notes,
    )


def still_pending(*devices: Device) -> list[str]:
    """The commands of those devices that are pending."""
    commands = [command for device in devices for command in device.commands]
    return [command.command_id for command in commands if command.status == "PENDING"]


def have_devices(reference: Reference, count: int | None) -> None:
    """Have only so many of the offline devices named; None: all."""
    inventory = reference.inventory
    reference.inventory = replace(inventory, offline_devices=inventory.offline_devices[:count])


def test_northbound(reference: Reference, begin: Begin) -> None:
    """By the platform's own calls all is tested but what no client can bring about; nothing is left pending."""
    judged = carry_out(begin(reference, "northbound"))

    assert {} == with_outcome(judged, "failed")
    untested = with_outcome(judged, "not tested")
    assert FLOW_CONTROL == set(untested)
    assert all("--exhaust-flow-control" in reason for reason in untested.values())
    assert set(with_outcome(judged, "untestable")) > OUT_OF_REACH
    assert Exit.INCOMPLETE == judged.exit_status
    assert [] == still_pending(*reference.inventory.offline_devices, reference.inventory.foreign_device)


@pytest.mark.parametrize(("devices", "untested"), [(None, set()), (1, {"keep-other-devices"})])
def test_northbound_at_the_real_threshold(
    start: Callable[..., Reference], begin: Begin, devices: int | None, untested: set[str]
) -> None:
    """With the target's allowance used up once, beside the budget, a northbound run of the reference finds it right.

    Where there is one device only, its commands aren't revoked by the calls within the allowance.
    """
    clock = Clock()
    reference = start(calls_per_minute=100, clock=clock.monotonic)
    have_devices(reference, devices)
    course = begin(reference, "northbound", options=Options(exhaust=True, max_calls=120), clock=clock)

    judged = carry_out(course)

    assert ({}, untested) == (with_outcome(judged, "failed"), set(with_outcome(judged, "not tested")))
    assert (Exit.INCOMPLETE if untested else Exit.CONFORMANT) == judged.exit_status
    assert [] == still_pending(*reference.inventory.offline_devices, reference.inventory.foreign_device)


def test_states_that_a_killed_run_left(reference: Reference, begin: Begin) -> None:
    """A target that an earlier run has left throttled, congested and failing is found right all the same."""
    reference.store.flow.limit(1)
    reference.store.congested = reference.store.failing = True
    judged = carry_out(begin(reference, "hook"))

    assert ({}, Exit.CONFORMANT) == (with_outcome(judged, "failed"), judged.exit_status)


def test_northbound_without_another_application(reference: Reference, begin: Begin) -> None:
    """What belongs to another application is tested with its credentials, or as far as it is named; or not at all."""
    untested = with_outcome(carry_out(begin(reference, "northbound", other=False)), "not tested")

    expected = {"device-own", "app-id-authorized", "error-100217-unauthorized-application", "access-token-unexpired"}
    expected |= {"app-id-acting-for", "callers-kept-apart"}
    assert FLOW_CONTROL | FOREIGN | expected == set(untested)


def test_static(reference: Reference, begin: Begin) -> None:
    """By test data that stands there all is tested but what must be read back or brought about, with the reasons."""
    judged = carry_out(begin(reference, "static"))

    assert {} == with_outcome(judged, "failed")
    untested = with_outcome(judged, "not tested")
    assert "the provider doesn't say what commands were queued with" == untested.pop("listed-values-true")
    assert OUT_OF_REACH | FLOW_CONTROL | HISTORY | FOREIGN | NEEDS_READING_BACK == set(untested)
    assert all("the provider is static" in reason for reason in untested.values())
    assert Exit.INCOMPLETE == judged.exit_status


def test_few_devices(reference: Reference, begin: Begin) -> None:
    """One offline device is enough for all that doesn't take two."""
    have_devices(reference, 1)
    judged = carry_out(begin(reference, "northbound"))

    assert {} == with_outcome(judged, "failed")
    # Of a device with commands in every state none is left for the other one's.
    assert FLOW_CONTROL | {"keep-other-devices"} == set(with_outcome(judged, "not tested"))


def test_devices_without_history(reference: Reference, begin: Begin) -> None:
    """Where no device was ever online, what becomes of delivered and finished commands isn't tested; what to do."""
    for device in reference.inventory.offline_devices:
        device.commands.clear()
    judged = carry_out(begin(reference, "northbound"))

    assert {} == with_outcome(judged, "failed")
    untested = with_outcome(judged, "not tested")
    assert FLOW_CONTROL | HISTORY == set(untested)
    assert all("was online" in untested[requirement] for requirement in HISTORY)


def test_no_provider(reference: Reference, begin: Begin) -> None:
    """Without any provider the refusals are tested, and nothing is found wrong."""
    judged = carry_out(begin(reference, "none"))

    assert {} == with_outcome(judged, "failed")
    untested = with_outcome(judged, "not tested")
    assert "call-accepted" in untested
    assert not {"error-100418-unknown-device", "error-100022-invalid-input", "app-key-mandatory"} & set(untested)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("expired token", {"access-token-unexpired"}),
        ("unauthorized application", set()),
        ("foreign device", {"device-own", "keep-foreign-device"}),
        ("queue command", {"later-commands-stay", "later-commands-revoked-next"}),
        ("internal error", {"internal-error-reported", "error-100001-internal-error"}),
        ("congestion", {"congestion-refused", "error-100501-congestion", "no-effect-congestion"}),
        (
            "flow control",
            {
                "flow-control-allowance",
                "flow-control-enforced",
                "error-1010009-flow-control",
                "no-effect-flow-control",
            },
        ),
    ],
)
def test_lacking_state(reference: Reference, begin: Begin, state: str, expected: set[str]) -> None:
    """A state that the hook lacks leaves untested what nothing else can show, with that reason, and no more."""
    del reference.hook.states[state]

    untested = with_outcome(carry_out(begin(reference)), "not tested")

    assert expected == set(untested)
    assert all(f"“{state}”" in reason for reason in untested.values())


# ---- lies ------------------------------------------------------------------------------------------------------------


def devices_of(course: Course) -> PreparedDevices:
    """The devices that a case of COURSE is given."""
    return case_context(course).devices


def lying(reference: Reference, change: Callable[[dict[str, Any]], None]) -> None:
    """Have the hook of REFERENCE answer the state device with a CHANGE."""
    honest = reference.hook.device

    def device(params: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = honest(params)
        change(values)
        return values

    reference.hook.states["device"] = device


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda values: values.update(pending=values["delivered"]), "as pending, but it reads back as DELIVERED"),
        (lambda values: values.update(delivered=values["pending"]), "as delivered, but it reads back as PENDING"),
        (
            lambda values: values.update(pending=["never-queued"]),
            "never-queued as pending, but it reads back as absent",
        ),
        (lambda values: values.update(delivered=["never-sent"]), "as delivered, but it reads back as absent"),
        (
            lambda values: values.update(others=dict.fromkeys(values["others"], "TIMEOUT")),
            "as TIMEOUT, but it reads back as FAILED",
        ),
    ],
)
def test_lie(reference: Reference, begin: Begin, change: Callable[[dict[str, Any]], None], words: str) -> None:
    """A hook that says it prepared what it didn't is found out by reading back, before any call is made."""
    lying(reference, change)
    course = begin(reference)

    with pytest.raises(Unprepared) as raised:
        devices_of(course).device(1, 1, {"FAILED": 1})
    assert words in str(raised.value)
    assert 0 == course.rig.client.calls


def test_other_devices_id(reference: Reference, begin: Begin) -> None:
    """A hook whose deviceId is another device's is found out too."""
    other = reference.store.register(reference.store.parties.own).device_id
    lying(reference, lambda values: values.update(deviceId=other))

    with pytest.raises(Unprepared, match="reads back as absent"):
        devices_of(begin(reference)).device(1)


@pytest.mark.parametrize("status", ["PENDING", "DEFAULT", "PENDDING"])
def test_undelivered(reference: Reference, begin: Begin, status: str) -> None:
    """Each of the names that an undelivered command has reads back as pending."""
    honest = reference.hook.commands
    reference.hook.states["commands"] = lambda params: {
        "commands": dict.fromkeys(dict(honest(params)["commands"]), status)  # type: ignore[call-overload]  # a dictionary
    }

    assert devices_of(begin(reference)).device(2).commands is not None


@pytest.mark.parametrize("status", ["DELIVERED", "SENT", "SUCCESSFUL", "FAILED", "TIMEOUT"])
def test_progress(reference: Reference, begin: Begin, status: str) -> None:
    """A delivered command may have gone on by the time that it is read back."""
    devices = devices_of(begin(reference))
    device = devices.provider.device(0, 1)
    reference.store.devices[device.id].commands[0].status = status

    prepared = devices.checked(device)

    assert {device.delivered[0]: status} == prepared.commands


def test_one_device_for_all(reference: Reference, begin: Begin) -> None:
    """A hook that always gives one and the same device has nothing found wrong with the target, and it is told."""
    honest = reference.hook.device
    device_id = ""

    def device(params: dict[str, Any]) -> dict[str, Any]:
        nonlocal device_id
        values: dict[str, Any] = honest(params)
        device_id = device_id or values["deviceId"]
        made = reference.store.devices.pop(values["deviceId"]) if values["deviceId"] != device_id else None
        only = reference.store.devices[device_id]
        if made is not None:
            for command in only.commands:
                command.status = "CANCELED" if command.status == "PENDING" else command.status
            for command in made.commands:
                command.device_id = device_id
                only.commands.append(command)
        return {**values, "deviceId": device_id}

    reference.hook.states["device"] = device
    course = begin(reference)
    judged = carry_out(course)

    assert {} == with_outcome(judged, "failed")
    assert "keep-other-devices" in with_outcome(judged, "not tested")
    assert any("the same device more than once" in note for note in course.state.notes)


def test_calls_that_share_a_connection(reference: Reference, begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that mixes up the calls of one connection has that one fault; from then on none shares one."""
    course = begin(reference)
    honest = course.rig.client.send

    def send(draft: Draft, **settings: Any) -> Exchange:
        exchange = honest(draft, **settings)
        if not exchange.reused or exchange.response is None:
            return exchange
        return replace(exchange, response=replace(exchange.response, status=400, body=b"<html>"))

    monkeypatch.setattr(course.rig.client, "send", send)
    judged = carry_out(course)

    assert {"answer-complete"} == set(with_outcome(judged, "failed"))
    assert "on a connection that was used before" in with_outcome(judged, "failed")["answer-complete"]


@pytest.mark.parametrize(("state", "code"), [("congestion", "100501"), ("internal error", "100001")])
def test_state_that_stays(
    reference: Reference, begin: Begin, monkeypatch: pytest.MonkeyPatch, state: str, code: str
) -> None:
    """Where a hook doesn't end such a state, what fails then comes with a word about that."""
    honest = reference.hook.end
    monkeypatch.setattr(reference.hook, "end", lambda ended: None if ended == state else honest(ended))
    course = begin(reference)
    carry_out(course)

    words = f"The first call after the case {state.replace(' ', '-')} was answered with code {code}, too"
    assert [True] == [note.startswith(words) for note in course.state.notes]


def test_nothing_to_read_back(reference: Reference, begin: Begin) -> None:
    """Where a hook can't read back, the device is used as it was prepared, and the reason is kept."""
    del reference.hook.states["commands"]
    course = begin(reference)

    prepared = devices_of(course).device(1)

    assert prepared.commands is None
    assert "“commands”" in prepared.unreadable
    assert prepared.unreadable == course.state.health.unreadable


def test_another_applications_commands(reference: Reference, begin: Begin) -> None:
    """That another application's commands can't be read back says nothing of the caller's own."""
    static = f"{{foreign_device = {{id = '{reference.inventory.foreign_device.device_id}', app_id = 'x'}}}}"
    course = begin(reference, "northbound", other=False, static=static)

    prepared = devices_of(course).foreign_device(2)

    assert prepared.commands is None
    assert "another application" in prepared.unreadable
    assert "" == course.state.health.unreadable
