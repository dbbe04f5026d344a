"""The two OpenAPI documents: valid, with valid examples, and saying what the source document says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENAPI = Path(__file__).parents[2] / "openapi"
CALL = "device-command-cancel-tasks.yaml"
HOOK = "provider-states.yaml"
DOCUMENTS = {name: yaml.safe_load((OPENAPI / name).read_text("utf-8")) for name in (CALL, HOOK)}

# The error table of the source document, in its order.
ROWS = [
    (200, "100203"),
    (200, "100217"),
    (200, "100418"),
    (400, "100022"),
    (403, "100203"),
    (403, "100217"),
    (403, "1010009"),
    (403, "1010005"),
    (500, "100001"),
    (500, "100220"),
    (503, "100501"),
]
CODES = sorted({code for _, code in ROWS})
PLATFORM_STATUSES = ["DEFAULT", "EXPIRED", "SUCCESSFUL", "FAILED", "TIMEOUT", "CANCELED", "PENDING"]

# Every member of every structure: may it be left out, values that fit it, values that don't. By hand, from the
# source document's tables, so that a slip in the schemas can't hide.
IDENTIFIER = (["x", "x" * 64, "ü" * 64], ["", "x" * 65, 7, None, True, ["x"], {}])
TIME = ["20170222T164000Z", "2017-02-22T16:40:00Z", "x" * 20]
NO_TIME = ["x" * 21, 1487781600, True, {}]
COUNT = [0, 1, 10**9]
NO_COUNT = [-1, 1.5, "1", True, {}]
MEMBERS: list[tuple[str, str, bool, list[Any], list[Any]]] = [
    ("CancelRequest", "deviceId", False, *IDENTIFIER),
    ("Task", "taskId", False, *IDENTIFIER),
    ("Task", "appId", False, *IDENTIFIER),
    ("Task", "deviceId", False, *IDENTIFIER),
    (
        "Task",
        "status",
        False,
        ["WAITING", "RUNNING", "SUCCESS", "FAILED", "PART_SUCCESS"],
        ["WAITTING", "running", "SUCCESSFUL", "", None, 1],
    ),
    ("Task", "totalCount", False, COUNT, [*NO_COUNT, None]),
    ("Task", "deviceCommands", False, [[]], [None, {}, "", [None], ["x"], [{}]]),
    ("DeviceCommandResp", "commandId", False, *IDENTIFIER),
    ("DeviceCommandResp", "appId", False, *IDENTIFIER),
    ("DeviceCommandResp", "deviceId", False, *IDENTIFIER),
    ("DeviceCommandResp", "command", False, [], [None, "{}", [], {}]),
    ("DeviceCommandResp", "callbackUrl", True, [None, "", "http://x", "x" * 1024], ["x" * 1025, 1, False, {}]),
    ("DeviceCommandResp", "expireTime", True, [None, *COUNT], NO_COUNT),
    (
        "DeviceCommandResp",
        "status",
        False,
        PLATFORM_STATUSES,
        ["PENDDING", "SENT", "DELIVERED", "pending", "CANCELLED", "", None, 0],
    ),
    ("DeviceCommandResp", "result", True, [None, {}, {"resultCode": "SUCCESSFUL"}], ["{}", [], 0, False]),
    ("DeviceCommandResp", "creationTime", False, TIME, [*NO_TIME, None]),
    ("DeviceCommandResp", "executeTime", True, [None, *TIME], NO_TIME),
    ("DeviceCommandResp", "platformIssuedTime", True, [None, *TIME], NO_TIME),
    ("DeviceCommandResp", "deliveredTime", True, [None, *TIME], NO_TIME),
    ("DeviceCommandResp", "issuedTimes", True, [None, *COUNT], NO_COUNT),
    ("DeviceCommandResp", "maxRetransmit", True, [None, 0, 1, 2, 3], [-1, 4, 1.5, "3", True, {}]),
    ("CommandDTO", "serviceId", False, *IDENTIFIER),
    ("CommandDTO", "method", False, ["x", "x" * 128], ["", "x" * 129, 7, None]),
    ("CommandDTO", "paras", False, [{}, {"a": 1}, {"a": {"b": [None]}}], [None, "{}", [], 0]),
]


def validator(name: str, schema: dict[str, Any]) -> Draft202012Validator:
    """A validator for SCHEMA, whose references point into the document NAME."""
    return Draft202012Validator({"allOf": [schema], "components": DOCUMENTS[name]["components"]})


def component(structure: str) -> Draft202012Validator:
    """A validator for one structure of the call."""
    return validator(CALL, {"$ref": f"#/components/schemas/{structure}"})


def task() -> dict[str, Any]:
    """The first example of a task."""
    answer = DOCUMENTS[CALL]["components"]["responses"]["TaskCreated"]["content"]["application/json"]
    value: dict[str, Any] = answer["examples"]["pending-commands"]["value"]
    return value


def structure_example(structure: str) -> dict[str, Any]:
    """A valid value of STRUCTURE with every one of its members, free to be changed."""
    command = task()["deviceCommands"][0]
    values: dict[str, dict[str, Any]] = {
        "CancelRequest": {"deviceId": "x"},
        "Task": task(),
        "DeviceCommandResp": command,
        "CommandDTO": command["command"],
    }
    return dict(values[structure])


def mappings(node: object, where: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping of a document with the place where it stands."""
    if isinstance(node, dict):
        yield where, node
        for key, child in node.items():
            yield from mappings(child, f"{where}/{key}")
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from mappings(child, f"{where}/{index}")


