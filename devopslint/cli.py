"""The command: every step of a run, in order."""

from __future__ import annotations

import gc
import importlib
import os
import stat as modes
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from devopslint import __version__
from devopslint.model import Finding, Severity
from devopslint.options import Option, completed_path, heeding_environment, help_option, option, run_options
from devopslint.output import Usage, encode, is_terminal, put, replace, usage_errors, wants_color, write
from devopslint.reports import FORMATS, Report, render
from devopslint.reports.frames import printable
from devopslint.reports.neutral import neutral

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from devopslint.cache import Cache
    from devopslint.checklist import Answer
    from devopslint.config import Config, Floor
    from devopslint.evidence.folder import Gathered
    from devopslint.fixes import Mending
    from devopslint.outcomes import Printing
    from devopslint.project import FileReport, Project
    from devopslint.run import Begun, Outcome

SUFFIXES = {".json": "json", ".md": "markdown", ".sarif": "sarif", ".txt": "text", ".xml": "junit"}
MANY_FINDINGS = 20
"""From here on a baseline is worth naming."""
MANY_FILES = 200
"""From here on a run on a terminal shows its progress."""
WORTH_KEEPING = 100
"""From so many files that are reported on, what a run prints is kept: fewer are soon settled anew, and hooks ask for others each time."""


LAZY = (
    "badge",
    "baseline",
    "checklist",
    "clean",
    "explain",
    "export",
    "fleet",
    "init",
    "merge",
    "migrate",
    "pipeline",
    "record",
    "rules",
    "server",
    "test-rules",
)
"""Commands that are imported where they are called: each is `command` in the module of its name, `-` written `_`."""


