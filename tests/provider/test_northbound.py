"""The platform's own sibling calls, against the embedded reference and against platforms that do them oddly."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.client.draft import plain
from conformance.client.pacing import Pacer
from conformance.configuration.settings import ProviderSettings, TargetSettings
from conformance.evidence.exchange import Request, TransportError
from conformance.exceptions import NoVerdict, Unprepared
from conformance.provider.northbound import QUEUED, NorthboundProvider
from conformance.provider.platform import Platform
from conformance.reference import Reference
from conformance.reference.structures import time_text
from conformance.run.calls import body_for

from .channels import Answer, FakeChannel
from .conftest import Begin

TARGET = TargetSettings("http://127.0.0.1:9", "key", "token", "key")


def provider_of(answer: Callable[[Request], Answer], *devices: str) -> tuple[NorthboundProvider, FakeChannel]:
    """A provider whose platform answers so, and the channel to it."""
    channel = FakeChannel(answer)
    settings = ProviderSettings("northbound", device_ids=devices or ("d1", "d2", "d3"))
    return NorthboundProvider(settings, channel, platform_at(channel)), channel


def platform_at(channel: FakeChannel, pacer: Pacer | None = None) -> Platform:
    """The platform behind CHANNEL."""
    return Platform(TARGET.base_url, TARGET.app_key, lambda: "token", channel, pacer or Pacer(0))


HISTORY = ["DELIVERED", "DELIVERED", "EXPIRED", "FAILED", "SUCCESSFUL", "TIMEOUT"]
"""What the reference's offline devices hold from the start."""


def page(*commands: tuple[str, str], **pagination: int) -> Answer:
    """A page of commands."""
    data = [{"commandId": identity, "status": status} for identity, status in commands]
    return 200, {"pagination": pagination, "data": data}


# ---- against the reference -------------------------------------------------------------------------------------------


def test_device(reference: Reference, begin: Begin) -> None:
    """A configured device is rid of what is pending and given just what is asked for, which reads back so."""
    provider = begin(reference, "northbound").rig.provider
    device = reference.store.devices[reference.inventory.offline_device]
    reference.store.queue(device, reference.store.new_command(device))

    first = provider.device(2, others={"CANCELED": 1})

    held = provider.commands(first.id)
    assert reference.inventory.offline_device == first.id
    assert ["PENDING"] * 2 == [held[command] for command in first.pending]
    assert {"CANCELED": "CANCELED"} == {held[command]: status for command, status in first.others.items()}
    assert sorted(["CANCELED", "CANCELED", "PENDING", "PENDING", *HISTORY]) == sorted(held.values())
    assert first.fresh is False


def test_devices_are_used_again(reference: Reference, begin: Begin) -> None:
    """Every device serves one purpose at a time; released ones serve again, held ones don't until the end."""
    provider = begin(reference, "northbound").rig.provider
    held = provider.device(0).id
    provider.hold(held)
    others = [provider.device(0).id for _ in range(4)]

    with pytest.raises(Unprepared, match=r"name more than 5 offline devices in provider.device_ids"):
        provider.device(0)
    provider.release()
    again = [provider.device(0).id for _ in range(4)]

    assert {device.device_id for device in reference.inventory.offline_devices} == {held, *others}
    assert set(others) == set(again)


def test_paging(reference: Reference, begin: Begin) -> None:
    """More commands than a page holds are all read back, a full last page included."""
    provider = begin(reference, "northbound").rig.provider
    device = reference.store.devices[reference.inventory.offline_device]
    for count in (100, 101, 250):
        while len(device.commands) < count:
            reference.store.queue(device, reference.store.new_command(device, "SUCCESSFUL"))
        assert {command.command_id for command in device.commands} == set(provider.commands(device.device_id))


def test_clean_up(reference: Reference, begin: Begin) -> None:
    """In the end nothing is pending any more that the run queued; what others queued stays."""
    provider = begin(reference, "northbound").rig.provider
    first = provider.device(2)
    provider.queue_command(first.id)
    device = reference.store.devices[first.id]
    stays = reference.store.queue(device, reference.store.new_command(device))

    provider.close()

    assert {stays.command_id: "PENDING"} == {
        command.command_id: command.status
        for command in device.commands
        if command.status not in ("CANCELED", *HISTORY)
    }


def test_history(reference: Reference, begin: Begin) -> None:
    """Delivered and finished commands, which no client can make, are those of a device that was online before."""
    provider = begin(reference, "northbound").rig.provider
    others = {"SUCCESSFUL": 1, "FAILED": 1, "CANCELED": 1}

    device = provider.device(1, 2, others)

    held = provider.commands(device.id)
    assert ["DELIVERED"] * 2 == [held[command] for command in device.delivered]
    assert sorted(others) == sorted(held[command] for command in device.others)
    assert device.others == {command: held[command] for command in device.others}


