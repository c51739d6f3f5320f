"""Well-known actions: the inputs of their versions, and which versions run on a Node.js that GitHub has retired.

What their action.yml files declare: read there, and for some of the newest versions checked against the inputs that
actionlint knows. A version newer than those named here is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from devopslint.github.files import ActionFile, WorkflowFile, action_steps, steps
from devopslint.github.workflow import Step
from devopslint.scripts.steps import Uses

_VERSION = re.compile(r"(?:release/)?v?([0-9]{1,4})(?:\.|\Z)")


@dataclass(frozen=True)
class KnownAction:
    inputs: frozenset[str] = frozenset()
    """In lower case; all those of the versions `first` to `last`."""
    required: frozenset[str] = frozenset()
    deprecated: Mapping[str, str] = field(default_factory=dict)
    """Input -> what to use in its place."""
    first: int = 1
    last: int = 0
    node12: int = 0
    """The last version on Node.js 12; 0 for none."""
    node16: int = 0
    docker: bool = False
    outputs: frozenset[str] = frozenset()
    """All those of these versions; empty where they are not known."""
    until: Mapping[str, int] = field(default_factory=dict)
    """Input -> the last version that takes it, where later ones do not."""
    required_until: Mapping[str, int] = field(default_factory=dict)
    """Input -> the last version that requires it, where later ones find its value by themselves."""

    def describes(self, uses: Uses) -> bool:
        """Whether the inputs of the version that is used are known."""
        version = major_version(uses)
        return version is not None and self.first <= version <= self.last

    def takes(self, uses: Uses, name: str) -> bool:
        """Whether the version that is used has this input, given in lower case."""
        version = major_version(uses)
        return name in self.inputs and (version is None or version <= self.until.get(name, version))

    def requires(self, uses: Uses) -> frozenset[str]:
        """The inputs without which the version that is used does not run."""
        version = major_version(uses)
        return self.required.union(
            name for name, last in self.required_until.items() if version is not None and version <= last
        )

    def retired_runtime(self, uses: Uses) -> str:
        """The Node.js that GitHub has retired and this version asks for; empty for none."""
        version = major_version(uses)
        if version is None or version > max(self.node12, self.node16):
            return ""
        return "node12" if version <= self.node12 else "node16"


class KnownStep(NamedTuple):
    """A step that uses a well-known action."""

    step: Step
    uses: Uses
    action: KnownAction

    @property
    def label(self) -> str:
        return self.step.label


def known_steps(file: WorkflowFile) -> list[KnownStep]:
    return list(_known_steps(steps(file)))


def known_action_steps(file: ActionFile) -> list[KnownStep]:
    return list(_known_steps(action_steps(file)))


def described_steps(file: WorkflowFile) -> list[KnownStep]:
    """Those whose version is known by its inputs."""
    return [known for known in known_steps(file) if known.action.describes(known.uses)]


def described_action_steps(file: ActionFile) -> list[KnownStep]:
    return [known for known in known_action_steps(file) if known.action.describes(known.uses)]


def _known_steps(found: Iterable[Step]) -> Iterator[KnownStep]:
    for step in found:
        action = known_action(step.uses)
        if step.uses is not None and action is not None:
            yield KnownStep(step, step.uses, action)


def known_action(uses: Uses | None) -> KnownAction | None:
    return KNOWN_ACTIONS.get(uses.action.lower()) if uses is not None and uses.kind == "repository" else None


def major_version(uses: Uses) -> int | None:
    """The 4 of `v4` and `v4.1.2`; None for a branch or a commit."""
    found = _VERSION.match(uses.ref)
    return int(found[1]) if found and not uses.pinned else None


def _known(
    inputs: str,
    versions: tuple[int, int],
    *,
    required: str = "",
    deprecated: Mapping[str, str] | None = None,
    node12: int = 0,
    node16: int = 0,
    docker: bool = False,
    outputs: str = "",
    until: Mapping[str, int] | None = None,
    required_until: Mapping[str, int] | None = None,
) -> KnownAction:
    names = frozenset((*inputs.lower().split(), *required.split(), *(deprecated or ()), *(until or ())))
    first, last = versions
    return KnownAction(
        names,
        frozenset(required.split()),
        deprecated or {},
        first,
        last,
        node12,
        node16,
        docker,
        frozenset(outputs.split()),
        until or {},
        required_until or {},
    )


KNOWN_ACTIONS: dict[str, KnownAction] = {
    "actions/cache": _known(
        "restore-keys upload-chunk-size enableCrossOsArchive fail-on-cache-miss lookup-only save-always",
        (1, 5),
        required="path key",
        node12=2,
        node16=3,
        outputs="cache-hit cache-primary-key cache-matched-key",
    ),
    "actions/cache/restore": _known(
        "restore-keys enableCrossOsArchive fail-on-cache-miss lookup-only",
        (3, 5),
        required="path key",
        node16=3,
        outputs="cache-hit cache-primary-key cache-matched-key",
    ),
    "actions/cache/save": _known("upload-chunk-size enableCrossOsArchive", (3, 5), required="path key", node16=3),
    "actions/checkout": _known(
        """repository ref token ssh-key ssh-known-hosts ssh-strict ssh-user persist-credentials path clean filter
        sparse-checkout sparse-checkout-cone-mode fetch-depth fetch-tags show-progress lfs submodules
        set-safe-directory github-server-url""",
        (2, 6),
        node12=2,
        node16=3,
        outputs="ref commit",
    ),
    "actions/download-artifact": _known(
        "name artifact-ids path pattern merge-multiple github-token repository run-id",
        (2, 5),
        node12=2,
        node16=3,
        outputs="download-path artifacts",
    ),
    "actions/github-script": _known(
        """github-token debug user-agent previews result-encoding retries retry-exempt-status-codes base-url""",
        (3, 8),
        required="script",
        node12=5,
        node16=6,
    ),
    "actions/labeler": _known(
        "repo-token configuration-path sync-labels dot pr-number",
        (4, 6),
        node12=3,
        node16=4,
        outputs="new-labels all-labels",
    ),
    "actions/setup-dotnet": _known(
        """dotnet-version dotnet-quality global-json-file source-url owner config-file cache cache-dependency-path
        architecture workloads""",
        (3, 5),
        node12=1,
        node16=3,
        outputs="cache-hit dotnet-version",
    ),
    "actions/setup-go": _known(
        """go-version go-version-file check-latest token cache cache-dependency-path architecture stable
        go-download-base-url""",
        (2, 6),
        node12=2,
        node16=4,
        outputs="go-version cache-hit",
    ),
    "actions/setup-java": _known(
        """java-version java-version-file distribution java-package architecture jdk-file jdkfile check-latest
        force-download set-default verify-signature verify-signature-public-key server-id server-username-env-var
        server-username server-password-env-var server-password settings-path overwrite-settings gpg-private-key
        gpg-passphrase-env-var gpg-passphrase cache cache-jdk cache-dependency-path cache-path cache-read-only
        job-status token mvn-toolchain-id mvn-toolchain-vendor show-download-progress problem-matcher""",
        (2, 5),
        node12=2,
        node16=3,
        required_until={"distribution": 4},
    ),
    "actions/setup-node": _known(
        """always-auth node-version node-version-file architecture check-latest registry-url scope token cache
        package-manager-cache cache-dependency-path mirror mirror-token""",
        (2, 6),
        node12=2,
        node16=3,
        outputs="cache-hit node-version",
        until={"always-auth": 5},
    ),
    "actions/setup-python": _known(
        """python-version python-version-file cache architecture check-latest token cache-dependency-path
        update-environment allow-prereleases freethreaded pip-version pip-install""",
        (2, 6),
        node12=2,
        node16=4,
        outputs="python-version cache-hit python-path",
    ),
    "actions/stale": _known(
        """repo-token stale-issue-message stale-pr-message close-issue-message close-pr-message days-before-stale
        days-before-issue-stale days-before-pr-stale days-before-close days-before-issue-close days-before-pr-close
        stale-issue-label close-issue-label exempt-issue-labels close-issue-reason stale-pr-label close-pr-label
        exempt-pr-labels exempt-milestones exempt-issue-milestones exempt-pr-milestones exempt-all-milestones
        exempt-all-issue-milestones exempt-all-pr-milestones only-labels any-of-labels any-of-issue-labels
        any-of-pr-labels only-issue-labels only-pr-labels operations-per-run remove-stale-when-updated
        remove-issue-stale-when-updated remove-pr-stale-when-updated debug-only ascending sort-by delete-branch
        start-date exempt-assignees exempt-issue-assignees exempt-pr-assignees exempt-all-assignees
        exempt-all-issue-assignees exempt-all-pr-assignees exempt-draft-pr enable-statistics
        labels-to-add-when-unstale labels-to-remove-when-unstale ignore-updates ignore-issue-updates
        ignore-pr-updates include-only-assigned only-issue-types skip-stale-issue-message skip-stale-pr-message""",
        (4, 10),
        node12=4,
        node16=8,
        outputs="closed-issues-prs staled-issues-prs",
    ),
    "actions/upload-artifact": _known(
        "name if-no-files-found retention-days compression-level overwrite include-hidden-files",
        (2, 5),
        required="path",
        node12=2,
        node16=3,
        outputs="artifact-id artifact-url artifact-digest",
    ),
    "actions/create-release": KnownAction(node12=1),
    "actions/upload-release-asset": KnownAction(node12=1),
    "actions/attest-build-provenance": _known(
        """subject-path subject-digest subject-name subject-checksums push-to-registry create-storage-record
        show-summary github-token""",
        (1, 3),
        outputs="bundle-path attestation-id attestation-url storage-record-ids",
    ),
    "actions/configure-pages": _known(
        "static_site_generator generator_config_file token enablement",
        (1, 5),
        node16=3,
        outputs="base_url origin host base_path",
    ),
    "actions/delete-package-versions": _known(
        """package-version-ids owner num-old-versions-to-delete min-versions-to-keep ignore-versions token
        delete-only-pre-release-versions delete-only-untagged-versions""",
        (5, 5),
        required="package-name package-type",
        node16=4,
    ),
    "actions/deploy-pages": _known(
        "token timeout error_count reporting_interval artifact_name preview", (2, 5), node16=2, outputs="page_url"
    ),
    "actions/dependency-review-action": _known(
        """repo-token fail-on-severity fail-on-scopes base-ref head-ref config-file allow-licenses deny-licenses
        allow-dependencies-licenses allow-ghsas external-repo-token license-check vulnerability-check
        comment-summary-in-pr deny-packages deny-groups retry-on-snapshot-warnings
        retry-on-snapshot-warnings-timeout warn-only show-openssf-scorecard warn-on-openssf-scorecard-level
        show-patched-versions""",
        (4, 4),
        node12=1,
        node16=3,
    ),
    "actions/upload-pages-artifact": _known(
        "name path retention-days include-hidden-files", (3, 4), outputs="artifact_id"
    ),
    "aws-actions/configure-aws-credentials": _known(
        """action-timeout-s allowed-account-ids audience aws-access-key-id aws-secret-access-key aws-session-token
        disable-retry force-skip-oidc http-proxy inline-session-policy managed-session-policies mask-aws-account-id
        no-proxy output-credentials output-env-credentials retry-max-attempts role-chaining role-duration-seconds
        role-external-id role-session-name role-skip-session-tagging role-to-assume special-characters-workaround
        unset-current-credentials use-existing-credentials web-identity-token-file""",
        (4, 5),
        required="aws-region",
        node12=1,
        node16=3,
    ),
    "azure/aks-set-context": _known(
        "subscription admin use-kubelogin public-fqdn resource-type",
        (4, 4),
        required="resource-group cluster-name",
        node12=1,
        node16=3,
    ),
    "azure/functions-action": _known(
        """package slot-name publish-profile respect-pom-xml respect-funcignore scm-do-build-during-deployment
        enable-oryx-build remote-build sku""",
        (1, 1),
        required="app-name",
        outputs="app-url package-url",
    ),
    "codecov/codecov-action": _known(
        """base_sha binary codecov_yml_path commit_parent directory disable_file_fixes disable_safe_directory
        disable_search disable_telem dry_run env_vars exclude fail_ci_if_error files flags force gcov_args
        gcov_executable gcov_ignore gcov_include git_service handle_no_reports_found job_code name network_filter
        network_prefix os override_branch override_build override_build_url override_commit override_pr plugins
        recurse_submodules report_code report_type root_dir run_command skip_validation slug swift_project token url
        use_legacy_upload_endpoint use_oidc use_pypi verbose version working-directory""",
        (4, 5),
        node16=3,
        until={"file": 4, "plugin": 4},
    ),
    "azure/login": _known(
        """creds client-id tenant-id subscription-id enable-AzPSSession environment allow-no-subscriptions audience
        auth-type""",
        (1, 2),
        node16=1,
    ),
    "docker/build-push-action": _known(
        """add-hosts allow annotations attests build-args build-contexts builder cache-from cache-to call
        cgroup-parent context file labels load network no-cache no-cache-filters outputs platforms provenance pull
        push sbom secret-envs secret-files secrets shm-size ssh tags target ulimit github-token""",
        (2, 6),
        node12=2,
        node16=4,
        outputs="imageid digest metadata",
    ),
    "docker/login-action": _known(
        "registry username password ecr scope logout registry-auth", (1, 3), node12=1, node16=2
    ),
    "docker/metadata-action": _known(
        """context images tags flavor labels annotations sep-tags sep-labels sep-annotations bake-target
        github-token""",
        (3, 5),
        node12=3,
        node16=4,
        outputs="""version tags tag-names labels annotations json bake-file bake-file-tags bake-file-labels
        bake-file-annotations""",
    ),
    "docker/setup-buildx-action": _known(
        """version driver driver-opts buildkitd-flags buildkitd-config buildkitd-config-inline install use endpoint
        platforms append cache-binary cleanup keep-state name config config-inline""",
        (1, 3),
        node12=1,
        node16=2,
    ),
    "docker/setup-qemu-action": _known("image platforms cache-image reset", (1, 3), node12=1, node16=2),
    "dorny/paths-filter": _known(
        "token working-directory ref base list-files initial-fetch-depth predicate-quantifier",
        (2, 3),
        required="filters",
        node16=2,
    ),
    "github/codeql-action/analyze": KnownAction(node12=1, node16=2),
    "github/codeql-action/autobuild": _known("token matrix working-directory", (1, 4), node12=1, node16=2),
    "github/codeql-action/init": KnownAction(node12=1, node16=2),
    "github/codeql-action/upload-sarif": _known(
        "sarif_file checkout_path ref sha token matrix category wait-for-processing", (1, 3), node12=1, node16=2
    ),
    "goreleaser/goreleaser-action": _known(
        "distribution version args workdir install-only", (5, 6), outputs="artifacts metadata"
    ),
    "golangci/golangci-lint-action": KnownAction(node12=2, node16=3),
    "hashicorp/setup-terraform": _known(
        "cli_config_credentials_hostname cli_config_credentials_token terraform_version terraform_wrapper",
        (1, 3),
        node12=1,
        node16=2,
    ),
    "peaceiris/actions-gh-pages": _known(
        """deploy_key github_token personal_token publish_branch publish_dir destination_dir external_repository
        allow_empty_commit keep_files force_orphan user_name user_email commit_message full_commit_message tag_name
        tag_message disable_nojekyll enable_jekyll cname exclude_assets""",
        (3, 4),
        node16=3,
    ),
    "peter-evans/create-or-update-comment": _known(
        """token repository issue-number comment-id body body-path body-file edit-mode append-separator reactions
        reactions-edit-mode""",
        (3, 5),
        node12=1,
        node16=3,
        outputs="comment-id",
    ),
    "peter-evans/create-pull-request": _known(
        """token branch-token git-token path add-paths commit-message committer author signoff branch delete-branch
        branch-suffix base push-to-fork sign-commits title body body-path labels assignees reviewers team-reviewers
        milestone draft maintainer-can-modify""",
        (3, 7),
        node12=3,
        node16=5,
        outputs="""pull-request-number pull-request-url pull-request-operation pull-request-head-sha
        pull-request-branch pull-request-commits-verified""",
    ),
    "pnpm/action-setup": KnownAction(node12=1, node16=2),
    "pypa/gh-action-pypi-publish": _known(
        "user password repository-url packages-dir verify-metadata skip-existing verbose print-hash attestations",
        (1, 1),
        deprecated={
            "repository_url": "repository-url",
            "packages_dir": "packages-dir",
            "verify_metadata": "verify-metadata",
            "skip_existing": "skip-existing",
            "print_hash": "print-hash",
        },
        docker=True,
    ),
    "release-drafter/release-drafter": _known(
        """config-name name tag version publish latest prerelease prerelease-identifier include-pre-releases
        commitish header footer disable-releaser disable-autolabeler initial-commits-since""",
        (6, 6),
    ),
    "reviewdog/action-actionlint": _known(
        "github_token tool_name level reporter filter_mode fail_level reviewdog_flags actionlint_flags",
        (1, 1),
        deprecated={"fail_on_error": "fail_level"},
        docker=True,
    ),
    "rhysd/action-setup-vim": _known("version neovim configure-args token", (1, 1)),
    "ruby/setup-ruby": _known(
        """ruby-version rubygems bundler bundler-cache working-directory cache-version self-hosted windows-toolchain
        token""",
        (1, 1),
        outputs="ruby-prefix",
    ),
    "shivammathur/setup-php": _known(
        "php-version php-version-file extensions ini-file ini-values coverage tools github-token",
        (2, 2),
        outputs="php-version",
    ),
    "softprops/action-gh-release": _known(
        """body body_path name tag_name draft prerelease preserve_order files working_directory overwrite_files
        fail_on_unmatched_files repository token target_commitish discussion_category_name generate_release_notes
        previous_tag append_body make_latest""",
        (1, 2),
        node16=1,
        outputs="url id upload_url assets",
    ),
    "swatinem/rust-cache": _known(
        """prefix-key shared-key key add-job-id-key add-rust-environment-hash-key env-vars workspaces
        cache-directories cache-targets cache-on-failure cache-all-crates cache-workspace-crates save-if
        cache-provider cache-bin lookup-only cmd-format""",
        (2, 2),
        outputs="cache-hit",
    ),
    "jamesives/github-pages-deploy-action": _known(
        """ssh-key token branch target-folder commit-message clean clean-exclude dry-run force git-config-name
        git-config-email repository-name tag single-commit silent attempt-limit""",
        (4, 4),
        required="folder",
        outputs="deployment-status",
    ),
    "actions-rs/audit-check": KnownAction(node12=1),
    "actions-rs/cargo": KnownAction(node12=1),
    "actions-rs/clippy-check": KnownAction(node12=1),
    "actions-rs/toolchain": KnownAction(node12=1),
    "8398a7/action-slack": _known(
        """fields custom_payload mention if_mention author_name text username icon_emoji icon_url channel
        job_name github_base_url github_token""",
        (3, 3),
        required="status",
    ),
}
