"""A program: requests that Schemathesis draws from an OpenAPI document, as JSON; what to draw comes in as JSON, too.

It runs in a process of its own and imports nothing of the suite, see schema_cases: Hypothesis also draws what is
written in the modules of the project that it finds itself in, and here it finds none.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from typing import Any

import hypothesis
import requests
import schemathesis


def drawn(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The requests of ORDER: for each of its parts some invalid ones, then some valid ones."""
    config = schemathesis.Config.from_dict(order["config"])
    operation = schemathesis.openapi.from_dict(order["document"], config=config)[order["path"]][order["method"]]
    for part in order["parts"]:
        for mode in (schemathesis.GenerationMode.NEGATIVE, schemathesis.GenerationMode.POSITIVE):
            strategy = operation.as_strategy(generation_mode=mode, **part["fixed"])
            for case in examples(strategy, part["draws"], order["seed"]):
                request = prepared(case)
                if request is not None:
                    yield request


def examples(strategy: Any, draws: int, seed: int) -> list[Any]:
    """What Hypothesis draws from STRATEGY; every setting is given, so that no profile and no database has a say."""
    found: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=draws,
        database=None,
        deadline=None,
        derandomize=False,
        backend="hypothesis",
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(strategy)
    def collect(case: Any) -> None:
        found.append(case)

    try:
        collect()
    except hypothesis.errors.Unsatisfiable:
        # Nothing about the part can be invalid, or all of it had to be fixed.
        return found
    return found


def prepared(case: Any) -> dict[str, Any] | None:
    """CASE as it would be sent; None where requests, which is Schemathesis' client, can't send it."""
    arguments = case.as_transport_kwargs()
    names = ("method", "url", "params", "data", "json", "files", "headers")
    try:
        request = requests.Request(**{name: arguments.get(name) for name in names}).prepare()
    except (requests.RequestException, ValueError, TypeError):
        return None
    body = request.body.encode("utf-8") if isinstance(request.body, str) else request.body
    if body is not None and not isinstance(body, bytes):
        return None
    return {
        "url": request.url,
        "headers": [
            [name, value.decode("latin-1") if isinstance(value, bytes) else value]
            for name, value in request.headers.items()
        ],
        "body": None if body is None else base64.b64encode(body).decode("ascii"),
    }


if __name__ == "__main__":
    json.dump(list(drawn(json.load(sys.stdin))), sys.stdout)
