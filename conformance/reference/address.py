"""Where a reference listens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from conformance.reference import behaviour, hook


@dataclass(frozen=True)
class Address:
    """The base URL of its API, and the file with the authority of its certificate; None: it speaks plain HTTP."""

    base_url: str
    ca_file: Path | None

    @property
    def url(self) -> str:
        """Of the call."""
        return self.base_url + behaviour.PATH

    @property
    def hook_url(self) -> str:
        """Of the provider-state hook."""
        return self.base_url + hook.PATH
