"""What a valid call may have beside: some examples come with it, as a target may leave a check out only then."""

from __future__ import annotations

from dataclasses import replace

from conformance.contract import names
from conformance.fuzzing.example import APP_ID, Example

__all__ = ["ACCEPTED_BY", "placed", "stripped", "with_charset"]

QUERY = f"appId={APP_ID}"
PLAIN_TYPE = ("Content-Type", "application/json")
TYPE = ("Content-Type", "application/json; charset=UTF-8")
APP_ID_WORDS, TYPE_WORDS = ", with the application's own appId", ", with a charset"
ACCEPTED_BY = {QUERY: names.APP_ID_OPTIONAL, TYPE: names.REQUEST_CHARSET}
"""The requirements by which a call with that is accepted."""

UNPLACED = frozenset(
    {
        "generated-app-id",
        "generated-body-encoding",
        "generated-content-type",
        "generated-further-members",
        "generated-json-spelling",
        "generated-repeated-parameters",
    }
)
"""Classes whose examples are about these themselves, or are valid."""

ONE_IN = 4


def placed(example: Example, input_class: str) -> Example:
    """EXAMPLE of INPUT_CLASS as it is sent: one of four with the caller's own appId, one of four with a charset."""
    if input_class in UNPLACED or example.query or PLAIN_TYPE not in example.headers:
        return example
    match int(example.id, 16) % ONE_IN:
        case 0:
            return replace(example, query=QUERY, edit=example.edit + APP_ID_WORDS)
        case 1:
            return with_charset(example)
        case _:
            return example


def with_charset(example: Example) -> Example:
    """EXAMPLE with a charset beside its media type."""
    headers = tuple(TYPE if line == PLAIN_TYPE else line for line in example.headers)
    return replace(example, headers=headers, edit=example.edit + TYPE_WORDS)


def stripped(example: Example, refused: frozenset[object]) -> Example:
    """EXAMPLE without what a target that REFUSED it by itself would refuse again."""
    if QUERY in refused and example.query == QUERY:
        example = replace(example, query="", edit=example.edit.removesuffix(APP_ID_WORDS))
    if TYPE in refused and TYPE in example.headers:
        headers = tuple(PLAIN_TYPE if line == TYPE else line for line in example.headers)
        example = replace(example, headers=headers, edit=example.edit.removesuffix(TYPE_WORDS))
    return example
