"""The command line: run, serve, init, list, explain, check, report, compare, judge, annotate.

Each hands over to the module that does it.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from conformance.exceptions import ConformanceError, UsageError
from conformance.verdict import Exit

__all__ = ["main"]

SUITE = Path(__file__).resolve().parent / "suite"
NOT_NEEDED = (
    *("schemathesis", "cacheprovider", "anyio", "hypothesispytest", "html", "metadata"),
    *("unraisableexception", "threadexception"),
)
"""Plugins that a run gains nothing from, and that cost time at its start."""


# What click calls a usage error is one like those that the suite tells itself.
click.UsageError.exit_code = Exit.USAGE_ERROR


def _said(function: Callable[..., int]) -> Callable[..., None]:
    """End with the exit status that FUNCTION returns; what the user did wrong is said in lines, with exit status 4."""

    @wraps(function)
    def command(*args: Any, **kwargs: Any) -> None:
        try:
            sys.exit(function(*args, **kwargs))
        except UsageError as error:
            for problem in error.problems:
                click.echo(f"conformance: {problem}", err=True)
            sys.exit(Exit.USAGE_ERROR)
        except ConformanceError as error:
            click.echo(f"conformance: {error}", err=True)
            sys.exit(Exit.USAGE_ERROR)

    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("revocation-conformance"), package_name="revocation-conformance")
def main() -> None:
    """Conformance suite for the call that creates device command revocation tasks."""


@main.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    short_help="Test an implementation (default: the embedded reference).",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@_said
def run(arguments: tuple[str, ...]) -> int:
    """Test an implementation; further arguments are pytest's."""
    if "--help" in arguments or "-h" in arguments:
        click.echo(_run_help())
        return 0
    gc.disable()
    import pytest  # noqa: PLC0415 (the other commands don't need it)

    from conformance.garbage import Garbage  # noqa: PLC0415 (it imports pytest)

    # Twice, as pytest's last line counts cases only, and would stand below a verdict that more than cases decide.
    quiet = [] if any(argument in arguments for argument in ("-v", "-vv", "--verbose")) else ["-qq"]
    words = [
        # The folder that the command is given in has no say: neither its pytest settings nor its plugins.
        f"--config-file={os.devnull}",
        f"--rootdir={SUITE}",
        # By itself it isn't loaded where PYTEST_DISABLE_PLUGIN_AUTOLOAD is set.
        "-pconformance",
        *(f"-pno:{name}" for name in NOT_NEEDED),
        # The suite asserts nothing, so there is nothing to rewrite.
        "--assert=plain",
        "--no-header",
        "--tb=no",
        "-rN",
        *quiet,
        *arguments,
        str(SUITE),
    ]
    try:
        return int(pytest.main(words, plugins=[Garbage()]))
    finally:
        gc.enable()


def _run_help() -> str:
    from conformance.plugin import OPTIONS  # noqa: PLC0415 (it imports pytest)

    lines = ["Usage: conformance run [OPTIONS] [PYTEST ARGS ...]", "", "Options:"]
    options = [*OPTIONS, ("--strict", {"action": "store_true", "help": "fail what is merely tolerated by default"})]
    for name, settings in sorted(options):
        lines.append(f"  {' '.join((name, settings.get('metavar', ''))).strip():26} {settings['help']}")
    lines += [
        "",
        "Everything else goes to pytest: -k WORDS selects cases by id, requirement or chapter, -n 2 shares them out.",
    ]
    return "\n".join(lines)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on (default: any that is free).")
