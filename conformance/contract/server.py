"""What an HTTP server may refuse, or take, before the service sees it."""

from __future__ import annotations

import re

__all__ = ["JSON_TYPE", "LARGE_BODY", "LARGE_LINE"]

LARGE_BODY, LARGE_LINE = 2048, 1024
"""Bytes. From here on a server may refuse a request before the service sees it (very-large-input)."""

JSON_TYPE = re.compile(r'application/json[ \t]*(;[ \t]*(?i:charset)=("(?i:utf-8)"|(?i:utf-8))[ \t]*)?')
"""Content types that every server takes for JSON."""
