"""What scripts of workflows and actions must not take in, and where they must not write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from devopslint.deferred import compiled
from devopslint.github.enabled import live_action_scripts, live_action_steps, live_jobs, live_scripts, live_steps
from devopslint.github.files import actions, workflows
from devopslint.github.handed_on import ReachedScript, WordsOfAnyone, reached_scripts, words_of_anyone
from devopslint.github.taint import (
    Author,
    ScriptExpression,
    action_script_expressions,
    runs_for_outsiders,
    script_expressions,
)
from devopslint.github.workflow import Action, Job, Step, Workflow
from devopslint.model import Problem, Related
from devopslint.readers.downloads import downloads, run_downloads
from devopslint.readers.shell_words import Command, Group, Word
from devopslint.registry import check

_ENVIRONMENT_FILE = compiled(r"\$\{?(GITHUB_(?:ENV|PATH))\b")
_POWERSHELL_FILE = compiled(r"(?i)\$(?:\{env:|env:)(GITHUB_(?:ENV|PATH))\b")
_POWERSHELL_WRITERS = frozenset(("out-file", "add-content", "set-content", "tee-object"))
_BATCH_WRITE = compiled(r'(?i)>>?[ \t]*"?%(GITHUB_(?:ENV|PATH))%')
_BATCH_COMMAND = compiled(r"[^\n&]+")
_WRITING = frozenset((">", ">>", ">|", "&>", "&>>"))
_SILENT = frozenset(
    ("cd", "set", "export", "unset", "read", "test", "[", "[[", "true", "false", ":", "shift", "local", "mkdir", "rm")
)
_SHARING_OUTPUT = frozenset(("brace", "subshell", "loop", "then", "else", "branch", "condition"))
_FILLED_IN = compiled(r"[$`]")
_MADE_HERE = frozenset(("date", "mktemp", "nproc", "uuidgen"))
"""Programs that print what nobody outside chooses: the date, a random name."""
_BATCH_CONSTANT = compiled(r"(?i)[@( \t]*(?:rem\b|::|echo\b(?![^\n]*(?:[%!]|\$\{\{)))")
_SUBSTITUTED_DOWNLOAD = compiled(r"(?:\$\(|`)\s*(?:curl|wget)\b")
_POWERSHELL_DOWNLOAD = compiled(
    r"(?i)(?:\b(?:iex|Invoke-Expression)\b[^\n|;]*\b(?:irm|iwr|curl|wget|Invoke-RestMethod|Invoke-WebRequest|DownloadString)\b"
    r"|\b(?:irm|iwr|Invoke-RestMethod|Invoke-WebRequest|DownloadString)\b[^\n;]*\|\s*(?:iex|Invoke-Expression)\b)"
)
_VARIABLE = compiled(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_NETCAT = compiled(r"\b(?:nc|ncat|netcat)\b")
_ADDRESS = compiled(r"(?!127\.|0\.0\.0\.0)[0-9]{1,3}(?:\.[0-9]{1,3}){3}\Z")
_ONLY_ASKS = compiled(r"-[a-z]*z[a-z]*\Z")
"""The option of nc that sends nothing."""
# What turns the direction of writing; characters without width come in by copying, and hide nothing.
_HIDDEN = compiled("[\u202a-\u202e\u2066-\u2069]+")
_OF_THE_RUN_BEFORE = "github.event.workflow_run."
_UNSAFE_SWITCH = "ACTIONS_ALLOW_UNSECURE_COMMANDS"


@check("gha-script-injection", each=(script_expressions, action_script_expressions))
def script_injection(expression: ScriptExpression) -> Iterator[Problem]:
    for text, location in () if expression.only_called else expression.by(Author.OUTSIDER):
        at = location._replace(wanted="workflow_run") if text.startswith(_OF_THE_RUN_BEFORE) else location
        yield Problem(at, f"'{text}' becomes code of this script, and anyone can choose its text")


@check("gha-script-injection", each=reached_scripts)
def injection_through_input(reached: ReachedScript) -> Iterator[Problem]:
    yield Problem(
        reached.location,
        f"'{reached.used.text}' becomes code of this script, and anyone can choose its text",
        (Related(reached.given.location, "anyone can choose what is given here"),),
    )


@check("gha-script-injection", each=words_of_anyone)
def injection_into_called(words: WordsOfAnyone) -> Iterator[Problem]:
    called = (Related(words.calling.location, "called here, whoever has written it"),) if words.calling else ()
    yield Problem(
        words.location, f"'{words.used.text}' becomes code of this script, and anyone can choose its text", called
    )


@check("gha-loose-script-value", each=(script_expressions, action_script_expressions))
def loose_script_value(expression: ScriptExpression) -> Iterator[Problem]:
    for text, location in expression.by(Author.INSIDER):
        yield Problem(location, f"'{text}' becomes code of this script, and whoever may push chooses its text")


@check("gha-input-in-script", each=script_expressions)
def input_in_script(expression: ScriptExpression) -> Iterator[Problem]:
    for text, location in expression.by(Author.STARTER):
        yield Problem(location, f"'{text}' becomes code of this script, and whoever starts it chooses its text")


@check("gha-caller-value-in-script", each=(script_expressions, action_script_expressions))
def caller_value_in_script(expression: ScriptExpression) -> Iterator[Problem]:
    for text, location in expression.by(Author.CALLER):
        yield Problem(location, f"'{text}' becomes code of this script, and the caller chooses its text")


@check("gha-expression-in-script", each=(script_expressions, action_script_expressions))
def expression_in_script(expression: ScriptExpression) -> Iterator[Problem]:
    tree = expression.embedded.tree
    if tree is None:
        return
    for text, location in expression.by(Author.PIPELINE):
        yield Problem(location, f"'{text}' becomes code of this script, and an earlier step chooses its text")
    if all(author is Author.NOBODY for _, author in expression.flows):
        yield Problem(expression.embedded.at(tree), "the expression becomes code of this script")


@check("gha-environment-file-write", each=live_scripts)
def environment_file_write(step: Step) -> Iterator[Problem]:
    if step.job is not None and runs_for_outsiders(step.job):
        yield from _environment_writes(step)


@check("gha-action-environment-file-write", each=live_action_scripts)
def action_environment_file_write(step: Step) -> Iterator[Problem]:
    yield from _environment_writes(step)


def _environment_writes(step: Step) -> Iterator[Problem]:
    script = step.script
    if script is None:
        return
    for name, start, end in _writes(step, script.text):
        yield Problem(script.span(start, end), f"what is written to {name} changes how later steps run")


def _writes(step: Step, text: str) -> Iterator[tuple[str, int, int]]:
    """The file's variable, and where the command that writes to it begins and ends."""
    if "GITHUB_" not in text.upper():
        return
    if step.interpreter == "cmd":
        for part in _BATCH_COMMAND.finditer(text):
            found = _BATCH_WRITE.search(part[0])
            if found and not _BATCH_CONSTANT.match(part[0][: found.start()]):
                yield found[1].upper(), part.start(), part.start() + found.end()
        return
    pattern = _POWERSHELL_FILE if step.interpreter in ("pwsh", "powershell") else _ENVIRONMENT_FILE
    constant = False
    for command in step.commands:
        piped = command.before in ("|", "|&")
        constant = _passes_on(command) and constant if piped else _writes_constants(command, step.commands)
        for target in _targets(command):
            if (written := pattern.search(target.text)) and not constant:
                yield written[1].upper(), command.start, max(command.end, target.end)
    yield from _grouped_writes(step.commands, pattern)


