"""Methods other than POST."""

from __future__ import annotations

from urllib.parse import urlencode

from conformance.case.conversation import Conversation
from conformance.case.registry import case
from conformance.contract.meaning import Kept


@case("method-get", proves=("other-methods-safe",))
def test_get(talk: Conversation) -> None:
    """GET on the path, which queries tasks on the real platform, revokes nothing, wherever it names a device."""
    _other_method(talk, "GET")


@case("method-put", proves=("other-methods-safe",))
def test_put(talk: Conversation) -> None:
    """PUT instead of POST, as real clients were seen to send, revokes nothing."""
    _other_method(talk, "PUT")


def _other_method(talk: Conversation, method: str) -> None:
    device = talk.device(pending=1)
    talk.stop_if(device.commands is None, talk.run.unreadable)
    draft = talk.plain(device.device.id).with_method(method, f"the method is {method}")
    if method == "GET":
        draft = draft.with_parameter(urlencode({"deviceId": device.device.id}), draft.edit)
    index = talk.send(draft, "any answer; nothing is revoked")
    kept = {command: Kept("PENDING", "other-methods-safe") for command in device.device.pending}
    talk.judge_unchanged(device, kept, index)