def test_the_richest_history(reference: Reference, begin: Begin) -> None:
    """The device that has the most of what is asked for is taken; what it lacks is left out, delivered ones aren't."""
    provider = begin(reference, "northbound").rig.provider
    richest = reference.inventory.offline_devices[3]
    for one in reference.inventory.offline_devices:
        kept = ("FAILED", "DELIVERED") if one is richest else ("DELIVERED",)
        one.commands[:] = [command for command in one.commands if command.status in kept]

    device = provider.device(1, 1, {"FAILED": 1, "TIMEOUT": 1})

    assert (richest.device_id, ["FAILED"]) == (device.id, list(device.others.values()))
    with pytest.raises(Unprepared, match=r"“device with 3 delivered commands” .* was online .* or use a hook"):
        provider.device(1, 3)


def test_history_is_spared(reference: Reference, begin: Begin) -> None:
    """A device with a history isn't used up where one without will do, wherever it is named."""
    provider = begin(reference, "northbound").rig.provider
    first, *others = reference.inventory.offline_devices
    for device in others:
        device.commands.clear()

    plain = provider.device(1)
    provider.hold(plain.id)

    assert (others[0].device_id, first.device_id) == (plain.id, provider.device(1, 1).id)


def test_foreign_device(reference: Reference, begin: Begin) -> None:
    """By the other application's credentials its device is prepared and read back, and rid of what is pending."""
    provider = begin(reference, "northbound").rig.provider
    foreign = provider.foreign_device(2)

    device = reference.inventory.foreign_device
    assert (device.device_id, device.app_id) == (foreign.id, foreign.app_id)
    assert device.app_id == provider.unauthorized_application()
    held = provider.commands(foreign.id)
    assert ["PENDING"] * 2 == [held[command] for command in foreign.pending]
    assert ["CANCELED", "CANCELED", "PENDING", "PENDING"] == sorted(held.values())
    with pytest.raises(Unprepared, match=r"name more devices in provider.other_device_ids"):
        provider.foreign_device(1)

    provider.close()

    assert {"CANCELED"} == {command.status for command in reference.store.devices[foreign.id].commands}


def test_named_foreign_device(reference: Reference, begin: Begin) -> None:
    """Without the other application's credentials its device is the named one, and can't be read back."""
    device_id = reference.inventory.foreign_device.device_id
    static = f"{{foreign_device = {{id = '{device_id}', app_id = 'x'}}, unauthorized_app_id = 'x'}}"
    provider = begin(reference, "northbound", other=False, static=static).rig.provider

    assert (device_id, "x") == (provider.foreign_device(2).id, provider.unauthorized_application())
    with pytest.raises(Unprepared, match="another application"):
        provider.commands(reference.inventory.foreign_device.device_id)


def test_authorized_application(reference: Reference, begin: Begin) -> None:
    """The device of an application that has authorised the caller is prepared by acting for that application."""
    provider = begin(reference, "northbound").rig.provider
    device = provider.authorized_application(2)

    assert (reference.inventory.authorizing_device.device_id, reference.inventory.parties.partner.app_id) == (
        device.id,
        device.app_id,
    )
    assert set(device.pending) == set(device.queued)
    further = provider.queue_command(device.id)
    assert "PENDING" == provider.commands(device.id)[further]
    assert ["CANCELED"] * 2 + ["PENDING"] * 3 == sorted(provider.commands(device.id).values())
    with pytest.raises(Unprepared, match=r"name more devices in provider.authorizing_device_ids"):
        provider.authorized_application(1)

    provider.close()

    assert {"CANCELED"} == {command.status for command in reference.store.devices[device.id].commands}


def test_second_application(reference: Reference, begin: Begin) -> None:
    """The other application is the second one: its token is a new one of its own, and its device is prepared."""
    run = begin(reference, "northbound").rig
    second = run.provider.second_application(1)

    stranger = reference.store.parties.stranger
    assert (stranger.app_id, stranger.app_id) == (second.app_key, second.app_id)
    assert stranger.tokens[-1].text == second.access_token
    assert (reference.inventory.foreign_device.device_id, 1) == (second.device.id, len(second.device.pending))
    assert second.access_token not in run.redaction.text(f"Bearer {second.access_token}")
    further = run.provider.queue_command(second.device.id)
    assert "PENDING" == run.provider.commands(second.device.id)[further]


def test_other_applications_that_are_not_configured(reference: Reference, begin: Begin) -> None:
    """Without them the reason says which settings to give."""
    provider = begin(reference, "northbound", other=False).rig.provider

    with pytest.raises(Unprepared, match=r"provider\.authorizing_app_id and authorizing_device_ids"):
        provider.authorized_application(1)
    with pytest.raises(Unprepared, match=r"provider\.other_app_key, other_secret and other_device_ids"):
        provider.second_application(1)


