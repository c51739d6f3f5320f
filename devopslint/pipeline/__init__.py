"""Delivery pipelines, whatever CI runs them: jobs and the stages that they do."""

from devopslint.registry import Completion, Domain, FileKind

DOMAIN = Domain(
    "pipeline",
    kinds=(
        FileKind(
            "pre-commit",
            "devopslint.pipeline.pre_commit:PreCommitFile",
            names=(".pre-commit-config.yaml",),
            vendored=True,
        ),
        FileKind(
            "other-pipeline",
            "devopslint.pipeline.elsewhere:OtherPipeline",
            place=r"(?:^|/)\.circleci/config\.ya?ml\Z|(?:^|/)(?:\.azure-?pipelines|azure-?pipelines|\.azuredevops|\.vsts|\.buildkite"
            r"|\.semaphore|\.woodpecker|\.tekton|cloudbuild|\.cloudbuild|\.(?:forgejo|gitea)/workflows)/[^/]+\.ya?ml\Z"
            r"|(?:^|/)(?:jenkins|\.jenkins|ci|\.ci|pipelines?)/(?:[^/]+/)*[^/]+\.groovy\Z",
            names=(
                ".travis.yml",
                "appveyor.yml",
                ".appveyor.yml",
                "bitbucket-pipelines.yml",
                ".drone.yml",
                ".woodpecker.yml",
                ".cirrus.yml",
                "codefresh.yml",
            ),
            pattern=r"(?:[\w.-]*[.-])?(?:cloudbuild|azure-pipelines?|buildspec)(?:[.-][\w.-]+)?\.ya?ml",
            signs=(
                ".circleci/",
                "azure",
                "vsts",
                "buildkite",
                "semaphore",
                "woodpecker",
                "tekton",
                "cloudbuild",
                "forgejo",
                "gitea",
                ".groovy",
                "buildspec",
            ),
            vendored=True,
        ),
    ),
    fixes=("devopslint.pipeline.fixes", "devopslint.readers.yaml_changes:rewritten"),
    completions=(Completion("jenkinsfile", "devopslint.pipeline.agents:agents"),),
    witnesses="devopslint.pipeline.witnesses:witnesses",
)
