"""The reference described for those who call it: a configuration file, and a text to read."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from conformance.reference.address import Address
from conformance.reference.inventory import Inventory
from conformance.reference.store import Device

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


def configuration(address: Address, inventory: Inventory, provider: Provider = "hook") -> str:
    """A whole TOML file that has the suite test a reference.

    Args:
        address: where the reference listens.
        inventory: what stands ready on it.
        provider: what kind of provider makes its states.
    """
    own = inventory.parties.own
    target: dict[str, object] = {
        "base_url": address.base_url,
        "app_key": own.app_id,
        "access_token": inventory.access_token,
        "app_id": own.app_id,
        "calls_per_minute": inventory.store.flow.calls_per_minute,
    }
    if address.ca_file is not None:
        target["ca_bundle"] = str(address.ca_file)
    settings: dict[str, object] = {"kind": provider}
    if provider == "hook":
        settings["url"] = address.hook_url
    elif provider == "northbound":
        settings |= _northbound(inventory)
    tables = [_table("[target]", target), _table("[provider]", settings)]
    if provider == "northbound":
        # What no client can bring about, nor find in the history of a device.
        tables.append(_table("[provider.static]", {"expired_token": inventory.expired_token}))
        reason = "no call of the platform's API brings it about"
        tables += [_table("[[untestable]]", {"requirement": one, "reason": reason}) for one in _OUT_OF_REACH]
    if provider == "static":
        tables += _static(inventory)
    return BEGINNING + "\n".join(tables)


def _northbound(inventory: Inventory) -> dict[str, object]:
    """What the platform's own calls need to bring states about."""
    parties = inventory.parties
    return {
        **({"secret": inventory.secret} if inventory.secret else {}),
        "device_ids": [device.device_id for device in inventory.offline_devices],
        "other_app_key": parties.stranger.app_id,
        "other_secret": parties.stranger.secret,
        "other_device_ids": [inventory.foreign_device.device_id],
        "authorizing_app_id": parties.partner.app_id,
        "authorizing_device_ids": [inventory.authorizing_device.device_id],
    }


def _static(inventory: Inventory) -> list[str]:
    """Test data that stands there."""
    second, foreign = inventory.parties.second, inventory.foreign_device
    return [
        _table(
            "[provider.static]",
            {"unauthorized_app_id": foreign.app_id, "expired_token": inventory.expired_token},
        ),
        _table("[provider.static.foreign_device]", {**_device(foreign), "app_id": foreign.app_id}),
        _table("[provider.static.authorized_application]", _device_of_another(inventory.authorizing_device)),
        _table(
            "[provider.static.second_application]",
            {
                "app_key": second.app_id,
                "access_token": second.tokens[-1].text,
                **_device_of_another(inventory.second_device),
            },
        ),
        *(_table("[[provider.static.devices]]", _device(device)) for device in inventory.static_devices),
    ]


def _device_of_another(device: Device) -> dict[str, object]:
    """A device, whose application it is, and the ids of its pending commands."""
    return {"app_id": device.app_id, "device_id": device.device_id, "pending": _device(device)["pending"]}


def _device(device: Device) -> dict[str, object]:
    """A device and the ids of its commands, by status."""

    def ids(status: str) -> list[str]:
        return [command.command_id for command in device.commands if command.status == status]

    return {"id": device.device_id, "pending": ids("PENDING"), "delivered": ids("DELIVERED")}


def description(address: Address, inventory: Inventory) -> str:
    """Where the reference listens and what it admits, for a person."""
    own, token = inventory.parties.own, inventory.access_token
    trust = f" --cacert {address.ca_file}" if address.ca_file else ""
    threshold = inventory.store.flow.calls_per_minute
    lines = {
        "base URL": address.base_url,
        "app_key": own.app_id,
        "secret": inventory.secret,
        "access token": f"{token} (until someone logs in)",
        "CA file": address.ca_file or "none: plain HTTP",
        "provider states": address.hook_url,
        "flow control": f"{threshold} calls a minute" if threshold else "none",
        "an offline device": inventory.offline_device,
    }
    width = max(map(len, lines))
    return "\n".join(
        [
            *(f"{name + ':':{width + 1}} {value}" for name, value in lines.items()),
            "",
            f"curl{trust} '{address.url}' -H 'app_key: {own.app_id}' \\",
            f"  -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \\",
            f"""  -d '{{"deviceId": "{inventory.offline_device}"}}'""",
        ]
    )


def _table(header: str, values: Mapping[str, object]) -> str:
    # A JSON string, number or list of strings, in ASCII, is TOML too.
    return f"{header}\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
