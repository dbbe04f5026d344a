"""The source document's own tables, row by row, with the requirements that stand in each: the map of a report.

Where a requirement stands, its section and row say. The order and the names are the document's, so that whoever knows
it finds their way; a test compares them with the OpenAPI document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.record.results import Outcome, RequirementResult

__all__ = ["TABLES", "Place", "Row", "Sheet", "Table", "chart", "outcome_of"]


@dataclass(frozen=True)
class Row:
    """A row of a table: in which section of the document, what it is called there, and what else stands in it.

    name is by which the ledger names it; label is how it is shown, where that differs.
    """

    section: str
    name: str
    facts: str = ""
    label: str = ""

    def meant_by(self, section: str, words: str) -> bool:
        """Whether WORDS, a row as the ledger names it, mean this one: they may add something, or leave a status out."""
        if section != self.section:
            return False
        return words == self.name or words.startswith(f"{self.name} ") or self.name.partition(" ")[2] == words


@dataclass(frozen=True)
class Table:
    """A table of the document; heading is what its rows are."""

    title: str
    heading: str
    rows: tuple[Row, ...]


def _rows(section: str, *rows: tuple[str, str] | tuple[str, str, str]) -> tuple[Row, ...]:
    return tuple(Row(section, *row) for row in rows)


TABLES = (
    Table(
        "What the call does",
        "Commands",
        (
            *_rows("Typical Scenario", ("delivered commands", "can't be revoked")),
            *_rows(
                "API Function",
                ("undelivered commands", "PENDING ones: all are revoked, and nothing else"),
                ("specified device ID", "commands of this device only"),
            ),
        ),
    ),
    Table(
        "API Prototype",
        "Item",
        _rows(
            "API Prototype",
            ("Method", "POST"),
            ("URL", "/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks"),
            ("Transport Protocol", "HTTPS"),
        ),
    ),
    Table(
        "Request Parameters",
        "Parameter",
        _rows(
            "Request Parameters",
            ("app_key", "Mandatory · String · header"),
            ("Authorization", "Mandatory · String · header"),
            ("appId", "Optional · String · query"),
            ("deviceId", "Mandatory · String(1-64) · body"),
            ("Location header", "every header", "header"),
            ("Location body", "the body as a whole", "body"),
        ),
    ),
    Table(
        "Response Parameters",
        "Parameter",
        _rows(
            "Response Parameters",
            ("Status Code", "201 Created"),
            ("taskId", "String(1-64)"),
            ("appId", "String(1-64)"),
            ("deviceId", "String(1-64)"),
            ("status", "String"),
            ("totalCount", "Integer"),
            ("deviceCommands", "List<DeviceCommandResp>"),
        ),
    ),
    Table(
        "DeviceCommandResp structure",
        "Parameter",
        _rows(
            "DeviceCommandResp structure",
            ("commandId", "String(1-64)"),
            ("appId", "String(1-64)"),
            ("deviceId", "String(1-64)"),
            ("command", "CommandDTO"),
            ("callbackUrl", "String(1024)"),
            ("expireTime", "Integer(>=0)"),
            ("status", "String"),
            ("result", "ObjectNode"),
            ("creationTime", "String(20)"),
            ("executeTime", "String(20)"),
            ("platformIssuedTime", "String(20)"),
            ("deliveredTime", "String(20)"),
            ("issuedTimes", "Integer(>=0)"),
            ("maxRetransmit", "Integer(0-3)"),
        ),
    ),
    Table(
        "CommandDTO structure",
        "Parameter",
        _rows(
            "CommandDTO structure",
            ("serviceId", "String(1-64)"),
            ("method", "String(1-128)"),
            ("paras", "ObjectNode"),
        ),
    ),
    Table(
        "Examples",
        "Part",
        (
            *_rows("Request Example", ("Content-Type", "application/json", "Request: Content-Type")),
            *_rows(
                "Response Example",
                ("Content-Type", "application/json", "Response: Content-Type"),
                ("Body", "a JSON object", "Response: Body"),
                ("creationTime", "20170222T164000Z", "Response: creationTime"),
            ),
        ),
    ),
    Table(
        "Error Codes",
        "Status and code",
        _rows(
            "Error Codes",
            ("200 100203", "The application is not existed."),
            ("200 100217", "The application hasn't been authorized."),
            ("200 100418", "The deviceData is not existed."),
            ("400 100022", "The input is invalid."),
            ("403 100203", "The application is not existed."),
            ("403 100217", "The application hasn't been authorized."),
            ("403 1010009", "app throttle exceed."),
            ("403 1010005", "App_key or access_token is invalid."),
            ("500 100001", "Internal server error."),
            ("500 100220", "Get AppKey from header failed."),
            ("503 100501", "Congestion occurs, and the current network has been flow-controlled"),
            ("Error Code", "of every row"),
            ("Error Description", "of every row"),
        ),
    ),
)
"""The tables in the document's order. Error Code and Error Description are columns: what is asked of every row."""