def _targets(command: Command) -> Iterator[Word]:
    yield from (one.target for one in command.redirections if one.operator in _WRITING)
    if _passes_on(command):
        yield from command.arguments


def _passes_on(command: Command) -> bool:
    """Whether it writes to a file that it is told what it gets."""
    return command.name == "tee" or command.name.lower() in _POWERSHELL_WRITERS


def _writes_constants(command: Command, commands: Iterable[Command]) -> bool:
    """Whether all that it writes stands in the script, also as GitHub has filled that in."""
    if command.name.lower() in ("echo", "printf", "write-output"):
        return not any(_is_filled_in(word, commands) for word in command.arguments)
    if command.name.lower() in ("add-content", "set-content"):
        return not any(_is_filled_in(word) and not _POWERSHELL_FILE.search(word.text) for word in command.arguments)
    if command.name == "cat" and len(command.words) == 1:
        bodies = [one.body for one in command.redirections if one.body is not None]
        return bool(bodies) and not any(_is_filled_in(body) and _FILLED_IN.search(body.text) for body in bodies)
    # PowerShell writes a text that stands alone.
    lone = command.words or tuple(one.word for one in command.assignments)
    return len(lone) == 1 and lone[0].quoted and not _is_filled_in(lone[0])


def _is_filled_in(word: Word, commands: Iterable[Command] = ()) -> bool:
    if not word.expands:
        return "${{" in word.text
    if _FILLED_IN.search(word.text.replace("$()", "")):
        return True
    inside = [one for one in commands if word.start <= one.start < word.end]
    return not inside or not all(
        one.name in _MADE_HERE and not any(map(_is_filled_in, one.arguments)) for one in inside
    )


