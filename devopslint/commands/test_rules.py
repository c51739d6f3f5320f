"""`devopslint test-rules`: whether rules of one's own find in their examples what these announce."""

from __future__ import annotations

from pathlib import Path

import click

from devopslint import own_rules
from devopslint.catalogue import catalogue
from devopslint.config import Config
from devopslint.engine import check_texts
from devopslint.output import Usage, usage_errors, write
from devopslint.own_rules import OwnRule, OwnRuleError, announced, read_own_rules


@click.command("test-rules")
@click.argument("files", nargs=-1, required=True)
def command(files: tuple[str, ...]) -> None:
    """Try each rule of one's own in FILES on its own examples.

    A `# finding: MESSAGE` in a bad example stands on the line above what is wrong; good ones have none.
    """
    with usage_errors():
        rules = _rules(files)
        if (why := own_rules.missing()) is not None:
            raise Usage(why)
        own_rules.install(rules)
    told = [(rule, tuple(_differences(rule))) for rule in rules]
    lines = [f"{rule.path}: {words}" for rule, differences in told for words in differences]
    broken = sum(bool(differences) for _, differences in told)
    lines.append(
        f"{len(told)} rule{'' if len(told) == 1 else 's'}, {broken} not as the examples say"
        if broken
        else f"{len(told)} rule{'' if len(told) == 1 else 's'}, each as its examples say"
    )
    write("-", "\n".join(lines) + "\n")
    if broken:
        click.get_current_context().exit(1)


def _rules(files: tuple[str, ...]) -> tuple[OwnRule, ...]:
    found: tuple[OwnRule, ...] = ()
    for name in files:
        path = Path(name)
        try:
            found += read_own_rules(path.parent, [path.name], str)
        except OwnRuleError as error:
            raise Usage(str(error)) from None
    return found


def _differences(rule: OwnRule) -> list[str]:
    entry = catalogue()[rule.id]
    differences = []
    for kind, examples in (("bad", entry.bad), ("good", entry.good)):
        for number, example in enumerate(examples, 1):
            wanted = announced(example)
            where = f"{kind} example {number}"
            if bool(wanted) is (kind == "good"):
                differences.append(f"{where} announces {'findings' if wanted else 'no finding'}")
            settled = check_texts(example, Config(own=(rule,)).selecting([rule.id]))
            if not settled.subjects.get(rule.id):
                differences.append(f"{where} has nothing that the rule looks at: see its `match` and `each`")
                continue
            found = sorted((one.location.path, one.location.line, one.message) for one in settled.findings)
            differences += [
                f"{where}: {path}:{line}: no finding, but {words!r} is announced"
                for path, line, words in wanted
                if (path, line, words) not in found
            ]
            differences += [
                f"{where}: {path}:{line}: {words!r}, which is not announced"
                for path, line, words in found
                if (path, line, words) not in wanted
            ]
            differences += [
                f"{where}: {one.path}:{one.line}: not known, because {one.because}" for one in settled.not_known
            ]
    return differences
