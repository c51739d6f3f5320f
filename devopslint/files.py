"""Which files there are, and of what kind."""

from __future__ import annotations

import functools
import os
import re
import stat as modes
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from devopslint.model import NotChecked
from devopslint.readers.gitignore import Gitignore

LARGEST = 5_000_000
"""Bytes; the largest real manifest seen has 2 MB."""

_KEY = re.compile(r"""^( *)(- )?["']?(apiVersion|kind)["']?[ \t]*:""", re.MULTILINE)
_BEGIN = re.compile(r"(?:[ \t]*(?:#[^\n]*|---[^\n]*|%[^\n]*|\r)?\n)*( *)([^ ]?)")
"""Comments, separators and directives, then how far the first key is indented, and its first character."""
_FLUX_KUSTOMIZATION = re.compile(
    r"""^["']?apiVersion["']?[ \t]*:[ \t]*["']?kustomize\.toolkit\.fluxcd\.io/""", re.MULTILINE
)
_DOCKERFILE = re.compile(r"(?i)(?:(?:dockerfile|containerfile)(?:[.-][^/]*)?|[^/]+\.(?:dockerfile|containerfile))\Z")
_OTHER_LANGUAGE = re.compile(
    r"(?i)\.(?:dockerignore|md|ya?ml|json|toml|sh|py|txt|j2|tmpl|tpl|erb|go|js|ts|rb|html|rst)\Z"
)
_NAMES_OF_BUILDS = frozenset(("go", "html", "js", "rb", "sh", "ts"))
"""Endings of programs that a Dockerfile may also be named after: its text tells."""
_FIRST_WORD = re.compile(r"\ufeff?(?:[ \t]*+(?:#[^\n]*+)?\n)*+[ \t]*+([^\s#]+)")
_FROM = re.compile(r"^[ \t]*FROM[ \t]", re.MULTILINE | re.IGNORECASE)
_COMPOSE = re.compile(r"(?:docker-compose(?:[.-][^/]*)?|compose(?:\.[^/]*)?)\.ya?ml\Z")
_WORKFLOW = re.compile(r"(?:^|/)\.github/workflows/[^/]+\.ya?ml\Z")
_IN_GITHUB = re.compile(r"(?:^|/)\.github/(dependabot|actionlint)\.ya?ml\Z")
_GITLAB = re.compile(r"(?:^|/)\.gitlab(?:-ci|/ci)/(?:[^/]+/)*[^/]+\.ya?ml\Z|\.gitlab-ci\.ya?ml\Z")
_JENKINSFILE = re.compile(r"(?:Jenkinsfile[.-][^/]+|[^/]+[.]jenkinsfile)\Z", re.IGNORECASE)
_COVERAGE = re.compile(
    r"(?:pyproject\.toml|setup\.cfg|\.coveragerc|(?:jest|vitest|vite|karma\.conf|web-test-runner)\.(?:config\.)?[cm]?[jt]s(?:on)?"
    r"|\.nycrc(?:\.json|\.ya?ml)?|\.c8rc(?:\.json)?|\.?codecov\.ya?ml|pom\.xml|build\.gradle(?:\.kts)?|\.testcoverage\.ya?ml"
    r"|\.simplecov|tarpaulin\.toml|(?:spec|test|rails)_helper\.rb|\.octocov\.ya?ml|sonar-project\.properties)\Z"
)
_SKIPPED_FOLDERS = frozenset({".git", ".hg", ".svn", "node_modules", ".venv", ".tox", ".mypy_cache", "__pycache__"})
_NAMED_KINDS = {
    "action.yml": "action",
    "action.yaml": "action",
    "kustomization.yaml": "kustomization",
    "kustomization.yml": "kustomization",
    "Kustomization": "kustomization",
    "Chart.yaml": "chart",
    ".dockerignore": "dockerignore",
    ".gitlab-ci.yml": "gitlab",
    ".gitlab-ci.yaml": "gitlab",
    "Jenkinsfile": "jenkinsfile",
    ".pre-commit-config.yaml": "pre-commit",
    "package.json": "scripts",
    "composer.json": "scripts",
    "Makefile": "scripts",
    "makefile": "scripts",
    "GNUmakefile": "scripts",
    "justfile": "scripts",
    "Justfile": "scripts",
    "Taskfile.yml": "scripts",
    "Taskfile.yaml": "scripts",
    "noxfile.py": "scripts",
    "tox.ini": "scripts",
    ".checkov.yaml": "checkov",
    ".checkov.yml": "checkov",
    ".hadolint.yaml": "hadolint",
    ".hadolint.yml": "hadolint",
    ".kube-linter.yaml": "kube-linter",
    ".kube-linter.yml": "kube-linter",
    "zizmor.yaml": "zizmor",
    "zizmor.yml": "zizmor",
}


