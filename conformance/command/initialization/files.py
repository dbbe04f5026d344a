"""The files that init writes: the configuration with its schema, the hook, the CI job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from conformance import distribution
from conformance.command.initialization.answers import LANGUAGES, Answers
from conformance.command.writing import writing
from conformance.configuration.source import DEFAULT_FILE
from conformance.exceptions import ConformanceError, UsageError

__all__ = ["CI_FILES", "SCHEMA_FILE", "credentials", "files", "schema", "write"]

SCHEMA_FILE = Path("conformance.schema.json")
"""Stands beside the configuration, whose first line names it, so that an editor needs no network to check it."""
CI_FILES = {"github": Path(".github", "workflows", "conformance.yml"), "gitlab": Path(".gitlab", "conformance.yml")}
WAIT = "timeout 60 sh -c 'until curl --silent http://127.0.0.1:9000; do sleep 1; done'"


def schema() -> dict[str, Any]:
    """The published schema of the configuration, which holds no ids, and the ids of this version in it."""
    from conformance.command.catalogue import all_cases  # noqa: PLC0415 (it loads every case)
    from conformance.contract import documents  # noqa: PLC0415 (it loads the contract)

    text = resources.files("conformance").joinpath("configuration.schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    definitions = found["definitions"]
    definitions["requirement"]["enum"] = list(documents.load().requirements)
    definitions["case"]["enum"] = [case.id for case in all_cases()]
    return found


def credentials(answers: Answers) -> tuple[str, ...]:
    """The environment variables that have to hold a secret."""
    second = "CONFORMANCE_PROVIDER_SECRET" if answers.provider == "northbound" else "CONFORMANCE_ACCESS_TOKEN"
    return ("CONFORMANCE_APP_KEY", second)


def files(answers: Answers) -> Mapping[Path, str]:
    """The files for ANSWERS, and what stands in each."""
    environment = Environment(
        loader=PackageLoader("conformance.command.initialization"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 (no markup is made here)
    )
    # A JSON string in ASCII is a TOML string too.
    environment.filters["toml"] = json.dumps
    language = LANGUAGES[answers.language] if answers.language else None
    facts = {
        "base_url": answers.base_url,
        "provider": answers.provider,
        "credentials": credentials(answers),
        "start": [*language.job, WAIT] if language else [],
        "package": language.package if language else None,
        "version": version(distribution.NAME),
    }
    templates = {DEFAULT_FILE: "conformance.toml.jinja"}
    if language:
        templates[Path(language.file)] = language.template
    if answers.ci in CI_FILES:
        templates[CI_FILES[answers.ci]] = f"{answers.ci}.jinja"
    written = {path: environment.get_template(name).render(facts) for path, name in templates.items()}
    return {SCHEMA_FILE: json.dumps(schema(), indent=1, ensure_ascii=False) + "\n", **written}


def write(answers: Answers, folder: Path) -> list[Path]:
    """Write the files for ANSWERS into FOLDER, and return them. UsageError, and no file, if one of them can't be."""
    made = files(answers)
    present = [path for path in made if (folder / path).exists() or (folder / path).is_symlink()]
    if present:
        raise UsageError([f"{path} exists already, and init never overwrites a file: move it away" for path in present])
    written: list[Path] = []
    outside = [path for path in made if not (folder / path).parent.resolve().is_relative_to(folder.resolve())]
    if outside:
        raise UsageError([f"{path.parent} is a link that leads elsewhere: move it away" for path in outside])
    for path, text in made.items():
        try:
            with writing(f"{path} can't be written"):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                with (folder / path).open("x", encoding="utf-8", newline="\n") as file:
                    written.append(folder / path)
                    file.write(text)
        except ConformanceError:
            # Files of a half-finished start would stand in the way of the next one.
            for one in written:
                one.unlink(missing_ok=True)
            raise
    return list(made)