class DefaultCommand(click.Group):
    """`devopslint PATHS` is `devopslint check PATHS`."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({*super().list_commands(context), *LAZY})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in LAZY:
            return super().get_command(context, name)
        command: click.Command = importlib.import_module(f"devopslint.commands.{name.replace('-', '_')}").command
        return command

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        if context.resilient_parsing and not args:
            return super().parse_args(context, args)  # the first word is yet to be completed
        if not args or (args[0] not in self.list_commands(context) and args[0] not in ("--help", "-h", "--version")):
            args = ["check", *args]
        return super().parse_args(context, args)

    def invoke(self, context: click.Context) -> Any:
        """What no step of a run has caught, Ctrl-C too, never ends it with the 1 that means findings."""
        try:
            return super().invoke(context)
        except click.ClickException as error:
            # It may quote a file, or a path out of `git ls-files`.
            lines = error.lines if isinstance(error, Usage) else [error.message]
            error.message = neutral("\n".join(map(printable, lines)))  # type: ignore[misc]  # final for those who only show it
            raise
        except (click.exceptions.Exit, BrokenPipeError):
            raise  # click's own, and a reader of our output that has gone away
        except (KeyboardInterrupt, click.Abort):
            click.echo("\ninterrupted", err=True)
            sys.exit(130)
        except Exception:
            import traceback  # only where something broke

            click.echo(f"{neutral(traceback.format_exc())}\ninternal error, please report it", err=True)
            sys.exit(2)

    def shell_complete(self, context: click.Context, incomplete: str) -> list[CompletionItem]:
        """A command, or else what `check` takes."""
        if incomplete and (found := super().shell_complete(context, incomplete)):
            return found
        return self.commands["check"].shell_complete(context, incomplete) or completed_path(incomplete)

    def format_usage(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(context.command_path, "[PATHS]... | COMMAND [ARGS]...")


@click.group(cls=DefaultCommand, context_settings={"help_option_names": ["-h", "--help"]}, add_help_option=False)
@click.version_option(__version__, prog_name="devopslint", cls=Option)
@help_option()
def main() -> None:
    """Check Dockerfiles, manifests and pipelines, and how they fit together, against a Definition of Done.

    `devopslint PATHS` runs `devopslint check PATHS`; its options are listed by `devopslint check --help`.
    """


@main.command(add_help_option=False)
@heeding_environment
@run_options
@option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note"]),
    help="The lowest severity that makes the exit code 1; error by default.",
)
@option("--exit-zero", is_flag=True, help="Exit with 0 whatever was found.")
@option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(list(FORMATS)),
    help="May be given several times, with one --output each.",
)
@option("--output", "-o", "outputs", multiple=True, metavar="FILE", help="Write the report here; - is standard output.")
@option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="auto heeds NO_COLOR and FORCE_COLOR.",
)
@option(
    "--min-severity",
    type=click.Choice(["error", "warning", "note"]),
    default="note",
    help="Leave less severe findings out of the report; they are counted, and --fail-on heeds them all the same.",
)
@option("--statistics", is_flag=True, help="Count the findings by rule.")
@option("--show-suppressed", is_flag=True, help="Show what was accepted, too.")
@option("--diff", "since", metavar="REV", help="Report only on lines that have changed since REV; asks git.")
@option("--staged", is_flag=True, help="Report only on what the next commit changes, as it is staged; asks git.")
@option(
    "--baseline",
    "baseline_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What was accepted for now; otherwise .devopslint-baseline.json at the root. `devopslint baseline` writes it.",
)
@option("--fix", is_flag=True, help="Mend what has a safe fix: docs/fixes.md. The report is about what remains.")
@option("--diff-fixes", is_flag=True, help="Show what --fix would change, and write nothing.")
@option("--show-fixes", is_flag=True, help="Say in sarif, rdjson and json with which edits a finding can be mended.")
@option("--unsafe-fixes", is_flag=True, help="With one of these: fixes, too, that somebody has to look at afterwards.")
@option("--fail-if-nothing", is_flag=True, help="Exit with 2 where no file of a known kind was checked.")
@option(
    "--show-settings",
    metavar="PATH",
    help="Say which rules run on this file, and which layer of the configuration says so.",
)
@option("--no-baseline", is_flag=True, help="Hold the findings against no baseline.")
@help_option()
def check(
    formats: tuple[str, ...],
    outputs: tuple[str, ...],
    fail_on: str | None,
    exit_zero: bool,
    color: str,
    min_severity: str,
    statistics: bool,
    show_suppressed: bool,
    since: str | None,
    staged: bool,
    baseline_path: Path | None,
    no_baseline: bool,
    fix: bool,
    diff_fixes: bool,
    show_fixes: bool,
    unsafe_fixes: bool,
    fail_if_nothing: bool,
    show_settings: str | None,
    **run: Any,
) -> None:
    """Check files, folders or globs (default: the current folder); - reads standard input."""
    targets = _targets(formats, outputs)
    if show_settings is not None:
        _show_settings(show_settings, **run)
        return
    _refuse_together(run, since, staged, fix=fix, diff_fixes=diff_fixes, show_fixes=show_fixes, unsafe=unsafe_fixes)
    bare = no_baseline or run["no_suppressions"] or (run["no_config"] and baseline_path is None)
    shown_as = [(_format_for(format, output), output, _is_coloured(color, output)) for format, output in targets]
    as_found = not (since or staged or fix or diff_fixes or show_fixes or fail_if_nothing)
    with usage_errors():
        begun = begin_run(**run, staged=staged)
        config, project = begun.config, begun.project()
        printing = None
        if as_found and len(begun.scope.wanted) >= WORTH_KEEPING and (bare or _has_no_baseline(begun, baseline_path)):
            asked = (
                [(format, coloured) for format, _, coloured in shown_as],
                statistics,
                show_suppressed,
                min_severity,
                fail_on,
                exit_zero,
            )
            printing = _printing(begun, project, asked)
        if printing is not None and (known := printing.recall()) is not None:
            for (_, output, _), written in zip(shown_as, known.texts, strict=True):
                put(output, written)
            if known.status:
                sys.exit(known.status)
            return
        outcome = begun.concluded(project, printing.reading if printing is not None else None)

        def report_on(outcome: Outcome) -> Report:
            told = report_of(config, outcome)
            told = told if bare else less_baseline(told, config, outcome, baseline_path)
            return _within_changes(told, config, outcome, since, staged)

        report = report_on(outcome)
        if fix or diff_fixes:
            report, outcome = _mended(report, config, outcome, report_on, unsafe=unsafe_fixes, writes=fix)
    if show_fixes:
        from devopslint import fixes

        report = report._replace(suggestions=fixes.suggestions(outcome, config, report.counted, unsafe=unsafe_fixes))
    shown = report.at_least(Severity.named(min_severity))
    if printing is not None:
        shown = shown._replace(source=printing.text)

    said: list[bytes] = []
    for format, output, coloured in shown_as if not diff_fixes else ():
        told = _for_newcomers(shown, config, outcome) if format == "grouped" else shown
        text = render(told, format, color=coloured, statistics=statistics, show_suppressed=show_suppressed)
        written = encode(text, format, coloured=coloured)
        put(output, written)
        if printing is not None:
            said.append(written)
    if report.failures:
        sys.exit(2)
    if fail_if_nothing and not outcome.files_checked:
        raise Usage("nothing was checked, and --fail-if-nothing was given")
    threshold = Severity.named(fail_on) if fail_on else config.fail_on
    status = int(not exit_zero and any(finding.severity >= threshold for finding in report.counted))
    if printing is not None:
        printing.keep(outcome, said, status)
    if status:
        sys.exit(status)


def _format_for(format: str, output: str) -> str:
    return "grouped" if format == "text" and output == "-" and is_terminal(sys.stdout) else format


def _is_coloured(color: str, output: str) -> bool:
    return color == "always" or (color == "auto" and output == "-" and wants_color())


def _has_no_baseline(begun: Begun, path: Path | None) -> bool:
    from devopslint import baseline

    return path is None and baseline.find(begun.scope.root) is None


def _printing(begun: Begun, project: Project, asked: object) -> Printing | None:
    """What the run prints, as far as that can be known from an earlier one."""
    if begun.cache is None or begun.config.evidence.path:
        return None
    from devopslint.outcomes import Printing
    from devopslint.reports.revision import revision_of

    return Printing.of(begun, project, (asked, revision_of(os.environ)))


def _refuse_together(
    run: dict[str, Any],
    since: str | None,
    staged: bool,
    *,
    fix: bool,
    diff_fixes: bool,
    show_fixes: bool,
    unsafe: bool,
) -> None:
    """End with a usage error where options do not go together."""
    if since is not None and staged:
        raise click.UsageError("--diff and --staged exclude each other: the first has what is staged, too")
    mends = fix or diff_fixes
    if mends and (staged or run["render"] or "-" in run["paths"]):
        given = "--staged" if staged else "--render" if run["render"] else "standard input"
        raise click.UsageError(f"{'--fix' if fix else '--diff-fixes'} mends files as they are on the disk, not {given}")
    if unsafe and not (mends or show_fixes):
        raise click.UsageError("--unsafe-fixes goes with --fix, --diff-fixes or --show-fixes")
    if fix and diff_fixes:
        raise click.UsageError("--fix and --diff-fixes exclude each other: the second writes nothing")


def _mended(
    report: Report,
    config: Config,
    outcome: Outcome,
    report_on: Callable[[Outcome], Report],
    *,
    unsafe: bool,
    writes: bool,
) -> tuple[Report, Outcome]:
    """What remains when the fixes are written; where they are only shown, all of it."""
    from devopslint import fixes

    if config.render:
        _remark("what is rendered is judged as it was before the fixes")
    mending = fixes.mend(outcome, config, report.counted, unsafe=unsafe)
    if not writes:
        write("-", fixes.difference(mending, report.secrets), "text")
        return report, outcome
    mending = _written(mending, outcome)
    return fixes.told(mending, report, report_on(mending.outcome)), mending.outcome


def _written(mending: Mending, outcome: Outcome) -> Mending:
    """Write what has changed; a file that is another one by now, or no plain file of the project, stays as it is."""
    from devopslint import fixes

    refused: dict[str, str] = {}
    for change in mending.changes:
        target = outcome.scope.root / change.path
        try:
            inside = Path(os.path.realpath(target.parent)).is_relative_to(os.path.realpath(outcome.scope.root))
            if not inside or not modes.S_ISREG(target.lstat().st_mode):
                refused[change.path] = "it is no plain file of the project"
            elif target.read_bytes() != change.before:
                refused[change.path] = "it has changed since it was read"
            else:
                replace(target, change.after)
        except OSError as error:
            refused[change.path] = f"it cannot be written: {error.strerror}"
    return fixes.without(mending, refused, outcome) if refused else mending


def make_run(**run: Any) -> tuple[Config, Outcome]:
    """One run: find the files, examine each, look across them, settle what counts."""
    begun = begin_run(**run)
    return begun.config, begun.concluded(begun.project())


def begin_run(
    *,
    paths: tuple[str, ...],
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    profile: str | None,
    config_path: Path | None,
    no_config: bool,
    policy: Path | None,
    no_suppressions: bool,
    exclude: tuple[str, ...],
    no_context: bool,
    stdin_filename: str | None,
    no_cache: bool,
    jobs: int | None,
    render: bool,
    staged: bool = False,
    project: Path | None = None,
) -> Begun:
    """The first half of a run: find the files, and examine each.

    A `project` is a folder, without links in its path, that is the whole of it whatever stands above; no paths are given then,
    and this may be one run of many in a process.
    """
    from devopslint import run
    from devopslint.files import find_root

    given = _given(paths, stdin_filename) if project is None else [project]
    root, repository = find_root(given) if project is None else (project, True)
    config = configuration(root, given[0], config_path, no_config, policy)
    config = _selecting(config, select, ignore, extend_select, profile, exclude)
    if "-" in paths and sys.stdin is None:
        raise Usage("cannot read standard input: it is closed")
    stdin = sys.stdin.buffer.read() if "-" in paths else None
    scope = run.find_scope(root, given, config, repository=repository and not no_context, stdin=stdin)
    scope = (run.as_staged(scope) if staged else scope)._replace(held={})
    config = config if no_config else run.heeding_peers_in(scope, config)
    cache = None if no_cache else _cache(root)
    reports: Sequence[FileReport]
    gc.disable()  # what is known of the files stays to the end: looking through it again and again finds nothing
    try:
        with progress(len(scope.files) if project is None else 0) as advance:
            reports = run.examine_all(scope, config, jobs, advance, cache)
        if project is None:
            gc.freeze()
    finally:
        gc.enable()
    if no_suppressions:
        config = config._replace(allow=())
        reports = tuple(one._replace(suppressions=()) for one in reports)
    if render or config.render:
        from devopslint.rendering.builds import build_all, with_builds

        reports = with_builds(reports, *build_all(scope, reports, config), config)
    return run.Begun(config, scope, reports, cache, jobs)


def _cache(root: Path) -> Cache | None:
    """What is kept for the project, where something may be."""
    from devopslint.cache import Cache, refused  # only for who keeps reports

    if (why := refused(root)) is not None:
        _remark(why)
    return Cache.of(root)


def _selecting(
    config: Config,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extend_select: tuple[str, ...],
    profile: str | None,
    exclude: tuple[str, ...],
) -> Config:
    """The configuration with the command line's word laid over it."""
    return config.selecting(
        tokens(select) if select else None, tokens(ignore), tokens(extend_select), profile=profile, exclude=exclude
    )


