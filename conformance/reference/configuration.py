"""The reference described for those who call it: a configuration file, and a text to read."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

from conformance.reference.store import Device, Store

Provider = Literal["hook", "northbound", "static"]
BEGINNING = "# The reference, as conformance serve wrote it; it goes when serve ends.\n\n"
"""By this, serve knows the files that it may write again."""

_OUT_OF_REACH = (
    "congestion-refused",
    "no-effect-congestion",
    "error-100501-congestion",
    "internal-error-reported",
    "error-100001-internal-error",
)


class Described(Protocol):
    """What is said of a reference."""

    @property
    def base_url(self) -> str: ...  # noqa: D102 (as in Reference)

    @property
    def hook_url(self) -> str: ...  # noqa: D102 (as in Reference)

    @property
    def app_key(self) -> str: ...  # noqa: D102 (as in Reference)

    @property
    def app_id(self) -> str: ...  # noqa: D102 (as in Reference)

    @property
    def access_token(self) -> str: ...  # noqa: D102 (as in Reference)

    @property
    def secret(self) -> str: ...  # noqa: D102 (as in Reference)

    @property
    def calls_per_minute(self) -> int: ...  # noqa: D102 (as in Reference)

    @property
    def ca_file(self) -> Path | None: ...  # noqa: D102 (as in Reference)

    @property
    def store(self) -> Store: ...  # noqa: D102 (as in Reference)

    @property
    def offline_device(self) -> str: ...  # noqa: D102 (as in Reference)

    @property
    def offline_devices(self) -> Sequence[str]: ...  # noqa: D102 (as in Reference)

    @property
    def foreign_device(self) -> str: ...  # noqa: D102 (as in Reference)

    @property
    def static_devices(self) -> Sequence[Device]: ...  # noqa: D102 (as in Reference)

    @property
    def second_device(self) -> str: ...  # noqa: D102 (as in Reference)

    @property
    def unauthorized_app_id(self) -> str: ...  # noqa: D102 (as in Reference)

    @property
    def expired_token(self) -> str: ...  # noqa: D102 (as in Reference)

    @property
    def authorizing_app_id(self) -> str: ...  # noqa: D102 (as in Reference)

    @property
    def authorizing_device(self) -> str: ...  # noqa: D102 (as in Reference)

    @property
    def url(self) -> str: ...  # noqa: D102 (as in Reference)


def replaceable(path: Path) -> bool:
    """Whether nothing is lost when a new file takes the place of PATH.

    That is so where nothing is there, a link, an empty file or no file, or what serve wrote.
    """
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1 or not found.st_size:
            return True
        return path.read_text("utf-8").startswith(BEGINNING)
    except OSError:
        # Writing tells what is wrong.
        return True
    except UnicodeError:
        return False


def configuration(reference: Described, provider: Provider = "hook") -> str:
    """A whole TOML file that has the suite test this reference, its states made by that kind of provider."""
    target: dict[str, object] = {
        "base_url": reference.base_url,
        "app_key": reference.app_key,
        "access_token": reference.access_token,
        "app_id": reference.app_id,
        "calls_per_minute": reference.calls_per_minute,
    }
    if reference.ca_file is not None:
        target["ca_bundle"] = str(reference.ca_file)
    settings: dict[str, object] = {"kind": provider}
    if provider == "hook":
        settings["url"] = reference.hook_url
    elif provider == "northbound":
        settings |= {"secret": reference.secret} if reference.secret else {}
        settings["device_ids"] = list(reference.offline_devices)
        settings["other_app_key"] = reference.unauthorized_app_id
        settings["other_secret"] = reference.store.stranger.secret
        settings["other_device_ids"] = [reference.foreign_device]
        settings["authorizing_app_id"] = reference.authorizing_app_id
        settings["authorizing_device_ids"] = [reference.authorizing_device]
    tables = [_table("[target]", target), _table("[provider]", settings)]
    if provider == "northbound":
        # What no client can bring about, nor find in the history of a device.
        tables.append(_table("[provider.static]", {"expired_token": reference.expired_token}))
        reason = "no call of the platform's API brings it about"
        tables += [_table("[[untestable]]", {"requirement": one, "reason": reason}) for one in _OUT_OF_REACH]
    if provider == "static":
        tables += _static(reference)
    return BEGINNING + "\n".join(tables)


def _static(reference: Described) -> list[str]:
    """Test data that stands there."""
    static = {"unauthorized_app_id": reference.unauthorized_app_id, "expired_token": reference.expired_token}
    foreign = reference.store.devices[reference.foreign_device]
    authorizing = reference.store.devices[reference.authorizing_device]
    device = reference.store.devices[reference.second_device]
    second = {
        "app_key": device.app_id,
        "access_token": reference.store.second.tokens[-1].text,
        "app_id": device.app_id,
        "device_id": device.device_id,
        "pending": _device(device)["pending"],
    }
    return [
        _table("[provider.static]", static),
        _table("[provider.static.foreign_device]", {**_device(foreign), "app_id": foreign.app_id}),
        _table(
            "[provider.static.authorized_application]",
            {
                "app_id": authorizing.app_id,
                "device_id": authorizing.device_id,
                "pending": _device(authorizing)["pending"],
            },
        ),
        _table("[provider.static.second_application]", second),
        *(_table("[[provider.static.devices]]", _device(device)) for device in reference.static_devices),
    ]


def _device(device: Device) -> dict[str, object]:
    """A device and the ids of its commands, by status."""

    def ids(status: str) -> list[str]:
        return [command.command_id for command in device.commands if command.status == status]

    return {"id": device.device_id, "pending": ids("PENDING"), "delivered": ids("DELIVERED")}


def description(reference: Described) -> str:
    """Where the reference listens and what it admits, for a person."""
    trust = f" --cacert {reference.ca_file}" if reference.ca_file else ""
    threshold = reference.calls_per_minute
    lines = {
        "base URL": reference.base_url,
        "app_key": reference.app_key,
        "secret": reference.secret,
        "access token": f"{reference.access_token} (until someone logs in)",
        "CA file": reference.ca_file or "none: plain HTTP",
        "provider states": reference.hook_url,
        "flow control": f"{threshold} calls a minute" if threshold else "none",
        "an offline device": reference.offline_device,
    }
    width = max(map(len, lines))
    return "\n".join(
        [
            *(f"{name + ':':{width + 1}} {value}" for name, value in lines.items()),
            "",
            f"curl{trust} '{reference.url}' -H 'app_key: {reference.app_key}' \\",
            f"  -H 'Authorization: Bearer {reference.access_token}' -H 'Content-Type: application/json' \\",
            f"""  -d '{{"deviceId": "{reference.offline_device}"}}'""",
        ]
    )


def _table(header: str, values: Mapping[str, object]) -> str:
    # A JSON string, number or list of strings, in ASCII, is TOML too.
    return f"{header}\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
