"""The options of every command that makes a run, and how a shell completes them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Command = TypeVar("Command", bound=Callable[..., Any])


class Option(click.Option):
    """An option whose help is a line: click would have `inspect` clean it up, which would be imported for that alone."""

    def __init__(self, *declared: Any, help: str | None = None, **said: Any) -> None:
        super().__init__(*declared, **said)
        self.help = help


option = functools.partial(click.option, cls=Option)
help_option = functools.partial(click.help_option, "-h", "--help", cls=Option)


def run_options(command: Command) -> Command:
    """The options of every command that makes a run."""
    options = [
        click.argument("paths", nargs=-1, shell_complete=lambda _, __, incomplete: completed_path(incomplete)),
        *_of_any_project(),
        option("--no-context", is_flag=True, help="Do not look at the repository around the given paths."),
        option("--stdin-filename", metavar="PATH", help="With the path -: where the text on standard input belongs."),
        _rendering(),
        option("--no-cache", is_flag=True, help="Neither ask nor keep what earlier runs found out."),
        option("--jobs", "-j", type=click.IntRange(min=1), help="Processes; by default as many as the work is worth."),
    ]
    return _with(options, command)


def fleet_options(command: Command) -> Command:
    """Those of them that mean the same for each of many checkouts."""
    return _with([*_of_any_project(), _rendering()], command)


def _with(options: Iterable[Callable[[Command], Command]], command: Command) -> Command:
    for one in reversed([*options]):
        command = one(command)
    return command


def _rendering() -> Callable[[Command], Command]:
    return option(
        "--render",
        is_flag=True,
        help="Build overlays with kustomize or kubectl and charts with helm, and check what they give.",
    )


def _of_any_project() -> Iterable[Callable[[Command], Command]]:
    """The options that say what is checked, and by which rules."""
    return [
        option(
            "--select",
            multiple=True,
            metavar="WHAT",
            shell_complete=completed_selection,
            help="Run these instead of the default rules: ids, families (hpa-), dod:kubernetes, tags, hadolint:DL3008; separated by commas.",
        ),
        option(
            "--extend-select",
            multiple=True,
            metavar="WHAT",
            shell_complete=completed_selection,
            help="Run these as well.",
        ),
        option("--ignore", multiple=True, metavar="WHAT", shell_complete=completed_selection, help="Do not run these."),
        option(
            "--profile",
            type=click.Choice(["default", "production"]),
            help="production: every rule that names an item of the Definition of Done is an error.",
        ),
        option(
            "--config",
            "config_path",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Use this configuration; otherwise devopslint.yaml beside the first path or above it.",
        ),
        option("--no-config", is_flag=True, help="Use no configuration, nor another linter's."),
        option(
            "--policy",
            type=click.Path(dir_okay=False, path_type=Path),
            help="What no configuration in the project can go below: docs/policy.md.",
        ),
        option(
            "--no-suppressions",
            is_flag=True,
            help="Accept nothing: no comment, annotation, configuration, baseline, nor another linter's word.",
        ),
        option("--exclude", multiple=True, metavar="GLOB", help="Leave out what matches, in the syntax of .gitignore."),
    ]


def heeding_environment(command: Command) -> Command:
    """Every option can be given as a variable too: `DEVOPSLINT_FAIL_ON` for `--fail-on`."""
    for parameter in command.__click_params__:  # type: ignore[attr-defined]  # what click.option leaves there
        if isinstance(parameter, click.Option) and parameter.envvar is None and parameter.name != "help":
            longest = max(parameter.opts, key=len)
            parameter.envvar = f"DEVOPSLINT_{longest.removeprefix('--').replace('-', '_').upper()}"
    return command


def completed_rule(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    from devopslint.catalogue import catalogue

    return [rule_id for rule_id in catalogue() if rule_id.startswith(incomplete)]


def completed_selection(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """What goes on after the last comma: a rule or a family."""
    from devopslint.catalogue import catalogue

    before, comma, last = incomplete.rpartition(",")
    families = sorted({f"{entry.rule.family}-" for entry in catalogue().values()})
    names = families if "-" not in last else list(catalogue())
    return [f"{before}{comma}{name}" for name in names if name.startswith(last)]


def completed_path(incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem  # only where a shell asks

    return [CompletionItem(incomplete, type="file")]
