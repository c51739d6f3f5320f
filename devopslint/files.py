"""Which files there are, and of what kind."""

from __future__ import annotations

import functools
import os
import re
import stat as modes
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from devopslint.deferred import NamedTuple, compiled
from devopslint.model import NotChecked
from devopslint.readers.gitignore import MOST_WILDCARDS, Gitignore
from devopslint.registry import DOMAINS, FileKind, claimed, domains, named

if TYPE_CHECKING:
    from devopslint.tracked import Tracked

LARGEST = 5_000_000
"""Bytes; the largest real manifest seen has 2 MB."""

BEGINNING = 4_000
"""Bytes of a file that others name, and that no rule reads."""

SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".svn", "node_modules", ".venv", ".tox", ".mypy_cache", "__pycache__", "megalinter-reports"}
)
"""What others make beside the project; MegaLinter's reports hold copies of files that have changed."""


class SourceFile(NamedTuple):
    """A file of the project: its path relative to the root, with slashes, and its kind."""

    path: str
    kind: str


FEW_PATHS = 100
"""From so many paths on it is worth to compile one expression of all kinds, which takes as long as the start of the interpreter."""


class _Expressions:
    """What tells kinds of file by their paths, or whole names: of those that match, the one that begins first."""

    def __init__(self, told: Iterable[tuple[FileKind, str]], *, whole: bool) -> None:
        end = r"\Z" if whole else ""
        self._each = [(kind, compiled(f"(?:{text}){end}")) for kind, text in told if text]
        self._all = compiled("|".join(f"({one.pattern})" for _, one in self._each) or r"(?!)")
        self._whole = whole
        self._asked = 0
        self._known: dict[str, FileKind | None] = {}

    def kind_of(self, path: str) -> FileKind | None:
        """A path is asked for when it is found and when it is read; names are often the same."""
        if path not in self._known:
            if len(self._known) > 50_000:  # a server asks for ever more
                self._known.clear()
            self._known[path] = self._found(path)
        return self._known[path]

    def _found(self, path: str) -> FileKind | None:
        self._asked += 1
        if self._whole and self._asked > FEW_PATHS:  # to search for one of all anywhere takes longer than for each
            found = self._all.match(path)
            number = found.lastindex if found is not None else None
            return self._each[number - 1][0] if number is not None else None
        folded = path.casefold().replace("ı", "i")  # an i to expressions that heed no case
        first = None
        for kind, expression in self._each:
            if kind.signs:
                for sign in kind.signs:  # any() takes three times as long
                    if sign in folded:
                        break
                else:
                    continue
            found = expression.match(path) if self._whole else expression.search(path)
            if found is not None and (first is None or found.start() < first[0]):
                first = found.start(), kind
        return first[1] if first is not None else None


class _Names(NamedTuple):
    """How names and places tell kinds of file, for all domains at once."""

    places: _Expressions
    names: Mapping[str, FileKind]
    patterns: _Expressions
    texts: tuple[tuple[FileKind, re.Pattern[str] | None], ...]
    """The kinds that a text tells, for names that say nothing, each with its mark."""
    known: tuple[str, ...]
    """Endings of paths that are worth knowing."""


def _names() -> _Names:
    return _names_of(tuple(DOMAINS))


@functools.cache
def _names_of(of_domains: tuple[str, ...]) -> _Names:
    of = domains()
    kinds = tuple(kind for domain in of for kind in domain.kinds)
    names: dict[str, FileKind] = {}
    for kind in kinds:
        for name in kind.names:
            names.setdefault(name, kind)
    texts = tuple((kind, compiled(kind.mark) if kind.mark else None) for kind in kinds if kind.endings)
    known = {ending for kind, _ in texts for ending in kind.endings} | {end for domain in of for end in domain.known}
    return _Names(
        _Expressions(((kind, kind.place) for kind in kinds), whole=False),
        names,
        _Expressions(((kind, kind.pattern) for kind in kinds), whole=True),
        texts,
        tuple(sorted(known)),
    )


def layout_of(files: Collection[str], read: Callable[[str], str]) -> Mapping[str, str]:
    """The kinds of those files of which others tell what they are, empty for a file that no rule looks at.

    `read` gives the text of one, or raises OSError or ValueError.
    """
    return claimed(files, read)


