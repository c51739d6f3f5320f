"""Where a state is kept, who may write it, and who may read it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import NamedTuple
from devopslint.model import Location, Problem
from devopslint.readers.folders import tried_in
from devopslint.registry import check
from devopslint.secrets.judgement import holds_value
from devopslint.terraform import expressions as hcl
from devopslint.terraform.modules import Terraform
from devopslint.terraform.references import references_in
from devopslint.terraform.source import SourceText, all_attributes
from devopslint.terraform.subjects import Backend, ModuleSubject, backends, modules, roots
from devopslint.terraform.versions import allows

_CREDENTIALS = frozenset(
    (
        "access_key",
        "secret_key",
        "token",
        "sas_token",
        "client_secret",
        "client_certificate_password",
        "password",
        "encryption_key",
        "credentials",
        "access_token",
        "conn_str",
    )
)
_LOCK_FILE_SINCE = (1, 11)
_STORAGE = frozenset(("aws_s3_bucket", "azurerm_storage_account", "azurerm_storage_container", "google_storage_bucket"))
_FIRST = frozenset(("backend", "backends", "bootstrap", "bootstrapping", "init", "state", "states", "tfstate"))
"""Words in the names of folders for what is applied before anything else."""


@check("tf-local-state", each=roots, complete=True)
def local_state(root: ModuleSubject) -> Iterator[Problem]:
    if root.open or root.tree.wrapped or _makes_the_storage_of_states(root):
        return
    for backend in backends(root.tree):
        if backend.owner.module is root.module:
            if backend.type == "local":
                yield Problem(backend.location, "state is kept in a local file, where no colleague and no lock is")
            return
    if root.tree.keeps_backend_out(root.module):
        return
    at = root.module.settings[0].location if root.module.settings else root.module.providers[0].location
    yield Problem(at, f"module '{root.label}' names no backend, so that its state is kept in a local file")


def _makes_the_storage_of_states(root: ModuleSubject) -> bool:
    """Whether the others' states lie in what this module makes: its own cannot lie there before it is applied."""
    if not any(
        type_ in _STORAGE and "state" in name.lower()
        for mode, type_, name in root.module.resources
        if mode == "resource"
    ):
        return False
    first = not _FIRST.isdisjoint(re.split(r"[/_-]", root.module.folder.lower()))
    return first or any(one.type in ("s3", "gcs", "azurerm") for one in backends(root.tree))


@check("tf-state-unlocked", each=backends)
def state_unlocked(backend: Backend) -> Iterator[Problem]:
    body = backend.body
    if backend.type == "s3" and body.written("bucket"):
        table, lock = body.get("dynamodb_table"), body.get("use_lockfile")
        if table.absent and (lock.absent or lock.is_false):
            said = "state in S3 is not locked: neither use_lockfile nor dynamodb_table is set"
            yield Problem(backend.location, said, certain=not tried_in(backend.location.path))
    elif backend.type == "http" and body.written("address") and body.get("lock_address").absent:
        yield Problem(backend.location, "state behind HTTP is not locked: lock_address is not set")


@check("tf-state-unencrypted", each=backends)
def state_unencrypted(backend: Backend) -> Iterator[Problem]:
    encrypt = backend.body.get("encrypt")
    if backend.type == "s3" and encrypt.is_false and not _encrypts_itself(backend):
        yield Problem(encrypt.location, "state is stored without encryption: encrypt is false")


@check("tf-state-encryption-unsaid", each=backends)
def state_encryption_unsaid(backend: Backend) -> Iterator[Problem]:
    if backend.type == "s3" and not backend.partial and backend.body.get("encrypt").absent:
        if not _encrypts_itself(backend):
            yield Problem(backend.location, "encrypt is not set: only the bucket's default encrypts the state")


def _encrypts_itself(backend: Backend) -> bool:
    """Whether OpenTofu encrypts the state before it is stored."""
    settings = backend.owner.module.settings
    return any(inner.type == "encryption" for setting in settings for inner in setting.block.blocks)


