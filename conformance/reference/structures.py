"""The structures of the source document, written as the captured platform writes them."""

from __future__ import annotations

import time

from conformance.reference.store import FINISHED, PENDING, Command, Task

Members = dict[str, object]


def time_text(seconds: float) -> str:
    """A time in the form of the document's example: 20170222T164000Z."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def command_information(command: Command) -> Members:
    """CommandDTO."""
    information = command.information
    return {"serviceId": information.service_id, "method": information.method, "paras": information.paras}


def device_command(command: Command) -> Members:
    """DeviceCommandResp; maxRetransmit is left out unless the command was queued with it."""
    left = command.status not in {PENDING, "CANCELED"}
    issued = time_text(command.issued or command.created) if left else None
    executed = command.status in FINISHED - {"CANCELED", "EXPIRED"}
    members: Members = {
        "commandId": command.command_id,
        "appId": command.app_id,
        "deviceId": command.device_id,
        "command": command_information(command),
        "callbackUrl": command.callback_url,
        "expireTime": command.expire_time,
        "status": command.status,
        "result": {"resultCode": command.status} if executed else None,
        "creationTime": time_text(command.created),
        "executeTime": issued if executed else None,
        "platformIssuedTime": issued,
        "deliveredTime": issued if executed or command.status == "DELIVERED" else None,
        "issuedTimes": 1 if issued else 0,
    }
    if command.max_retransmit is not None:
        members["maxRetransmit"] = command.max_retransmit
    return members


def queued_values(command: Command) -> Members:
    """What the command was queued with, by the names of DeviceCommandResp."""
    return {
        "command": command_information(command),
        "callbackUrl": command.callback_url,
        "expireTime": command.expire_time,
        "maxRetransmit": command.max_retransmit,
        "creationTime": time_text(command.created),
    }


def revocation_task(task: Task) -> Members:
    """The task with its commands as they stand now."""
    return {
        "taskId": task.task_id,
        "appId": task.app_id,
        "deviceId": task.device_id,
        "status": task.status,
        "totalCount": len(task.commands),
        "deviceCommands": [device_command(command) for command in task.commands],
    }