class SourceFile(NamedTuple):
    """A file of the project: its path relative to the root, with slashes, and its kind."""

    path: str
    kind: str


class Layout(NamedTuple):
    """What other files of the tree say of the kind that a file is of."""

    charts: frozenset[str] = frozenset()
    """The folders of Helm charts; the project's root is `.`."""
    gitlab: frozenset[str] = frozenset()
    """The files that pipelines of GitLab include."""


_ALONE = Layout()


def layout_of(files: Collection[str], read: Callable[[str], str]) -> Layout:
    """What can be said of these files; `read` gives the text of one, or raises OSError or ValueError."""
    gitlab = frozenset[str]()
    if any(path.endswith((".gitlab-ci.yml", ".gitlab-ci.yaml")) for path in files):
        from devopslint.views.gitlab import included_files  # few projects have any

        gitlab = included_files(files, read)
    return Layout(chart_folders(files), gitlab)


def classify(path: str, text: str | None = None, layout: Layout = _ALONE) -> str | None:
    """The kind of file that `path` is, by its name and, for YAML and JSON, by what its text begins with.

    None where it is no file that any rule knows, or where the text decides and is not given.
    """
    name = PurePosixPath(path).name
    if layout.charts and (kind := _kind_in_chart(path, layout.charts)) is not None:
        return kind or None
    if path in layout.gitlab:
        return "gitlab"
    if _WORKFLOW.search(path):
        return "workflow"
    if found := _IN_GITHUB.search(path):
        return found[1]
    if name in _NAMED_KINDS:
        if _NAMED_KINDS[name] == "kustomization" and text is not None and _FLUX_KUSTOMIZATION.search(text):
            return "manifest"
        return _NAMED_KINDS[name]
    if name.endswith(".dockerignore"):
        return "dockerignore"
    if _DOCKERFILE.match(name):
        return "dockerfile" if _reads_as_dockerfile(name, text) else None
    if _GITLAB.search(path):
        return "gitlab"
    if _JENKINSFILE.match(name) and not _OTHER_LANGUAGE.search(name):
        return "jenkinsfile"
    if _COVERAGE.match(name):
        return "coverage"
    if _COMPOSE.match(name):
        return "compose"
    if name.endswith((".yaml", ".yml", ".json")) and text is not None:
        return "manifest" if _is_manifest(text) else None
    return None


def _reads_as_dockerfile(name: str, text: str | None) -> bool:
    """Whether a file of such a name is one: `Dockerfile.go` builds a program in Go, `Dockerfile.rego` is a policy."""
    if "." not in name and "-" not in name:
        return True
    after = name.rpartition(".")[2].lower()
    if after not in _NAMES_OF_BUILDS and _OTHER_LANGUAGE.search(name):
        return False
    if text is None:
        return after not in _NAMES_OF_BUILDS
    first = _FIRST_WORD.match(text)
    if first is None or after in ("dockerfile", "containerfile"):
        return after not in _NAMES_OF_BUILDS
    if after in _NAMES_OF_BUILDS:
        return first[1] in ("FROM", "ARG")
    if _FROM.search(text):
        return True
    from devopslint.readers.dockerfile import INSTRUCTIONS  # most files need not be asked

    return first[1].upper() in INSTRUCTIONS


def _is_manifest(text: str) -> bool:
    """Whether `apiVersion` and `kind` stand at the top level of a document, or of an item of a list."""
    text = text.removeprefix("\ufeff")
    begin = _BEGIN.match(text)
    if begin is None or begin[2] in ("{", "["):
        return ('"apiVersion"' in text and '"kind"' in text) or ("apiVersion:" in text and "kind:" in text)
    indents = {len(begin[1]), len(begin[1]) + 2 if begin[2] == "-" else 0}
    found: set[str] = set()
    for indent, _, key in (one.groups() for one in _KEY.finditer(text)):
        if len(indent) in indents:
            found.add(key)
            if len(found) == 2:
                return True
    return False


def chart_folders(paths: Iterable[str]) -> frozenset[str]:
    """The folders of the Helm charts among these files; the project's root is `.`."""
    return frozenset(str(PurePosixPath(path).parent) for path in paths if PurePosixPath(path).name == "Chart.yaml")


