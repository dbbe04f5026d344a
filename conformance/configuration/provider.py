"""The section [provider]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from conformance.configuration.addresses import header_problem, hook_url_problem, token_problem
from conformance.configuration.keys import (
    APPLICATION_KEYS,
    DEVICE_KEYS,
    LONGEST,
    PROVIDER_KEYS,
    STATIC_KEYS,
    variable_of,
)
from conformance.configuration.reader import Reader, nearest
from conformance.configuration.settings import AuthorizingApplication, OtherApplication, ProviderSettings

__all__ = ["PROVIDERS", "provider_settings", "read_provider"]

PROVIDERS = ("hook", "northbound", "static")


def read_provider(reader: Reader) -> dict[str, Any]:
    """The settings of the section by their keys, as READER found them; what is wrong is among its problems."""
    found = reader.section("provider", PROVIDER_KEYS)
    kind = found.get("kind")
    if kind is None and "url" in found:
        kind = found["kind"] = "hook"
    if kind is not None and kind not in PROVIDERS:
        _, shown = nearest(kind, PROVIDERS)
        reader.problems.append(
            f"provider.kind (CONFORMANCE_PROVIDER_KIND) must be one of {', '.join(PROVIDERS)}"
            + (f", not {shown}" if shown else "")
        )
    if kind == "hook":
        if "url" not in found and "provider.url" not in reader.refused:
            reader.problems.append("provider.url is missing: give CONFORMANCE_PROVIDER_URL or url under [provider]")
        elif "url" in found:
            wrong = hook_url_problem(found["url"])
            if wrong:
                reader.problems.append(f"provider.url (CONFORMANCE_PROVIDER_URL): {wrong}")
    if kind == "northbound" and not found.get("device_ids"):
        reader.problems.append(
            "provider.device_ids is missing: give CONFORMANCE_PROVIDER_DEVICE_IDS or device_ids under [provider], "
            "one or more offline devices of the application"
        )
    _other_application(reader, found)
    _authorizing_application(reader, found)
    for key in ("settle_time", "watch_time"):
        if not 0 <= found.get(key, 0) <= LONGEST:
            reader.problems.append(
                f"provider.{key} ({variable_of('provider', key)}) must be from 0 to {LONGEST} seconds"
            )
    _static(reader, found.get("static", {}))
    return found


def _other_application(reader: Reader, found: dict[str, Any]) -> None:
    """Either all that is needed to act as the other application is given in FOUND, or nothing of it."""
    needed = ("other_app_key", "other_secret", "other_device_ids")
    if any(found.get(key) for key in (*needed, "other_app_id")):
        for key in needed:
            if not found.get(key):
                reader.problems.append(
                    f"provider.{key} is missing: give {variable_of('provider', key)} or {key} under [provider], "
                    "as another setting of the other application is given"
                )
    for key in ("other_app_key", "other_app_id"):
        wrong = header_problem(found.get(key, ""))
        if wrong:
            reader.problems.append(f"provider.{key} ({variable_of('provider', key)}): {wrong}")
    found["other_app_id"] = found.get("other_app_id") or found.get("other_app_key")


def _authorizing_application(reader: Reader, found: Mapping[str, Any]) -> None:
    """Of the application that has authorised the caller, either both the appId and devices are given or neither."""
    needed = ("authorizing_app_id", "authorizing_device_ids")
    for key in needed if any(found.get(key) for key in needed) else ():
        if not found.get(key):
            reader.problems.append(
                f"provider.{key} is missing: give {variable_of('provider', key)} or {key} under [provider], "
                "as another setting of the authorizing application is given"
            )
    if not (found.get("authorizing_app_id") or "").isprintable():
        reader.problems.append(
            f"provider.authorizing_app_id ({variable_of('provider', 'authorizing_app_id')}): it holds a character that "
            "can't be printed"
        )


def _static(reader: Reader, table: Mapping[str, Any]) -> None:
    """Check TABLE, [provider.static]."""
    problems, where = reader.problems, f"[provider.static] of {reader.name}"
    reader.unknown(table, STATIC_KEYS, where)
    devices = table.get("devices", [])
    if not isinstance(devices, list):
        problems.append(f"provider.static.devices in {reader.name} must be a list of tables")
        devices = []
    for device in [*devices, *([table["foreign_device"]] if "foreign_device" in table else [])]:
        if not isinstance(device, dict):
            problems.append(f"a device under {where} must be a table")
            continue
        reader.unknown(device, DEVICE_KEYS, f"a device under {where}")
        if not _is_text(device.get("id")):
            problems.append(f"a device under {where} has no id")
        if "app_id" in device and not _is_text(device["app_id"]):
            problems.append(f"app_id of a device under {where} must be a string that isn't empty")
        for key in ("pending", "delivered"):
            if not _are_texts(device.get(key, [])):
                problems.append(f"{key} of a device under {where} must be a list of strings, none of them empty")
    _static_applications(reader, table)
    _static_words(reader, table, where)


def _static_words(reader: Reader, table: Mapping[str, Any], where: str) -> None:
    for key in ("unauthorized_app_id", "expired_token"):
        if key not in table:
            continue
        value = table[key]
        check = token_problem if key == "expired_token" else header_problem
        wrong = check(value) if _is_text(value) else "it must be a string that isn't empty"
        if wrong:
            reader.problems.append(f"{key} under {where}: {wrong}")


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _static_applications(reader: Reader, table: Mapping[str, Any]) -> None:
    for key, names in APPLICATION_KEYS.items():
        if key in table:
            _static_application(reader, table, key, names)


def _static_application(reader: Reader, static: Mapping[str, Any], key: str, names: Sequence[str]) -> None:
    """Check the table KEY of STATIC, which has the keys NAMES; all but pending and a second app_id must be there."""
    where, table = f"[provider.static.{key}] of {reader.name}", static[key]
    if not isinstance(table, dict):
        reader.problems.append(f"provider.static.{key} in {reader.name} must be a table")
        return
    reader.unknown(table, names, where)
    optional = ("pending", "app_id") if "app_key" in names else ("pending",)
    for name in names:
        value = table.get(name)
        if value is None and name in optional:
            continue
        if name == "pending":
            if not _are_texts(value):
                reader.problems.append(f"pending under {where} must be a list of strings, none of them empty")
        elif not _is_text(value):
            reader.problems.append(f"{name} under {where} must be a string that isn't empty")
        elif name in ("app_key", "access_token") and (wrong := header_problem(value)):
            reader.problems.append(f"{name} under {where}: {wrong}")


def provider_settings(found: dict[str, Any]) -> ProviderSettings:
    """The settings FOUND, in which nothing is wrong."""
    for key in ("device_ids", "other_device_ids", "authorizing_device_ids"):
        found[key] = tuple(found.get(key, ()))
    other = OtherApplication(**_taken(found, "other_"))
    authorizing = AuthorizingApplication(**_taken(found, "authorizing_"))
    return ProviderSettings(**found, other=other, authorizing=authorizing)


def _taken(found: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The settings whose names begin with PREFIX, by the rest of their names, taken out of FOUND."""
    names = [name for name in found if name.startswith(prefix)]
    return {name.removeprefix(prefix): found.pop(name) for name in names}