def _show_settings(
    shown: str,
    *,
    config_path: Path | None,
    no_config: bool,
    policy: Path | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extend_select: tuple[str, ...],
    profile: str | None,
    exclude: tuple[str, ...],
    **rest: Any,
) -> None:
    """What --show-settings prints. The file need not be there."""
    from devopslint import run
    from devopslint.files import find_root, place
    from devopslint.reports.settings import layers_of, listing

    at = place(Path(shown))
    root, _ = find_root([at])
    with usage_errors():
        told = configuration(root, at, config_path, no_config, policy)
        final = _selecting(told, select, ignore, extend_select, profile, exclude)
        if not no_config:
            final = run.heeding_peers_in(run.find_scope(root, [root], final, repository=True), final)
        path = at.relative_to(root).as_posix()
    write("-", listing(path, layers_of(told, final, path), final))


def _remark(text: str) -> None:
    """A word on standard error that changes nothing."""
    click.echo(neutral(f"note: {printable(text)}"), err=True)


def report_of(config: Config, outcome: Outcome) -> Report:
    from devopslint.catalogue import Rules
    from devopslint.reports.revision import revision_of
    from devopslint.run import turned_off

    return Report(
        findings=outcome.settled.findings,
        not_checked=outcome.settled.not_checked,
        not_known=outcome.settled.not_known,
        failures=outcome.settled.failures,
        rules=Rules(config.selection("")),
        files_seen=outcome.files_seen,
        files_checked=outcome.files_checked,
        source=outcome.scope.text,
        secrets=outcome.settled.hidden,
        revision=revision_of(os.environ),
        turned_off=turned_off(config),
    )


