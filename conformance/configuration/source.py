"""What stands in a configuration file, or in a variable that holds a table: TOML, as far as it can be read."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.exceptions import UsageError
from conformance.files import content

__all__ = ["DEFAULT_FILE", "file_table", "table_of"]

DEFAULT_FILE = Path("conformance.toml")

LARGEST = 16 * 1024 * 1024
"""Bytes. No configuration comes near it."""

QUOTED = re.compile(r"""(['"])(?:\\.|(?!\1).){4,}\1""")
"""What Python quotes of the file, single characters aside: a key there may be a credential in the wrong place."""


def file_table(path: Path | None) -> tuple[Mapping[str, Any], Path | None]:
    """(what the configuration file PATH, None for the default, holds; where it is or None). UsageError."""
    if path is None:
        # A link that leads nowhere, or a folder of that name, is told and not passed over.
        if not os.path.lexists(DEFAULT_FILE):
            return {}, None
        path = DEFAULT_FILE
    try:
        # Some editors begin a file with a byte order mark.
        return table_of(content(path, LARGEST).decode("utf-8-sig")), path
    except OSError as error:
        raise UsageError([f"--config {path}: {error.strerror or error}"]) from error
    except UnicodeDecodeError as error:
        raise UsageError([f"--config {path}: not valid TOML: byte {error.start} isn't UTF-8"]) from None
    except ValueError as error:
        raise UsageError([f"--config {path}: not valid TOML: {error}"]) from None


def table_of(text: str) -> dict[str, Any]:
    """The table that TEXT, which is TOML, holds; ValueError with words that repeat nothing of it."""
    try:
        # Line ends of any system, as a file that is opened for reading has.
        return tomllib.loads(text.replace("\r\n", "\n").replace("\r", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(QUOTED.sub("…", str(error))) from None
    except RecursionError:
        raise ValueError("its values are nested too deep") from None
    except ValueError:
        raise ValueError("a number in it has more digits than can be read") from None
