"""Which files beside modules speak of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from devopslint.terraform.source import SourceText


def readmes(paths: Collection[str], read: Callable[[str], str]) -> Mapping[str, str]:
    """The READMEs in the directories of modules; that of the repository is about more than a module."""
    folders = {path.rpartition("/")[0] for path in paths if path.endswith((".tf", ".tofu"))} - {""}
    return {
        path: "terraform-readme" for path in paths if path.endswith("/README.md") and path.rpartition("/")[0] in folders
    }


def ignoring_files(told: Iterable[object]) -> Iterator[str]:
    """The paths of what may say that Git does not keep a file of a module."""
    folders = {one.folder for one in told if isinstance(one, SourceText)}
    for folder in folders:
        while folder:
            yield f"{folder}/.gitignore"
            folder = folder.rpartition("/")[0]
    if folders:
        yield ".gitignore"
