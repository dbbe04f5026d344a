"""The command line: run, serve, init, list, explain, check, report, verify, compare, annotate, judge.

Each command hands over to the module that does the work.
"""

from __future__ import annotations

import gc
import json
import math
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import wraps
from importlib.metadata import version
from operator import itemgetter
from pathlib import Path
from typing import Any, TextIO

import click

from conformance import distribution
from conformance.command.program import Program
from conformance.command.writing import writing
from conformance.configuration.keys import LONGEST, MOST
from conformance.evidence.glyphs import line
from conformance.exceptions import UsageError
from conformance.files import appending, same, write
from conformance.verdict import Exit

__all__ = ["main"]


def _said(function: Callable[..., int]) -> Callable[..., None]:
    """End with the exit status that FUNCTION returns; Program reports its errors."""

    @wraps(function)
    def command(*args: Any, **kwargs: Any) -> None:
        sys.exit(function(*args, **kwargs))

    return command


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(distribution.NAME), package_name=distribution.NAME)
def main() -> None:
    """Conformance suite for the call that creates device command revocation tasks."""


@main.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    short_help="Test an implementation (default: the embedded reference).",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@_said
def run(arguments: tuple[str, ...]) -> int:
    """Test an implementation; unknown arguments go to pytest."""
    if "--help" in arguments or "-h" in arguments:
        click.echo(_run_help())
        return 0
    if "--version" in arguments or "-V" in arguments:
        click.echo(f"conformance, version {version(distribution.NAME)}")
        return 0
    gc.disable()
    from conformance.plugin import isolation  # noqa: PLC0415 (the other commands don't need pytest)

    try:
        return isolation.run(arguments)
    finally:
        gc.enable()


def _run_help() -> str:
    from conformance.plugin.options import OPTIONS, STRICT  # noqa: PLC0415 (it imports pytest)

    lines = ["Usage: conformance run [OPTIONS] [PYTEST ARGS ...]", "", "Options:"]
    for name, settings in sorted((*OPTIONS, STRICT), key=itemgetter(0)):
        lines.append(f"  {' '.join((name, settings.get('metavar', ''))).strip():26} {settings['help']}")
    lines += [
        "",
        "All other arguments go to pytest: -k WORDS selects cases by id, requirement or chapter;",
        "-n 2 uses two processes, and needs the extra parallel, as in python -m pip install '.[parallel]'.",
    ]
    return "\n".join(lines)


def _a_number(_: click.Context, __: click.Parameter, value: float) -> float:
    """VALUE, unless it is none: that is neither within a range nor outside of it."""
    if math.isnan(value):
        raise click.BadParameter("it must be a number")
    return value