def test_queued_values(reference: Reference, begin: Begin) -> None:
    """Of every command that the provider queued it is known with what, and when the platform said that it was made."""
    provider = begin(reference, "northbound").rig.provider
    device = provider.device(2)
    further = provider.queue_command(device.id)

    (last,) = (one for one in reference.store.all_commands() if one.command_id == further)
    for one in (*device.pending, further):
        assert QUEUED == replace(provider.queued[one], creation_time=None)
    assert device.queued == {one: provider.queued[one] for one in device.pending}
    assert time_text(last.created) == provider.queued[further].creation_time
    assert QUEUED.command == reference.siblings.correct.answers.information(last)


def test_no_such_history() -> None:
    """States that no application can bring about, and that no device has, aren't offered; no device is taken for it."""
    provider, _ = provider_of(lambda _: page(("c", "SUCCESSFUL")), "d1")

    with pytest.raises(Unprepared, match="device with 1 delivered commands"):
        provider.device(0, 1)
    assert "d1" == provider.device(0).id


# ---- the log-in ------------------------------------------------------------------------------------------------------


def test_one_log_in(reference: Reference, begin: Begin) -> None:
    """A run logs in once, when the token is needed first, and every part of it uses that token."""
    rig = begin(reference, "northbound").rig
    before = len(reference.store.parties.own.tokens)
    device = rig.provider.device(3)
    rig.client.send(plain(rig.context.configuration.target.app_key, rig.token(), body_for(device.id)))
    rig.provider.commands(device.id)

    assert before + 1 == len(reference.store.parties.own.tokens)
    assert reference.store.parties.own.tokens[-1].text == rig.token()


def test_renewal(begin: Begin, start: Callable[..., Reference], monkeypatch: pytest.MonkeyPatch) -> None:
    """A token is renewed before it expires, by a tenth of its life; until then it stays."""
    now = [1_000_000.0]
    reference = start(token_lifetime=100, clock=lambda: now[0])
    monkeypatch.setattr("conformance.provider.login.time.time", lambda: now[0])
    rig = begin(reference, "northbound").rig

    first = rig.token()
    now[0] += 89
    assert first == rig.token()
    now[0] += 2
    second = rig.token()

    assert first != second
    call = plain(rig.context.configuration.target.app_key, second, body_for(rig.provider.device(0).id))
    assert 201 == rig.client.send(call).response.status  # type: ignore[union-attr]  # there is one


def test_wrong_secret(reference: Reference, begin: Begin) -> None:
    """A log-in that gives no token is the end of the run: no verdict, and what to check."""
    reference.store.parties.own.secret = "another"

    with pytest.raises(NoVerdict, match=r"the log-in was answered 403 without a token; check target.app_id and"):
        begin(reference, "northbound").rig.token()


def test_configured_token(reference: Reference, begin: Begin) -> None:
    """Without a secret the configured token is used, and nobody logs in."""
    reference.inventory = replace(reference.inventory, secret="")
    before = len(reference.store.parties.own.tokens)

    rig = begin(reference, "northbound").rig

    assert reference.inventory.access_token == rig.token()
    assert "PENDING" in rig.provider.commands(rig.provider.device(1).id).values()
    assert before == len(reference.store.parties.own.tokens)


# ---- odd platforms ---------------------------------------------------------------------------------------------------


def test_smaller_pages() -> None:
    """A platform whose pages are smaller than asked for is followed to the end that it announces."""
    everything = [(f"c{number}", "SUCCESSFUL") for number in range(25)]

    def answer(request: Request) -> Answer:
        number = int(parse_qs(urlsplit(request.url).query)["pageNo"][0])
        return page(*everything[number * 10 : number * 10 + 10], totalSize=25)

    provider, channel = provider_of(answer)

    assert dict(everything) == provider.commands("d1")
    assert 3 == len(channel.sent)


@pytest.mark.parametrize("total", [0, 1, 7, -3])
def test_wrong_total(total: int) -> None:
    """A total that isn't right ends nothing early, and keeps nobody for ever."""
    pages = [page(*((f"c{number}", "FAILED") for number in range(3)), totalSize=total), page(totalSize=total)]
    provider, channel = provider_of(lambda _: pages[min(len(channel.sent) - 1, 1)])

    assert ["c0", "c1", "c2"] == sorted(provider.commands("d1"))
    assert len(channel.sent) == (2 if total > 3 else 1)


FULL = [(f"c{number}", "FAILED") for number in range(100)]


