"""The configuration of a run: file, environment and command line, checked as a whole before any call is made."""

from __future__ import annotations

import datetime as dt
import difflib
import math
import os
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from conformance.contract import documents
from conformance.exceptions import UsageError

__all__ = [
    "CALL",
    "DEFAULT_FILE",
    "AuthorizingApplication",
    "ClientCertificate",
    "Configuration",
    "OtherApplication",
    "ProviderSettings",
    "TargetSettings",
    "Untestable",
    "Waiver",
    "load",
    "secrets",
]

DEFAULT_FILE = Path("conformance.toml")
PRINTABLE = re.compile(r"[!-~]+")
PROVIDERS = ("hook", "northbound", "static")
CALL = "/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks"
"""The path of the call, which is appended to the base URL."""

BEARER = re.compile(r"bearer\s", re.IGNORECASE)
WITH_SCHEME = "it begins with “Bearer ”, which the suite writes in front of it; give the token alone"


@dataclass(frozen=True)
class ClientCertificate:
    """What the suite identifies itself with to the target; the key may stand in the same file."""

    file: Path | None = None
    key: Path | None = None
    password: str | None = None


@dataclass(frozen=True)
class OtherApplication:
    """An application that has not authorised the caller."""

    app_key: str | None = None
    app_id: str | None = None
    secret: str | None = None
    device_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuthorizingApplication:
    """An application that has authorised the caller."""

    app_id: str | None = None
    device_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class TargetSettings:
    """[target]: where the implementation is and how to call it.

    timeout is in seconds; calls_per_minute 0: it has no threshold. pace_folder: what all machines of a distributed run
    see, to keep one pace by. embedded: it is the suite's own implementation, in this process, which no proxy leads to.
    """

    base_url: str
    app_key: str
    access_token: str | None
    app_id: str
    calls_per_minute: int = 100
    timeout: float = 10.0
    ca_bundle: Path | None = None
    client_certificate: ClientCertificate = ClientCertificate()
    verify_hostname: bool = True
    pace_folder: Path | None = None
    embedded: bool = False

    @property
    def https(self) -> bool:
        """Whether the base URL is https."""
        return self.base_url.startswith("https:")


@dataclass(frozen=True)
class ProviderSettings:
    """[provider]: how the target is brought into states.

    settle_time: seconds without any progress after which a revocation counts as not carried out. watch_time: seconds in
    which an effect that must not be may still turn up.
    """

    kind: str | None = None
    url: str | None = None
    secret: str | None = None
    device_ids: tuple[str, ...] = ()
    other: OtherApplication = OtherApplication()
    authorizing: AuthorizingApplication = AuthorizingApplication()
    settle_time: float = 30.0
    watch_time: float = 3.0
    static: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiver:
    """[[waiver]]: a known deviation of a requirement or a case, accepted until the end of a day."""

    requirement: str | None
    case: str | None
    reason: str
    owner: str
    expires: dt.date


@dataclass(frozen=True)
class Untestable:
    """[[untestable]]: a requirement that this target gives no means to test."""

    requirement: str
    reason: str


@dataclass(frozen=True)
class Configuration:
    """Everything that a run is told from outside."""

    target: TargetSettings
    provider: ProviderSettings
    waivers: tuple[Waiver, ...] = ()
    untestable: tuple[Untestable, ...] = ()
    requirements: str | None = None
    """The release whose requirements count for the verdict; None: the newest."""


@dataclass(frozen=True)
class _Key:
    """A key of the file: its type, whether it may be an environment variable, and the flag that sets it too."""

    name: str
    type: type
    flag: str | None = None


TARGET_KEYS = (
    _Key("base_url", str, "--base-url"),
    _Key("app_key", str),
    _Key("access_token", str),
    _Key("app_id", str),
    _Key("calls_per_minute", int),
    _Key("timeout", float),
    _Key("ca_bundle", str),
    _Key("client_cert", str),
    _Key("client_key", str),
    _Key("client_cert_password", str),
    _Key("verify_hostname", bool),
    _Key("pace_folder", str),
)
PROVIDER_KEYS = (
    _Key("kind", str),
    _Key("url", str),
    _Key("secret", str),
    _Key("device_ids", list),
    _Key("other_app_key", str),
    _Key("other_app_id", str),
    _Key("other_secret", str),
    _Key("other_device_ids", list),
    _Key("authorizing_app_id", str),
    _Key("authorizing_device_ids", list),
    _Key("settle_time", float),
    _Key("watch_time", float),
    _Key("static", dict),
)
SUITE_KEYS = ("requirements",)
SECTIONS = ("target", "provider", "suite", "waiver", "untestable")
SECRETS = (
    ("target", "access_token"),
    ("target", "app_key"),
    ("target", "client_cert_password"),
    ("provider", "secret"),
    ("provider", "other_secret"),
    ("provider", "other_app_key"),
)
STATIC_KEYS = (
    "devices",
    "foreign_device",
    "unauthorized_app_id",
    "expired_token",
    "authorized_application",
    "second_application",
)
DEVICE_KEYS = ("id", "pending", "delivered", "app_id")
APPLICATION_KEYS = {
    "authorized_application": ("app_id", "device_id", "pending"),
    "second_application": ("app_key", "access_token", "app_id", "device_id", "pending"),
}
"""Keys of the tables of other applications under [provider.static]."""