@main.command(short_help="Serve the reference implementation.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on (default: any free port).")
@click.option("--http", "plain", is_flag=True, help="Serve plain HTTP instead of HTTPS.")
@click.option(
    "--calls-per-minute", type=click.IntRange(0, MOST), default=100, help="Flow-control threshold; 0 for none."
)
@click.option(
    "--token-lifetime",
    type=click.FloatRange(0, LONGEST),
    callback=_a_number,
    default=3600,
    help="Seconds until a token from the log-in call expires.",
)
@click.option(
    "--fault", "faults", multiple=True, metavar="NAME", help="Make this mistake; may be repeated; see --list-faults."
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="NAME",
    help="Behave in this unusual but legal way; may be repeated; see --list-variants.",
)
@click.option("--list-faults", is_flag=True, help="List the faults and exit.")
@click.option("--list-variants", is_flag=True, help="List the legal variants and exit.")
@click.option(
    "--write-config", type=click.Path(path_type=Path), metavar="FILE", help="Write a configuration for this server."
)
@click.option(
    "--provider",
    type=click.Choice(["hook", "northbound", "static"]),
    default="hook",
    help="The provider in that configuration.",
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
    if write_config is not None and not references.replaceable(write_config):
        raise UsageError([f"--write-config {write_config}: it exists already, and serve didn't write it; name another"])
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
            with writing(f"--write-config {write_config}"):
                # Key and token are in it.
                write(write_config, reference.configuration(provider), mode=0o600)
            click.echo(f"\nconformance run --config {line(str(write_config))}")
        sys.stdout.flush()
        _until_told_to_stop()
    return 0


def _until_told_to_stop() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    told.wait()


def _is_unicode(stream: TextIO) -> bool:
    """Whether every character can be written to STREAM as it stands; what stands for others isn't always JSON."""
    return (stream.encoding or "").lower().startswith("utf")


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
@click.option("--yes", is_flag=True, help="Ask nothing; use the default for every option that isn't given.")
@_said
def init(*, base_url: str | None, provider: str | None, language: str | None, ci: str | None, yes: bool) -> int:
    """Write conformance.toml, a hook to fill in and a CI job for your implementation.

    Asks four questions, except those that options answer. Never overwrites a file.
    """
    from conformance.command import initialization  # noqa: PLC0415 (the other commands don't need it)

    try:
        answers = initialization.ask(base_url=base_url, provider=provider, language=language, ci=ci, yes=yes)
    except click.Abort:
        click.echo("\nconformance: interrupted; nothing was written", err=True)
        return Exit.INTERRUPTED
    click.echo(initialization.steps(answers, initialization.write(answers, Path())))
    return 0


@main.command("list", short_help="List every requirement with what tests it.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The format of the output.")
@_said
def list_(form: str) -> int:
    """List every requirement with its level, its place in the document and its cases."""
    from conformance.command import catalogue  # noqa: PLC0415 (it loads every case)

    entries = catalogue.entries()
    if form == "json":
        objects = [entry.as_json() for entry in entries]
        click.echo(json.dumps(objects, indent=1, ensure_ascii=not _is_unicode(sys.stdout)))
    else:
        catalogue.show(entries)
    return 0


@main.command(short_help="Show what a requirement asks and how to meet it.")
@click.argument("requirement")
@_said
def explain(requirement: str) -> int:
    """Show what REQUIREMENT asks, how it is tested and how to fix a violation."""
    from conformance.command import requirement_pages as guide  # noqa: PLC0415 (it loads every case)

    page = guide.as_markdown(guide.guide(line(requirement)))
    if sys.stdout.isatty():
        from rich.console import Console  # noqa: PLC0415 (not needed elsewhere)
        from rich.markdown import Markdown  # noqa: PLC0415 (not needed elsewhere)

        Console().print(Markdown(page))
    else:
        click.echo(page, nl=False)
    return 0


@main.command(short_help="Check target, credentials and provider states.")
@click.option(
    "--config", type=click.Path(path_type=Path), help="Configuration file (default: conformance.toml, if it exists)."
)
@click.option("--base-url", help="The implementation to check (default: the configured one).")
@_said
def check(config: Path | None, base_url: str | None) -> int:
    """Check that the target, the credentials and the provider states are ready."""
    from conformance.client.occupancy import alone  # noqa: PLC0415 (most other commands make no calls)
    from conformance.command import preflight as checkup  # noqa: PLC0415 (it loads the suite)
    from conformance.configuration.loader import load  # noqa: PLC0415 (most other commands need no configuration)
    from conformance.contract import documents  # noqa: PLC0415 (it loads the contract)
    from conformance.plugin.progress import remark  # noqa: PLC0415 (it imports pytest)
    from conformance.run.context import Context, Options  # noqa: PLC0415 (it loads the settings)
    from conformance.run.rig import assemble  # noqa: PLC0415 (it loads the client and the providers)

    with ExitStack() as stack:

        def embedded() -> str:
            from conformance.reference import Reference  # noqa: PLC0415 (not needed where there is a target)

            return stack.enter_context(Reference.start()).configuration()

        configuration = load(
            config, os.environ, base_url, requirements=documents.load().requirements, embedded=embedded
        )
        stack.enter_context(alone(configuration.target, None, remark))
        rig = assemble(
            Context(configuration, Options()),
            on_wait=lambda seconds: click.echo(f"waiting {seconds:.0f} s", err=True),
        )
        looks = list(checkup.check(rig))
        checkup.show(looks, rig.redaction)
    if not looks[0].good:
        return Exit.NO_VERDICT
    return Exit.CONFORMANT if all(look.good for look in looks if look.decisive) else Exit.INCOMPLETE


FORCE = click.option("--force", is_flag=True, help="Accept results that don't add up; the output says so.")


@main.command(short_help="Make all reports again from results.")
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--reports",
    type=click.Path(path_type=Path),
    default=Path("reports"),
    help="The folder for the reports (default: reports).",
)
@FORCE
@_said
def report(results: tuple[Path, ...], reports: Path, *, force: bool) -> int:
    """Make all reports again from RESULTS; several files make one page that compares them."""
    from conformance.command.trust import trusted  # noqa: PLC0415 (the other commands don't need it)
    from conformance.report import outputs, render_overview  # noqa: PLC0415 (it loads the reports)
    from conformance.report.bundle import FILES  # noqa: PLC0415 (it loads the reports)

    # results.json itself stays as it is where it is what is rendered.
    outputs.keep(results, reports, FILES[1:] if len(results) == 1 else ["overview.html"])
    found = trusted(results, force=force)
    if len(found) == 1:
        _write(found[0].record, reports, source=results[0], verified=found[0].verified)
        return 0
    page = reports / "overview.html"
    with writing(f"--reports {reports}"):
        reports.mkdir(parents=True, exist_ok=True)
        write(page, render_overview([one.record for one in found]))
    click.echo(line(f"Overview: {page}"))
    return 0