def _kind_in_chart(path: str, charts: Collection[str]) -> str | None:
    """The kind of a file that is a part of a chart, empty where no rule looks at it; None for any other file."""
    place = PurePosixPath(path)
    for folder in place.parents:
        if str(folder) in charts:
            inside = place.relative_to(folder)
            is_yaml = place.suffix in (".yaml", ".yml", ".json")
            if inside.parts[0] == "templates":
                return "helm-template" if is_yaml and not place.name.startswith("_") else ""
            is_values = is_yaml and ("values" in place.name or place.name == "requirements.yaml")
            return "" if len(inside.parts) == 1 and is_values else None
    return None


def could_be_known(path: str) -> bool:
    """Whether the file is worth opening to classify it, or worth knowing that it is there."""
    return (
        path.endswith((".yaml", ".yml", ".json", "/Chart.lock"))
        or classify(path) is not None
        or _DOCKERFILE.match(PurePosixPath(path).name) is not None
    )


def decode(data: bytes) -> tuple[str, int | None]:
    """The text of a file, and the index of the first character that no encoding explains (None: all is well).

    UTF-8 with or without a byte order mark, and UTF-16 and -32 with one, are read; in anything else, what is
    not UTF-8 is replaced character by character, so that the rest can be checked.
    """
    for mark, encoding in (
        (b"\xff\xfe\0\0", "utf-32"),
        (b"\0\0\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            try:
                return data.decode(encoding), None
            except UnicodeDecodeError:
                break
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        return data.decode("utf-8", "replace"), len(data[: error.start].decode("utf-8"))


class Tree(NamedTuple):
    """The files of a project as they are on the disk."""

    root: Path
    files: tuple[str, ...]
    """Paths relative to the root, sorted."""
    not_checked: tuple[NotChecked, ...] = ()
    passed_over: tuple[str, ...] = ()
    """Links, and what is excluded: known to be there, and no more. A folder ends with a slash."""


# Of what stands in a folder that may not be entered, pathlib raises, and os.path says that it is not there.
is_there, is_file, is_folder, is_link = os.path.exists, os.path.isfile, os.path.isdir, os.path.islink


def place(path: Path) -> Path:
    """The path, absolute. A link at its end is left as it is; outside of a repository it is a user's word for a folder."""
    if not is_link(path):
        return path.resolve()
    folder = path.parent.resolve()
    if is_folder(path) and not any(is_there(above / ".git") for above in (folder, *folder.parents)):
        return path.resolve()
    return folder / path.name


def find_root(paths: Iterable[Path]) -> tuple[Path, bool]:
    """The folder that paths are relative to, and whether it is a repository's.

    That is the Git work tree around the first path; where there is none, the current folder if all paths are
    below it, else the folder that holds them all.
    """
    resolved = [place(path) for path in paths]
    start = resolved[0] if resolved else Path.cwd()
    for folder in (start, *start.parents):
        if not is_link(folder) and is_there(folder / ".git") and all(path.is_relative_to(folder) for path in resolved):
            return folder, True
    here = Path.cwd()
    if all(path.is_relative_to(here) for path in resolved):
        return here, False
    common = Path(os.path.commonpath([path if is_folder(path) else path.parent for path in resolved]))
    return common, False


def find_files(root: Path, start: Path, exclude: Iterable[str] = ()) -> Tree:
    """All files below `start` that Git would not ignore and that may be of a known kind, sorted by path.

    A symbolic link is followed where it gives a file of the tree a name that its reader looks for; of any other, what
    it leads to is found where it is, or is none of ours.
    """
    excluded = glob_matcher(tuple(exclude))
    files: list[str] = []
    skipped: list[NotChecked] = []
    passed_over: list[str] = []
    ignores = list(_ignores_above(root, start))
    _walk(root, start, ignores, excluded, files, skipped, passed_over)
    gaps = tuple(sorted(skipped, key=lambda one: one.path))
    return Tree(root, tuple(sorted(files)), gaps, tuple(sorted(passed_over)))


def _walk(
    root: Path,
    folder: Path,
    ignores: list[tuple[str, Gitignore]],
    excluded: Any,
    files: list[str],
    skipped: list[NotChecked],
    passed_over: list[str],
) -> None:
    pending = [(folder, ignores)]
    while pending:
        folder, ignores = pending.pop()
        prefix = _relative(folder, root)
        prefix = f"{prefix}/" if prefix else ""
        try:
            with os.scandir(folder) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except OSError as error:
            skipped.append(NotChecked(prefix or ".", f"cannot be listed: {error.strerror}"))
            continue
        if any(entry.name == ".gitignore" for entry in entries):
            ignores = [*ignores, *_ignore_file(folder / ".gitignore", prefix)]
        for entry in entries:
            path = prefix + entry.name
            if entry.is_symlink():
                if _ignored(path, False, ignores):
                    continue
                reason = _why_unfollowed(entry, path, root)
                if reason is None and not excluded(path):
                    files.append(path)
                    continue
                passed_over.append(f"{path}/" if _leads_to_folder(entry) else path)
                if reason:
                    skipped.append(NotChecked(path, reason))
            elif entry.is_dir():
                if entry.name in _SKIPPED_FOLDERS or _ignored(path, True, ignores):
                    continue
                if excluded(path + "/"):
                    passed_over.append(f"{path}/")
                else:
                    pending.append((folder / entry.name, ignores))
            elif could_be_known(path) and not _ignored(path, False, ignores):
                (passed_over if excluded(path) else files).append(path)


_LINK_AS_TEXT = re.compile(rb"(?:\.\.?/)*[\w.-]+(?:/[\w.-]+)*", re.ASCII)
"""All that Git writes of a link where the system has none (`core.symlinks`): the path, without a line break."""
_READ_THROUGH_LINKS = frozenset(("dockerfile", "dockerignore", "compose"))
"""Kinds that their readers open by name, whatever the name leads to."""


def _why_unfollowed(entry: os.DirEntry[str], path: str, root: Path) -> str | None:
    """What there is to say of a link that is not followed, if anything; None where it gives a file its name."""
    if not _leads_to_folder(entry) and not could_be_known(path):
        return ""
    target = os.path.realpath(entry.path)
    if not Path(target).is_relative_to(root):
        return "is a symbolic link that leads out of the project"
    if not is_there(target):
        return "is a symbolic link that leads nowhere"
    kind = classify(path)
    named = kind in _READ_THROUGH_LINKS and is_file(target) and classify(_relative(Path(target), root)) != kind
    return None if named else ""


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _relative(path: Path, root: Path) -> str:
    relative = path.relative_to(root).as_posix()
    return "" if relative == "." else relative


def _ignores_above(root: Path, start: Path) -> Iterator[tuple[str, Gitignore]]:
    yield from _ignore_file(root / ".git" / "info" / "exclude", "")
    folder = root
    for part in start.relative_to(root).parts:
        prefix = _relative(folder, root)
        yield from _ignore_file(folder / ".gitignore", f"{prefix}/" if prefix else "")
        folder /= part


def _ignore_file(path: Path, prefix: str) -> list[tuple[str, Gitignore]]:
    if not is_file(path) or (path.name == ".gitignore" and is_link(path)):  # Git follows no such link
        return []
    try:
        return [(prefix, _gitignore(path.read_bytes()))]
    except OSError:
        return []


_gitignore = functools.lru_cache(maxsize=256)(Gitignore)


def _ignored(path: str, is_folder: bool, ignores: list[tuple[str, Gitignore]]) -> bool:
    """Whether the innermost .gitignore that speaks of the path ignores it."""
    for prefix, patterns in reversed(ignores):
        verdict = patterns.verdict(path[len(prefix) :], is_folder)
        if verdict is not None:
            return verdict
    return False


def glob_matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """A predicate over paths, a folder's with a slash behind it: whether patterns as in a .gitignore name it.

    What lies in a folder that they name is named.
    """
    if not patterns:
        return lambda path: False
    return functools.partial(_named, _gitignore("\n".join(patterns).encode("utf-8", "surrogateescape")))


def _named(patterns: Gitignore, path: str) -> bool:
    at = path.find("/")
    while 0 < at < len(path):
        if patterns.verdict(path[:at], True):
            return True
        at = path.find("/", at + 1)
    return not path.endswith("/") and bool(patterns.verdict(path, False))


def read_file(path: Path) -> bytes:
    """The bytes of a file of at most LARGEST bytes. Raises OSError, or ValueError where it is larger or no file."""
    status = path.stat()
    if not modes.S_ISREG(status.st_mode):
        raise ValueError("is no regular file")  # to open a pipe is to wait for what may never come
    size = status.st_size
    if size > LARGEST:
        raise ValueError(f"is larger than {LARGEST // 1_000_000} MB ({size / 1e6:.1f} MB)")
    return path.read_bytes()


def read_named(root: Path, path: str) -> bytes:
    """The bytes of a file of the tree, or of the one that it is a link to; raises as read_file does."""
    data = read_file(root / path)
    if not _LINK_AS_TEXT.fullmatch(data) or classify(path) not in _READ_THROUGH_LINKS:
        return data
    target = Path(os.path.realpath((root / path).parent / os.fsdecode(data)))
    if not target.is_relative_to(root):
        raise ValueError("is a symbolic link that leads out of the project")
    return read_file(target) if is_file(target) else data
