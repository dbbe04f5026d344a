"""One call, as far as it has been looked into."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.reference.messages import Request
from conformance.reference.store import Application, Device


@dataclass
class Call:
    """What has been found out about one call; each check fills in its part."""

    request: Request
    app_key: str = ""
    device_id: str = ""
    caller: Application = field(init=False)
    owner: Application = field(init=False)
    device: Device = field(init=False)
