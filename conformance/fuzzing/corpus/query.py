"""appId in the query: text that names no application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

from conformance.fuzzing.context import with_charset
from conformance.fuzzing.corpus.device_ids import INJECTIONS, UNUSUAL, shown
from conformance.fuzzing.example import APP_ID, Example, like

__all__ = ["SOURCES", "app_id"]


def app_id(text: str, edit: str) -> Example:
    """An example whose query has appId=TEXT, every reserved character encoded."""
    return Example(edit, query=f"appId={quote(text, safe='', errors='surrogatepass')}")


def _app_id() -> Iterator[Example]:
    # As in the case app-id-unknown: what was refused once may be remembered, and taken.
    yield with_charset(app_id(like(APP_ID, "altered"), "appId names no application, for the second time"))
    for words, text in (
        ("the own one in other letter case", like(APP_ID, "swapcase")),
        (f"text with {UNUSUAL[0][0]}: {shown(UNUSUAL[0][1])}", UNUSUAL[0][1]),
        ("the own one and a condition", f"{APP_ID}' OR '1'='1"),
        ("300 characters", "z" * 300),
        ("9000 characters", "z" * 9000),
        ("the text null", "null"),
        ("the own one without its last character", like(APP_ID, "short")),
        ("the own one with another last character", like(APP_ID, "last")),
        ("the own one and a space", f"{APP_ID} "),
        ("the own one with a character before it", f"z{APP_ID}"),
        # The core ends here.
        ("a space", " "),
        ("an asterisk", "*"),
        ("the placeholder of the document", "{appId}"),
        ("the own one with another first character", like(APP_ID, "first")),
        ("the own one and a NUL", f"{APP_ID}\0"),
        ("0", "0"),
        ("the text undefined", "undefined"),
        # What is likely ends here.
        ("the own one without its first character", like(APP_ID, "tail")),
        ("the own one in capitals", like(APP_ID, "upper")),
        ("the own one in small letters", like(APP_ID, "lower")),
        ("the own one encoded twice", like(APP_ID, "encoded")),
        ("the own one after a space", f" {APP_ID}"),
        ("the own one and a percent sign", f"{APP_ID}%"),
        ("the own one and an asterisk", f"{APP_ID}*"),
        ("the own one with an underscore for its last character", f"{like(APP_ID, 'head')}_"),
        ("the own one in quotation marks", f'"{APP_ID}"'),
        ("the own one twice with a comma", f"{APP_ID},{APP_ID}"),
        ("the word for no value in Python", "None"),
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
    yield Example("appId is a byte that isn't UTF-8", query="appId=none%FF")
    yield Example("appId is a slash in too many bytes", query="appId=none%C0%AF")
    yield Example("appId is encoded twice", query="appId=none%2527")
    for words, text in (*UNUSUAL[1:8], *INJECTIONS, *UNUSUAL[8:41]):
        yield app_id(text, f"appId is text with {words}: {shown(text)}")


SOURCES: dict[str, Callable[[], Iterator[Example]]] = {"generated-app-id": _app_id}