def examples() -> Iterator[Any]:
    """Every example of both documents, with the schema that it belongs to."""
    for name, document in DOCUMENTS.items():
        for where, node in mappings(document):
            if "/examples/" in where:
                continue
            if "schema" in node and "example" in node:
                yield pytest.param(name, node["schema"], node["example"], id=f"{name}{where}")
            if "schema" in node:
                for key, example in node.get("examples", {}).items():
                    yield pytest.param(name, node["schema"], example["value"], id=f"{name}{where}/{key}")
            elif isinstance(node.get("examples"), list):
                for index, value in enumerate(node["examples"]):
                    yield pytest.param(name, node, value, id=f"{name}{where}/{index}")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_is_valid(name: str) -> None:
    """Each document is a valid OpenAPI 3.1 description."""
    problems = [error.message for error in OpenAPIV31SpecValidator(DOCUMENTS[name]).iter_errors()]

    assert [] == problems


@pytest.mark.parametrize(("name", "schema", "value"), list(examples()))
def test_example_fits_its_schema(name: str, schema: dict[str, Any], value: object) -> None:
    """Each example is valid by the schema beside it."""
    problems = [error.message for error in validator(name, schema).iter_errors(value)]

    assert [] == problems


def test_every_body_has_an_example() -> None:
    """No request or answer body of either document is without an example."""
    without = [
        f"{name}{where}"
        for name, document in DOCUMENTS.items()
        for where, node in mappings(document)
        if where.endswith("/content/application/json") and not node.get("examples")
    ]

    assert [] == without


class TestErrorRows:
    """The error table of the call."""

    rows: tuple[dict[str, Any], ...] = tuple(DOCUMENTS[CALL]["x-error-rows"])

    def test_rows_are_the_source_document_s(self) -> None:
        """The eleven rows stand there once each, in the source document's order."""
        assert ROWS == [(row["status"], row["code"]) for row in self.rows]

    def test_ids_are_status_and_code(self) -> None:
        """A row's id is made of its status and its code."""
        assert [row["id"] for row in self.rows] == [f"{status}-{code}" for status, code in ROWS]

    @pytest.mark.parametrize("member", ["description", "remark", "handling"])
    def test_rows_are_explained(self, member: str) -> None:
        """Each row has the platform's text, its meaning and what a caller does."""
        assert [] == [row["id"] for row in self.rows if not row[member].strip()]

    @pytest.mark.parametrize("row", rows, ids=lambda row: row["id"])
    def test_row_has_its_example(self, row: dict[str, Any]) -> None:
        """Each row has an example under its status, with its code and its text, named by its id."""
        value = self.content(row["status"])["examples"][row["id"]]["value"]

        assert set(value.values()) == {row["code"], row["description"]}

    @pytest.mark.parametrize("status", sorted({status for status, _ in ROWS}))
    def test_answers_admit_their_rows_only(self, status: int) -> None:
        """Under each status exactly the codes of its rows are valid, as strings, in either envelope."""
        answer = validator(CALL, self.content(status)["schema"])
        listed = sorted(code for listed_status, code in ROWS if listed_status == status)

        for member in ("error_code", "resultcode"):
            assert [code for code in CODES if answer.is_valid({member: code})] == listed
            assert [] == [code for code in CODES if answer.is_valid({member: int(code)})]

    @pytest.mark.parametrize("body", [{}, [], "100022", None, {"code": "100022"}, {"error_code": None}])
    def test_bodies_without_a_code_are_invalid(self, body: object) -> None:
        """A body without the code in one of the two envelopes is no error answer."""
        assert not validator(CALL, self.content(400)["schema"]).is_valid(body)

    @pytest.mark.parametrize(("code", "text"), [("error_code", "error_desc"), ("resultcode", "resultmsg")])
    def test_description_is_free(self, code: str, text: str) -> None:
        """A description may be missing, null, empty or of any wording, but is no other type."""
        answer = validator(CALL, self.content(400)["schema"])
        fitting = [None, "", "x", "输入无效"]
        unfit: list[object] = [1, [], {}]

        assert answer.is_valid({code: "100022"})
        assert [] == [value for value in fitting if not answer.is_valid({code: "100022", text: value})]
        assert [] == [value for value in unfit if answer.is_valid({code: "100022", text: value})]

    @staticmethod
    def content(status: int) -> dict[str, Any]:
        """What the call's answer with STATUS holds."""
        (call,) = (path["post"] for path in DOCUMENTS[CALL]["paths"].values())
        response = call["responses"][str(status)]["$ref"].rpartition("/")[2]
        value: dict[str, Any] = DOCUMENTS[CALL]["components"]["responses"][response]["content"]["application/json"]
        return value