def classify(path: str, text: str | None = None, layout: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """The kind of file that `path` is, by where it lies, its name and, where that says nothing, what its text begins with.

    None where it is no file that any rule knows, or where the text decides and is not given.
    """
    if path in layout:
        return layout[path] or None
    names = _names()
    if (kind := names.places.kind_of(path)) is not None:
        return kind.name
    name = path.rpartition("/")[2]
    kind = names.names.get(name) or names.patterns.kind_of(name)
    if kind is not None and (not kind.reads or named(kind.reads)(name, text)):
        return kind.name
    if kind is None or text is not None:
        if text is not None and "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")  # the lines of old Macs are lines to YAML
        for other, mark in names.texts:
            if not name.endswith(other.endings):
                continue
            if mark is not None and (text is None or mark.search(text) is None):
                continue
            if named(other.reads)(name, text):
                return other.name
    return None


def could_be_known(path: str) -> bool:
    """Whether the file is worth opening to classify it, or worth knowing that it is there."""
    names = _names()
    name = path.rpartition("/")[2]
    return (
        path.endswith(names.known)
        or name in names.names
        or names.patterns.kind_of(name) is not None
        or names.places.kind_of(path) is not None
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


_LONE_SURROGATE = compiled("[\ud800-\udfff]")


def characters(text: str) -> tuple[str, int | None]:
    """decode() for a text that is one already: halves of surrogate pairs, which no encoding has, are replaced."""
    found = _LONE_SURROGATE.search(text)
    return (text, None) if found is None else (_LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text), found.start())


class Tree(NamedTuple):
    """The files of a project as they are on the disk."""

    root: Path
    files: tuple[str, ...]
    """Paths relative to the root, sorted."""
    not_checked: tuple[NotChecked, ...] = ()
    passed_over: tuple[str, ...] = ()
    """Links, and what is excluded: known to be there, and no more. A folder ends with a slash."""
    ignored: bool = False
    """Whether Git ignores something of what is there."""


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
    """All files below `start` that Git keeps and that may be of a known kind, sorted by path.

    Git keeps what it tracks, and of the rest what it does not ignore.
    A symbolic link is followed where it gives a file of the tree a name that its reader looks for; of any other, what
    it leads to is found where it is, or is none of ours.
    """
    excluded = glob_matcher(tuple(exclude))
    files: list[str] = []
    skipped: list[NotChecked] = []
    passed_over: list[str] = []
    ignores = _ignores_above(root, start, skipped)
    ignored = _walk(root, start, ignores, _Index(root, skipped), excluded, files, skipped, passed_over)
    gaps = tuple(sorted(skipped, key=lambda one: one.path))
    return Tree(root, tuple(sorted(files)), gaps, tuple(sorted(passed_over)), ignored)


def _walk(
    root: Path,
    folder: Path,
    ignores: list[tuple[str, Gitignore]] | None,
    index: _Index,
    excluded: Any,
    files: list[str],
    skipped: list[NotChecked],
    passed_over: list[str],
) -> bool:
    """Fill the lists; whether something was ignored. In an ignored folder, where `ignores` is None, all is."""
    ignored = False
    below = _relative(folder, root)
    pending = [(f"{below}/" if below else "", ignores)]
    while pending:
        prefix, ignores = pending.pop()
        try:
            with os.scandir(f"{root}/{prefix}") as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except OSError as error:
            skipped.append(NotChecked(prefix or ".", f"cannot be listed: {error.strerror}"))
            continue
        if ignores is not None and any(entry.name == ".gitignore" for entry in entries):
            ignores = _with_ignore_file(ignores, root / prefix / ".gitignore", prefix, skipped)
        for entry in entries:
            path = prefix + entry.name
            if entry.name == ".git":  # a folder, or the file of a submodule: what lies around it is a checkout
                passed_over.append(f"{path}/" if _leads_to_folder(entry) else path)
            elif entry.is_symlink():
                if _ignored(path, False, ignores) and not index.holds(path):
                    ignored = True
                    continue
                reason = _why_unfollowed(entry, path, root)
                if reason is None and not excluded(path):
                    files.append(path)
                    continue
                passed_over.append(f"{path}/" if _leads_to_folder(entry) else path)
                if reason:
                    skipped.append(NotChecked(path, reason))
            elif entry.is_dir():
                if entry.name in SKIPPED_FOLDERS:
                    continue
                within = None if _ignored(path, True, ignores) else ignores
                if within is None and not index.holds(f"{path}/"):
                    ignored = True
                elif excluded(path + "/"):
                    passed_over.append(f"{path}/")
                else:
                    pending.append((f"{path}/", within))
            elif could_be_known(path):
                if _ignored(path, False, ignores) and not index.holds(path):
                    ignored = True
                else:
                    (passed_over if excluded(path) else files).append(path)
    return ignored


