"""Exchanges as they could have been recorded, made of plain values: nothing here calls anything."""

from __future__ import annotations

import copy
import json
from typing import Any

from conformance.contract.accepted import judge_accepted
from conformance.contract.judgement import Judgement
from conformance.evidence.exchange import Exchange, Request, Response, TransportError

APP = "Rk7wQ2vYc0ZsXb5nLpT9uHdGmEa"
DEVICE = "5d0c7a4e-93b1-4f26-8e57-b1c2d9f06a38"
TOKEN = "kq8ZpV1sTn4eRw7xLd0c"
URL = "https://platform.example:8743/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks"
JSON = "application/json"
REMOVED = object()
"""Stands for the value of a member that isn't there."""

Path = tuple[str | int, ...]

REQUEST = Request(
    "POST",
    URL,
    (("app_key", APP), ("Authorization", f"Bearer {TOKEN}"), ("Content-Type", JSON)),
    json.dumps({"deviceId": DEVICE}).encode(),
)


def exchange(
    status: int, body: object, media_type: str | None = JSON, headers: tuple[tuple[str, str], ...] = ()
) -> Exchange:
    """The plain call, answered with STATUS and BODY: bytes as they are, anything else as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = (("Content-Type", media_type),) if media_type is not None else ()
    return Exchange(REQUEST, Response(status, "", "HTTP/1.1", (*given, *headers), raw), None, 0.0, 0.1)


def unanswered(kind: str) -> Exchange:
    """The plain call, which a fault of KIND ended."""
    return Exchange(REQUEST, None, TransportError(kind, "so it was"), 0.0, 0.1)


def command(number: int, **members: object) -> dict[str, Any]:
    """A listed command as the real platform lists it: null where there is no value, and no maxRetransmit at all."""
    return {
        "commandId": f"c0ffee00-0000-4000-8000-{number:012}",
        "appId": APP,
        "deviceId": DEVICE,
        "command": {"serviceId": "Valve", "method": "SET", "paras": {"value": "12"}},
        "callbackUrl": "http://192.0.2.7:9999/cmd/callback",
        "expireTime": None,
        "status": "PENDING",
        "result": None,
        "creationTime": "20170505T094818Z",
        "executeTime": None,
        "platformIssuedTime": None,
        "deliveredTime": None,
        "issuedTimes": 0,
        **members,
    }


def task(*commands: dict[str, Any], **members: object) -> dict[str, Any]:
    """A task as the real platform answers it; two commands unless others are given, the newest first."""
    listed = list(commands) or [command(2), command(1)]
    return {
        "taskId": "7b15e2c4-d90f-48a6-bc73-0e6a94d1f852",
        "appId": APP,
        "deviceId": DEVICE,
        "status": "RUNNING",
        "totalCount": len(listed),
        "deviceCommands": listed,
        **members,
    }


def edited(path: Path, value: object) -> dict[str, Any]:
    """That task with the member at PATH having VALUE, or REMOVED."""
    whole: Any = copy.deepcopy(task())
    holder = whole
    for part in path[:-1]:
        holder = holder[part]
    if value is REMOVED:
        holder.pop(path[-1], None)
    else:
        holder[path[-1]] = value
    return dict(whole)


def accepted(body: object, **settings: Any) -> Judgement:
    """How BODY is judged as the answer 201 to the plain call."""
    return judge_accepted(exchange(201, body), device_id=DEVICE, app_id=APP, **settings).judgement


def broken(judgement: Judgement) -> list[str]:
    """The requirements that JUDGEMENT found violated."""
    return [finding.requirement for finding in judgement.failures]