@click.option("--http", "plain", is_flag=True, help="Serve plain HTTP instead of HTTPS.")
@click.option("--calls-per-minute", type=click.IntRange(min=0), default=100, help="Flow-control threshold; 0: none.")
@click.option("--token-lifetime", type=float, default=3600, help="Seconds that a token from the log-in call lives.")
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="Be wrong in this way; see --list-faults.")
@click.option("--variant", "variants", multiple=True, metavar="NAME", help="Be right in this way; see --list-variants.")
@click.option("--list-faults", is_flag=True, help="List the faults and exit.")
@click.option("--list-variants", is_flag=True, help="List the legal variants and exit.")
@click.option(
    "--write-config", type=click.Path(path_type=Path), metavar="FILE", help="Write a ready configuration file."
)
@click.option(
    "--provider", type=click.Choice(["hook", "northbound", "static"]), default="hook", help="Provider in that file."
)
@_said
def serve(
    *,
    port: int,
    plain: bool,
    calls_per_minute: int,
    token_lifetime: float,
    faults: tuple[str, ...],
    variants: tuple[str, ...],
    list_faults: bool,
    list_variants: bool,
    write_config: Path | None,
    provider: Any,
) -> int:
    """Serve the embedded reference implementation, until interrupted."""
    from conformance import reference as references  # noqa: PLC0415 (the other commands don't need it)

    if list_faults or list_variants:
        for entry in references.faults() if list_faults else references.variants():
            click.echo(f"{entry.name:48} {entry.description}")
        return 0
    try:
        reference = references.Reference.start(
            tls=not plain,
            port=port,
            calls_per_minute=calls_per_minute,
            token_lifetime=token_lifetime,
            faults=faults,
            variants=variants,
        )
    except LookupError as error:
        raise UsageError([str(error)]) from error
    except OSError as error:
        raise UsageError([f"--port {port}: {error}"]) from error
    with reference:
        click.echo(reference.describe())
        if write_config is not None:
            try:
                write_config.write_text(reference.configuration(provider), "utf-8")
            except OSError as error:
                raise UsageError([f"--write-config {write_config}: {error.strerror}"]) from error
            click.echo(f"\nconformance run --config {write_config}")
        sys.stdout.flush()
        _until_told_to_stop()
    return 0


