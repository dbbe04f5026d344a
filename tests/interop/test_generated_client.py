"""A client that openapi-python-client generates from our document, against the reference: both read it alike."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.contract.documents import document_path
from conformance.reference import Reference

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The generated package."""
    folder = tmp_path_factory.mktemp("client")
    document = document_path("device-command-cancel-tasks.yaml")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(document), "--meta", "none"]
    subprocess.run([*command, "--output-path", str(folder / "revocation_client")], check=True, timeout=120)
    sys.path.insert(0, str(folder))
    yield importlib.import_module("revocation_client")
    sys.path.remove(str(folder))


@pytest.fixture
def reference() -> Iterator[Reference]:
    """The reference, over plain HTTP."""
    with Reference.start(tls=False) as running:
        yield running


def _call(generated: Any, reference: Reference, *, device_id: str, app_id: str | None = None, **other: str) -> Any:
    """The parsed answer to a call, made by the generated client."""
    modules = list(Path(generated.__path__[0], "api").glob("*/*.py"))
    name = next(path for path in modules if path.stem != "__init__")
    operation = importlib.import_module(f"{generated.__name__}.api.{name.parent.name}.{name.stem}")
    models = importlib.import_module(f"{generated.__name__}.models")
    client = generated.AuthenticatedClient(
        base_url=reference.address.base_url, token=other.get("token", reference.inventory.access_token)
    )
    optional = {} if app_id is None else {"app_id": app_id}
    with client as opened:
        return operation.sync_detailed(
            client=opened,
            body=models.CancelRequest(device_id=device_id),
            app_key=other.get("app_key", reference.inventory.app_id),
            **optional,
        )


def _state(reference: Reference, state: str, **params: Any) -> Any:
    asked = {"action": "setup", "state": state, "params": params}
    return httpx.post(reference.address.hook_url, json=asked).json()


def test_a_task_is_parsed(generated: Any, reference: Reference) -> None:
    """The task of an accepted call arrives as the generated class, commands included."""
    device = _state(reference, "device", pending=2, delivered=0)

    answer = _call(generated, reference, device_id=device["deviceId"])

    assert (201, "Task") == (answer.status_code, type(answer.parsed).__name__)
    assert sorted(device["pending"]) == sorted(command.command_id for command in answer.parsed.device_commands)


@pytest.mark.parametrize(
    ("edit", "status", "code"),
    [
        ({"device_id": "unknown"}, 200, "100418"),
        ({"device_id": "z" * 65}, 400, "100022"),
        ({"app_id": "nobody"}, 403, "100203"),
        ({"app_id": "unauthorized"}, 403, "100217"),
        ({"token": "nonsense"}, 403, "1010005"),
    ],
)
def test_an_error_is_parsed(generated: Any, reference: Reference, edit: dict[str, str], status: int, code: str) -> None:
    """The error answers arrive as generated classes that carry the code."""
    if edit.get("app_id") == "unauthorized":
        edit = {"app_id": reference.inventory.parties.stranger.app_id}
    device_id = edit.pop("device_id", reference.inventory.offline_device)

    answer = _call(generated, reference, device_id=device_id, **edit)

    assert (status, code) == (answer.status_code, _code(answer.parsed))


@pytest.mark.parametrize(
    ("state", "params", "status", "code"),
    [
        ("congestion", {}, 503, "100501"),
        ("internal error", {}, 500, "100001"),
        ("flow control", {"calls_per_minute": 1}, 403, "1010009"),
    ],
)
def test_a_trouble_is_parsed(
    generated: Any, reference: Reference, state: str, params: dict[str, int], status: int, code: str
) -> None:
    """So do the errors of a platform in trouble; the second call is the one over a threshold of one."""
    _state(reference, state, **params)
    _call(generated, reference, device_id=reference.inventory.offline_device)

    answer = _call(generated, reference, device_id=reference.inventory.offline_device)

    assert (status, code) == (answer.status_code, _code(answer.parsed))


def _code(parsed: Any) -> str:
    """The code in a parsed error, of either envelope."""
    text: dict[str, Any] = parsed.to_dict()
    return str(text.get("error_code") or text.get("resultcode"))


def test_every_error_row_has_a_class(generated: Any) -> None:
    """The generated client knows an answer class for every status of the error table."""
    text = "\n".join(path.read_text("utf-8") for path in Path(generated.__path__[0], "api").rglob("*.py"))

    assert {200, 400, 403, 500, 503} == {status for status in (200, 400, 403, 500, 503) if f"== {status}" in text}
