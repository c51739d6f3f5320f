"""Commands that have no place in a RUN, and commands that need something beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise, zip_longest

from devopslint.deferred import compiled
from devopslint.docker.dockerfile import scripts, settings, stages
from devopslint.docker.stages import Script, Stage, Step
from devopslint.facts.base_images import base_user
from devopslint.model import Location, NotKnown, Problem, Related
from devopslint.readers.downloads import downloads, run_downloads
from devopslint.readers.shell_words import Command, Word
from devopslint.registry import check

USELESS = frozenset(("free", "ifconfig", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim"))
HARMLESS_SOURCES = frozenset(("echo", "printf", "tee", "yes", "true", ":"))
"""Programs at the head of a pipe that do not fail; yes does, and pipefail would break it."""
UNFAILING = frozenset(("", ":", "echo", "export", "printf", "set", "true", "unset"))
COMMENT = compiled(r"(?:\A|[\s;&|()])#")
QUIET_WGET = frozenset(("-q", "--quiet", "--no-verbose", "--progress", "-o", "--output-file", "-a", "--append-output"))
WGET_OPTIONS = (
    "-a -A -B -D -e -i -I -l -o -O -P -Q -R -t -T -U -w -X --append-output --output-document --output-file"
    " --directory-prefix --header --user --password --timeout --tries --user-agent"
)
CURL_OPTIONS = (
    "-A -b -c -C -d -D -e -E -F -h -H -K -m -o -P -Q -r -t -T -u -U -w -x -X -y -Y -z --cacert --cert --connect-timeout"
    " --data --header --key --max-time --output --proxy --proxy-user --request --retry --retry-delay --url --user"
    " --user-agent --write-out"
)
ARCHIVES = (
    ".tar",
    ".tar.gz",
    ".tgz",
    ".tar.xz",
    ".txz",
    ".tar.bz2",
    ".tbz",
    ".tbz2",
    ".tar.lzma",
    ".tar.zst",
    ".tar.Z",
)
DECOMPRESSORS = ("bunzip2", "gunzip", "uncompress", "unlzma", "unxz", "unzstd")
OFF = frozenset(("0", "false", "no", "off"))
TLS_VARIABLES = {
    "PYTHONHTTPSVERIFY": OFF,
    "NODE_TLS_REJECT_UNAUTHORIZED": OFF,
    "NPM_CONFIG_STRICT_SSL": OFF,
    "npm_config_strict_ssl": OFF,
    "YARN_ENABLE_STRICT_SSL": OFF,
}
UNCHECKED = "GIT_SSL_NO_VERIFY"
"""Git does not read its value: `false` switches the check off as `true` does."""
NODE_PROGRAMS = frozenset(("npm", "yarn", "pnpm"))
RPM_PROGRAMS = frozenset(("yum", "dnf", "microdnf", "tdnf", "yum-config-manager"))
TLS_PROGRAMS = NODE_PROGRAMS | RPM_PROGRAMS | {"git"}
"""Programs with a setting for whether certificates are checked."""
LARGEST_SPARSE_UID = 99_999
"""useradd writes a record for each id below its own to /var/log/lastlog, a sparse file that layers make real."""


@check("docker-sudo", each=scripts)
def sudo(script: Script) -> Iterator[Problem | NotKnown]:
    found = list(_sudos(script))
    if not found:
        return
    stage = script.step.stage
    base = stage.root.image
    known = base_user(base.short_name, base.tag or ("" if base.digest else None)) if base is not None else None
    line = script.step.location.line
    from_base = stage.parent is None and all(user.location.line > line for user in stage.named("USER"))
    if known is not None and not known.is_root and from_base:
        return  # the base image has a user of its own, and sudo for that user
    if known is None and base is not None and from_base:
        because = f"the image '{base.text}' is not in the table of known images, and may have a user of its own"
        yield from (NotKnown(at, "whether sudo has a use here", because) for at in found)
        return
    for at in found:
        yield Problem(at, "sudo has no use in a RUN: USER says who runs it")


def _sudos(script: Script) -> Iterator[Location]:
    for command in script.commands:
        for word in (*command.wrappers, *command.words[:1]):
            if word.text.rpartition("/")[2] == "sudo":
                yield script.place(word)


@check("docker-chpasswd", each=scripts)
def chpasswd(script: Script) -> Iterator[Problem]:
    for command in script.named("chpasswd"):
        yield Problem(script.place(command), "chpasswd leaves a password in the image")


@check("docker-useradd-high-uid", each=scripts)
def useradd_high_uid(script: Script) -> Iterator[Problem]:
    for command in script.named("useradd"):
        arguments = command.parsed(("-u", "--uid", "-g", "-G", "-d", "-s", "-c", "-b", "-e", "-f", "-k", "-K", "-p"))
        uid = arguments.option("-u", "--uid")
        if uid is None or uid.value is None or arguments.has("-l", "--no-log-init"):
            continue
        number = script.resolved(uid.value) or ""
        if number.isdecimal() and len(number.lstrip("0")) > len(str(LARGEST_SPARSE_UID)):
            message = f"useradd with uid {number} writes a huge lastlog: --no-log-init is missing"
            yield Problem(script.place(uid.value), message)


@check("docker-insecure-download", each=scripts)
def insecure_download(script: Script) -> Iterator[Problem]:
    for command in script.named("curl"):
        option = command.parsed(CURL_OPTIONS.split()).option("-k", "--insecure", "--proxy-insecure")
        if option is not None:
            yield Problem(script.place(option.word), f"curl does not check the server's certificate: {option.name}")
    for command in script.named("wget"):
        option = command.parsed(WGET_OPTIONS.split()).option("--no-check-certificate")
        if option is not None:
            yield Problem(script.place(option.word), f"wget does not check the server's certificate: {option.name}")


@check("docker-piped-installer", each=stages)
def piped_installer(stage: Stage) -> Iterator[Problem]:
    files: set[str] = set()
    for script in stage.scripts:
        if files or downloads(script.text):
            for command in run_downloads(script.text, script.commands, files):
                yield Problem(
                    script.place(command), f"{command.name} runs what the network answers, whatever that is today"
                )


@check("docker-tls-verification-off", each=scripts)
def tls_verification_off(script: Script) -> Iterator[Problem]:
    for command in script.commands:
        for assignment in command.assignments:
            yield from judge_variable(assignment.name, assignment.value, script, assignment.word)
        if command.name in ("export", "declare"):
            for word in command.arguments:
                name, equals, value = word.text.partition("=")
                if equals:
                    yield from judge_variable(name, value, script, word)
        yield from judge_setting(command, script)


def judge_variable(name: str, value: str, script: Script, word: Word) -> Iterator[Problem]:
    if switches_checks_off(name, value):
        yield Problem(script.place(word), f"{name} is '{value}': certificates are not checked")


def switches_checks_off(name: str, value: str) -> bool:
    return name == UNCHECKED or value.lower() in TLS_VARIABLES.get(name, ())


def judge_setting(command: Command, script: Script) -> Iterator[Problem]:
    """`npm config set strict-ssl false`, `git config http.sslVerify false`, `yum --setopt=sslverify=0`."""
    if command.name not in TLS_PROGRAMS:
        return
    for word, following in zip_longest(command.arguments, command.arguments[1:]):
        name, equals, value = word.text.rpartition("=")
        if not equals:
            name, value = word.text, following.text if following is not None else ""
        setting = name.rpartition("=")[2].lstrip("-").lower()
        matched = (
            (command.name in NODE_PROGRAMS and setting in ("strict-ssl", "enablestrictssl"))
            or (command.name == "git" and setting == "http.sslverify")
            or (command.name in RPM_PROGRAMS and setting.endswith("sslverify"))
        )
        if matched and value.lower() in OFF:
            yield Problem(script.place(word), f"{command.name} has {setting} '{value}': certificates are not checked")


@check("docker-tls-verification-off", each=settings)
def tls_verification_off_variable(step: Step) -> Iterator[Problem]:
    for name, value in step.assigned:
        if switches_checks_off(name.text, value):
            yield Problem(name.location, f"{name.text} is '{value}': certificates are not checked")


@check("docker-missing-pipefail", each=scripts)
def missing_pipefail(script: Script) -> Iterator[Problem]:
    if any("pipefail" in option for option in script.shell[1:]):
        return
    forgiven = {
        command.pipeline
        for command, other in pairwise(script.commands)
        if command.group is other.group
        and ((command.after == "||" and is_forgiving(other)) or (command.after == "|" and other.name in ("true", ":")))
    }
    for command in script.commands:
        if any("pipefail" in text for text in command.texts):
            return
        if command.after in ("|", "|&") and command.words and not is_unfailing_source(command):
            if command.pipeline not in forgiven and not command.within("condition", "substitution"):
                message = f"'{command.name}' may fail unseen before the pipe: pipefail is not set"
                yield Problem(script.place(command), message)
                return


def is_unfailing_source(command: Command) -> bool:
    """Whether the command at the head of a pipe cannot fail: it prints what the script itself says."""
    written = command.name == "cat" and not command.texts and any(r.body is not None for r in command.redirections)
    return written or command.name in HARMLESS_SOURCES


def is_forgiving(command: Command) -> bool:
    """Whether the command, behind `||`, says that the failure before it does not matter."""
    return command.name in UNFAILING or (command.name == "exit" and command.texts == ("0",))


@check("docker-heredoc-goes-on", each=scripts)
def heredoc_goes_on(script: Script) -> Iterator[Problem]:
    heredoc = script.heredoc
    if heredoc is None or not script.posix or any(stops_at_failures(option) for option in script.shell[1:]):
        return
    unwatched: Command | None = None
    for command in script.commands:
        if command.name == "set" and any(stops_at_failures(text) for text in command.texts):
            return
        if unwatched is not None:
            message = f"heredoc goes on when '{unwatched.name}' fails: 'set -e' is missing"
            yield Problem(heredoc.word.location, message)
            return
        if command.group is None and command.after in ("\n", ";") and command.name not in UNFAILING:
            unwatched = command


def stops_at_failures(option: str) -> bool:
    return option == "errexit" or (option.startswith("-") and not option.startswith("--") and "e" in option)


@check("docker-comment-hides-commands", each=scripts)
def comment_hides_commands(script: Script) -> Iterator[Problem]:
    if not script.posix or "\n" in script.text:
        return
    spoken = max((command.end for command in script.commands), default=0)
    comment = COMMENT.search(script.text, spoken)
    if comment is None:
        return
    start = comment.end() - 1
    at = script.span(start, len(script.text))
    hidden = script.span(len(script.text.rstrip()) - 1, len(script.text))
    if hidden.line > at.line:
        related = (Related(hidden, "the last line that does not run"),)
        yield Problem(at, f"comment hides the commands below it, down to line {hidden.line}", related)


@check("docker-replaced-sh", each=scripts)
def replaced_sh(script: Script) -> Iterator[Problem]:
    for command in script.named("ln"):
        if command.arguments and command.arguments[-1].text in ("/bin/sh", "/usr/bin/sh"):
            yield Problem(script.place(command), "ln replaces /bin/sh: SHELL says which shell RUN uses")


@check("docker-useless-command", each=scripts)
def useless_command(script: Script) -> Iterator[Problem]:
    for command in script.commands:
        if command.name in USELESS:
            yield Problem(script.place(command), f"'{command.name}' has no use while an image is built")


@check("docker-run-cd", each=scripts)
def run_cd(script: Script) -> Iterator[Problem]:
    for command in script.named("cd"):
        if not command.within("subshell", "substitution", "value"):
            yield Problem(script.place(command), "cd holds for this RUN only: WORKDIR says where commands run")


@check("docker-wget-and-curl", each=stages)
def wget_and_curl(stage: Stage) -> Iterator[Problem]:
    seen: set[str] = set()
    for script in stage.scripts:
        here = script.named("wget", "curl")
        seen |= {command.name for command in here}
        if here and len(seen) == 2:
            yield Problem(script.place(here[-1]), "both wget and curl are used: one of them is enough")


@check("docker-consecutive-run", each=stages)
def consecutive_run(stage: Stage) -> Iterator[Problem]:
    before: Step | None = None
    scripts_by_step = {id(script.step): script for script in stage.scripts}
    for step in stage.steps:
        if step.name == "ONBUILD":
            continue
        script = scripts_by_step.get(id(step))
        single = script is not None and is_single(script)
        if single and before is not None and flags_of(before) == flags_of(step) and before.deferred == step.deferred:
            related = (Related(before.location, "the RUN before"),)
            yield Problem(step.instruction.keyword.location, "RUN follows a RUN: one layer is enough for both", related)
        before = step if single else None


def is_single(script: Script) -> bool:
    return len(script.commands) < 2 and not script.step.instruction.heredocs


def flags_of(step: Step) -> list[tuple[str, str | None]]:
    return sorted((flag.name, flag.value or "") for flag in step.instruction.flags)


@check("docker-wget-progress", each=scripts)
def wget_progress(script: Script) -> Iterator[Problem]:
    for command in script.named("wget"):
        arguments = command.parsed(WGET_OPTIONS.split())
        if not arguments.has(*QUIET_WGET) and not any(text.startswith("-nv") for text in command.texts):
            yield Problem(script.place(command), "wget fills the log with its progress: --progress=dot:giga is missing")


@check("docker-copied-archive", each=stages)
def copied_archive(stage: Stage) -> Iterator[Problem]:
    extracted = set(archives_extracted(stage.scripts))
    for step in stage.steps:
        if step.name != "COPY" or "from" in step.flags or len(step.args) < 2:
            continue
        target = base_name(step.args[-1])
        for word in step.words[:-1]:
            name = base_name(word.text)
            if name.endswith(ARCHIVES) and extracted & {name, target}:
                yield Problem(word.location, f"archive '{name}' is copied, then extracted: ADD does both")


def archives_extracted(runs: Iterable[Script]) -> Iterator[str]:
    """The names of the archives that tar extracts, or that are decompressed for it."""
    for script in runs:
        for command in script.named("tar", *DECOMPRESSORS):
            if command.name in DECOMPRESSORS or any(
                is_extraction(text, first=index == 0) for index, text in enumerate(command.texts)
            ):
                yield from (base_name(text) for text in command.texts if text.endswith(ARCHIVES))


def is_extraction(text: str, first: bool) -> bool:
    if text.startswith("--"):
        return text in ("--extract", "--get")
    return (first or text.startswith("-")) and "x" in text and text.isascii() and text.lstrip("-").isalpha()


def base_name(path: str) -> str:
    """The last part of a path of either kind."""
    return path.strip("\"'").replace("\\", "/").rstrip("/").rpartition("/")[2]