def gathered_in(config: Config, outcome: Outcome, folder: Path | None = None) -> Gathered:
    """What other programs have measured: in the folder that is named, or in that of the configuration."""
    from devopslint.evidence.folder import Gathered, gather
    from devopslint.files import is_folder

    source = config.evidence
    if folder is None and source.path:
        root = outcome.scope.root
        folder = (root / (config.path or "")).parent / source.path
        if not is_folder(folder) or not Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(root)):
            raise click.UsageError(f"{config.path}: evidence: '{source.path}' is no folder of the project")
    return gather(folder, source.limits) if folder is not None else Gathered()


def answers_of(config: Config, outcome: Outcome, gathered: Gathered | None = None) -> list[Answer]:
    """The Definition of Done, answered from a run and what other programs have measured."""
    import datetime

    from devopslint.checklist import answer, witnesses_in
    from devopslint.project import Project

    project = Project(outcome.reports, others=outcome.scope.present, told=config.stages)
    witnesses = (one for one in witnesses_in(outcome.reports, project) if one.location.path in outcome.scope.wanted)
    evidence = (gathered or gathered_in(config, outcome)).evidence
    return answer(outcome.settled, witnesses, config, datetime.date.today(), evidence)


def _for_newcomers(report: Report, config: Config, outcome: Outcome) -> Report:
    """The report with how much of the Definition of Done holds, and the command that comes next."""
    from devopslint.checklist import Status
    from devopslint.reports import Held

    statuses = [one.status for one in answers_of(config, outcome)]
    held = Held(statuses.count(Status.MET), statuses.count(Status.VIOLATED), len(statuses))
    following = ""
    if config.path is None:
        following = "`devopslint init` writes a configuration with what it sees here"
    elif not report.baseline and len(report.counted) > MANY_FINDINGS:
        following = "`devopslint baseline` accepts what is there today, so that only new findings count"
    elif mendable := sum(one.rule.fix == "safe" for one in report.counted):
        following = f"`devopslint --diff-fixes` shows how {mendable} of them can be mended, and `--fix` does it"
    return report._replace(items=held, next=following)