WAIVER_KEYS = ("requirement", "case", "reason", "owner", "expires")
UNTESTABLE_KEYS = ("requirement", "reason")
TYPE_NAMES = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list of strings",
    dict: "a table",
}


PREFIX = "CONFORMANCE_"
ONLY_OPTIONS = (
    "--base-url",
    "--config",
    "--reports",
    "--strict",
    "--max-calls",
    "--max-time",
    "--seed",
    "--replay",
    "--slow",
)


def _variable(section: str, key: str) -> str:
    return f"{PREFIX}{'PROVIDER_' if section == 'provider' else ''}{key.upper()}"


VARIABLES = tuple(
    _variable(section, key.name)
    for section, keys in (("target", TARGET_KEYS), ("provider", PROVIDER_KEYS))
    for key in keys
)
"""The variables that say something about the target; any of them keeps the embedded one from being tested."""

CACHE_DIR = "CONFORMANCE_CACHE_DIR"
OTHER_VARIABLES = (CACHE_DIR, "CONFORMANCE_SOURCE")
"""The other variables of this prefix: where the cache is, and what ci/gitlab.yml installs."""


class _Reader:
    """Collects settings of all three origins, and every problem found on the way."""

    def __init__(
        self,
        file: Mapping[str, Any],
        name: str,
        environ: Mapping[str, str],
        flags: Mapping[str, str | None],
        folder: Path = Path(),
    ) -> None:
        self.file, self.name, self.environ, self.flags, self.folder = file, name, environ, flags, folder
        self.problems: list[str] = []
        self.by_file: set[str] = set()
        """The settings that the file gives, as in "target.base_url"."""

        self.refused: set[str] = set()
        """The settings that are given wrongly, so that it isn't said that they are missing."""

    def section(self, section: str, keys: Sequence[_Key]) -> dict[str, Any]:
        """The settings of SECTION: command line over environment over file."""
        table = self.file.get(section, {})
        if not isinstance(table, dict):
            self.problems.append(f"[{section}] in {self.name} must be a table")
            table = {}
        self.unknown(table, [key.name for key in keys], f"[{section}] of {self.name}")
        found: dict[str, Any] = {}
        for key in keys:
            variable, place = _variable(section, key.name), f"{section}.{key.name}"
            flag = self.flags.get(key.flag) if key.flag else None
            before = len(self.problems)
            if flag is not None:
                self._convert(found, key, flag, key.flag or "")
            elif variable in self.environ:
                self._convert(found, key, self.environ[variable], variable)
            elif key.name in table:
                self.by_file.add(place)
                self._check(found, key, table[key.name], f"{place} in {self.name}")
            if len(self.problems) > before:
                self.refused.add(place)
        return found

    def path(self, section: str, key: str, text: str) -> Path:
        """The path TEXT of KEY: what the file names is sought beside it, everything else in the working folder."""
        beside = self.folder if f"{section}.{key}" in self.by_file else Path()
        return beside / Path(text).expanduser()

    def variables(self) -> None:
        """A problem for every variable of the suite's prefix that it doesn't know, with the nearest that it does."""
        for name in self.environ:
            if name == CACHE_DIR and not self.environ[name]:
                self.problems.append(f"{name} is empty: name a folder, or unset it")
            elif name.upper().startswith(PREFIX) and name not in (*VARIABLES, *OTHER_VARIABLES):
                self.problems.append(f"unknown variable {name}: {_meant(name)}")

    def unknown(self, table: Mapping[str, Any], names: Sequence[str], where: str) -> None:
        """A problem for every key of TABLE that isn't in NAMES, with the nearest one that is."""
        for key in table:
            if key not in names:
                near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(names)}"
                self.problems.append(f"unknown key {key} in {where}: {hint}")

    def _convert(self, found: dict[str, Any], key: _Key, text: str, variable: str) -> None:
        if not text.strip():
            # A variable that CI leaves empty, as it is protected or missing, must not pass for one that isn't set.
            self.problems.append(f"{variable} is empty; give it a value, or leave it out")
            return
        try:
            if key.type is bool:
                found[key.name] = {"true": True, "1": True, "false": False, "0": False}[text.strip().lower()]
            elif key.type is list:
                found[key.name] = [part.strip() for part in text.split(",") if part.strip()]
            elif key.type is dict:
                found[key.name] = tomllib.loads(text)
            else:
                # What the environment holds of other bytes than UTF-8 can't be sent.
                text.encode("utf-8")
                found[key.name] = key.type(text)
        except (ValueError, KeyError):
            self.problems.append(f"{variable} must be {TYPE_NAMES[key.type]}")

    def _check(self, found: dict[str, Any], key: _Key, value: Any, where: str) -> None:
        right = isinstance(value, (int, float) if key.type is float else key.type)
        if right and key.type in (int, float) and isinstance(value, bool):
            right = False
        if right and key.type is list:
            right = all(isinstance(element, str) for element in value)
        if right:
            found[key.name] = value
        else:
            self.problems.append(f"{where} must be {TYPE_NAMES[key.type]}")

    def tables(self, name: str, keys: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The tables [[NAME]] of the file with a name for each, their keys checked."""
        tables = self.file.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.problems.append(f"[[{name}]] in {self.name} must be a list of tables")
            return
        for number, table in enumerate(tables, 1):
            where = f"[[{name}]] number {number} of {self.name}"
            self.unknown(table, keys, where)
            yield where, table


def _meant(name: str) -> str:
    """What is probably meant by the variable NAME, which there isn't."""
    option = f"--{name.upper().removeprefix(PREFIX).replace('_', '-').lower()}"
    if name.upper() not in VARIABLES and option in ONLY_OPTIONS:
        return f"that is set by {option} only"
    near = difflib.get_close_matches(name.upper(), (*VARIABLES, CACHE_DIR), n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"known ones: {', '.join(VARIABLES)}"


def _parts(text: str) -> tuple[SplitResult | None, str | None]:
    """(the parts of the URL TEXT, what is wrong with it or None)."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        words = str(error)
        # What Python quotes of it may be a part of a password.
        return None, words if "'" not in words else "it is no URL, or its port is no number from 1 to 65535"
    problem = None
    if parts.scheme not in ("http", "https"):
        problem = "it must begin with https:// or http://"
    elif not parts.hostname:
        problem = "it names no host"
    elif port == 0:
        problem = "port 0 can't be called"
    elif "@" in parts.netloc + parts.path:
        # What looks like a path may begin with a slash in a password.
        problem = "credentials in a URL end up in logs; leave them out"
    elif not PRINTABLE.fullmatch(parts.netloc):
        problem = "the host name must be in ASCII; write an international one as xn--…"
    return parts, problem


def _base_url(text: str) -> tuple[str, str | None]:
    """(the base URL, a gateway's path included, without a trailing slash; what is wrong with it or None)."""
    parts, problem = _parts(text.strip())
    if parts is None:
        return text, problem
    if problem is None and (parts.query or parts.fragment or "?" in text or "#" in text):
        problem = "it must have no query or fragment"
    path = parts.path.rstrip("/")
    if problem is None and path and not PRINTABLE.fullmatch(path):
        problem = "the path must be in ASCII; write other characters as %…"
    if problem is None and path.endswith(CALL):
        problem = f"the suite appends the path of the call; leave {CALL} out"
    return f"{parts.scheme}://{parts.netloc}{path}", problem


def _header_value(text: str) -> str | None:
    """What keeps TEXT from being a header's value, or None."""
    if text != text.strip():
        return "it begins or ends with white space"
    if text and not PRINTABLE.fullmatch(text.replace(" ", "")):
        return "it holds a character that can't stand in an HTTP header"
    return None


def _token(text: str) -> str | None:
    """What keeps TEXT from being an access token, or None."""
    return WITH_SCHEME if BEARER.match(text) else _header_value(text)


def _positive(found: Mapping[str, Any], key: str) -> bool:
    """Whether the number KEY, where it is given, is finite and more than 0."""
    value: float = found.get(key, 1)
    return 0 < value < math.inf


def _target(reader: _Reader, provider: Mapping[str, Any]) -> TargetSettings | None:
    found = reader.section("target", TARGET_KEYS)
    problems = reader.problems
    before = len(problems)
    logs_in = provider.get("kind") == "northbound" and provider.get("secret")
    for key, ways, needed in (
        ("base_url", "--base-url, CONFORMANCE_BASE_URL or base_url under [target]", True),
        ("app_key", "CONFORMANCE_APP_KEY or app_key under [target] (there is no flag)", True),
        ("access_token", "CONFORMANCE_ACCESS_TOKEN or access_token under [target] (there is no flag)", not logs_in),
    ):
        if needed and not found.get(key) and f"target.{key}" not in reader.refused:
            problems.append(f"target.{key} is missing: give {ways}")
    if found.get("base_url"):
        found["base_url"], wrong = _base_url(found["base_url"])
        if wrong:
            problems.append(
                f"target.base_url (--base-url, CONFORMANCE_BASE_URL): {wrong}; it has the form https://host:port"
            )
    _identities(reader, found)
    if found.get("calls_per_minute", 0) < 0:
        problems.append("target.calls_per_minute (CONFORMANCE_CALLS_PER_MINUTE) must be 0 (no threshold) or more")
    if not _positive(found, "timeout"):
        problems.append("target.timeout (CONFORMANCE_TIMEOUT) must be more than 0 seconds, and finite")
    _files(reader, found)
    if len(problems) > before or reader.problems:
        return None
    found["timeout"] = float(found.get("timeout", TargetSettings.timeout))
    certificate = ClientCertificate(
        found.pop("client_cert", None), found.pop("client_key", None), found.pop("client_cert_password", None)
    )
    return TargetSettings(
        app_id=found.pop("app_id", None) or found["app_key"],
        access_token=found.pop("access_token", None),
        client_certificate=certificate,
        **found,
    )


def _identities(reader: _Reader, found: Mapping[str, Any]) -> None:
    """What is sent in a header must be fit for one; an appId stands in the query and in answers only."""
    for key, check in (("app_key", _header_value), ("access_token", _token)):
        wrong = check(found.get(key, ""))
        if wrong:
            reader.problems.append(f"target.{key} ({_variable('target', key)}): {wrong}")
    if not found.get("app_id", "").isprintable():
        variable = _variable("target", "app_id")
        reader.problems.append(f"target.app_id ({variable}): it holds a character that can't be printed")


def _files(reader: _Reader, found: dict[str, Any]) -> None:
    for key in ("ca_bundle", "client_cert", "client_key"):
        if key in found:
            found[key] = reader.path("target", key, found[key])
            if not found[key].is_file():
                reader.problems.append(f"target.{key} ({_variable('target', key)}): there is no file {found[key]}")
    if "pace_folder" in found:
        found["pace_folder"] = folder = reader.path("target", "pace_folder", found["pace_folder"])
        if not os.access(folder, os.W_OK) or not folder.is_dir():
            variable = _variable("target", "pace_folder")
            reader.problems.append(f"target.pace_folder ({variable}): there is no folder {folder} that can be written")


def _provider(reader: _Reader) -> dict[str, Any]:
    found = reader.section("provider", PROVIDER_KEYS)
    kind = found.get("kind")
    if kind is None and "url" in found:
        kind = found["kind"] = "hook"
    if kind is not None and kind not in PROVIDERS:
        reader.problems.append(
            f"provider.kind (CONFORMANCE_PROVIDER_KIND) must be one of {', '.join(PROVIDERS)}, not {kind}"
        )
    if kind == "hook":
        if "url" not in found and "provider.url" not in reader.refused:
            reader.problems.append("provider.url is missing: give CONFORMANCE_PROVIDER_URL or url under [provider]")
        elif "url" in found:
            _, wrong = _parts(found["url"])
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
        if not 0 <= found.get(key, 0) < math.inf:
            reader.problems.append(
                f"provider.{key} ({_variable('provider', key)}) must be 0 seconds or more, and finite"
            )
    _static(reader, found.get("static", {}))
    return found


def _other_application(reader: _Reader, found: dict[str, Any]) -> None:
    """Either all that is needed to act as the other application is given in FOUND, or nothing of it."""
    needed = ("other_app_key", "other_secret", "other_device_ids")
    if any(found.get(key) for key in (*needed, "other_app_id")):
        for key in needed:
            if not found.get(key):
                reader.problems.append(
                    f"provider.{key} is missing: give {_variable('provider', key)} or {key} under [provider], "
                    "as another setting of the other application is given"
                )
    for key in ("other_app_key", "other_app_id"):
        wrong = _header_value(found.get(key, ""))
        if wrong:
            reader.problems.append(f"provider.{key} ({_variable('provider', key)}): {wrong}")
    found["other_app_id"] = found.get("other_app_id") or found.get("other_app_key")


def _authorizing_application(reader: _Reader, found: Mapping[str, Any]) -> None:
    """Of the application that has authorised the caller, either both the appId and devices are given or neither."""
    needed = ("authorizing_app_id", "authorizing_device_ids")
    for key in needed if any(found.get(key) for key in needed) else ():
        if not found.get(key):
            reader.problems.append(
                f"provider.{key} is missing: give {_variable('provider', key)} or {key} under [provider], "
                "as another setting of the authorizing application is given"
            )
    if not (found.get("authorizing_app_id") or "").isprintable():
        reader.problems.append(
            f"provider.authorizing_app_id ({_variable('provider', 'authorizing_app_id')}): it holds a character that "
            "can't be printed"
        )


def _static(reader: _Reader, table: Mapping[str, Any]) -> None:
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
        if not isinstance(device.get("id"), str):
            problems.append(f"a device under {where} has no id")
        if not isinstance(device.get("app_id", ""), str):
            problems.append(f"app_id of a device under {where} must be a string")
        for key in ("pending", "delivered"):
            if not isinstance(device.get(key, []), list) or not all(
                isinstance(one, str) for one in device.get(key, [])
            ):
                problems.append(f"{key} of a device under {where} must be a list of strings")
    _static_applications(reader, table)
    for key in ("unauthorized_app_id", "expired_token"):
        value = table.get(key, "")
        check = _token if key == "expired_token" else _header_value
        wrong = check(value) if isinstance(value, str) else "it must be a string"
        if wrong:
            problems.append(f"{key} under {where}: {wrong}")


def _static_applications(reader: _Reader, table: Mapping[str, Any]) -> None:
    for key, names in APPLICATION_KEYS.items():
        if key in table:
            _static_application(reader, table, key, names)


def _static_application(reader: _Reader, static: Mapping[str, Any], key: str, names: Sequence[str]) -> None:
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
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                reader.problems.append(f"pending under {where} must be a list of strings")
        elif not isinstance(value, str) or not value:
            reader.problems.append(f"{name} under {where} must be a string that isn't empty")
        elif name in ("app_key", "access_token") and (wrong := _header_value(value)):
            reader.problems.append(f"{name} under {where}: {wrong}")


def _date(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _filled(table: Mapping[str, Any], key: str) -> str | None:
    value = table.get(key)
    return value.strip() if isinstance(value, str) and value.strip() else None


def _waivers(reader: _Reader) -> Iterator[Waiver]:
    for where, table in reader.tables("waiver", WAIVER_KEYS):
        requirement, case = _filled(table, "requirement"), _filled(table, "case")
        reason, owner, expires = _filled(table, "reason"), _filled(table, "owner"), _date(table.get("expires"))
        if (requirement is None) == (case is None):
            reader.problems.append(f"{where}: name either a requirement or a case")
        for key, value in (("reason", reason), ("owner", owner)):
            if value is None:
                reader.problems.append(f"{where}: {key} must be filled in")
        if expires is None:
            reader.problems.append(f"{where}: expires must be a date, as in expires = 2027-01-31")
        if reason is not None and owner is not None and expires is not None:
            yield Waiver(requirement, case, reason, owner, expires)


def _untestable(reader: _Reader) -> Iterator[Untestable]:
    for where, table in reader.tables("untestable", UNTESTABLE_KEYS):
        requirement, reason = _filled(table, "requirement"), _filled(table, "reason")
        if requirement is None or reason is None:
            reader.problems.append(f"{where}: requirement and reason must be filled in")
        else:
            yield Untestable(requirement, reason)


def _suite(reader: _Reader) -> str | None:
    """The setting of [suite]: the release whose requirements count."""
    table = reader.file.get("suite", {})
    if not isinstance(table, dict):
        reader.problems.append(f"[suite] in {reader.name} must be a table")
        return None
    reader.unknown(table, SUITE_KEYS, f"[suite] of {reader.name}")
    given, known = table.get("requirements"), documents.releases(documents.load().requirements)
    if given is not None and given not in known:
        said = given if isinstance(given, str) else f"{given}, which isn't a string"
        choice = ", ".join(f'"{release}"' for release in known)
        reader.problems.append(
            f"suite.requirements in {reader.name} must be the release whose requirements count, one of {choice}, "
            f"not {said}"
        )
        return None
    return given


def _read_file(path: Path | None) -> tuple[Mapping[str, Any], Path | None]:
    """(what the configuration file holds, where it is or None)."""
    if path is None:
        # A link that leads nowhere, or a folder of that name, is told and not passed over.
        if not os.path.lexists(DEFAULT_FILE):
            return {}, None
        path = DEFAULT_FILE
    try:
        # Some editors begin a file with a byte order mark.
        return tomllib.loads(path.read_text("utf-8-sig")), path
    except OSError as error:
        raise UsageError([f"--config {path}: {error.strerror or error}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError([f"--config {path}: no TOML: {error}"]) from error


def load(
    file: Path | None,
    environ: Mapping[str, str],
    base_url: str | None = None,
    *,
    requirements: Collection[str] = (),
    embedded: Callable[[], str] | None = None,
) -> Configuration:
    """The configuration of FILE, ENVIRON and the command line; UsageError with every problem at once.

    Args:
        file: The configuration file; None stands for ./conformance.toml, when there is one.
        environ: The environment variables.
        base_url: What --base-url says; None when it isn't given.
        requirements: The ids that declarations may name.
        embedded: Starts the embedded implementation and returns its configuration as TOML. It is called only when
            nothing at all is said about a target; None makes that an error.
    """
    table, path = _read_file(file)
    name = path.name if path else "the configuration"
    folder = path.parent if path else Path()
    reader = _Reader(table, name, environ, {"--base-url": base_url}, folder)
    reader.unknown(table, SECTIONS, name)
    reader.variables()
    declared, counting = _declarations(reader, requirements), _suite(reader)
    targeted = file is not None or base_url is not None or "target" in table or "provider" in table
    if targeted or embedded is None or any(variable in environ for variable in VARIABLES):
        return replace(_whole(reader, declared), requirements=counting)
    if reader.problems:
        raise UsageError(reader.problems)
    own = _whole(_Reader(tomllib.loads(embedded()), "the embedded implementation's configuration", {}, {}), declared)
    return replace(own, target=replace(own.target, embedded=True), requirements=counting)


def secrets(file: Path | None, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The name and the text of each secret that FILE and ENVIRON hold, as far as they can be read."""
    try:
        table, _ = _read_file(file)
    except UsageError:
        table = {}
    found = [(key, environ.get(_variable(section, key))) for section, key in SECRETS]
    found += [(key, _inside(table, section, key)) for section, key in SECRETS]
    found.append(("expired_token", _inside(table, "provider", "static", "expired_token")))
    for key, value in found:
        if value:
            yield key.upper(), value


def _inside(table: Any, *keys: str) -> str | None:
    """The string in TABLE that KEYS lead to; None when there is none, or something else on the way."""
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table if isinstance(table, str) else None


def _declarations(reader: _Reader, requirements: Collection[str]) -> tuple[tuple[Waiver, ...], tuple[Untestable, ...]]:
    """Waivers that match nothing are for the run to tell; a declaration must name a requirement that exists."""
    waivers, untestable = tuple(_waivers(reader)), tuple(_untestable(reader))
    for entry in untestable:
        if entry.requirement not in requirements:
            near = difflib.get_close_matches(entry.requirement, requirements, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else "see conformance list"
            reader.problems.append(f"[[untestable]] of {reader.name}: unknown requirement {entry.requirement}: {hint}")
    return waivers, untestable


def _taken(found: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The settings whose names begin with PREFIX, by the rest of their names, taken out of FOUND."""
    names = [name for name in found if name.startswith(prefix)]
    return {name.removeprefix(prefix): found.pop(name) for name in names}


def _whole(reader: _Reader, declared: tuple[tuple[Waiver, ...], tuple[Untestable, ...]]) -> Configuration:
    provider = _provider(reader)
    target = _target(reader, provider)
    if reader.problems or target is None:
        raise UsageError(reader.problems)
    for key in ("device_ids", "other_device_ids", "authorizing_device_ids"):
        provider[key] = tuple(provider.get(key, ()))
    other = OtherApplication(**_taken(provider, "other_"))
    authorizing = AuthorizingApplication(**_taken(provider, "authorizing_"))
    return Configuration(target, ProviderSettings(**provider, other=other, authorizing=authorizing), *declared)
