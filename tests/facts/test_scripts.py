"""The scripts in support/ read what a package says, as its own reader would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support import github_workflows, kubernetes_versions

SCHEMA: dict[str, Any] = {
    "root": {"mapping": {"properties": {"name": "string", "jobs": "jobs"}}},
    "jobs": {"mapping": {"loose-key-type": "string", "loose-value-type": "job"}},
    "job": {"mapping": {"properties": {"if": "job-if", "env": "env", "snapshot": "snapshot"}}},
    "job-if": {"context": ["github", "success(0,MAX)", "always(0,0)"], "string": {}},
    "env": {"context": ["github"], "mapping": {"loose-key-type": "string", "loose-value-type": "value"}},
    "value": {"context": ["secrets"], "string": {}},
    "snapshot": {"one-of": ["string", "snapshot-mapping"]},
    "snapshot-mapping": {"mapping": {"properties": {"image-name": "string", "if": "snapshot-if"}}},
    "snapshot-if": {"context": ["github"], "string": {}},
}


def test_contexts_are_added_to_those_of_the_key_above() -> None:
    nothing: dict[str, list[int | None]] = {}

    assert github_workflows._availability(SCHEMA, "root") == {
        "name": {"contexts": [], "functions": nothing},
        "jobs.*.env": {"contexts": ["github"], "functions": nothing},
        "jobs.*.env.*": {"contexts": ["github", "secrets"], "functions": nothing},
        "jobs.*.if": {"contexts": ["github"], "functions": {"always": [0, 0], "success": [0, None]}},
        "jobs.*.snapshot": {"contexts": [], "functions": nothing},
        "jobs.*.snapshot.if": {"contexts": ["github"], "functions": nothing},
    }


REGISTER = """
const GroupName = "apps"
var SchemeGroupVersion = schema.GroupVersion{{Group: GroupName, Version: "{version}"}}
func addKnownTypes(scheme *runtime.Scheme) error {{
	scheme.AddKnownTypes(SchemeGroupVersion,
		&Deployment{{}},
		&DeploymentList{{}},
	)
	return nil
}}
"""
TAGS = """
func (in *Deployment) APILifecycleIntroduced() (major, minor int) {
	return 1, 6
}
func (in *Deployment) APILifecycleDeprecated() (major, minor int) {
	return 1, 8
}
func (in *Deployment) APILifecycleRemoved() (major, minor int) {
	return 1, 16
}
"""
INTRODUCED = """
func (in *Deployment) APILifecycleIntroduced() (major, minor int) {
	return 1, 9
}
"""


def write(folder: Path, version: str, tags: str) -> None:
    (folder / "apps" / version).mkdir(parents=True)
    (folder / "apps" / version / "register.go").write_text(REGISTER.format(version=version), "utf-8")
    (folder / "apps" / version / "zz_generated.prerelease-lifecycle.go").write_text(tags, "utf-8")


def test_a_version_is_deprecated_once_its_successor_is_there(tmp_path: Path) -> None:
    write(tmp_path, "v1beta1", TAGS)
    write(tmp_path, "v1", INTRODUCED)
    kinds: dict[kubernetes_versions.Kind, kubernetes_versions.Lifecycle] = {}

    kubernetes_versions._read_module(tmp_path, 20, kinds)

    old = ("apps/v1beta1", "Deployment")
    assert set(kinds) == {old, ("apps/v1", "Deployment")}
    assert kubernetes_versions._row(old, kinds[old], kinds, 20) == ["apps/v1", 9, 16]


def test_a_kind_without_tags_is_gone_from_the_first_schemas_without_it() -> None:
    kind = ("apps/v1alpha1", "Widget")
    life = kubernetes_versions.Lifecycle(last_seen=20)

    kubernetes_versions._end(kind, life, {18: {kind}, 19: {kind}, 20: set()}, newest=20)

    assert life.removed == 20
