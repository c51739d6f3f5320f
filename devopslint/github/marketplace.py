"""What is known of published actions: which cache, publish, execute an input, are archived, or are often copied in name.

Read in November 2026 from the actions' own action.yml and repositories. All names are in lower case.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from devopslint.readers.yaml import Node


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# https://github.com/github/codeql/tree/main/actions/ql/lib/ext has most of these.
CODE_INPUTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "actions/github-script": ("script",),
        "appleboy/ssh-action": ("script",),
        "azure/cli": ("inlineScript",),
        "azure/powershell": ("inlineScript",),
        "addnab/docker-run-action": ("run", "options"),
        "amadevus/pwsh-script": ("script",),
        "cardinalby/js-eval-action": ("expression",),
        "jannekem/run-python-script-action": ("script",),
        "mikefarah/yq": ("cmd",),
        "coactions/setup-xvfb": ("run",),
        "cross-platform-actions/action": ("run",),
        "gabrielbb/xvfb-action": ("run",),
        "nick-fields/retry": ("command", "on_retry_command"),
        "reactivecircus/android-emulator-runner": ("script", "pre-emulator-launch-script"),
        "uraimo/run-on-arch-action": ("run", "setup", "install"),
        "vmactions/freebsd-vm": ("run", "prepare"),
        "wandalen/wretry.action": ("command",),
        "sergeysova/jq-action": ("cmd",),
        "devorbitus/yq-action-output": ("cmd",),
        "docker/build-push-action": ("context",),
        "gautamkrishnar/blog-post-workflow": ("item_exec",),
        "8398a7/action-slack": ("custom_payload",),
        "imjohnbo/issue-bot": ("body", "linked-comments-previous-issue-text", "linked-comments-new-issue-text"),
        "lucasbento/auto-close-issues": ("issue-close-message",),
        "roots/issue-closer-action": ("issue-close-message", "pr-close-message"),
        "skitionek/notify-microsoft-teams": ("overwrite",),
        "tibdex/backport": ("body_template", "head_template", "labels_template", "title_template"),
    }
)
"""Action -> its inputs that it executes as code, or expands as a template."""


class Switch(NamedTuple):
    """An input that turns something on."""

    input: str
    default: bool = False
    """Whether it is on where the input is not given."""
    on: tuple[str, ...] = ()
    """The values that turn it on; none: any text but a false one."""
    inverted: bool = False
    """Whether the input turns it off."""
    since: int = 0
    """The first major version of the action for which that is so."""
    until: int | None = None
    """The first major version for which it is no longer so."""

    def holds_in(self, version: int | None) -> bool:
        """Whether this is so in a major version; in one that is not known it is."""
        return version is None or (self.since <= version and (self.until is None or version < self.until))

    def state(self, arguments: Node) -> bool | None:
        """On or off; None where an expression decides."""
        value = arguments[self.input]
        if not value.exists:
            return self.default
        return None if "${{" in value.text else self.given(value.text)

    def given(self, text: str) -> bool:
        """On or off with this value of the input."""
        word = text.strip().lower()
        chosen = word in self.on if self.on else word not in ("", "false")
        return chosen is not self.inverted


CACHING: Mapping[str, tuple[Switch, ...]] = MappingProxyType(
    {
        "actions/cache": (Switch("lookup-only", True, ("true",), inverted=True),),
        "actions/setup-java": (Switch("cache"),),
        "actions/setup-go": (Switch("cache", True),),
        "actions/setup-node": (
            Switch("cache", on=("npm", "yarn", "pnpm")),
            Switch("package-manager-cache", True, since=5),
        ),
        "actions/setup-python": (Switch("cache"),),
        "actions/setup-dotnet": (Switch("cache"),),
        "actions-rust-lang/setup-rust-toolchain": (Switch("cache", True),),
        "astral-sh/setup-uv": (Switch("enable-cache", on=("true",)), Switch("enable-cache", True, until=10)),
        "awalsh128/cache-apt-pkgs-action": (),
        "determinatesystems/magic-nix-cache-action": (Switch("use-gha-cache", True),),
        "docker/setup-buildx-action": (Switch("version"),),
        "graalvm/setup-graalvm": (Switch("cache"),),
        "gradle/actions/setup-gradle": (Switch("cache-disabled", True, ("true",), inverted=True),),
        "jdx/mise-action": (Switch("cache", True),),
        "mlugg/setup-zig": (Switch("use-cache", True),),
        "mozilla-actions/sccache-action": (),
        "nix-community/cache-nix-action": (),
        "oven-sh/setup-bun": (Switch("no-cache", True, ("true",), inverted=True),),
        "pyo3/maturin-action": (Switch("sccache"),),
        "ramsey/composer-install": (Switch("ignore-cache", True, ("yes", "true", "1"), inverted=True),),
        "ruby/setup-ruby": (Switch("bundler-cache"),),
        "swatinem/rust-cache": (Switch("lookup-only", True, ("true",), inverted=True),),
    }
)
"""Action that restores a cache -> the switches of which any turns that on; none: it always does."""
CACHING_UNLESS: Mapping[str, Switch] = MappingProxyType({"docker/setup-buildx-action": Switch("cache-binary", True)})
"""Action -> a switch that has to be on besides."""

PUBLISHING: Mapping[str, Switch | None] = MappingProxyType(
    {
        **dict.fromkeys(
            _words(
                """aws-actions/amazon-ecs-deploy-task-definition aws-actions/aws-cloudformation-github-deploy
            azure/aci-deploy azure/container-apps-deploy-action azure/functions-action azure/sql-action
            cloudflare/wrangler-action google-github-actions/deploy-appengine
            google-github-actions/deploy-cloud-functions google-github-actions/deploy-cloudrun
            googleapis/release-please-action goreleaser/goreleaser-action jreleaser/release-action
            pypa/gh-action-pypi-publish redhat-actions/push-to-registry release-drafter/release-drafter
            rubygems/release-gem softprops/action-gh-release"""
            )
        ),
        "docker/build-push-action": Switch("push"),
    }
)
"""Action that publishes what a job has built -> the switch that makes it do so."""

UNPINNED_TOOLS: Mapping[str, Switch] = MappingProxyType(
    {
        "1password/load-secrets-action": Switch("version", True, ("latest",)),
        "aquasecurity/setup-trivy": Switch("version", True, ("latest",)),
        "extractions/setup-crate": Switch("version", True, ("*",)),
        "extractions/setup-just": Switch("just-version", True, ("*",)),
    }
)
"""Action that installs a tool -> the input that lets it take any version."""

REPLACEABLE: Mapping[str, str] = MappingProxyType(
    {
        "actions-ecosystem/action-add-labels": "gh issue edit --add-label",
        "actions-ecosystem/action-remove-labels": "gh issue edit --remove-label",
        "addnab/docker-run-action": "docker run",
        "dacbd/create-issue-action": "gh issue create",
        "dtolnay/rust-toolchain": "rustup",
        "endbug/add-and-commit": "git commit",
        "elgohr/github-release-action": "gh release create",
        "ncipollo/release-action": "gh release create",
        "peter-evans/create-or-update-comment": "gh issue comment",
        "peter-evans/create-pull-request": "gh pr create",
        "sergeysova/jq-action": "jq",
        "softprops/action-gh-release": "gh release create",
        "stefanzweifel/git-auto-commit-action": "git commit",
        "svenstaro/upload-release-action": "gh release upload",
    }
)
"""Action -> the program on every hosted runner that does the same."""

ARCHIVED = _words(
    """8398a7/action-slack actions-rs/audit-check actions-rs/cargo actions-rs/clippy-check actions-rs/components-nightly
    actions-rs/grcov actions-rs/install actions-rs/tarpaulin actions-rs/toolchain actions/create-release
    actions/setup-elixir actions/setup-haskell actions/setup-ruby actions/upload-release-asset
    actionstoolbox/gem-build-and-release-action allanchain/poetry-cache-action
    andrewmcodes-archive/rubocop-linter-action artichoke/setup-rust aslafy-z/conventional-pr-title-action
    azure/appconfiguration-sync azure/appservice-actions azure/azure-resource-login-action azure/container-actions
    azure/container-scan azure/data-factory-deploy-action azure/data-factory-export-action
    azure/data-factory-validate-action azure/get-keyvault-secrets azure/k8s-actions azure/manage-azure-policy
    azure/publish-security-assessments azure/run-sqlpackage-action azure/spring-cloud-deploy
    azure/webapps-container-deploy cedrickring/golang-action cirrus-actions/rebase contributor-assistant/github-action
    cpcloud/flake-update-action crazy-max/ghaction-docker-buildx crazy-max/ghaction-hugo
    decathlon/pull-request-labeler-action delaguardo/setup-graalvm dulvui/godot-android-export
    elstudio/actions-settings expo/expo-preview-action fabasoad/setup-zizmor-action facebook/pysa-action
    fregante/release-with-changelog google/mirror-branch-action google/skywater-pdk-actions gradle/gradle-build-action
    grafana/k6-action hashicorp/terraform-cdk-action helaili/github-graphql-action helaili/jekyll-action
    ilshidur/action-slack irgolic/autopr jakejarvis/backblaze-b2-action jakejarvis/cloudflare-purge-action
    jakejarvis/firebase-deploy-action jakejarvis/hugo-build-action jakejarvis/lighthouse-action
    jakejarvis/s3-sync-action jimmygchen/runner-fallback-action justinribeiro/lighthouse-action kanadgupta/glitch-sync
    kxxt/chatgpt-action lapras-inc/resume-sync-action liskin/gh-pipx machine-learning-apps/wandb-action
    mansagroup/gcs-cache-action marvinpinto/action-automatic-releases marvinpinto/actions maxheld83/ghpages
    meilcli/danger-action meilcli/gradle-update-check-action meilcli/npm-update-check-action
    meilcli/nuget-update-check-action micnncim/action-lgtm-reaction mikepenz/gradle-dependency-submission
    niklasmerz/github-deployment-action orf/cargo-bloat-action paambaati/codeclimate-action
    philips-software/docker-ci-scripts primer/figma-action reasonsoftware/action-pylint repo-sync/pull-request
    repo-sync/repo-sync sagebind/docker-swarm-deploy-action scottbrenner/generate-changelog-action secrethub/actions
    semgrep/semgrep-action shaunlwm/action-release-debugapk soichisumi/issue-copy-action
    sonarsource/sonarcloud-github-action stefafafan/psi-action stefanprodan/kube-tools
    suzuki-shunsuke/github-action-format suzuki-shunsuke/github-action-tflint suzuki-shunsuke/github-action-tfsec
    suzuki-shunsuke/required-status-check-action suzuki-shunsuke/trivy-config-action
    suzuki-shunsuke/validate-pr-review-action svenstaro/upx-action swiftdocorg/github-wiki-publish-action
    tachiyomiorg/issue-moderator-action technote-space/auto-cancel-redundant-workflow technote-space/get-diff-action
    tencentcloudbase/cloudbase-action tibdex/github-app-token trmcnvn/chrome-addon
    verygoodopensource/very_good_coverage whelk-io/maven-settings-xml-action yeslayla/build-godot-action
    youyo/aws-cdk-github-actions yumemi-inc/clean-cache-action z0al/dependent-issues"""
)
"""Repositories of actions that nobody maintains any more."""
ARCHIVED_HOOKS = _words(
    """dnephin/pre-commit-golang lucas-c/pre-commit-hooks-bandit pre-commit/mirrors-autopep8 pre-commit/mirrors-isort
    pre-commit/mirrors-prettier"""
)
"""The same of hooks for pre-commit."""

OFFICIAL_OWNERS = frozenset(("actions", "github"))

_POPULAR = _words(
    """actions/ai-inference actions/attest-build-provenance actions/cache actions/checkout actions/configure-pages
    actions/create-github-app-token actions/create-release actions/delete-package-versions
    actions/dependency-review-action actions/deploy-pages actions/download-artifact actions/first-interaction
    actions/github-script actions/labeler actions/setup-dotnet actions/setup-go actions/setup-java actions/setup-node
    actions/setup-python actions/setup-ruby actions/stale actions/upload-artifact actions/upload-pages-artifact
    actions-rs/cargo actions-rs/toolchain amannn/action-semantic-pull-request amondnet/vercel-action
    anchore/scan-action anchore/sbom-action android-actions/setup-android anothrnick/github-tag-action
    anthropics/claude-code-action appleboy/scp-action appleboy/ssh-action aquasecurity/trivy-action
    arduino/setup-protoc astral-sh/setup-uv awalsh128/cache-apt-pkgs-action aws-actions/amazon-ecr-login
    aws-actions/amazon-ecs-deploy-task-definition aws-actions/configure-aws-credentials azure/docker-login azure/login
    azure/k8s-deploy azure/setup-helm azure/setup-kubectl azure/webapps-deploy browser-actions/setup-chrome
    bufbuild/buf-setup-action burnett01/rsync-deployments cachix/cachix-action cachix/install-nix-action
    changesets/action chromaui/action cloudflare/wrangler-action codecov/codecov-action codespell-project/actions-codespell
    coverallsapp/github-action crazy-max/ghaction-github-pages crazy-max/ghaction-import-gpg cypress-io/github-action
    dart-lang/setup-dart dawidd6/action-download-artifact denoland/setup-deno dependabot/fetch-metadata
    determinatesystems/nix-installer-action docker/bake-action docker/build-push-action docker/login-action
    docker/metadata-action docker/setup-buildx-action docker/setup-qemu-action dorny/paths-filter
    dorny/test-reporter dtolnay/rust-toolchain easingthemes/ssh-deploy enricomi/publish-unit-test-result-action
    erlef/setup-beam expo/expo-github-action extractions/setup-just firebaseextended/action-hosting-deploy
    getsentry/action-release github/codeql-action gitleaks/gitleaks-action golangci/golangci-lint-action
    google-github-actions/auth google-github-actions/deploy-cloudrun google-github-actions/get-gke-credentials
    google-github-actions/setup-gcloud googleapis/release-please-action goreleaser/goreleaser-action gradle/actions
    gradle/gradle-build-action gradle/wrapper-validation-action hadolint/hadolint-action hashicorp/setup-terraform
    helm/chart-releaser-action helm/chart-testing-action helm/kind-action jakejarvis/s3-sync-action
    jamesives/github-pages-deploy-action jetbrains/qodana-action jetli/wasm-pack-action jidicula/clang-format-action
    jlumbroso/free-disk-space julia-actions/setup-julia jurplel/install-qt-action
    lycheeverse/lychee-action maxim-lobanov/setup-xcode oxsecurity/megalinter microsoft/setup-msbuild
    mikepenz/action-junit-report mikepenz/release-changelog-builder-action mozilla-actions/sccache-action
    msys2/setup-msys2 mxschmitt/action-tmate ncipollo/release-action nick-fields/retry nwtgck/actions-netlify
    ossf/scorecard-action oven-sh/setup-bun peaceiris/actions-gh-pages peaceiris/actions-hugo
    peter-evans/create-or-update-comment peter-evans/create-pull-request peter-evans/find-comment
    peter-evans/repository-dispatch pnpm/action-setup pre-commit/action prefix-dev/setup-pixi psf/black
    pulumi/actions pypa/cibuildwheel pypa/gh-action-pip-audit pypa/gh-action-pypi-publish pyo3/maturin-action
    r-lib/actions ramsey/composer-install reactivecircus/android-emulator-runner release-drafter/release-drafter
    renovatebot/github-action reviewdog/action-actionlint ruby/setup-ruby rubygems/release-gem rtcamp/action-slack-notify
    rustsec/audit-check semgrep/semgrep-action shivammathur/setup-php sigstore/cosign-installer
    slackapi/slack-github-action slsa-framework/slsa-github-generator snyk/actions softprops/action-gh-release
    sonarsource/sonarcloud-github-action sonarsource/sonarqube-scan-action stefanzweifel/git-auto-commit-action
    step-security/harden-runner streetsidesoftware/cspell-action stylelint/stylelint-action subosito/flutter-action
    super-linter/super-linter svenstaro/upload-release-action swatinem/rust-cache taiki-e/install-action
    tj-actions/changed-files treosh/lighthouse-ci-action trufflesecurity/trufflehog vedantmgoyal9/winget-releaser
    webfactory/ssh-agent wagoid/commitlint-github-action wow-actions/use-app-token xt0rted/pull-request-comment-branch
    zizmorcore/zizmor-action 8398a7/action-slack 1password/load-secrets-action"""
)
_LONGEST = max(map(len, _POPULAR)) + 1
_POPULAR_OWNERS = frozenset(name.partition("/")[0] for name in _POPULAR)


def likeness(repository: str) -> str | None:
    """The popular action that the name of another owner's differs from by one letter; None where there is none."""
    name = repository.lower()
    if len(name) > _LONGEST or name.partition("/")[0] in _POPULAR_OWNERS:
        return None
    known = _mistyped()
    return next((known[typed] for typed in (name, *_with_one_letter_less(name)) if typed in known), None)


@functools.cache
def _mistyped() -> dict[str, str]:
    """Popular names, whole and with one letter less: two names that differ by one letter meet here."""
    return {typed: name for name in sorted(_POPULAR) for typed in (name, *_with_one_letter_less(name))}


def _with_one_letter_less(name: str) -> list[str]:
    return [name[:index] + name[index + 1 :] for index in range(len(name))]
