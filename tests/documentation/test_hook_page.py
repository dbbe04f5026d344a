"""docs/hook.md: the hook that it shows is complete, short, and works as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from conformance.reference import Reference, structures
from conformance.reference.store import DELIVERED, PENDING, Device

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "hook.md").read_text("utf-8")


def _code() -> str:
    """The hook that the page shows."""
    (code,) = re.findall(r"<!-- hook:begin -->\n```python\n(.*?)```\n<!-- hook:end -->", PAGE, re.DOTALL)
    return str(code)


def _platform_admin(reference: Reference) -> ModuleType:
    """What a vendor has beside the hook, over the store of REFERENCE."""
    store = reference.store

    def add_device(app_id: str) -> str:
        return store.register(store.applications[app_id]).device_id

    def add_command(device_id: str, status: str) -> str:
        device: Device = store.devices[device_id]
        return store.queue(device, store.new_command(device, status)).command_id

    def commands(device_id: str) -> dict[str, str]:
        return {command.command_id: command.status for command in store.devices[device_id].commands}

    def limit_calls(threshold: int | None) -> None:
        store.flow.limit(threshold)

    def congest(begin: bool) -> None:  # noqa: FBT001 (as the page has it)
        store.congested = begin

    def break_down(begin: bool) -> None:  # noqa: FBT001 (as the page has it)
        store.failing = begin

    def queued_with(device_id: str) -> dict[str, structures.Members]:
        return {one.command_id: structures.queued_values(one) for one in store.devices[device_id].commands}

    def deliver(device_id: str, command_id: str) -> str:
        (command,) = (one for one in store.devices[device_id].commands if one.command_id == command_id)
        command.status = DELIVERED if command.status == PENDING else command.status
        return command.status

    module = ModuleType("platform_admin")
    vars(module).update(
        APP_ID=store.parties.own.app_id,
        OTHER_APP_ID=store.parties.stranger.app_id,
        PARTNER_APP_ID=store.parties.partner.app_id,
        SECOND_APP_ID=store.parties.second.app_id,
        SECOND_CREDENTIALS={"appKey": store.parties.second.app_id, "accessToken": store.parties.second.tokens[-1].text},
        queued_with=queued_with,
        deliver=deliver,
        add_device=add_device,
        add_command=add_command,
        add_expired_token=lambda: store.issue_expired_token(store.parties.own).text,
        commands=commands,
        limit_calls=limit_calls,
        congest=congest,
        break_down=break_down,
    )
    return module


@dataclass(frozen=True)
class Bench:
    """A folder with a conformance.toml, and the states that the hook which it names can set up."""

    folder: Path
    setup: dict[str, Any]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    """The reference, ready to be tested, its states made by the hook of the page."""
    with Reference.start() as reference:
        monkeypatch.setitem(sys.modules, "platform_admin", _platform_admin(reference))
        names: dict[str, Any] = {"__name__": "hook"}
        exec(compile(_code(), "docs/hook.md", "exec"), names)  # noqa: S102 (the project's own page)
        monkeypatch.setattr(names["Hook"], "log_message", lambda *_: None)
        server = ThreadingHTTPServer(("127.0.0.1", 0), names["Hook"])
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/provider-states"
        path = tmp_path / "conformance.toml"
        path.write_text(reference.configuration().replace(reference.address.hook_url, url), "utf-8")
        yield Bench(tmp_path, names["SETUP"])
        server.shutdown()
        thread.join()
        server.server_close()


def _conformance(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from conformance.command.cli import main; main()", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_it_is_short() -> None:
    """The hook of the page has fewer than 60 lines."""
    assert len(_code().splitlines()) < 60


def test_it_knows_every_state() -> None:
    """The hook of the page sets up the twelve states of the OpenAPI document, and the page's table lists them."""
    states = set(yaml.safe_load((ROOT / "openapi" / "provider-states.yaml").read_text("utf-8"))["x-states"])
    listed = set(re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE))

    assert states == set(re.findall(r'^    "([^"]+)": ', _code().partition("SETUP = {")[2], re.MULTILINE))
    assert states == listed


def test_it_serves_the_check(bench: Bench) -> None:
    """`conformance check`, as the page has it, finds every state good."""
    done = _conformance(bench.folder, "check")

    assert (0, "") == (done.returncode, done.stderr)
    assert {"yes"} == set(re.findall(r"^(?:yes|no)(?= )", done.stdout, re.MULTILINE))


def test_it_serves_a_whole_run(bench: Bench) -> None:
    """With the hook of the page a conformant target is found conformant, and no MUST stays untested."""
    done = _conformance(bench.folder, "run")

    assert 0 == done.returncode, done.stdout


def test_a_state_left_out_is_said(bench: Bench) -> None:
    """A state left out of the page's SETUP is reported as such, and the others are as good as before."""
    del bench.setup["congestion"]
    done = _conformance(bench.folder, "check")
    bad = [line for line in done.stdout.splitlines() if line.startswith("no ")]

    assert 7 == done.returncode
    assert 1 == len(bad)
    assert "“congestion”" in bad[0]
    assert "404" in bad[0]
