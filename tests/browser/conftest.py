"""A headless Chromium with the sample reports in it.

These tests run only when they are asked for (`tox run -e browser`, or `pytest -m browser`): they need a browser, and
fail without one.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", "browser: needs Chromium; runs only with -m browser")


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave this folder out unless browser tests are asked for."""
    return None if "browser" in config.getoption("markexpr").split() else True


def _samples() -> Any:
    path = Path(__file__).parent.parent / "report" / "samples.py"
    spec = importlib.util.spec_from_file_location("report_samples", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of each sample record, in a folder of its name, the overview of all, and the requirements' pages."""
    from conformance.report import render_overview, write_reports  # noqa: PLC0415 (only when browser tests run)
    from conformance.report.bundle import GUIDE  # noqa: PLC0415 (the same)

    folder = tmp_path_factory.mktemp("reports")
    records = _samples().all_records()
    for name, record in records.items():
        write_reports(record, folder / name)
    (folder / "overview.html").write_text(render_overview(list(records.values())), "utf-8")
    shutil.copyfile(GUIDE, folder / GUIDE.name)
    _judged(_samples(), folder / "recording")
    return folder


def _judged(samples: Any, folder: Path) -> None:
    """Judge a recording that has a hostile string in the place of every text, into FOLDER."""
    from conformance.recorded import judging, page  # noqa: PLC0415 (only when browser tests run)
    from conformance.report import write_reports  # noqa: PLC0415 (the same)

    traffic = folder.with_suffix(".har")
    traffic.write_text(json.dumps(_hostile_recording(samples.HOSTILE)), "utf-8")
    judged = judging.judge_file(traffic, strict=False, allow_untested=False)
    write_reports(judged.record, folder)
    page.write_page(judged.requests, f"{samples.HOSTILE}.har", folder)


def _hostile_recording(text: str) -> Any:
    """A recording of calls that hold TEXT wherever a client, a target or an exporter may put it."""
    path = "/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks"
    headers = [
        {"name": "Content-Type", "value": text},
        # A secret is taken out wherever it stands, so these hold another text.
        {"name": "app_key", "value": "<img src=x onerror=alert(1)>"},
        {"name": "Authorization", "value": "<svg onload=alert(2)>"},
        {"name": "X-Text", "value": "<img src=x onerror=alert(3)>"},
    ]
    entries = [
        {
            "startedDateTime": text,
            "time": text,
            "comment": text,
            "request": {
                "method": method,
                "url": f"https://h.example/{quote(text)}{path}?appid={quote(text)}&{quote(text)}=1",
                "headers": headers,
                "postData": {"mimeType": text, "text": json.dumps({text: text, "deviceId": 65 * text})},
            },
            "response": {
                "status": status,
                "statusText": text,
                "httpVersion": text,
                "headers": headers,
                "content": {"mimeType": text, "comment": text, **content},
            },
        }
        for method in ("POST", "PUT")
        for status in (200, 201, 404)
        for content in (
            {"text": json.dumps({"error_code": text, "error_desc": text, "taskId": text, "deviceCommands": [text]})},
            {"text": json.dumps({"resultcode": text})},
            {"text": text},
            {"encoding": text, "text": text},
            {},
        )
    ]
    odd = [
        {"request": {"method": "POST", "url": text}},
        {"request": {"method": "POST", "url": f"https://h.example/{quote(text)}"}},
        {"request": {"method": text, "url": text}, "response": text},
    ]
    return {"log": {"creator": {"name": text, "version": text}, "comment": text, "entries": [*entries, *odd]}}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A browser: the one that the variable CHROMIUM names, else the one on the path."""
    # Not imported above: it is installed only where browser tests run.
    start = importlib.import_module("playwright.sync_api").sync_playwright
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.fail("Browser tests were asked for, but there is no Chromium: install it, or name it in CHROMIUM.")
    with start() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page in a browser, and what it did that it shouldn't: errors on its console, and calls to elsewhere."""

    page: Any
    errors: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)


@pytest.fixture
def visit(chromium: Any, folder: Path) -> Iterator[Callable[..., Visit]]:
    """Opens the report NAME in a browser of its own (OPTIONS are those of a browser context)."""
    contexts = []

    def open_report(name: str, fragment: str = "", **options: object) -> Visit:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        contexts.append(context)
        found = Visit(context.new_page())
        found.page.on("console", lambda message: found.errors.append(message.text) if message.type == "error" else None)
        found.page.on("pageerror", lambda error: found.errors.append(str(error)))
        found.page.on("dialog", lambda dialog: found.errors.append(dialog.message))
        found.page.on("request", lambda request: found.calls.append(request.url))
        found.page.goto(f"{(folder / name).as_uri()}{fragment}")
        return found

    yield open_report
    for context in contexts:
        context.close()
