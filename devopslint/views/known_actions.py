"""Well-known actions: the inputs of their versions, and which versions run on a Node.js that GitHub has retired.

From each action's own action.yml, as far as the versions named here go; a newer version is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from devopslint.views.workflow import ActionFile, Step, Uses, WorkflowFile, action_steps, steps

_VERSION = re.compile(r"v?([0-9]{1,4})(?:\.|\Z)")


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

    def describes(self, uses: Uses) -> bool:
        """Whether the inputs of the version that is used are known."""
        version = major_version(uses)
        return version is not None and self.first <= version <= self.last

    def retired_runtime(self, uses: Uses) -> str:
        """The Node.js that GitHub has retired and this version asks for; empty for none."""
        version = major_version(uses)
        if version is None or version > max(self.node12, self.node16):
            return ""
        return "node12" if version <= self.node12 else "node16"


@dataclass(frozen=True)
class KnownStep:
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
) -> KnownAction:
    names = frozenset(inputs.lower().split()) | frozenset(required.split()) | frozenset(deprecated or {})
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
    )


KNOWN_ACTIONS: dict[str, KnownAction] = {
    "actions/cache": _known(
        "restore-keys upload-chunk-size enableCrossOsArchive fail-on-cache-miss lookup-only save-always",
        (1, 4),
        required="path key",
        node12=2,
        node16=3,
        outputs="cache-hit cache-primary-key cache-matched-key",
    ),
    "actions/cache/restore": _known(
        "restore-keys enableCrossOsArchive fail-on-cache-miss lookup-only",
        (3, 4),
        required="path key",
        node16=3,
        outputs="cache-hit cache-primary-key cache-matched-key",
    ),
    "actions/cache/save": _known("upload-chunk-size enableCrossOsArchive", (3, 4), required="path key", node16=3),
    "actions/checkout": _known(
        """repository ref token ssh-key ssh-known-hosts ssh-strict ssh-user persist-credentials path clean filter
        sparse-checkout sparse-checkout-cone-mode fetch-depth fetch-tags show-progress lfs submodules
        set-safe-directory github-server-url""",
        (2, 5),
        node12=2,
        node16=3,
        outputs="ref commit",
    ),
    "actions/download-artifact": _known(
        "name artifact-ids path pattern merge-multiple github-token repository run-id", (2, 5), node12=2, node16=3
    ),
    "actions/github-script": _known(
        """github-token debug user-agent previews result-encoding retries retry-exempt-status-codes base-url""",
        (3, 8),
        required="script",
        node12=5,
        node16=6,
    ),
    "actions/labeler": _known("repo-token configuration-path sync-labels dot pr-number", (4, 5), node12=3, node16=4),
    "actions/setup-dotnet": KnownAction(node12=1, node16=3),
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
    ),
    "actions/setup-node": _known(
        """always-auth node-version node-version-file architecture check-latest registry-url scope token cache
        package-manager-cache cache-dependency-path mirror mirror-token""",
        (2, 5),
        node12=2,
        node16=3,
        outputs="cache-hit node-version",
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
    ),
    "actions/upload-artifact": _known(
        "name if-no-files-found retention-days compression-level overwrite include-hidden-files",
        (2, 5),
        required="path",
        node12=2,
        node16=3,
    ),
    "actions/create-release": KnownAction(node12=1),
    "actions/upload-release-asset": KnownAction(node12=1),
    "actions/configure-pages": KnownAction(node16=3),
    "actions/deploy-pages": KnownAction(node16=3),
    "actions/dependency-review-action": KnownAction(node12=1, node16=3),
    "aws-actions/configure-aws-credentials": KnownAction(node12=1, node16=3),
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
        "token working-directory ref base filters list-files initial-fetch-depth predicate-quantifier",
        (2, 3),
        node16=2,
    ),
    "github/codeql-action/analyze": KnownAction(node12=1, node16=2),
    "github/codeql-action/autobuild": KnownAction(node12=1, node16=2),
    "github/codeql-action/init": KnownAction(node12=1, node16=2),
    "github/codeql-action/upload-sarif": _known(
        "sarif_file checkout_path ref sha token matrix category wait-for-processing", (1, 3), node12=1, node16=2
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
    "peter-evans/create-pull-request": _known(
        """token branch-token git-token path add-paths commit-message committer author signoff branch delete-branch
        branch-suffix base push-to-fork sign-commits title body body-path labels assignees reviewers team-reviewers
        milestone draft maintainer-can-modify""",
        (3, 7),
        node12=3,
        node16=5,
    ),
    "pnpm/action-setup": KnownAction(node12=1, node16=2),
    "reviewdog/action-actionlint": _known(
        "github_token tool_name level reporter filter_mode fail_level reviewdog_flags actionlint_flags",
        (1, 1),
        deprecated={"fail_on_error": "fail_level"},
        docker=True,
    ),
    "rhysd/action-setup-vim": _known("version neovim configure-args token", (1, 1)),
    "softprops/action-gh-release": _known(
        """body body_path name tag_name draft prerelease preserve_order files working_directory overwrite_files
        fail_on_unmatched_files repository token target_commitish discussion_category_name generate_release_notes
        previous_tag append_body make_latest""",
        (1, 2),
        node16=1,
    ),
    "8398a7/action-slack": _known(
        """status fields custom_payload mention if_mention author_name text username icon_emoji icon_url channel
        job_name github_base_url github_token""",
        (3, 3),
    ),
}
