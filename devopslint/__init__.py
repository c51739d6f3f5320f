"""Checks infrastructure files, and how they fit together, against a Definition of Done.

The public API: `check()`, `check_paths()` and `rules()`, with the types that they take and give.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it, which takes as long to import as the interpreter does to start
if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any

    from devopslint.config import Config, ConfigError
    from devopslint.engine import Settled
    from devopslint.model import Finding, Location, NotChecked, NotKnown, Rule, Severity

__all__ = [
    "Config",
    "ConfigError",
    "Finding",
    "Location",
    "NotChecked",
    "NotKnown",
    "Result",
    "Rule",
    "Severity",
    "__version__",
    "check",
    "check_paths",
    "rules",
]
__version__ = "0.1.0"


class Result(list["Finding"]):
    """The findings of a run, sorted by path, line, column and rule, and what the run cannot answer for.

    Findings that a suppression accepts are among them, with `suppressed` set.
    """

    not_checked: tuple[NotChecked, ...]
    """The files, parts of files and rules that were not checked, each with the reason."""
    not_known: tuple[NotKnown, ...]
    """The questions that the files leave open, sorted by place; none of them is a finding."""

    def __init__(self, settled: Settled) -> None:
        super().__init__(settled.findings)
        self.not_checked = settled.not_checked
        self.not_known = settled.not_known

    def __repr__(self) -> str:
        return f"<Result: {len(self)} findings, {len(self.not_checked)} not checked>"


def check(
    files: Mapping[str, str], *, select: Collection[str] | str | None = None, config: Config | str | None = None
) -> Result:
    """Check the texts of a whole project.

    files: path relative to the project's root, with slashes -> the file's text. Files of no known kind are
        passed over.
    select: what to run in place of the default rules: ids, families (`hpa-`), items (`dod:kubernetes.hpa`),
        tags, peers' rules (`hadolint:DL3008`); a string is one of them. A rule that is off by default runs when
        it is named.
    config: a Config, or the text of a devopslint.yaml.

    Raises ConfigError (a ValueError) for a selection or configuration that is not understood, or that selects
    nothing, TypeError for what is no mapping of paths to texts, and RuntimeError where a check broke.
    """
    from collections.abc import Mapping

    from devopslint import engine

    if not isinstance(files, Mapping):
        raise TypeError(f"files is a mapping of paths to texts, not {type(files).__name__}; check_paths() takes paths")
    for path, text in files.items():
        if not isinstance(text, str):
            raise TypeError(f"the text of {path} is {type(text).__name__}, not str")
    return _result(engine.check_texts(files, _configuration(config, select)))


def check_paths(
    paths: Iterable[str | os.PathLike[str]] | str | os.PathLike[str] = ".",
    *,
    select: Collection[str] | str | None = None,
    config: Config | str | None = None,
) -> Result:
    """Check files and folders on the disk, with the repository around them as the context.

    paths: files or folders; findings are on files among them or below, with paths relative to the root: the
        repository's, or the current folder where there is none.
    select, config: as in check(); without a `config`, the nearest devopslint.yaml above the first path holds.

    Raises FileNotFoundError for a path that is not there, and what check() raises.
    """
    import os
    from pathlib import Path

    from devopslint import run
    from devopslint.config_reading import find_config, read_config
    from devopslint.files import find_root

    given = [Path(path) for path in ([paths] if isinstance(paths, str | os.PathLike) else paths)] or [Path()]
    for path in given:
        if not os.path.lexists(path):
            raise FileNotFoundError(f"{path} is not there")
    root, repository = find_root(given)
    if config is None and (found := find_config(root, Path(os.path.realpath(given[0])))) is not None:
        config = read_config(root, found)
    chosen = _configuration(config, select)
    scope = run.find_scope(root, given, chosen, repository=repository)
    chosen = run.heeding_peers_in(scope, chosen)
    return _result(run.conclude_scope(scope, run.examine_all(scope, chosen), chosen))


def rules() -> list[Rule]:
    """Every rule of the catalogue, those that are off by default too, in alphabetical order."""
    from devopslint.catalogue import catalogue

    return [entry.rule for entry in catalogue().values()]


def _configuration(config: Config | str | None, select: Collection[str] | str | None) -> Config:
    from devopslint import config as configuration

    if not isinstance(config, configuration.Config | str | None):
        raise TypeError(f"config is a Config or the text of a devopslint.yaml, not {type(config).__name__}")
    if isinstance(config, str) and config.endswith((".yaml", ".yml")):
        raise configuration.ConfigError(f"config is the text of a configuration: give Path({config!r}).read_text()")
    if isinstance(config, str):
        from devopslint.config_reading import load_config

        config = load_config("devopslint.yaml", config)
    return configuration.in_force(config or configuration.Config()).selecting(
        [select] if isinstance(select, str) else select
    )


def _result(settled: Settled) -> Result:
    for failure in settled.failures:
        raise RuntimeError(f"{failure.rule_id} broke on {failure.path or 'the project'}: {failure.message}")
    return Result(settled)


def __getattr__(name: str) -> Any:
    """The types are imported when they are first asked for."""
    if name in ("Config", "ConfigError"):
        from devopslint import config

        return getattr(config, name)
    if name in __all__:
        from devopslint import model

        return getattr(model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
