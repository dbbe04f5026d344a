"""The error table of the source document, as this implementation answers it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Error:
    """A row of the table; `gateway` errors come from the gateway in front and wear another envelope."""

    status: int
    code: str
    description: str
    gateway: bool = False


class Refusal(Exception):
    """The call isn't carried out; the error says how it is answered."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.code)
        self.error = error


UNKNOWN_APPLICATION = Error(403, "100203", "The application is not existed.")
UNAUTHORIZED_APPLICATION = Error(403, "100217", "The application hasn't been authorized.")
UNKNOWN_DEVICE = Error(200, "100418", "The deviceData is not existed.")
INVALID_INPUT = Error(400, "100022", "The input is invalid.")
FLOW_CONTROL = Error(403, "1010009", "app throttle exceed.", gateway=True)
INVALID_CREDENTIALS = Error(403, "1010005", "App_key or access_token is invalid.", gateway=True)
INTERNAL_ERROR = Error(500, "100001", "Internal server error.")
NO_APP_KEY = Error(500, "100220", "Get AppKey from header failed.")
CONGESTION = Error(503, "100501", "Congestion occurs, and the current network has been flow-controlled")

# Outside the table, where HTTP itself has a status for it.
UNKNOWN_PATH = Error(404, "100022", "There is nothing at this path.")
OTHER_METHOD = Error(405, "100022", "The path has no such method.")