def _grouped_writes(commands: Iterable[Command], pattern: re.Pattern[str]) -> Iterator[tuple[str, int, int]]:
    """The first command of each `{ …; } >> file` that prints more than what stands in the script."""
    seen: set[Group] = set()
    for command in commands:
        if command.redirections or not command.words or command.name in _SILENT or command.after in ("|", "|&"):
            continue
        group = command.group
        if group is None or group in seen or _writes_constants(command, commands):
            continue
        while group is not None and group not in seen and group.kind in _SHARING_OUTPUT:
            seen.add(group)
            for one in group.redirections:
                if one.operator in _WRITING and (written := pattern.search(one.target.text)):
                    yield written[1].upper(), command.start, command.end
            group = group.outer


@check("gha-insecure-commands", each=(workflows, live_jobs, live_steps, live_action_steps))
def insecure_commands(owner: Workflow | Job | Step) -> Iterator[Problem]:
    value = owner.env[_UNSAFE_SWITCH]
    if value.text.strip().lower() == "true":
        yield Problem(value.key_location, f"{_UNSAFE_SWITCH} lets printed text set variables and the PATH")


@check("gha-opaque-environment", each=(workflows, live_jobs, live_scripts, live_action_scripts))
def opaque_environment(owner: Workflow | Job | Step) -> Iterator[Problem]:
    env = owner.env
    if env.is_scalar and env.present:
        yield Problem(env.location, "an expression gives all variables, so that none of them can be reviewed")


_MASKED = compiled(r"::add-mask::\$\{\{\s*(?P<root>\w*)")


@check("gha-masked-by-command", each=(live_scripts, live_action_scripts))
def masked_by_command(step: Step) -> Iterator[Problem]:
    """A secret is hidden before any step begins, and an action's callers mostly give it one."""
    script = step.script
    if script is None or "::add-mask::" not in script.text:
        return
    hidden = ("secrets",) if step.job is not None else ("secrets", "inputs")
    found = next((one for one in _MASKED.finditer(script.text) if one["root"] not in hidden), None)
    if found is not None:
        said = "the value is already in the log of the script when '::add-mask::' hides it"
        yield Problem(script.span(found.start(), found.start() + 12), said)


@check("gha-evaluated-download", each=(live_scripts, live_action_scripts))
def evaluated_download(step: Step) -> Iterator[Problem]:
    script = step.script
    if script is None or "eval" not in script.text:
        return
    downloaded = {
        assignment.name
        for command in step.commands
        for assignment in command.assignments
        if _downloads(script.text, assignment.word)
    }
    for command in step.commands:
        for word in command.arguments if command.name == "eval" else ():
            if _downloads(script.text, word) or not downloaded.isdisjoint(_VARIABLE.findall(word.text)):
                yield Problem(script.span(word.start, word.end), "what the network answers runs as code")


def _downloads(text: str, word: Word) -> bool:
    return _SUBSTITUTED_DOWNLOAD.search(text, word.start, word.end) is not None


@check("gha-netcat-to-address", each=(live_scripts, live_action_scripts))
def netcat_to_address(step: Step) -> Iterator[Problem]:
    script = step.script
    for command in step.commands if script is not None and _NETCAT.search(script.text) else ():
        texts = command.texts if _NETCAT.fullmatch(command.name) else []
        if script is not None and any(map(_ADDRESS.match, texts)) and not any(map(_ONLY_ASKS.match, texts)):
            place = script.span(command.start, command.end)
            yield Problem(place, f"{command.name} opens a raw connection to an address")


@check("gha-secret-in-curl", each=(script_expressions, action_script_expressions))
def secret_in_curl(expression: ScriptExpression) -> Iterator[Problem]:
    embedded = expression.embedded
    line = embedded.node.text[embedded.node.text.rfind("\n", 0, embedded.span.start) + 1 : embedded.span.start]
    if "curl" in line and any(reference.path[0] == "secrets" for reference in embedded.references()):
        yield Problem(
            expression.location, "the secret stands in the command line of curl, where other processes see it"
        )


@check("gha-piped-installer", each=(live_scripts, live_action_scripts))
def piped_installer(step: Step) -> Iterator[Problem]:
    script = step.script
    if script is None:
        return
    for found in _POWERSHELL_DOWNLOAD.finditer(script.text):
        yield Problem(
            script.span(*found.span()), "Invoke-Expression runs what the network answers, whatever that is today"
        )
    if downloads(script.text):
        for command in run_downloads(script.text, step.commands):
            place = script.span(command.start, command.end)
            yield Problem(place, f"{command.name} runs what the network answers, whatever that is today")


@check("gha-hidden-characters", each=(workflows, actions))
def hidden_characters(owner: Workflow | Action) -> Iterator[Problem]:
    source = owner.node.source
    for found in _HIDDEN.finditer(source.text):
        place = source.location(found.start(), found.end())
        yield Problem(place, f"U+{ord(found[0][0]):04X} makes the text look other than it is read")
