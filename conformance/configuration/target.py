"""The section [target]."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conformance.configuration.addresses import base_url_of, header_problem, token_problem
from conformance.configuration.keys import LONGEST, MOST, TARGET_KEYS, variable_of
from conformance.configuration.reader import Reader
from conformance.configuration.settings import ClientCertificate, TargetSettings

__all__ = ["target_settings"]


def target_settings(reader: Reader, provider: Mapping[str, Any]) -> TargetSettings | None:
    """The settings of the section, as READER finds them beside those of the PROVIDER; None where something is wrong."""
    found = reader.section("target", TARGET_KEYS)
    problems = reader.problems
    logs_in = provider.get("kind") == "northbound" and provider.get("secret")
    for key, ways, needed in (
        ("base_url", "--base-url, CONFORMANCE_BASE_URL or base_url under [target]", True),
        ("app_key", "CONFORMANCE_APP_KEY or app_key under [target] (there is no flag)", True),
        ("access_token", "CONFORMANCE_ACCESS_TOKEN or access_token under [target] (there is no flag)", not logs_in),
    ):
        if needed and not found.get(key) and f"target.{key}" not in reader.refused:
            problems.append(f"target.{key} is missing: give {ways}")
    if found.get("base_url"):
        found["base_url"], wrong = base_url_of(found["base_url"])
        if wrong:
            problems.append(
                f"target.base_url (--base-url, CONFORMANCE_BASE_URL): {wrong}; it has the form https://host:port"
            )
    _identities(reader, found)
    if not 0 <= found.get("calls_per_minute", 0) <= MOST:
        problems.append(
            f"target.calls_per_minute (CONFORMANCE_CALLS_PER_MINUTE) must be from 0 (no threshold) to {MOST}"
        )
    if not 0 < found.get("timeout", 1) <= LONGEST:
        problems.append(f"target.timeout (CONFORMANCE_TIMEOUT) must be more than 0 seconds, and at most {LONGEST}")
    _files(reader, found)
    if problems:
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


def _identities(reader: Reader, found: Mapping[str, Any]) -> None:
    """What is sent in a header must be fit for one; an appId stands in the query and in answers only."""
    for key, check in (("app_key", header_problem), ("access_token", token_problem)):
        wrong = check(found.get(key, ""))
        if wrong:
            reader.problems.append(f"target.{key} ({variable_of('target', key)}): {wrong}")
    if not found.get("app_id", "").isprintable():
        variable = variable_of("target", "app_id")
        reader.problems.append(f"target.app_id ({variable}): it holds a character that can't be printed")


def _files(reader: Reader, found: dict[str, Any]) -> None:
    for key in ("ca_bundle", "client_cert", "client_key"):
        if key in found:
            found[key], sought = reader.path("target", key, found[key])
            if not _holds(Path.is_file, found[key]):
                variable = variable_of("target", key)
                reader.problems.append(f"target.{key} ({variable}): there is no file of that name{sought}")
    if "pace_folder" in found:
        found["pace_folder"], sought = reader.path("target", "pace_folder", found["pace_folder"])
        if not _holds(_is_writable_folder, found["pace_folder"]):
            reader.problems.append(
                f"target.pace_folder ({variable_of('target', 'pace_folder')}): "
                f"there is no folder of that name{sought} that can be written"
            )


def _is_writable_folder(path: Path) -> bool:
    return os.access(path, os.W_OK) and path.is_dir()


def _holds(test: Callable[[Path], bool], path: Path) -> bool:
    """Whether TEST holds of PATH, which may be too long for a name, or hold what no name can."""
    try:
        return test(path)
    except (OSError, ValueError):
        return False