def _until_told_to_stop() -> None:
    """Wait for Ctrl-C or a polite request to end."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    told.wait()


@main.command(short_help="Write a configuration, a hook and a CI job.")
@click.option("--base-url", metavar="URL", help="Your implementation, as https://host:port.")
@click.option(
    "--provider",
    type=click.Choice(["hook", "northbound", "static", "none"]),
    help="What prepares states for the cases.",
)
@click.option(
    "--hook",
    "language",
    type=click.Choice(["python", "fastapi", "node", "java"]),
    help="Language of the hook (implies --provider hook).",
)
@click.option("--ci", type=click.Choice(["github", "gitlab", "none"]), help="CI service to write a job for.")
@click.option("--yes", is_flag=True, help="Ask nothing; use the default for every option left out.")
@_said
def init(*, base_url: str | None, provider: str | None, language: str | None, ci: str | None, yes: bool) -> int:
    """Write conformance.toml, a hook to fill in and a CI job for your implementation.

    Asks four questions; an option answers one beforehand. Never overwrites a file.
    """
    from conformance.command import initialization  # noqa: PLC0415 (the other commands don't need it)

    try:
        answers = initialization.ask(base_url=base_url, provider=provider, language=language, ci=ci, yes=yes)
    except click.Abort:
        click.echo("\nconformance: interrupted; nothing was written", err=True)
        return Exit.INTERRUPTED
    click.echo(initialization.steps(answers, initialization.write(answers, Path())))
    return 0


@main.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@_said
def list_(form: str) -> int:
    """List every requirement: its level, its source, the cases that test it."""
    from conformance import catalogue  # noqa: PLC0415 (it loads every case)

    entries = catalogue.entries()
    if form == "json":
        click.echo(json.dumps([entry.as_json() for entry in entries], indent=1, ensure_ascii=False))
    else:
        catalogue.show(entries)
    return 0


@main.command()
@click.argument("requirement")
@_said
def explain(requirement: str) -> int:
    """Say what REQUIREMENT asks, how it is tested, how it can fail, and how to fix it."""
    from conformance import guide  # noqa: PLC0415 (it loads every case)

    page = guide.as_markdown(guide.guide(requirement))
    if sys.stdout.isatty():
        from rich.console import Console  # noqa: PLC0415 (not needed elsewhere)
        from rich.markdown import Markdown  # noqa: PLC0415 (the same)

        Console().print(Markdown(page))
    else:
        click.echo(page, nl=False)
    return 0


@main.command()
@click.option(
    "--config", type=click.Path(path_type=Path), help="Configuration file (default: conformance.toml, if there)."
)
@click.option("--base-url", help="The implementation (default: the configured one).")
@_said
def check(config: Path | None, base_url: str | None) -> int:
    """Is the target reachable, are the credentials and provider states good?"""
    from conformance import checkup  # noqa: PLC0415 (it loads the suite)
    from conformance.assembly import assemble  # noqa: PLC0415 (the same)
    from conformance.contract import documents  # noqa: PLC0415 (the same)
    from conformance.reference import Reference  # noqa: PLC0415 (the same)
    from conformance.target.budget import Budget  # noqa: PLC0415 (the same)
    from conformance.target.configuration import load  # noqa: PLC0415 (the same)

    with ExitStack() as stack:
        configuration = load(
            config,
            os.environ,
            base_url,
            requirements=documents.load().requirements,
            embedded=lambda: stack.enter_context(Reference.start()).configuration(),
        )
        run = assemble(configuration, Budget(), lambda seconds: click.echo(f"waiting {seconds:.0f} s", err=True))
        findings = list(checkup.check(run))
        checkup.show(findings, run.redaction)
    if not findings[0].good:
        return Exit.NO_VERDICT
    return Exit.CONFORMANT if all(finding.good for finding in findings if finding.decisive) else Exit.INCOMPLETE


@main.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--reports", type=click.Path(path_type=Path), default=Path("reports"), help="Where they go (reports).")
@_said
def report(results: tuple[Path, ...], reports: Path) -> int:
    """Render every report from RESULTS; several files as one page, implementation by requirement."""
    from conformance.record import Record  # noqa: PLC0415 (the other commands don't need it)
    from conformance.report import render_overview  # noqa: PLC0415 (the same)

    records = [Record.read(path) for path in results]
    if len(records) == 1:
        _write(records[0], reports)
        return 0
    page = reports / "overview.html"
    try:
        reports.mkdir(parents=True, exist_ok=True)
        page.write_text(render_overview(records), "utf-8")
    except OSError as error:
        raise UsageError([f"--reports {reports}: {error.strerror or error}"]) from error
    click.echo(f"Overview: {page}")
    return 0


def _write(record: Any, reports: Path) -> None:
    """Write every report of RECORD into the folder REPORTS, and say where."""
    from conformance.report import write_reports  # noqa: PLC0415 (the other commands don't need it)

    try:
        reports.mkdir(parents=True, exist_ok=True)
        write_reports(record, reports)
    except OSError as error:
        raise UsageError([f"--reports {reports}: {error.strerror or error}"]) from error
    click.echo(f"Report: {reports / 'report.html'}")


@main.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@_said
def compare(old: Path, new: Path) -> int:
    """Say what got worse or better from OLD to NEW; exit status 1 when something got worse."""
    from conformance.record import Record  # noqa: PLC0415 (the other commands don't need it)
    from conformance.report import compare as compared  # noqa: PLC0415 (the same)

    comparison = compared(Record.read(old), Record.read(new))
    click.echo(comparison.text(), nl=False)
    return comparison.exit_status


@main.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--outputs", type=click.Path(path_type=Path), metavar="FILE", help="Add verdict and counts to FILE.")
@_said
def annotate(results: Path, outputs: Path | None) -> int:
    """Print what RESULTS finds wrong as annotations of a GitHub job; the verdict has no say in the exit status."""
    from conformance.record import Record  # noqa: PLC0415 (the other commands don't need it)
    from conformance.report import annotations  # noqa: PLC0415 (the same)

    record = Record.read(results)
    for line in annotations.annotate(record):
        click.echo(line)
    if outputs is not None:
        try:
            with outputs.open("a", encoding="utf-8") as file:
                file.writelines(f"{name}={value}\n" for name, value in annotations.outputs(record).items())
        except OSError as error:
            raise UsageError([f"--outputs {outputs}: {error.strerror or error}"]) from error
    return 0


@main.command()
@click.argument("traffic", type=click.Path(path_type=Path))
@click.option("--reports", type=click.Path(path_type=Path), default=Path("reports"), help="Where they go (reports).")
@click.option("--strict", is_flag=True, help="Fail what is merely tolerated by default.")
@click.option("--allow-untested", is_flag=True, help="Exit 0 although the recording says nothing about a MUST.")
@_said
def judge(traffic: Path, reports: Path, *, strict: bool, allow_untested: bool) -> int:
    """Judge the recorded calls of TRAFFIC, a HAR file, without making any."""
    from conformance import traffic as recorded  # noqa: PLC0415 (it loads the contract)

    record = recorded.judge_file(traffic, strict=strict, allow_untested=allow_untested)
    _write(record, reports)
    for requirement in record.requirements:
        if requirement.outcome in ("failed", "tolerated", "not tested"):
            click.echo(f"{requirement.outcome:10} {requirement.level:6} {requirement.id}: {requirement.reason}")
    click.echo(record.summary)
    return record.exit_status