class _Index:
    """What Git tracks; it is opened when something is ignored for the first time."""

    def __init__(self, root: Path, skipped: list[NotChecked]) -> None:
        self._root, self._skipped = root, skipped
        self._tracked: Tracked | None = None

    def holds(self, path: str) -> bool:
        """Whether the path is tracked, or one below it where it is a folder's, with a slash at its end."""
        if self._tracked is None:
            from devopslint.tracked import Tracked, tracked_paths  # only where something is ignored

            try:
                self._tracked = tracked_paths(self._root)
            except ValueError as error:
                self._tracked = Tracked(())
                self._skipped.append(NotChecked(".git/index", f"{error}: what is ignored is taken for untracked"))
        return self._tracked.holds(path)


_LINK_AS_TEXT = compiled(rb"(?:\.\.?/)*[\w.-]+(?:/[\w.-]+)*", re.ASCII)
"""All that Git writes of a link where the system has none (`core.symlinks`): the path, without a line break."""
_MOST_LINKS = 8
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
    own = _relative(Path(target), root)
    if kind in _READ_THROUGH_LINKS and is_file(target) and classify(own) != kind:
        return None
    if is_file(target) and not could_be_known(own):
        return f"is a symbolic link to {own}, which is not read under that name"
    return ""


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _relative(path: Path, root: Path) -> str:
    relative = path.relative_to(root).as_posix()
    return "" if relative == "." else relative


def _ignores_above(root: Path, start: Path, skipped: list[NotChecked]) -> list[tuple[str, Gitignore]]:
    ignores = _with_ignore_file([], root / ".git" / "info" / "exclude", "", skipped)
    folder = root
    for part in start.relative_to(root).parts:
        prefix = _relative(folder, root)
        ignores = _with_ignore_file(ignores, folder / ".gitignore", f"{prefix}/" if prefix else "", skipped)
        folder /= part
    return ignores


def _with_ignore_file(
    ignores: list[tuple[str, Gitignore]], path: Path, prefix: str, skipped: list[NotChecked]
) -> list[tuple[str, Gitignore]]:
    """The patterns that hold in a folder, with those of one more file; what is too much of it is said."""
    if not is_file(path) or is_link(path):  # Git follows no .gitignore that is one
        return ignores
    try:
        patterns = _gitignore(read_file(path))
    except (OSError, ValueError):
        return ignores
    if sum(one.wildcards for _, one in ignores) + patterns.wildcards > MOST_WILDCARDS:
        reason = f"it makes more than {MOST_WILDCARDS:,} patterns with wildcards: what it ignores is looked at"
        skipped.append(NotChecked(f"{prefix}{path.name}", reason))
        return ignores
    return [*ignores, (prefix, patterns)]


_gitignore = functools.lru_cache(maxsize=256)(Gitignore)


def _ignored(path: str, is_folder: bool, ignores: list[tuple[str, Gitignore]] | None) -> bool:
    """Whether the innermost .gitignore that speaks of the path ignores it; nothing takes back what an ignored folder holds."""
    if ignores is None:
        return True
    for prefix, patterns in reversed(ignores):
        verdict = patterns.verdict(path[len(prefix) :], is_folder)
        if verdict is not None:
            return verdict
    return False


@functools.lru_cache(maxsize=1024)  # every file is asked about every layer of the configuration
def glob_matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """A predicate over paths, a folder's with a slash behind it: whether patterns as in a .gitignore name it.

    What lies in a folder that they name is named.
    """
    if not patterns:
        return lambda path: False
    needle = _needle(patterns[0]) if len(patterns) == 1 else ""
    return functools.partial(_named, Gitignore("\n".join(patterns).encode("utf-8", "surrogateescape")), needle)


@functools.lru_cache(maxsize=64)
def glob_finder(lists: tuple[tuple[str, ...], ...]) -> Callable[[str], tuple[int, ...]]:
    """Which of these lists of patterns name a path, by their indexes; glob_matcher() says what that is.

    A pattern that spells out a part of the path (`x` in `**/x/*.yaml`) is only asked about paths that have it.
    """
    by_part: dict[str, list[int]] = {}
    others: list[int] = []
    for index, patterns in enumerate(lists):
        parts = {_spelt_out(one) for one in patterns}
        if "" in parts:
            others.append(index)
        else:
            for part in parts:
                by_part.setdefault(part, []).append(index)

    def find(path: str) -> tuple[int, ...]:
        asked = {*others}.union(*(by_part.get(part, ()) for part in path.split("/")))
        return tuple(index for index in sorted(asked) if glob_matcher(lists[index])(path))

    return find


def _spelt_out(pattern: str) -> str:
    """A part of every path that a pattern names; empty where there may be none."""
    if not _needle(pattern):
        return ""
    return max((part for part in pattern.split("/") if _WORD.fullmatch(part) and part.strip(".")), key=len, default="")


