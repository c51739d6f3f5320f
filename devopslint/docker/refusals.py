"""What BuildKit's frontend refuses of an instruction that its parser can read.

As in github.com/moby/buildkit 0.34.2, frontend/dockerfile/instructions and dockerfile2llb; support/oracles/buildkit
compares. What depends on a variable that has no value here is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.docker.reader import Flag, Instruction, Word
from devopslint.docker.stages import Step
from devopslint.docker.words import TOO_DEEP, TOO_LONG, expand
from devopslint.model import Location
from devopslint.readers.image_reference import ImageReference


class Refusal(NamedTuple):
    """Why an instruction is refused, and what of it."""

    location: Location
    message: str


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TEXT, _TEXTS, _SWITCH = "text", "texts", "switch"
"""Kinds of flags: with a value, with one value or several, and true or false."""
_FLAGS: dict[str, dict[str, str]] = {
    "ADD": {
        "chown": _TEXT,
        "chmod": _TEXT,
        "checksum": _TEXT,
        "link": _SWITCH,
        "keep-git-dir": _SWITCH,
        "unpack": _SWITCH,
        "exclude": _TEXTS,
    },
    "COPY": {
        "chown": _TEXT,
        "chmod": _TEXT,
        "from": _TEXT,
        "link": _SWITCH,
        "parents": _SWITCH,
        "exclude": _TEXTS,
    },
    "FROM": {"platform": _TEXT},
    "HEALTHCHECK": dict.fromkeys(("interval", "timeout", "start-period", "start-interval", "retries"), _TEXT),
    "RUN": {"mount": _TEXTS, "device": _TEXTS, "network": _TEXT, "security": _TEXT},
}
_HEEDLESS = frozenset(("ARG", "STOPSIGNAL"))
"""Instructions whose flags BuildKit never looks at."""
_ONE = frozenset(("MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"))
_SOME = frozenset(("ARG", "EXPOSE", "HEALTHCHECK", "ONBUILD", "VOLUME"))
_EXPANDED = frozenset(
    ("ADD", "ARG", "COPY", "ENV", "EXPOSE", "FROM", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR")
)

_STAGE_NAME = compiled(r"[a-z][a-z0-9_.-]*\Z")
_PART_OF_DURATION = compiled(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_DURATION = compiled(rf"(?:{_PART_OF_DURATION.pattern})+")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_INTEGER = compiled(r"[-+]?[0-9]+\Z", re.ASCII)
_PORTS = compiled(r"\+?([0-9]+)(?:-\+?([0-9]+))?\Z", re.ASCII)
_IP_4 = compiled(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}\Z", re.ASCII)
_GIT_SOURCE = compiled(r"github\.com/|.*://|[\w.-]+@[\w.-]+:")
_GIT = compiled(r"\.git(?:[#?]|\Z)|^git(?:hub\.com/|@|://)|^ssh://")
_DIGEST = compiled(r"(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})\Z")
_OCTAL = compiled(r"[0-7]+\Z", re.ASCII)
_SYMBOLIC_MODE = compiled(r"[ugoa]*(?:[-+=][rstwxXugo]*)+(?:,[ugoa]*(?:[-+=][rstwxXugo]*)+)*\Z", re.ASCII)
_PLATFORM_PART = compiled(r"[A-Za-z0-9_.-]+\Z", re.ASCII)
_KNOWN_PLATFORMS = _words(
    "aix android darwin dragonfly freebsd hurd illumos ios js linux macos nacl netbsd openbsd plan9 solaris windows zos"
    " 386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32"
    " mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm i386 x86_64 x86-64 aarch64 armhf armel"
)
_SIGNALS = _words(
    "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP"
    " TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX"
) | {
    f"{limit}{number}" for limit, numbers in (("RTMIN+", range(1, 16)), ("RTMAX-", range(1, 15))) for number in numbers
}
_MOUNT_KEYS = _words(
    "type from source target readonly id sharing required size mode uid gid src dst destination ro rw readwrite env"
)
_MOUNT_TYPES = frozenset(("bind", "cache", "tmpfs", "secret", "ssh"))
_BARE_MOUNT_KEYS = frozenset(("readonly", "ro", "readwrite", "rw", "required"))
_TRUTHS = frozenset(("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"))
_SIZE = compiled(r"(?i)[0-9]+(?:\.[0-9]*)? ?(?:[kmgtp]i?)?b?\Z", re.ASCII)
_OWNED = frozenset(("secret", "ssh", "cache"))
"""Types of mounts that may have an owner and a mode."""


def refusal(step: Step) -> Refusal | None:
    """Why BuildKit refuses the instruction; None where it takes it, or where that is not known."""
    return next(_refusals(step), None)


def _refusals(step: Step) -> Iterator[Refusal]:
    instruction = step.instruction
    yield from _arguments(instruction)
    if instruction.name == "HEALTHCHECK" and instruction.args and instruction.args[0].text.upper() == "NONE":
        if len(instruction.args) > 1 or instruction.exec_form:
            yield Refusal(instruction.args[0].location, "HEALTHCHECK NONE takes nothing behind it")
        return
    if instruction.name not in _HEEDLESS:
        yield from _flags(instruction)
    yield from _special(step)
    if instruction.name in _EXPANDED:
        yield from _expansions(step)


def _arguments(instruction: Instruction) -> Iterator[Refusal]:
    name, at = instruction.name, instruction.keyword.location
    count = len(instruction.args)
    if name in ("ADD", "COPY") and count < 2:
        yield Refusal(at, f"{name} needs a source and a destination, and has {'one of them' if count else 'neither'}")
    elif (name in _ONE and not count) or (name in _SOME and not instruction.rest.text):
        yield Refusal(at, f"{name} has no argument")
    elif name in ("ENV", "LABEL"):
        if not instruction.rest.text:
            yield Refusal(at, f"{name} has no argument")
        for pair in instruction.pairs:
            if not pair.name.text:
                yield Refusal(pair.value.location, f"{name} has a value without a name")
    elif name == "ARG":
        for word in instruction.args:
            if word.text.startswith("="):
                yield Refusal(word.location, "ARG has a value without a name")
    elif name == "VOLUME" and any(not word.text.strip() for word in instruction.args):
        yield Refusal(at, "VOLUME has an empty path")
    elif name == "VOLUME" and not count:
        yield Refusal(at, "VOLUME has no argument")
    elif name == "SHELL" and not (instruction.exec_form and count):
        at = instruction.args[0].location if count else at
        yield Refusal(at, 'SHELL takes a JSON array alone: ["/bin/bash", "-c"]')
    elif name == "FROM":
        yield from _from(instruction)


def _from(instruction: Instruction) -> Iterator[Refusal]:
    words = instruction.args
    if len(words) == 3 and words[1].text.upper() == "AS":
        if not _STAGE_NAME.match(words[2].text.lower()):
            message = f"stage name '{words[2].text}' begins with no letter, or has a sign in it that no name has"
            yield Refusal(words[2].location, message)
    elif len(words) != 1:
        at = words[1].location if words else instruction.keyword.location
        yield Refusal(at, "FROM takes an image alone, or an image, AS and a name")


def _flags(instruction: Instruction) -> Iterator[Refusal]:
    kinds = _FLAGS.get(instruction.name, {})
    used: set[str] = set()
    for flag in instruction.flags:
        kind = kinds.get(flag.name)
        if kind is None:
            yield Refusal(flag.location, f"{instruction.name} has no flag --{flag.name}")
        elif flag.name in used and kind != _TEXTS:
            yield Refusal(flag.location, f"--{flag.name} stands twice")
        elif kind == _SWITCH and flag.value is not None and flag.value.lower() not in ("true", "false"):
            yield Refusal(flag.location, f"--{flag.name} is '{flag.value}', and takes true or false")
        elif kind != _SWITCH and flag.value is None:
            yield Refusal(flag.location, f"--{flag.name} has no value")
        used.add(flag.name)


def _special(step: Step) -> Iterator[Refusal]:
    match step.name:
        case "FROM":
            yield from _image(step)
        case "ADD" | "COPY":
            yield from _copied(step)
        case "HEALTHCHECK":
            yield from _healthcheck(step.instruction)
        case "EXPOSE":
            for word, text in _known(step):
                yield from (Refusal(word.location, message) for message in _port(text))
        case "RUN":
            yield from _run(step)
        case "STOPSIGNAL":
            for word, text in _known(step):
                number = bool(_INTEGER.match(text)) and int(text[:20]) != 0
                if not number and text.upper().removeprefix("SIG") not in _SIGNALS:
                    yield Refusal(word.location, f"'{text}' is no signal")


def _known(step: Step) -> Iterator[tuple[Word, str]]:
    """Each argument with what it comes to, where that is known."""
    for index, (word, text) in enumerate(zip(step.words, step.args, strict=True)):
        if index not in step.unresolved:
            yield word, text


_PROPERTY = compiled(r"\$\{[a-zA-Z][\w-]*(?:\.[\w-]+)+\}")
"""A property of Maven's or Gradle's, which the build puts in before the Dockerfile is built."""
_PUT_IN = compiled(
    r"[A-Z]{4,}(?:_[A-Z]+)*\Z|.*(?:__[A-Z][A-Z_]*__|@[A-Z][A-Z_]*@|<[A-Za-z][\w -]*>|\[[A-Za-z][\w -]*\])"
)
"""A name in capitals or brackets, for which somebody puts an image in, or a part of one: no image is called so."""


def _image(step: Step) -> Iterator[Refusal]:
    word, stage = step.words[0], step.stage
    if "$" not in word.text and stage.parent is None and stage.base != "scratch":
        if not ImageReference.parse(stage.base).well_formed and not _PUT_IN.match(stage.base):
            yield Refusal(word.location, f"'{stage.base}' is no name of an image")
    flag = step.instruction.flag("platform")
    if flag is not None and flag.value and "$" not in flag.value:
        if not _is_platform(flag.value):
            yield Refusal(flag.value_location, f"'{flag.value}' is no platform")


def _is_platform(text: str) -> bool:
    if "(" in text:
        return True
    parts = text.split("/")
    if len(parts) > 3 or not all(map(_PLATFORM_PART.match, parts)) or "." in parts[0]:
        return False
    return len(parts) > 1 or text.lower() in _KNOWN_PLATFORMS


def _copied(step: Step) -> Iterator[Refusal]:
    instruction = step.instruction
    documents = {heredoc.word.text for heredoc in instruction.heredocs}
    if instruction.args[-1].text in documents:
        yield Refusal(instruction.args[-1].location, f"{step.name} has a heredoc where its destination is meant")
    if step.name == "COPY":
        for one in step.copied:
            if one.resolved and one.remote:
                yield Refusal(one.location, f"COPY takes no address: ADD does, as in ADD {one.text} /")
    source = instruction.flag("from")
    if source is not None and source.value and expand(source.value, {}).text != source.value:
        yield Refusal(source.value_location, "--from takes no variable: FROM does, in a stage of its own")
    elif source is not None and source.value and "@" in source.value:  # no stage and no context is called so
        if not ImageReference.parse(source.value).well_formed:
            yield Refusal(source.value_location, f"'{source.value}' is no name of an image")
    owner, link = instruction.flag("chown"), instruction.flag("link")
    if owner is not None and owner.value and "$" not in owner.value and link is not None and link.value != "false":
        if not all(part in ("", "root") or part.isdecimal() for part in owner.value.split(":")):
            yield Refusal(owner.value_location, f"--link takes no names in --chown: '{owner.value}' has one")
    mode = instruction.flag("chmod")
    if mode is not None and mode.value and "$" not in mode.value and not _is_mode(mode.value):
        yield Refusal(mode.value_location, f"'{mode.value}' is no mode of a file")
    checksum = instruction.flag("checksum")
    if checksum is not None and checksum.value and not step.unresolved:
        sources = step.copied
        if len(sources) != 1:
            yield Refusal(checksum.location, "--checksum takes one source")
        elif not sources[0].remote and not _GIT_SOURCE.match(sources[0].text):
            yield Refusal(checksum.location, "--checksum takes an HTTP address or a Git repository")
        elif "$" not in checksum.value and not _GIT.search(sources[0].text) and not _DIGEST.match(checksum.value):
            message = f"'{checksum.value}' is no checksum: sha256: and 64 hexadecimal digits are one"
            yield Refusal(checksum.value_location, message)


def _is_mode(text: str) -> bool:
    if _OCTAL.match(text):
        return int(text, 8) <= 0o7777
    return _SYMBOLIC_MODE.match(text) is not None


def _healthcheck(instruction: Instruction) -> Iterator[Refusal]:
    kind = instruction.args[0]
    if kind.text.upper() != "CMD":
        yield Refusal(kind.location, f"HEALTHCHECK takes CMD or NONE, not '{kind.text}'")
    elif len(instruction.args) < 2:
        yield Refusal(kind.location, "HEALTHCHECK CMD has no command")
    for flag in instruction.flags:
        if not flag.value:
            continue
        if flag.name == "retries":
            if not _INTEGER.match(flag.value) or not 0 <= int(flag.value[:20]) < 2**31:
                yield Refusal(flag.value_location, f"--retries is '{flag.value}', and takes a number from 0 on")
        else:
            yield from (Refusal(flag.value_location, message) for message in _duration(flag))


def _duration(flag: Flag) -> Iterator[str]:
    text = flag.value or ""
    sign = text[:1] in ("+", "-")
    rest = text[sign:]
    if rest == "0":
        return
    if not _DURATION.fullmatch(rest):
        hint = ": a unit such as s is missing" if re.fullmatch(r"[0-9.]+", rest) else ""
        yield f"--{flag.name} is '{text}', which is no duration{hint}"
        return
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PART_OF_DURATION.findall(rest))
    if seconds * 1e9 >= 2**63:
        yield f"--{flag.name} is longer than a duration can be: 292 years"
    elif seconds and (text.startswith("-") or round(seconds * 1e9) < 1_000_000):
        yield f"--{flag.name} is '{text}', shorter than 1ms"


def _port(text: str) -> Iterator[str]:
    if not text:
        return
    published, _, container = text.rpartition(":")
    address, _, host = published.rpartition(":")
    ports, _, protocol = container.partition("/")
    found = _PORTS.match(ports)
    if protocol.lower() not in ("", "tcp", "udp", "sctp"):
        yield f"'{text}' has the protocol '{protocol}', and EXPOSE knows tcp, udp and sctp"
    elif found is None:
        yield f"'{text}' is no port"
    elif host and _PORTS.match(host) is None:
        yield f"'{text}' has '{host}' where the host's port is meant"
    elif address and not _is_address(address):
        yield f"'{text}' has '{address}' where the host's address is meant"
    elif found[2] is not None and int(found[2][:9]) < int(found[1][:9]):
        yield f"'{text}' ends before it begins"


def _is_address(text: str) -> bool:
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    return (bool(_IP_4.match(text)) and all(int(part) < 256 for part in text.split("."))) or ":" in text


def _run(step: Step) -> Iterator[Refusal]:
    for name, allowed in (("network", ("default", "none", "host")), ("security", ("insecure", "sandbox"))):
        flag = step.instruction.flag(name)
        if flag is not None and flag.value not in allowed:
            yield Refusal(flag.location, f"--{name} is '{flag.value}', and takes {', '.join(allowed)}")
    for flag in step.instruction.flags_named("mount"):
        yield from (Refusal(flag.location, message) for message in _mount(flag.value or ""))


def _mount(text: str) -> Iterator[str]:
    if '"' in text:
        return
    said: dict[str, str] = {}
    for field in text.split(","):
        key, equals, value = field.partition("=")
        key = key.lower()
        if key == "from" and "$" in value[:-1]:
            yield f"--mount has '{field}', and from takes no variable: FROM does, in a stage of its own"
            return
        if not equals and key not in _BARE_MOUNT_KEYS:
            yield f"--mount has '{field}' where key=value is needed"
        elif key not in _MOUNT_KEYS:
            yield f"--mount has no option '{key}'"
        said[{"src": "source", "dst": "target", "destination": "target"}.get(key, key)] = value if equals else "true"
    if said.get("target") == "/":
        yield "--mount has the target '/', which is the root of the image"
    if any("$" in value for value in said.values()):
        return
    kind = said.get("type", "bind").lower()
    if kind not in _MOUNT_TYPES:
        yield f"--mount has the type '{kind}', and BuildKit knows {', '.join(sorted(_MOUNT_TYPES))}"
        return
    yield from _mount_options(kind, said)


def _mount_options(kind: str, said: dict[str, str]) -> Iterator[str]:
    for key in ("readonly", "ro", "readwrite", "rw", "required"):
        if key in said and said[key] not in _TRUTHS:
            yield f"--mount has {key} '{said[key]}', and it takes true or false"
    if "required" in said and kind not in ("secret", "ssh"):
        yield f"--mount of type {kind} has no option 'required'"
    if "size" in said and (kind != "tmpfs" or not _SIZE.match(said["size"])):
        yield f"--mount of type {kind} has the size '{said['size']}'"
    for key, numbers in (("mode", _OCTAL), ("uid", _INTEGER), ("gid", _INTEGER)):
        if key in said and kind not in _OWNED:
            yield f"--mount of type {kind} has no option '{key}'"
        elif key in said and (not numbers.match(said[key]) or said[key][0] in "+-"):
            yield f"--mount has {key} '{said[key]}', which is no number"
    sharing = said.get("sharing")
    if sharing is not None and (sharing.lower() not in ("shared", "private", "locked") or kind != "cache"):
        yield f"--mount of type {kind} has the sharing '{sharing}'"
    if kind == "secret":
        if said.get("from"):
            yield "--mount of type secret has no option 'from'"
        elif not (said.get("source") or said.get("target") or said.get("id")):
            yield "--mount of type secret names no secret"
        elif said.get("source") and said.get("id"):
            yield "--mount of type secret has a source and an id, and takes one of them"


def _expansions(step: Step) -> Iterator[Refusal]:
    """Texts that the shell language of Dockerfiles has no meaning for."""
    instruction = step.instruction
    escape = step.stage.dockerfile.text.escape
    pairs = [word for pair in instruction.pairs for word in (pair.name, pair.value)]
    words = instruction.args[:1] if step.name == "FROM" else instruction.args
    for word in (*pairs, *words):
        error = expand(_PROPERTY.sub("a", word.text), {}, escape).error
        if error not in (None, TOO_DEEP, TOO_LONG):
            yield Refusal(word.location, f"'{word.text}' {error}")
