"""Records as JSON and back, by their types: for results.json, and for what the processes of a run hand each other."""

from __future__ import annotations

import base64
from typing import Any, TypeVar

import cattrs
from cattrs.preconf.json import make_converter
from cattrs.strategies import configure_tagged_union

from conformance.record.members import gathers, structuring, unstructuring
from conformance.record.observation import Observation

__all__ = ["structure", "unstructure"]

T = TypeVar("T")


def unstructure(value: object) -> Any:
    """VALUE, of dataclasses and collections, as what JSON can hold."""
    return _converter.unstructure(value)


def structure(value: Any, kind: type[T]) -> T:
    """VALUE, from JSON, as a KIND; cattrs.BaseValidationError, KeyError, ValueError or TypeError when it is none."""
    return _converter.structure(value, kind)


def _bytes_out(body: bytes) -> dict[str, str]:
    """Bodies stay readable where they are text; what is no UTF-8 goes as base64."""
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def _bytes_in(value: dict[str, str], _: object) -> bytes:
    return value["text"].encode("utf-8") if "text" in value else base64.b64decode(value["base64"])


def _make() -> cattrs.Converter:
    converter = make_converter()
    converter.register_unstructure_hook(bytes, _bytes_out)
    converter.register_structure_hook(bytes, _bytes_in)
    converter.register_unstructure_hook(float, lambda value: round(value, 4))
    converter.register_unstructure_hook_factory(gathers, lambda kind: unstructuring(kind, converter))
    converter.register_structure_hook_factory(gathers, lambda kind: structuring(kind, converter))
    configure_tagged_union(Observation, converter, tag_name="kind")
    return converter


_converter = _make()