_WORD = compiled(r"[A-Za-z0-9_.-]+")


def _needle(pattern: str) -> str:
    """What stands in every path that a pattern names; configurations may have very many patterns, and most name none."""
    if pattern[:1] in ("!", "#", "") or "[" in pattern or "\\" in pattern or "\n" in pattern:
        return ""
    return max(_WORD.findall(pattern), key=len, default="")


def _named(patterns: Gitignore, needle: str, path: str) -> bool:
    if needle not in path:
        return False
    folder, _, name = path.rpartition("/")
    return _folder_named(patterns, folder) or bool(name and patterns.verdict(path, False))


@functools.lru_cache(maxsize=16_384)
def _folder_named(patterns: Gitignore, folder: str) -> bool:
    """Whether patterns name the folder or one that it lies in."""
    ends = [at for at, character in enumerate(folder) if character == "/"]
    return any(patterns.verdict(folder[:end], True) for end in (*ends, len(folder)) if end)


def beginning_of(root: Path, path: str) -> str | None:
    """The first characters of a file below the root that Git keeps; None where there is none, or it is a link."""
    folders = path.split("/")[:-1]
    if path.startswith("/") or not {"", ".", ".."}.isdisjoint(folders) or not SKIPPED_FOLDERS.isdisjoint(folders):
        return None
    above = ["/".join(folders[: depth + 1]) for depth in range(len(folders))]
    if any(is_link(root / one) for one in (*above, path)) or not is_file(root / path):
        return None
    ignores = _ignores_above(root, root / path, [])
    if (
        any(_ignored(folder, True, [one for one in ignores if folder.startswith(one[0])]) for folder in above)
        or _ignored(path, False, ignores)
    ) and not _Index(root, []).holds(path):
        return None
    try:
        with (root / path).open("rb") as opened:
            return decode(opened.read(BEGINNING))[0]
    except OSError:
        return None


Status = tuple[int, int, int, int]
"""Size, times of the last change of what it holds and of itself in nanoseconds, and number of a file on its disk."""

COARSEST = 2_000_000_000
"""Nanoseconds between two times that every system tells apart."""


def status_of(path: str) -> Status:
    """What tells that a file has changed, or the file that it is a link to. Raises OSError."""
    told = os.stat(path)  # noqa: PTH116  # a Path would cost as much again, for every file of the tree
    return told.st_size, told.st_mtime_ns, told.st_ctime_ns, told.st_ino


def is_settled(status: Status, now: int) -> bool:
    """Whether a change after the moment `now`, in nanoseconds, would change the status for certain."""
    return max(status[1], status[2]) + COARSEST < now


_PLAIN = os.O_RDONLY | getattr(os, "O_BINARY", 0)


def read_file(path: Path | str) -> bytes:
    """The bytes of a file of at most LARGEST bytes. Raises OSError, or ValueError where it is larger or no file."""
    status = os.stat(path)  # noqa: PTH116  # a Path costs as much again as the reading, for every file of the tree
    if not modes.S_ISREG(status.st_mode):
        raise ValueError("is no regular file")  # to open a pipe is to wait for what may never come
    size = status.st_size
    if size > LARGEST:
        raise ValueError(f"is larger than {LARGEST // 1_000_000} MB ({size / 1e6:.1f} MB)")
    opened = os.open(path, _PLAIN)  # a file object asks three things more of the system
    try:
        data = os.read(opened, size + 1)
        while more := os.read(opened, LARGEST) if data else b"":
            data += more
        return data
    finally:
        os.close(opened)


_LONGEST_PATH = 4_096


def may_be_link_as_text(path: str, size: int) -> bool:
    """Whether what read_named() gives may be in another file than the one at this path."""
    return size <= _LONGEST_PATH and classify(path) in _READ_THROUGH_LINKS


def read_named(root: Path, path: str) -> bytes:
    """The bytes of a file of the tree, or of the one that it is a link to; raises as read_file does."""
    at = f"{root}/{path}"
    data = read_file(at)
    for _ in range(_MOST_LINKS):
        if not _LINK_AS_TEXT.fullmatch(data) or classify(path) not in _READ_THROUGH_LINKS:
            break
        if b"/" not in data and path.endswith("ignore") and not is_link(at):
            break  # a name alone is a pattern
        target = Path(os.path.realpath(Path(at).parent / os.fsdecode(data)))
        if not target.is_relative_to(root):
            raise ValueError("is a symbolic link that leads out of the project")
        if not is_file(target):
            break
        at, data = str(target), read_file(target)
    return data
