"""appId in the query: text that names no application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

from conformance.generated.corpus.device_ids import INJECTIONS, UNUSUAL, shown
from conformance.generated.example import Example

__all__ = ["SOURCES", "app_id"]


def app_id(text: str, edit: str) -> Example:
    """An example whose query has appId=TEXT, every reserved character encoded."""
    return Example(edit, query=f"appId={quote(text, safe='', errors='surrogatepass')}")


def _app_id() -> Iterator[Example]:
    for words, text in (
        ("the text null", "null"),
        ("the text undefined", "undefined"),
        ("65 characters", "z" * 65),
        ("64 characters", "z" * 64),
        ("256 characters", "z" * 256),
        ("1024 characters", "z" * 1024),
        ("3000 characters", "z" * 3000),
        ("one character", "z"),
        ("hyphens and underscores", "-_-_"),
        ("a number", "99999999999999999999"),
        ("the word true", "true"),
        ("a nil UUID", "00000000-0000-0000-0000-000000000000"),
    ):
        yield app_id(text, f"appId is {words}")
    yield Example("appId is empty", query="appId=")
    yield Example("appId without an equals sign", query="appId")
    yield Example("the application's own appId and a space", query="appId=--app-id--%20")
    yield Example("the application's own appId after a space", query="appId=%20--app-id--")
    yield Example("the application's own appId and a NUL", query="appId=--app-id--%00")
    yield Example("the application's own appId and a percent sign", query="appId=--app-id--%25")
    yield Example("the application's own appId and an asterisk", query="appId=--app-id--%2A")
    yield Example("the application's own appId and a condition", query="appId=--app-id--%27%20OR%20%271%27%3D%271")
    yield Example("the application's own appId in quotation marks", query="appId=%22--app-id--%22")
    yield Example("the application's own appId twice with a comma", query="appId=--app-id--%2C--app-id--")
    yield Example("appId is a byte that isn't UTF-8", query="appId=none%FF")
    yield Example("appId is a slash in too many bytes", query="appId=none%C0%AF")
    yield Example("appId is encoded twice", query="appId=none%2527")
    for words, text in (*UNUSUAL[:6], *INJECTIONS, *UNUSUAL[6:34]):
        yield app_id(text, f"appId is text with {words}: {shown(text)}")


SOURCES: dict[str, Callable[[], Iterator[Example]]] = {"generated-app-id": _app_id}
