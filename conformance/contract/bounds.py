"""The bounds that the schemas of the OpenAPI document state, each by one name."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from conformance.contract import documents
from conformance.contract.task import members

__all__ = ["LONGEST", "LONGEST_ID", "LONGEST_TIME", "MOST_RETRANSMISSIONS"]

_REQUEST: Any = documents.load().openapi["components"]["schemas"]["CancelRequest"]

LONGEST_ID: int = _REQUEST["properties"]["deviceId"]["maxLength"]
"""Characters of a deviceId; the other identifiers have the same bound where they have one."""

LONGEST = MappingProxyType(
    {
        path[-1]: int(schema["maxLength"])
        for path, schema in members().items()
        if path[0] == "deviceCommands" and "maxLength" in schema
    }
)
"""Characters of the members of a listed command, by name."""

LONGEST_TIME = LONGEST["creationTime"]
MOST_RETRANSMISSIONS: int = members()["deviceCommands", "maxRetransmit"]["maximum"]
