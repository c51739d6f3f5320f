"""When Kubernetes deprecates and removes its API versions: python -m support.kubernetes_versions.

The lifecycle tags of the types say it, for removals that are only planned too. A type without tags is gone from the
first version whose module or whose published schemas no longer have it, and so is one that went before its time.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from support.packages import go_module, go_versions, pypi, write_table

_GROUP = re.compile(r'\bGroupName\s*=\s*"([^"]*)"')
_VERSION = re.compile(r'Version:\s*"([^"]+)"')
_REGISTERED = re.compile(r"AddKnownTypes\(\s*SchemeGroupVersion,(.*?)\)\n", re.DOTALL)
_TAG = re.compile(r"func \(in \*(\w+)\) APILifecycle(Introduced|Deprecated|Removed)\(\).*?return 1, (\d+)", re.DOTALL)
_REPLACEMENT = re.compile(
    r'func \(in \*(\w+)\) APILifecycleReplacement\(\).*?Group: "(.*?)", Version: "(.*?)", Kind: "(.*?)"', re.DOTALL
)
_DEPRECATED = re.compile(r"// Deprecated: This API is deprecated in v1\.(\d+)\+(?:\. Use (\w+?)(v\d\w*)\.(\w+))?")
_SCHEMAS = re.compile(r"v1\.(\d+)\.\d+-local")
_STABLE = re.compile(r"v0\.(\d+)\.\d+\Z")
_OTHER_MODULES = {
    "k8s.io/kube-aggregator": "pkg/apis/apiregistration",
    "k8s.io/apiextensions-apiserver": "pkg/apis/apiextensions",
}
# These have no tags, stay in the module though nothing serves them, and were gone before the first published schemas.
# CHANGELOG-1.17, CHANGELOG-1.14 and CHANGELOG-1.23 of Kubernetes have them.
_BY_CHANGELOG = {
    **{
        ("rbac.authorization.k8s.io/v1alpha1", kind): (17, 23)
        for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
    },
    ("scheduling.k8s.io/v1alpha1", "PriorityClass"): (14, 23),
}


@dataclass
class Lifecycle:
    introduced: int | None = None
    deprecated: int | None = None
    removed: int | None = None
    replacement: tuple[str, str] | None = None
    last_seen: int = 0
    tagged: bool = False


Kind = tuple[str, str]
"""An API version and the name of a kind in it."""


def main() -> None:
    kinds: dict[Kind, Lifecycle] = {}
    newest_of = {int(m[1]): version for version in go_versions("k8s.io/api") if (m := _STABLE.match(version))}
    for minor in range(min(newest_of), max(newest_of) + 1):
        module = go_module("k8s.io/api", newest_of.get(minor, f"v0.{minor}.0"))
        _read_module(module.folder, minor, kinds)
    packages = [module]
    newest = max(newest_of)
    for name, folder in _OTHER_MODULES.items():
        packages.append(go_module(name, newest_of[newest]))
        _read_module(packages[-1].folder / folder, newest, kinds)
    schemas = pypi("kubernetes-validate")
    served = _served(schemas.folder)
    for kind, life in kinds.items():
        _end(kind, life, served, newest)
    table: dict[str, dict[str, list[object]]] = {}
    for (api_version, name), life in sorted(kinds.items()):
        if life.deprecated is not None or life.removed is not None:
            table.setdefault(api_version, {})[name] = _row((api_version, name), life, kinds, newest)
    for api_version, rows in table.items():
        ends = [life.removed for kind, life in kinds.items() if kind[0] == api_version]
        if all(end is not None and end <= newest for end in ends):
            last = max(end for end in ends if end is not None)
            rows["*"] = ["", last, last]
    write_table(
        "kubernetes_versions",
        __file__,
        [*packages, schemas],
        {"retirements": table},
        note="untagged kinds of rbac and scheduling by CHANGELOG-1.23 of Kubernetes",
    )


def _read_module(folder: Path, minor: int, kinds: dict[Kind, Lifecycle]) -> None:
    for register in sorted(folder.rglob("register.go")):
        text = register.read_text("utf-8")
        group, version, registered = _group(register), _VERSION.search(text), _REGISTERED.search(text)
        if version is None or registered is None or version[1] == "__internal":
            continue
        api_version = f"{group}/{version[1]}" if group else version[1]
        names = [name for name in re.findall(r"&(\w+)\{", registered[1]) if not name.endswith(("List", "Options"))]
        for name in names:
            kinds.setdefault((api_version, name), Lifecycle()).last_seen = minor
        _read_tags(register.parent, api_version, set(names), kinds)
        _read_comments(register.parent, api_version, set(names), kinds)


def _group(register: Path) -> str:
    for path in (register, register.parent.parent / "register.go"):
        found = _GROUP.search(path.read_text("utf-8")) if path.exists() else None
        if found is not None:
            return found[1]
    raise ValueError(f"{register} names no group")


def _read_tags(folder: Path, api_version: str, names: set[str], kinds: dict[Kind, Lifecycle]) -> None:
    path = folder / "zz_generated.prerelease-lifecycle.go"
    text = path.read_text("utf-8") if path.exists() else ""
    for name, tag, minor in _TAG.findall(text):
        if name in names:
            life = kinds[api_version, name]
            life.tagged = True
            setattr(life, tag.lower(), int(minor))
    for name, group, version, kind in _REPLACEMENT.findall(text):
        if name in names:
            kinds[api_version, name].replacement = (f"{group}/{version}" if group else version, kind)


def _read_comments(folder: Path, api_version: str, names: set[str], kinds: dict[Kind, Lifecycle]) -> None:
    """What is deprecated for ever, and stays: Endpoints and ComponentStatus say it in their comments."""
    path = folder / "types.go"
    for comment, name in re.findall(
        r"((?://.*\n)+)type (\w+) struct", path.read_text("utf-8") if path.exists() else ""
    ):
        found = _DEPRECATED.search(comment)
        if name in names and found is not None:
            life = kinds[api_version, name]
            life.deprecated = int(found[1])
            if found[4]:
                life.replacement = (f"{found[2]}.k8s.io/{found[3]}", found[4])


def _served(folder: Path) -> dict[int, set[Kind]]:
    """Minor version -> the kinds that its published schemas have."""
    served: dict[int, set[Kind]] = {}
    for path in folder.rglob("_definitions.json"):
        minor = _SCHEMAS.match(path.parent.name)
        if minor is None:
            continue
        document = json.loads(path.read_bytes())
        kinds = served.setdefault(int(minor[1]), set())
        for definition in document.get("definitions", document.get("$defs", {})).values():
            for known in definition.get("x-kubernetes-group-version-kind", ()):
                group = known["group"]
                kinds.add((f"{group}/{known['version']}" if group else known["version"], known["kind"]))
    return served


def _end(kind: Kind, life: Lifecycle, served: dict[int, set[Kind]], newest: int) -> None:
    having = [minor for minor, kinds in served.items() if kind in kinds]
    gone = max(having) + 1 if having and max(having) < max(served) else None
    if life.tagged:
        # Some went before their time.
        if gone is not None and life.removed is not None:
            life.removed = min(life.removed, gone)
    elif gone is not None:
        life.removed = gone
    elif kind in _BY_CHANGELOG:
        life.deprecated, life.removed = _BY_CHANGELOG[kind]
    elif not having and life.last_seen < newest:
        life.removed = life.last_seen + 1
    elif not having:
        print(f"{kind} is in the module, and in no published schema since 1.{min(served)}: nobody says when it went")


def _row(kind: Kind, life: Lifecycle, kinds: dict[Kind, Lifecycle], newest: int) -> list[object]:
    """Its successor or '', the first version that calls it deprecated, and the first one without it or null."""
    successor = _successor(kind, kinds, newest)
    deprecated = life.deprecated if life.deprecated is not None else life.removed
    assert deprecated is not None
    there_since = kinds[successor].introduced if successor else None
    if there_since is not None and (life.removed is None or there_since < life.removed):
        # There is nothing to move to before the successor is there.
        deprecated = max(deprecated, there_since)
    if life.removed is not None:
        deprecated = min(deprecated, life.removed)
    if successor is None:
        name = ""
    else:
        name = successor[0] if successor[1] == kind[1] else " ".join(successor)
    return [name, deprecated, life.removed]


def _successor(kind: Kind, kinds: dict[Kind, Lifecycle], newest: int) -> Kind | None:
    """The most mature version of the kind that is still there, in its group or where its replacement is."""
    replacement = kinds[kind].replacement
    if replacement is not None and replacement in kinds and _group_of(replacement) != _group_of(kind):
        return _most_mature(replacement, kinds, newest)
    best = _most_mature(kind, kinds, newest)
    return best if best is not None and _maturity(best) > _maturity(kind) else None


def _most_mature(kind: Kind, kinds: dict[Kind, Lifecycle], newest: int) -> Kind | None:
    there = [
        other
        for other, life in kinds.items()
        if (_group_of(other), other[1]) == (_group_of(kind), kind[1])
        and (life.removed is None or life.removed > newest)
    ]
    return max(there, key=_maturity, default=None)


def _group_of(kind: Kind) -> str:
    return kind[0].rpartition("/")[0]


def _maturity(kind: Kind) -> tuple[int, int, int]:
    """A key that sorts v1alpha1, v1beta1, v1beta2, v1, v2 in this order."""
    version = kind[0].rpartition("/")[2]
    found = re.fullmatch(r"v(\d+)(?:(alpha|beta)(\d+))?", version)
    assert found is not None, version
    stage = {"alpha": 0, "beta": 1, None: 2}[found[2]]
    return stage, int(found[1]), int(found[3] or 0)


if __name__ == "__main__":
    main()
