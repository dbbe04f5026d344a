"""Request Parameters: what a request says."""

from __future__ import annotations

from conformance.reference import documents
from conformance.reference.messages import Request

LONGEST_ID = 64


class Reading:
    """Reads app_key, the access token and deviceId from a request."""

    def app_key(self, request: Request) -> str | None:
        """The app_key as the request carries it."""
        return request.header("app_key")

    def token(self, request: Request) -> str | None:
        """The access token; None when the header is missing or isn't of the form "Bearer {accessToken}"."""
        return self.authorization(request.header("authorization"))

    def authorization(self, value: str | None) -> str | None:
        """The token of an Authorization header."""
        scheme, space, token = (value or "").partition(" ")
        return token if scheme == "Bearer" and space and token else None

    def json(self, request: Request) -> object:
        """The JSON value of the body; raises ValueError."""
        return documents.read(request.body)

    def device_id(self, body: object) -> str:
        """deviceId, a string of 1 to 64 characters; raises ValueError."""
        if not isinstance(body, dict):
            raise documents.InputError("not an object")
        device_id = body.get("deviceId")
        if not isinstance(device_id, str) or not self.good_length(device_id):
            raise documents.InputError("deviceId")
        return device_id

    def good_length(self, device_id: str) -> bool:
        """String(1-64)."""
        return 1 <= len(device_id) <= LONGEST_ID
