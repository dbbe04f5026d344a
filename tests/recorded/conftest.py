"""Recordings as exporters write them, made of one right call."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

URL = "https://platform.example:8743/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks"
TASK = {
    "taskId": "6a601888ec124826947125baba0da526",
    "appId": "application-1",
    "deviceId": "device-1",
    "status": "RUNNING",
    "totalCount": 0,
    "deviceCommands": [],
}
BODY = json.dumps(TASK)
ENTRY = {
    "startedDateTime": "2026-01-31T12:00:00.000+00:00",
    "time": 12.5,
    "request": {
        "method": "POST",
        "url": URL,
        "httpVersion": "HTTP/1.1",
        "headers": [
            {"name": "app_key", "value": "application-1"},
            {"name": "Authorization", "value": "Bearer a-token-of-the-recording"},
            {"name": "Content-Type", "value": "application/json"},
        ],
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": 24,
        "postData": {"mimeType": "application/json", "text": '{"deviceId": "device-1"}'},
    },
    "response": {
        "status": 201,
        "statusText": "Created",
        "httpVersion": "HTTP/1.1",
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "cookies": [],
        "content": {"size": len(BODY), "mimeType": "application/json", "text": BODY},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": len(BODY),
    },
    "cache": {},
    "timings": {"send": 0, "wait": 12, "receive": 0},
}

Change = Callable[[Any], object]


@pytest.fixture
def entry() -> Any:
    """One right call with a right answer."""
    return copy.deepcopy(ENTRY)


@pytest.fixture
def har(tmp_path: Path) -> Callable[..., Path]:
    """Writes a recording of ENTRIES, by an exporter of the name CREATOR."""

    def write(*entries: Any, creator: str = "an exporter") -> Path:
        path = tmp_path / "traffic.har"
        log = {"version": "1.2", "creator": {"name": creator, "version": "1"}, "entries": list(entries)}
        path.write_text(json.dumps({"log": log}), "utf-8")
        return path

    return write