@pytest.mark.parametrize("cycle", [1, 2, 3])
def test_cyclic_pages(cycle: int) -> None:
    """Pages that come again end the reading, which isn't tried a second time."""
    pages = [page(*((f"{identity}-{number}", status) for identity, status in FULL)) for number in range(cycle)]
    provider, channel = provider_of(lambda _: pages[(len(channel.sent) - 1) % cycle])
    for _ in range(3):
        with pytest.raises(Unprepared, match="brings nothing but what earlier ones did"):
            provider.commands("d1")

    assert len(channel.sent) == cycle + 1


def test_all_on_every_page() -> None:
    """A platform that takes no notice of pages, and says how many there are, is read."""
    provider, channel = provider_of(lambda _: page(*FULL, totalSize=100))

    assert dict(FULL) == provider.commands("d1")
    assert 2 == len(channel.sent)


@pytest.mark.parametrize("size", [1, 100])
def test_endless_pages(size: int) -> None:
    """Pages without end are left after some, and not tried again for the device; another one is."""

    def answer(request: Request) -> Answer:
        query = parse_qs(urlsplit(request.url).query)
        if query["deviceId"] == ["d2"]:
            return page()
        return page(*((f"c{query['pageNo'][0]}-{number}", "FAILED") for number in range(size)), totalSize=10**9)

    provider, channel = provider_of(answer)
    for _ in range(3):
        with pytest.raises(Unprepared, match="the device has more than 5000, or more than 51 pages of them"):
            provider.commands("d1")

    assert {} == provider.commands("d2")
    assert 52 == len(channel.sent)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((500, {"error_code": "100001"}), "GET /iocm/app/cmd/v1.4.0/deviceCommands was answered 500 with code 100001"),
        ((403, {"resultcode": "1010005"}), "was answered 403 with code 1010005"),
        ((404, b"<html>"), "was answered 404"),
        ((200, b"<html>"), "the answer has no list data"),
        ((200, []), "the answer has no list data"),
        ((200, {"data": {}}), "the answer has no list data"),
        ((200, {"data": [7]}), "one has no commandId or status"),
        ((200, {"data": [{"commandId": "c"}]}), "one has no commandId or status"),
        ((200, {"data": [{"commandId": 7, "status": "PENDING"}]}), "one has no commandId or status"),
        (TransportError("timeout", "no whole answer within 1 seconds"), "no whole answer within 1 seconds"),
    ],
)
def test_unreadable(answer: Answer, words: str) -> None:
    """A platform whose commands can't be read back lacks that state, with the reason."""
    provider, _ = provider_of(lambda _: answer)

    with pytest.raises(Unprepared) as raised:
        provider.commands("d1")
    assert words in str(raised.value)


@pytest.mark.parametrize("value", [{}, [], {"commandId": 7}, {"commandId": ""}])
def test_queued_without_an_id(value: object) -> None:
    """A queued command that gets no id can't be used."""
    provider, _ = provider_of(lambda _: (201, value))

    with pytest.raises(Unprepared, match="without commandId"):
        provider.queue_command("d1")


def test_clean_up_of_a_dead_platform() -> None:
    """A platform that doesn't answer any more keeps nobody from ending."""
    answers: list[Answer] = [page(), (201, {"commandId": "c"})]
    provider, channel = provider_of(lambda _: answers.pop(0) if answers else TransportError("unreachable", "gone"))
    provider.device(1)

    provider.close()

    assert channel.closed
    assert 3 == len(channel.sent)


def test_requests() -> None:
    """Every sibling call carries the application's credentials; a queued command is cached, not sent at once."""
    provider, channel = provider_of(lambda _: (201, {"commandId": "c"}))
    provider.queue_command("d1")
    (request,) = channel.sent

    assert ("key", "Bearer token") == (request.header("app_key"), request.header("Authorization"))
    assert {"deviceId": "d1", "expireTime": 172800} == {
        key: value for key, value in json.loads(request.body or b"").items() if key != "command"
    }


def test_pace() -> None:
    """Sibling calls count against the target's flow control as every other call does."""
    admitted: list[int] = []

    class Counting(Pacer):
        def admit(self, calls: int = 1) -> None:
            admitted.append(calls)

    settings = ProviderSettings("northbound", device_ids=("d1",))
    channel = FakeChannel(lambda request: (201, {"commandId": "c"}) if request.method == "POST" else page())
    provider = NorthboundProvider(settings, channel, platform_at(channel, Counting(100)))
    provider.device(3)

    assert len(channel.sent) == sum(admitted) == 4


def test_roomy() -> None:
    """A device can be spared for the whole run where there are three."""

    def spare(*devices: str) -> Any:
        return provider_of(lambda _: page(), *devices)[0].roomy

    assert (False, False, True) == (spare("a"), spare("a", "b"), spare("a", "b", "c"))