@check("tf-state-deprecated-lock", each=backends)
def state_deprecated_lock(backend: Backend) -> Iterator[Problem]:
    table = backend.body.get("dynamodb_table")
    if backend.type != "s3" or table.absent or not backend.body.get("use_lockfile").absent:
        return
    module = backend.owner.module
    versions = [text for setting in module.settings if (text := setting.literal("required_version")) is not None]
    tofu = backend.owner.tree.runs_tofu(module)
    if versions and not tofu and all(allows(version, _LOCK_FILE_SINCE) for version in versions):
        yield Problem(
            table.location, "dynamodb_table is deprecated since Terraform 1.11, which locks with use_lockfile"
        )


@check("tf-state-credentials", each=backends)
def state_credentials(backend: Backend) -> Iterator[Problem]:
    for name in sorted(_CREDENTIALS):
        value = backend.body.get(name)
        if (text := value.text) is not None and holds_value(text):
            if name != "conn_str" or "@" in text:
                yield Problem(value.location, f"backend {backend.type} is given {name} as it is")


@check("tf-state-variable-in-backend", each=backends)
def state_variable_in_backend(backend: Backend) -> Iterator[Problem]:
    body = backend.body
    owner = backend.owner
    if owner.tree.runs_tofu(owner.module) or _encrypts_itself(backend) or owner.open:
        return
    for attribute in body.block.attributes:
        for node in references_in(body.source.value(attribute)):
            if node.root in ("var", "local"):
                yield Problem(
                    body.source.of_attribute(attribute),
                    f"backend {backend.type} refers to {node.root}.{node.steps[0] if node.steps else ''}, "
                    "which Terraform does not know yet when it reads the backend",
                )
                break


class StateFound(NamedTuple):
    """A state, a plan or Terraform's own folder among the files of the tree."""

    location: Location
    what: str

    @property
    def label(self) -> str:
        return self.location.path


def states(terraform: Terraform) -> Iterator[StateFound]:
    held = "a state, which holds every secret in plain text,"
    for state in terraform.states:
        if state.location is not None:
            yield StateFound(state.location, held)
    read = {state.path for state in terraform.states}
    folders = set()
    for path in sorted(terraform.paths):
        at = Location(path, 1, 1, 1, 1)
        if path.endswith((".tfstate", ".tfstate.backup")) and path not in read:  # too large to be read
            yield StateFound(at, held)
        if path.endswith(".tfplan"):
            yield StateFound(at, "a saved plan, which holds every secret in plain text,")
        elif "/.terraform/" in f"/{path}" and (folder := f"/{path}".partition("/.terraform/")[0]) not in folders:
            folders.add(folder)
            yield StateFound(at, "Terraform's working directory")


@check("tf-state-committed", each=states)
def state_committed(state: StateFound) -> Iterator[Problem]:
    yield Problem(state.location, f"{state.what} is among the files of the repository")


@check("tf-lock-file-missing", each=roots, complete=True)
def lock_file_missing(root: ModuleSubject) -> Iterator[Problem]:
    folder = root.module.folder
    path = f"{folder}/.terraform.lock.hcl".lstrip("/")
    used = next((use for use in root.module.uses if use.name != "terraform"), None)
    if used is not None and path not in root.tree.paths and not root.open:
        at = root.module.settings[0].location if root.module.settings else used.location
        yield Problem(
            at, f"module '{root.label}' has no .terraform.lock.hcl, so that each run may take other providers"
        )


@check("tf-workspace-remote", each=modules)
def workspace_remote(subject: ModuleSubject) -> Iterator[Problem]:
    module = subject.module
    if not any(block.type == "backend" and block.labels == ("remote",) for _, block in module.backends):
        return
    versions = [text for setting in module.settings if (text := setting.literal("required_version")) is not None]
    if not versions or not all(allows(version, (1, 0)) for version in versions):
        return
    for file in module.files:
        for start, node in _workspaces(file):
            yield Problem(
                file.location(start + node.start, start + node.end),
                "terraform.workspace is always 'default' with the remote backend of Terraform 1.0",
            )


def _workspaces(file: SourceText) -> Iterator[tuple[int, hcl.Reference]]:
    for attribute in all_attributes(file.body):
        for node in references_in(file.value(attribute)):
            if node.root == "terraform" and node.steps == ("workspace",):
                yield attribute.value_start, node
