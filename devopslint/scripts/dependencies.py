"""What a project's manifests say of the packages that it needs: whether some are for development alone, and which frameworks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from devopslint.deferred import compiled
from devopslint.images.summaries import DeclaredDependencies
from devopslint.readers.text_file import TextFile
from devopslint.readers.yaml import read_yaml

_GROUP = compiled(
    r"^[ \t]*group\b(?![ \t(]*:production\b(?![ \t]*,[ \t]*:))|^[^#\n]*?(?:\bgroups?:|:groups?[ \t]*=>)(?![ \t]*\[?[ \t]*:production\b[ \t]*\]?[ \t]*(?:\Z|\n|#))"
    r"|^[ \t]*(?:gemspec|eval_gemfile|instance_eval)\b",
    re.MULTILINE,
)
"""In a Gemfile: gems of a group other than production, or gems that stand elsewhere."""
_RAILS = compiled(
    r"""^[ \t]*(?:gem[ \t(]+["'](?:rails|railties|spree|solidus|hanami-rails)["']|gemspec\b|eval_gemfile\b|instance_eval\b)""",
    re.MULTILINE,
)
_PYTHON_GROUPS = compiled(
    r"^[ \t]*\[(?:dependency-groups|tool\.poetry\.group\.[^\]\n]+|tool\.(?:poetry|pdm)\.dev-dependencies)\]"
    r"|^[ \t]*dev-dependencies[ \t]*=",
    re.MULTILINE,
)


class GemFile(TextFile):
    """A Gemfile. It is read for what it declares; nothing in it is judged."""

    kinds: ClassVar[tuple[str, ...]] = ("gemfile",)
    judged: ClassVar[bool] = False

    def summaries(self) -> Iterable[object]:
        return declared_dependencies(self.path, self.text)


def declared_dependencies(path: str, text: str) -> Iterator[DeclaredDependencies]:
    """What the manifest at `path` declares; nothing for any other file."""
    name = path.rpartition("/")[2]
    if name in ("package.json", "composer.json"):
        for document in read_yaml(path, text).documents[:1]:
            root = document.root
            if name == "composer.json":
                yield DeclaredDependencies(path, "composer", bool(root["require-dev"].items()), frozenset())
            elif root.is_mapping:
                others = root["workspaces"].present  # they have manifests of their own
                yield DeclaredDependencies(path, "node", others or bool(root["devDependencies"].items()), frozenset())
    elif name == "Gemfile":
        frameworks = frozenset({"rails"} if _RAILS.search(text) else ())
        yield DeclaredDependencies(path, "bundler", _GROUP.search(text) is not None, frameworks)
    elif name == "pyproject.toml":
        yield DeclaredDependencies(path, "python", _PYTHON_GROUPS.search(text) is not None, frozenset())