_SEVERITY: tuple[Outcome, ...] = ("failed", "masked", "waived", "tolerated", "not tested", "passed", "untestable")
"""The worst of a row's requirements speaks for the row; one that can't be tested hides none that passed."""


def outcome_of(requirements: Iterable[RequirementResult]) -> Outcome | None:
    """What REQUIREMENTS together say of their row; None when there are none."""
    return min((requirement.outcome for requirement in requirements), key=_SEVERITY.index, default=None)


@dataclass
class Place:
    """A row with its requirements: those that stand here, and those that stand in an earlier row and mean this too."""

    row: Row
    requirements: list[RequirementResult] = field(default_factory=list)
    shared: list[RequirementResult] = field(default_factory=list)

    @property
    def all(self) -> list[RequirementResult]:
        """Every requirement that speaks of the row."""
        return [*self.requirements, *self.shared]

    @property
    def outcome(self) -> Outcome | None:
        """What the row's requirements together say."""
        return outcome_of(self.all)

    @property
    def advisory(self) -> bool:
        """Whether only SHOULDs of the row failed."""
        failed = [requirement for requirement in self.all if requirement.outcome == "failed"]
        return bool(failed) and all(requirement.level == "SHOULD" for requirement in failed)


@dataclass
class Sheet:
    """A table of the document with what a run says of its rows."""

    table: Table
    places: list[Place]

    def tally(self) -> dict[tuple[Outcome, bool], int]:
        """How many of the rows have each outcome that occurs, the worst first; those apart where only SHOULDs failed.

        The second part of a key says whether it is one of these.
        """
        counts = Counter((place.outcome, place.advisory) for place in self.places)
        known = [(outcome, advisory) for outcome in _SEVERITY for advisory in (False, True)]
        return {key: counts[key] for key in known if counts[key]}


def chart(requirements: Iterable[RequirementResult]) -> list[Sheet]:
    """The document's tables with REQUIREMENTS in them, each in one place.

    One that names several rows stands in the first of them. One whose row isn't known gets a row of its own.
    """
    sheets = [Sheet(table, [Place(row) for row in table.rows]) for table in TABLES]
    for requirement in requirements:
        first, *more = _places(sheets, requirement) or [_new_place(sheets, requirement)]
        first.requirements.append(requirement)
        for place in more:
            place.shared.append(requirement)
    return sheets


def _places(sheets: list[Sheet], requirement: RequirementResult) -> list[Place]:
    source = requirement.ground.source
    places = [place for sheet in sheets for place in sheet.places]
    meant = [[place for place in places if place.row.meant_by(source.section, words)] for words in _words(source.row)]
    return [place for found in meant for place in found]


def _words(row: str) -> list[str]:
    return row.split(", ")


def _new_place(sheets: list[Sheet], requirement: RequirementResult) -> Place:
    source = requirement.ground.source
    place = Place(Row(source.section, source.row))
    for sheet in sheets:
        if any(known.row.section == source.section for known in sheet.places):
            sheet.places.append(place)
            return place
    sheets.append(Sheet(Table(source.section, "Row", (place.row,)), [place]))
    return place
