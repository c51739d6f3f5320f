"""Which files beside modules speak of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping


def readmes(paths: Collection[str], read: Callable[[str], str]) -> Mapping[str, str]:
    """The READMEs in the directories of modules; that of the repository is about more than a module."""
    folders = {path.rpartition("/")[0] for path in paths if path.endswith((".tf", ".tofu"))} - {""}
    return {
        path: "terraform-readme" for path in paths if path.endswith("/README.md") and path.rpartition("/")[0] in folders
    }