def _not_below(floor: Floor, finding: Finding) -> Finding:
    """The finding as it counts under a policy, where a baseline in the project accepts it and no command line names that."""
    import datetime

    kept = finding.suppressed
    if kept is None or kept.origin != "baseline":
        return finding
    below = finding.rule.id in floor.required or floor.refusal(kept, datetime.date.today()) is not None
    return finding._replace(suppressed=None) if below else finding


def less_baseline(report: Report, config: Config, outcome: Outcome, path: Path | None) -> Report:
    """The report with those findings marked that a baseline holds, if there is one."""
    from devopslint import baseline

    found = baseline.find(outcome.scope.root, path)
    if found is None:
        return report
    held = baseline.hold_outcome(found, config, outcome)
    if path is None and config.floor is not None:
        held = held._replace(findings=tuple(_not_below(config.floor, one) for one in held.findings))
    return report._replace(
        findings=held.findings, baseline=found.path, gone=tuple(baseline.told(held.gone)), expired=len(held.expired)
    )


def _within_changes(report: Report, config: Config, outcome: Outcome, since: str | None, staged: bool) -> Report:
    """The report on what some changes say, and what they bring about elsewhere."""
    if since is None and not staged:
        return report
    from devopslint import baseline, changes
    from devopslint.run import as_it_was

    scope, reports = outcome.scope, outcome.reports
    found = changes.changed_since(scope.root, since) if since is not None else changes.staged(scope.root)
    brought: set[str] = set()
    if not any(one.sources for one in reports):  # what was built before is not known
        earlier = baseline.of_findings(as_it_was(scope, reports, config, found.before, found.added))
        brought = {one.fingerprint for one in baseline.new_to(report.counted, earlier)}
    return report.within(found.cover, brought, found.words)