def _write(record: Any, reports: Path, source: Path | None = None, *, verified: bool = True) -> None:
    """Write all reports of RECORD, which was read from SOURCE, into the folder REPORTS, and print where."""
    from conformance.report import write_reports  # noqa: PLC0415 (the other commands don't need it)

    with writing(f"--reports {reports}"):
        reports.mkdir(parents=True, exist_ok=True)
        write_reports(record, reports, source=source, verified=verified)
    click.echo(line(f"Report: {reports / 'report.html'}"))


@main.command(short_help="Judge the evidence in results again.")
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@_said
def verify(results: tuple[Path, ...]) -> int:
    """Judge the evidence in RESULTS again, and check that findings, outcomes and verdict follow from it."""
    from conformance.command.trust import examine  # noqa: PLC0415 (the other commands don't need it)

    # Each file is read before anything is said of one.
    examined = [(path, examine(path)[1]) for path in results]
    for path, verification in examined:
        for words in verification.problems:
            click.echo(line(f"{path}: {words}"))
        for words in verification.unverified:
            click.echo(line(f"{path}: not judged anew: {words}"))
        if not verification.judged:
            continue
        if not verification.problems and verification.unverified:
            click.echo(line(f"{path}: nothing in what is recorded contradicts the rest"))
        elif not verification.problems:
            click.echo(line(f"{path}: findings, outcomes and verdict follow from what is recorded"))
    # What can't be judged at all isn't shown to follow either.
    return int(any(verification.problems or not verification.judged for _, verification in examined))


@main.command(short_help="Show what got worse or better between two results.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@FORCE
@_said
def compare(old: Path, new: Path, *, force: bool) -> int:
    """Show what got worse or better from OLD to NEW; the exit status is 1 if something got worse."""
    from conformance.command.trust import trusted  # noqa: PLC0415 (the other commands don't need it)
    from conformance.report import compare as compared  # noqa: PLC0415 (it loads the reports)

    found = trusted((old, new), force=force)
    for one in filter(None, (one.unjudged for one in found)):
        click.echo(line(one), err=True)
    comparison = compared(*(one.record for one in found))
    click.echo(comparison.text(), nl=False)
    return comparison.exit_status


@main.command(short_help="Print violations as annotations of a GitHub job.")
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--outputs", type=click.Path(path_type=Path), metavar="FILE", help="Add the verdict and the counts to FILE."
)
@_said
def annotate(results: Path, outputs: Path | None) -> int:
    """Print the violations in RESULTS as annotations of a GitHub job; the exit status doesn't depend on the verdict."""
    from conformance.command.trust import trusted  # noqa: PLC0415 (the other commands don't need it)
    from conformance.report import annotations  # noqa: PLC0415 (it loads the reports)

    if outputs is not None and same(outputs, results):
        raise UsageError([f"--outputs {outputs}: that is the file with the results; name another one"])
    found = trusted((results,))[0]
    record = found.record
    if found.unjudged:
        # What a job goes on to do by the verdict rests on evidence.
        click.echo(line(found.unjudged), err=True)
        record = replace(record, verdict="no verdict")
    for annotation in annotations.annotate(record):
        click.echo(annotation)
    if outputs is not None:
        with writing(f"--outputs {outputs}"), appending(outputs) as file:
            file.writelines(f"{name}={value}\n" for name, value in annotations.outputs(record).items())
    return 0


@main.command(short_help="Judge recorded calls (HAR) without making any.")
@click.argument("traffic", type=click.Path(path_type=Path))
@click.option(
    "--reports",
    type=click.Path(path_type=Path),
    default=Path("reports"),
    help="The folder for the reports (default: reports).",
)
@click.option("--strict", is_flag=True, help="Treat tolerated responses as violations.")
@click.option("--allow-untested", is_flag=True, help="Exit with 0 even if the recording says nothing about a MUST.")
@_said
def judge(traffic: Path, reports: Path, *, strict: bool, allow_untested: bool) -> int:
    """Judge the calls recorded in TRAFFIC, a HAR file, without making any."""
    from conformance.recorded import judging, page  # noqa: PLC0415 (it loads the contract)
    from conformance.report import outputs  # noqa: PLC0415 (it loads the reports)
    from conformance.report.bundle import FILES  # noqa: PLC0415 (it loads the reports)

    outputs.keep([traffic], reports, [*FILES, page.NAME])
    judged = judging.judge_file(traffic, strict=strict, allow_untested=allow_untested)
    record = judged.record
    _write(record, reports)
    with writing(f"--reports {reports}"):
        page.write_page(judged.requests, traffic.name, reports)
    if judged.requests:
        click.echo(line(f"Requests: {reports / page.NAME}"))
    for words in judged.told:
        click.echo(line(words))
    # What is wrong stands last, right above the verdict: a recording says nothing of most requirements.
    for outcome in ("not tested", "tolerated", "failed"):
        for requirement in record.requirements:
            if requirement.outcome == outcome:
                words = line(f"{requirement.id}: {requirement.reason}")
                click.echo(f"{outcome:10} {requirement.level:6} {words}")
    click.echo(line(record.summary))
    return record.exit_status