class TestStructures:
    """The structures of the call, member by member."""

    @pytest.mark.parametrize("structure", ["CancelRequest", "Task", "DeviceCommandResp", "CommandDTO"])
    def test_members_are_the_source_document_s(self, structure: str) -> None:
        """Each structure has the source document's members and no others."""
        described = DOCUMENTS[CALL]["components"]["schemas"][structure]["properties"]

        assert list(described) == [member for owner, member, *_ in MEMBERS if owner == structure]

    @pytest.mark.parametrize(("structure", "member", "optional", "fitting", "unfit"), MEMBERS)
    def test_member_has_its_type_and_range(
        self,
        structure: str,
        member: str,
        optional: bool,  # noqa: FBT001 - a column of the table
        fitting: list[Any],
        unfit: list[Any],
    ) -> None:
        """Each member admits what the source document's type, range and enumeration admit, null where it may be."""
        judge = component(structure)
        whole = structure_example(structure)
        left_out = {name: value for name, value in whole.items() if name != member}

        assert judge.is_valid(whole)
        assert judge.is_valid(left_out) is optional
        assert [] == [value for value in fitting if not judge.is_valid({**whole, member: value})]
        assert [] == [value for value in unfit if judge.is_valid({**whole, member: value})]

    @pytest.mark.parametrize("structure", ["CancelRequest", "Task", "DeviceCommandResp", "CommandDTO"])
    def test_further_members_are_not_forbidden(self, structure: str) -> None:
        """Members that the source document doesn't know make no structure invalid."""
        assert component(structure).is_valid({**structure_example(structure), "further": None})

    def test_tolerated_values_are_the_source_document_s_contradictions(self) -> None:
        """The values tolerated off the enumerations are the example's two spellings and the two states on the way."""
        tolerated = {
            where.removeprefix("#/components/schemas/"): list(node["x-tolerated"])
            for where, node in mappings(DOCUMENTS[CALL])
            if "x-tolerated" in node
        }

        assert {
            "Task/properties/status": ["WAITTING"],
            "DeviceCommandResp/properties/status": ["PENDDING", "SENT", "DELIVERED"],
        } == tolerated


class TestProviderStates:
    """The hook that vendors implement."""

    states: dict[str, dict[str, str]] = DOCUMENTS[HOOK]["x-states"]

    def test_states_are_the_twelve(self) -> None:
        """The states are those that the suite promises to vendors."""
        assert [
            "device",
            "foreign device",
            "queue command",
            "commands",
            "unauthorized application",
            "expired token",
            "flow control",
            "congestion",
            "internal error",
            "authorized application",
            "second application",
            "deliver command",
        ] == list(self.states)

    @pytest.mark.parametrize("state", states)
    def test_state_has_examples_of_its_own(self, state: str) -> None:
        """Each state has an example of params and of values, valid by the schemas that belong to it."""
        content = self.hook()["requestBody"]["content"]["application/json"]["examples"]
        values = self.hook()["responses"]["200"]["content"]["application/json"]["examples"]
        key = state.replace(" ", "-")

        assert content[key]["value"]["state"] == state
        assert validator(HOOK, {"$ref": self.states[state]["params"]}).is_valid(content[key]["value"]["params"])
        assert validator(HOOK, {"$ref": self.states[state]["values"]}).is_valid(values[key]["value"])

    @pytest.mark.parametrize("state", states)
    def test_state_is_bound_to_its_params(self, state: str) -> None:
        """A change of each state is described by one schema, which names that state and its params."""
        schemas = DOCUMENTS[HOOK]["components"]["schemas"]
        change = schemas["StateChange"]
        target = change["discriminator"]["mapping"][state]
        properties = schemas[target.rpartition("/")[2]]["properties"]

        assert {"$ref": target} in change["oneOf"]
        assert properties["state"]["const"] == state
        assert properties["params"]["$ref"] == self.states[state]["params"]

    @pytest.mark.parametrize(
        "change",
        [
            {"action": "setup", "state": "unheard of", "params": {}},
            {"action": "undo", "state": "congestion", "params": {}},
            {"state": "congestion", "params": {}},
            {"action": "setup", "state": "device", "params": {"pending": "3", "delivered": 0}},
            {"action": "setup", "state": "device", "params": {"pending": 1, "delivered": 0, "others": {"PENDING": 1}}},
            {"action": "setup", "state": "flow control", "params": {}},
            {"action": "setup", "state": "queue command", "params": {"deviceId": ""}},
            {"action": "setup", "state": "second application", "params": {}},
            {"action": "setup", "state": "deliver command", "params": {"deviceId": "d"}},
        ],
    )
    def test_other_changes_are_invalid(self, change: dict[str, Any]) -> None:
        """Unknown states and actions, missing params and params of a wrong type are no valid call of the hook."""
        assert not validator(HOOK, {"$ref": "#/components/schemas/StateChange"}).is_valid(change)

    @staticmethod
    def hook() -> dict[str, Any]:
        """The hook's one call."""
        value: dict[str, Any] = DOCUMENTS[HOOK]["paths"]["/provider-states"]["post"]
        return value