def _given(paths: tuple[str, ...], stdin_filename: str | None) -> list[Path]:
    """The paths of the command line, globs expanded; a usage error where one is not there."""
    try:
        Path.cwd()
    except OSError as error:
        raise click.UsageError(f"the current folder cannot be entered: {error.strerror}") from None
    given: list[Path] = []
    for path in paths or (".",):
        if path == "-":
            if stdin_filename is None:
                raise click.UsageError("standard input has no name: add --stdin-filename, such as k8s/api.yaml")
            given.append(Path(stdin_filename))
        elif (obstacle := _obstacle(path)) is None:
            given.append(Path(path))
        elif matches := _glob(path):
            given.extend(matches)
        elif isinstance(obstacle, PermissionError):
            raise click.UsageError(f"cannot open {path}: {obstacle.strerror}")
        else:
            import difflib  # only for what is misspelt

            close = difflib.get_close_matches(path, [*main.commands, *LAZY], 1)
            hint = f"; did you mean the command {close[0]}?" if close else ""
            word = ", and no command" if path.isidentifier() else ""
            raise click.UsageError(f"no such file or folder: {path}{word}{hint}")
    return given


def _obstacle(path: str) -> OSError | ValueError | None:
    """Why there is nothing at this path, or nothing that may be looked at."""
    try:
        if modes.S_ISDIR(Path(path).lstat().st_mode):
            with os.scandir(path):
                pass
    except (OSError, ValueError) as error:
        return error
    return None


def _glob(pattern: str) -> list[Path]:
    if not any(mark in pattern for mark in "*?["):
        return []
    anchor = Path(pattern).anchor
    return sorted(Path(anchor).glob(pattern[len(anchor) :]))


def configuration(root: Path, start: Path, path: Path | None, none: bool, policy: Path | None) -> Config:
    from devopslint.config import Config, in_force
    from devopslint.config_reading import find_config, read_config, read_named_config, read_policy

    if path is not None:
        config = read_named_config(root, path)
    elif none or (found := find_config(root, Path(os.path.realpath(start)))) is None:
        config = in_force(Config())
    else:
        config = read_config(root, found)
    return config if policy is None else config.under(read_policy(root, policy))


def config_here(path: Path | None = None, *, none: bool = False) -> Config:
    """The configuration of the current folder, or the one at `path`; its own rules are in force. Raises ConfigError."""
    from devopslint.files import find_root

    here = Path.cwd()
    return configuration(find_root([here])[0], here, path, none, policy=None)


def tokens(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(token.strip() for value in values for token in value.split(",") if token.strip())


def _targets(formats: tuple[str, ...], outputs: tuple[str, ...]) -> list[tuple[str, str]]:
    """(format, output) pairs: in order where there are as many of each, else by the file name's suffix."""
    if not formats:
        formats = tuple(SUFFIXES.get(Path(output).suffix, "text") for output in outputs) or ("text",)
    if not outputs:
        outputs = ("-",) * len(formats) if len(formats) == 1 else ()
    if len(formats) == len(outputs):
        return list(zip(formats, outputs, strict=True))
    by_format = {SUFFIXES.get(Path(output).suffix): output for output in outputs}
    targets = [(format, by_format.pop(format, "-")) for format in formats]
    if by_format or len(outputs) > len(formats) or sum(output == "-" for _, output in targets) > 1:
        raise click.UsageError("give one --output for each --format, in the same order; - is standard output")
    return targets


@contextmanager
def progress(count: int) -> Iterator[Callable[[int], None]]:
    """A way to say how many more files, or whatever is many, are done."""
    if count < MANY_FILES or not is_terminal(sys.stderr):
        yield lambda done: None
        return
    with click.progressbar(length=count, label="Checking", file=sys.stderr) as bar:
        yield bar.update
