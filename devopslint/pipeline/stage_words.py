"""The words by which stages are recognised: actions, commands, names of scripts and of jobs.

All of it is data. A stage is one of STAGES; `plan` (a dry run) and `meta` (no work on the product) are
recognised too, so that they are not taken for something else.

An action is `owner/repo` or `owner/repo/path`, with `*`; one without a path stands for its paths too.
A command is a program and the words that follow it, options aside, with `*`; `...` stands for any words, and a
word that begins with `-` is an option that has to be there. Of a script's or a job's name the words between
`-`, `_`, `:`, `.`, `/` and blanks are looked at; `*` is allowed there too, and two words with a blank between
them are neighbours.
"""

from __future__ import annotations

import functools

from devopslint.deferred import NamedTuple

STAGES = ("lint", "test", "security", "build", "publish", "deploy", "notify", "rollback")
GATES = frozenset(("lint", "test", "security"))
"""The stages that decide whether what is delivered is good."""
DELIVERY = frozenset(("publish", "deploy"))

COMMAND_ORDER = (
    "notify",
    "rollback",
    "deploy",
    "publish",
    "security",
    "lint",
    "test",
    "plan",
    "build",
    "rollout",
    "cluster",
    "fetch",
)
"""Where a command fits several stages, the first of these wins: `pnpm format:check` is no test."""

ACTIONS: dict[str, str] = {
    "lint": """
        super-linter/* github/super-linter oxsecurity/megalinter megalinter/* pre-commit/action pre-commit-ci/*
        astral-sh/ruff-action chartboost/ruff-action psf/black facebook/pyre-action datreeio/action-datree
        raven-actions/actionlint rhysd/actionlint reviewdog/* tsuyoshicho/action-* sonarsource/* codacy/*
        */*-linter-action */*lint-action */action-*lint ludeeus/action-shellcheck helm/chart-testing-action
        bufbuild/buf-* crate-ci/typos streetsidesoftware/cspell-action codespell-project/* lycheeverse/lychee-action
        */*markdownlint* */*markdown-link-check* amannn/action-semantic-pull-request wagoid/commitlint-github-action
        terraform-linters/* karancode/yamllint-github-action pycqa/* dominikh/staticcheck-action
        actions-rs/clippy-check giraffate/clippy-action actions-rust-lang/rustfmt isort/isort-action
        axel-op/googlejavaformat-action jidicula/clang-format-action dotenv-linter/* py-actions/flake8
        azure/k8s-lint instrumenta/kubeval-action qltysh/* trunk-io/trunk-action ansible/ansible-lint*
        editorconfig-checker/* nosborn/github-action-markdown-cli errata-ai/vale-action ps-rule/*
        scalacenter/scalafix-action rojopolis/spellcheck-github-actions */action-sh-checker
        bewuethr/shellcheck-action sbdchd/squawk-action webiny/action-conventional-commits
        ytanikin/prconventionalcommits deepakputhraya/action-pr-title slashgear/action-check-pr-title
        thehanimo/pr-title-checker tj-actions/eslint-changed-files natiginfo/action-detekt-all
        standard-ruby/standard-ruby-action psalm/psalm-github-actions oskarstark/phpstan-ga
        oskarstark/php-cs-fixer-ga php-actions/phpstan php-actions/phpcs php-actions/php-cs-fixer
        aglipanci/laravel-pint-action stoplightio/spectral-action mbrobbel/rustfmt-check jakebailey/pyright-action
        jpetrucciani/mypy-check ricardochaves/python-lint lgeiger/black-action rickstaa/action-black
        yshui/git-clang-format-lint frenck/action-addon-linter home-assistant/actions/hassfest hacs/action
        apache/skywalking-eyes kt3k/license_checker zgosalvez/github-actions-ensure-sha-pinned-actions tim-actions/*
        gsactions/commit-message-checker containerd/project-checks obi1kenobi/cargo-semver-checks-action
        check-spelling/check-spelling umbrelladocs/action-linkspector peter-evans/link-checker filiph/linkcheck
        untitaker/hyperlink ls-lint/action */repolinter-action cpp-linter/* terraform-docs/gh-actions swiftlint/*
        dflook/terraform-fmt* dflook/terraform-validate dflook/tofu-fmt* dflook/tofu-validate
    """,
    "test": """
        codecov/codecov-action coverallsapp/* cypress-io/github-action microsoft/playwright-github-action
        dorny/test-reporter mikepenz/action-junit-report enricomi/publish-unit-test-result-action
        reactivecircus/android-emulator-runner treosh/lighthouse-ci-action chromaui/action grafana/k6-action
        grafana/run-k6-action codspeedhq/action matlab-actions/run-tests paambaati/codeclimate-action percy/*
        browserstack/* saucelabs/* phoenix-actions/test-reporting test-summary/action nick-fields/*-test
        */*-test-action romeovs/lcov-reporter-action barecheck/* irongut/codecoveragesummary
        5monkeys/cobertura-action artiomtr/jest-coverage-report-action davelosert/vitest-coverage-report-action
        codeclimate/* madrapps/jacoco-report benchmark-action/github-action-benchmark py-cov-action/* wallabyjs/*
        microsoft/vstest-action datadog/synthetics-ci-github-action applitools/* postman/* matt-ball/newman-action
        php-actions/phpunit php-actions/phpspec pavelzw/pytest-action orgoro/coverage devmasx/coverage-check-action
        mishakav/* zgosalvez/github-actions-report-lcov verygoodopensource/very_good_coverage threeal/gcovr-action
        k1low/octocov-action danielpalme/reportgenerator-github-action kishikawakatsumi/xcresulttool
        scacap/action-surefire-report google/clusterfuzzlite google/oss-fuzz foo-software/lighthouse-check-action
        jakejarvis/lighthouse-action mabl/github-run-tests-action octomind-dev/automagically-action-execute
        datadog/junit-upload-github-action buildpulse/buildpulse-action simple-elf/allure-report-action
        julia-actions/julia-runtest r-lib/actions/check-r-package actions-rs/tarpaulin
        mobile-dev-inc/action-maestro-cloud emulator-wtf/run-tests wordpress/plugin-check-action
        10up/wordpress-plugin-check-action
    """,
    "security": """
        github/codeql-action aquasecurity/* snyk/* anchore/* bridgecrewio/* returntocorp/semgrep-action
        securego/gosec ossf/* actions/dependency-review-action gitleaks/gitleaks-action trufflesecurity/trufflehog
        zizmorcore/zizmor-action woodruffw/zizmor* google/osv-scanner-action* google/osv-scanner
        golang/govulncheck-action pypa/gh-action-pip-audit trailofbits/gh-action-pip-audit zaproxy/*
        erzz/dockle-action goodwithtech/* hands-lab/dockle-action fortify/* veracode/* checkmarx/* checkmarx-ts/*
        blackducksoftware/* synopsys-sig/* blackduck-inc/* jfrog/*frogbot* jfrog/jfrog-*scan* rustsec/*
        actions-rs/audit-check actions-rust-lang/audit embarkstudios/cargo-deny-action dependency-check/*
        stackhawk/* shiftleftsecurity/* neuralegion/* brightsec/* *sast* mobsf/* nowsecure/* contrast-security-oss/*
        accurics/* tenable/* sysdiglabs/* lacework/* prismacloud/* paloaltonetworks/* crunch42/* 42crunch/*
        apisec-inc/* rapid7/* debricked/* whitesource/* mend/* whitesource-ft/* fossas/fossa-action fossa-contrib/*
        crazy-max/ghaction-container-scan azure/container-scan phylum-dev/* endorlabs/* soos-io/* kondukto-io/*
        datadog/*static-analyzer* docker/scout-action rubysec/* presidentbeef/* brakemanscanner/*
        codacy/codacy-analysis-cli-action microsoft/security-devops-action microsoft/devskim-action
        microsoft/psscriptanalyzer-action ajinabraham/njsscan-action kubescape/* pmd/pmd-github-action xanitizer/*
        cycode/* security-code-scan/* sonatype-nexus-community/* sonatype/* tfsec/* triat/terraform-security-scan
        bearer/* ethicalcheck/* clj-holmes/* codescan-io/* credo-ci/* facebook/pysa-action
        controlplaneio/kubesec-action mayhemheroes/* forallsecure/* oxsecurity/ox-security-scan apiiro/*
        defensecode/* zscaler*/* appknox/* semgrep/* cyclonedx/* interlynk-io/* spdx/* zricethezav/gitleaks-action
        reviewdog/action-trivy reviewdog/action-tfsec reviewdog/action-gitleaks reviewdog/action-brakeman
        reviewdog/action-semgrep synacktiv/octoscan boostsecurityio/* edplato/trufflehog-actions-scan
        max/secret-scan secret-scanner/action gitguardian/ggshield-action gitguardian/ggshield/*
        microsoft/sbom-action pyupio/* projectdiscovery/nuclei-action fugue/regula-action
    """,
    "build": """
        docker/build-push-action docker/bake-action redhat-actions/buildah-build redhat-actions/push-to-registry
        redhat-actions/s2i-build pyo3/maturin-action messense/maturin-action pypa/cibuildwheel
        actions/upload-pages-artifact actions/jekyll-build-pages actions/attest* ko-build/setup-ko imjasonh/setup-ko
        buildpacks/* depot/build-push-action depot/bake-action namespacelabs/*build* useblacksmith/build-push-action
        aevea/action-kaniko elgohr/publish-docker-github-action hynek/build-and-inspect-python-package
        game-ci/unity-builder withastro/action peaceiris/actions-hugo-build mr-smithers-excellent/docker-build-push
        whoan/docker-build-with-cache-action bcgov/action-builder-ghcr jekyll/* slsa-framework/slsa-github-generator
        sigstore/gh-action-sigstore-python tauri-apps/tauri-action macbre/push-to-ghcr vaultvulp/gp-docker-action
        ryansiu1995/kaniko-action int128/kaniko-action int128/docker-manifest-create-action
        noelware/docker-manifest-action akhilerm/tag-push-action shrink/actions-docker-registry-tag taiki-e/upload-rust-binary-action
        wangyoucao577/go-release-action xu-cheng/latex-action samuelmeuli/action-electron-builder
        iloveitaly/github-action-nixpacks home-assistant/builder canonical/action-build snapcore/action-build
        flatpak/flatpak-github-actions/flatpak-builder ammaraskar/sphinx-action quarto-dev/quarto-actions/render
        hashicorp/packer-github-actions hashicorp/actions-packaging-linux firebelley/godot-export lukka/run-cmake
        ashutoshvarma/action-cmake-build threeal/cmake-action crazy-max/ghaction-xgo
        aws-actions/aws-codebuild-run-build nais/docker-build-push
    """,
    "publish": """
        pypa/gh-action-pypi-publish softprops/action-gh-release changesets/action cycjimmy/semantic-release-action
        semantic-release/* python-semantic-release/* googleapis/release-please-action
        google-github-actions/release-please-action rubygems/release-gem
        ncipollo/release-action actions/create-release actions/upload-release-asset svenstaro/upload-release-action
        js-devtools/npm-publish marvinpinto/action-automatic-releases helm/chart-releaser-action
        stefanprodan/helm-gh-pages katyo/publish-crates anton-yurchenko/git-release
        dawidd6/action-homebrew-bump-formula mislav/bump-homebrew-formula-action vedantmgoyal*/winget-releaser
        snapcore/action-publish jreleaser/release-action r0adkll/upload-google-play
        apple-actions/upload-testflight-build wzieba/firebase-distribution-github-action axodotdev/* cloudsmith-io/*
        pascalgn/npm-publish-action dawidd6/action-publish-gem cadwallion/publish-rubygems-action
        discourse/publish-rubygems-action meedamian/github-release rymndhng/release-on-push-action
        go-semantic-release/action codfish/semantic-release-action */publish-nuget haaleo/publish-vscode-extension
        lannonbr/vscode-publish-action 10up/action-wordpress-plugin-deploy 10up/action-wordpress-plugin-asset-update
        mnao305/chrome-extension-upload trmcnvn/chrome-addon josephbmanley/butler-publish-itchio-action
        kira-nt/mc-publish k-paxian/dart-package-publisher sakebook/actions-flutter-pub-publisher
        jrubics/poetry-publish code-specialist/pypi-poetry-publish etils-actions/pypi-auto-publish
        relekang/python-semantic-release appany/helm-oci-chart-releaser bsord/helm-push j12934/helm-gh-pages-action
        macauley/action-homebrew-bump-formula justintime50/homebrew-releaser ansible-actions/ansible-galaxy-action
        robertdebock/galaxy-action artis3n/ansible_galaxy_collection bufbuild/buf-push-action
        samuelmeuli/action-maven-publish digipost/action-maven-publish ksxgithub/github-actions-deploy-aur
        microsoft/store-submission
    """,
    "deploy": """
        azure/webapps-deploy azure/k8s-deploy azure/functions-action azure/functions-container-action
        azure/aci-deploy azure/arm-deploy azure/bicep-deploy azure/static-web-apps-deploy
        aws-actions/amazon-ecs-deploy-task-definition aws-actions/aws-cloudformation-github-deploy
        aws-actions/aws-lambda-deploy aws-actions/aws-codedeploy* aws-actions/amazon-ecs-deploy-express-service
        google-github-actions/deploy-* actions/deploy-pages peaceiris/actions-gh-pages
        crazy-max/ghaction-github-pages cloudflare/wrangler-action cloudflare/pages-action nwtgck/actions-netlify
        amondnet/vercel-action superfly/flyctl-actions/deploy akhileshns/heroku-deploy appleboy/ssh-action
        appleboy/scp-action appleboy/lambda-action easingthemes/ssh-deploy burnett01/rsync-deployments
        pulumi/actions nais/deploy nais/deploy/* redhat-actions/oc-* */*deployer-openshift
        firebaseextended/action-hosting-deploy w9jds/firebase-action serverless/github-action
        digitalocean/app_action bitovi/github-actions-deploy-* deliverybot/helm */helm-deploy*
        */*-deploy-action */deploy-action einaregilsson/beanstalk-deploy jakejarvis/s3-sync-action
        reggionick/s3-deploy steebchen/kubectl actions-hub/kubectl octopusdeploy/* dawidd6/action-ansible-playbook
        */argocd-deploy* */deploy-to-* caprover/* clowdhaus/argo-cd-action ibm/*deploy* aliyun/*deploy*
        openshift/*deploy* hashicorp/tfc-workflows-github/actions/apply-run */ecs-deploy*
        garygrossgarten/github-action-scp hmanzur/actions-aws-eb int128/deploy-cloudrun rossjrw/pr-preview-action
        jsmrcaga/action-netlify-deploy south-paw/action-netlify-deploy gonuit/heroku-docker-deploy
        dokku/github-action bervproject/railway-deploy sws2apps/render-deployment jorgelnjunior/render-deploy
        cross-the-world/ssh-* garygrossgarten/github-action-ssh fifsky/ssh-action matheusvanzan/sshpass-action
        d3rhase/ssh-command-action wshihadeh/docker-deployment-action taptap21/docker-remote-deployment-action
        kodermax/kubectl-aws-eks danielr1996/kubectl-action peymanmortazavi/eks-helm-deploy koslib/helm-eks-action
        dflook/terraform-apply dflook/tofu-apply arillso/action.playbook omegasquad82/argocd-sync deployphp/action
        jbrooksuk/laravel-forge-action miloserdow/capistrano-deploy nateraw/huggingface-sync-action
        tpaschalis/s3-sync-action azure/sql-action
    """,
    "notify": """
        slackapi/* */*discord* */*slack* */*teams-notif* */*-to-teams* */*teams-channel*
        toko-bifrost/ms-teams-deploy-card */*send-mail* */*send-email* pagerduty/* */*pagerduty* */*opsgenie*
        */*telegram* */*mattermost* */*google-chat* */*notify* lazy-actions/slatify homoluctus/slatify
        aliencube/microsoft-teams-actions opsless/ms-teams-github-actions zulip/github-actions-zulip/send-message
        twilio-labs/actions-sms s3krit/matrix-message-action
    """,
    "plan": """
        dflook/terraform-plan dflook/tofu-plan
    """,
    "cluster": """
        helm/kind-action kubernetes-sigs/kind-action container-tools/kind-action absaoss/k3d-action
        debianmaster/actions-k3s insightsengineering/k3d-action canonical/setup-lxd vmactions/*
        cross-platform-actions/action replicatedhq/compatibility-actions/create-cluster gofrolist/molecule-action
        robertdebock/molecule-action */*-kind-action */setup-kind* */*-k3d-* */*-k3s-* */*minikube* */*microk8s*
        loft-sh/setup-vcluster localstack/setup-localstack
    """,
    "meta": """
        release-drafter/release-drafter actions/stale dorny/paths-filter tj-actions/changed-files
        peter-evans/create-pull-request re-actors/alls-green dessant/lock-threads actions/first-interaction
        actions/add-to-project technote-space/* github/gh-aw* */*comment* */*labeler* */*-label* */*-assign*
        actions/delete-package-versions hmarr/auto-approve-action pascalgn/automerge-action
        peter-evans/enable-pull-request-automerge fastify/github-action-merge-dependabot ridedott/merge-me-action
        dependabot/fetch-metadata korthout/backport-action tibdex/backport sqren/backport-github-action
        kiegroup/git-backporting peter-evans/close-issue contributor-assistant/github-action
        cla-assistant/github-action styfle/cancel-workflow-action rokroskar/workflow-run-cleanup-action
        mattraks/delete-workflow-runs dataaxiom/ghcr-cleanup-action snok/container-retention-policy
        actions-cool/issues-helper bobheadxi/deployments chrnorm/deployment-action chrnorm/deployment-status
    """,
}
"""Stage -> actions. Where several fit, the most specific pattern wins: one without a `*` before one with."""

REPORTS = """
    codecov/codecov-action coverallsapp/* dorny/test-reporter mikepenz/action-junit-report test-summary/action
    enricomi/publish-unit-test-result-action github/codeql-action/upload-sarif github/codeql-action/init
    github/codeql-action/autobuild paambaati/codeclimate-action romeovs/lcov-reporter-action barecheck/*
    irongut/codecoveragesummary phoenix-actions/test-reporting madrapps/jacoco-report helm/kind-action
    5monkeys/cobertura-action davelosert/vitest-coverage-report-action artiomtr/jest-coverage-report-action
    reviewdog/action-setup helm/chart-testing-action benchmark-action/github-action-benchmark
    step-security/harden-runner step-security/* aquasecurity/setup-trivy py-cov-action/* anchore/sbom-action
    cyclonedx/*
"""
"""Actions that set up or report: they belong to a stage, but what they do is no gate."""

NOT_A_STAGE = """
    cds-snc/dns-proxy-action
    step-security/harden-runner aquasecurity/setup-trivy snyk/actions/setup anchore/scan-action/download-grype
    bufbuild/buf-setup-action pulumi/setup-pulumi redhat-actions/oc-login redhat-actions/oc-installer
    redhat-actions/openshift-tools-installer digitalocean/action-doctl step-security/*
    octopusdeploy/install-octopus-cli-action octopusdeploy/login octopusdeploy/create-release-action
    octopusdeploy/push-* octopusdeploy/create-*-package-action microsoft/setup-msbuild docker/setup-*
    docker/bake-action/subaction/*
    docker/login-action docker/metadata-action actions/setup-* jfrog/setup-jfrog-cli vmactions/*-release
    buildpacks/github-actions/setup-* slackapi/setup* terraform-linters/setup-tflint
    aquasecurity/trivy-action/setup vmactions/shell-* anchore/sbom-action/download-syft
"""
"""Actions that only prepare, though their owners' others belong to a stage."""

IDLE_INPUTS: tuple[tuple[str, str, str], ...] = (
    ("akhileshns/heroku-deploy", "justlogin", "true"),
    ("pulumi/actions", "command", "preview destroy refresh output"),
    ("azure/static-web-apps-deploy", "action", "close"),
    ("azure/k8s-deploy", "action", "reject"),
    ("cloudflare/wrangler-action", "command", "whoami delete tail secret types login"),
    ("serverless/github-action", "args", "remove print info package"),
    ("dokku/github-action", "command", "review-apps:destroy"),
    ("rossjrw/pr-preview-action", "action", "remove"),
    ("softprops/action-gh-release", "draft", "true"),
    ("ncipollo/release-action", "draft", "true"),
    ("js-devtools/npm-publish", "dry-run", "true"),
)
"""(action, input, the first words of its value with which the action delivers nothing): `justlogin: true`."""

REMOTE_SCRIPTS = "appleboy/ssh-action fifsky/ssh-action garygrossgarten/github-action-ssh d3rhase/ssh-command-action"
"""Actions that run a script on another machine: one that only shows something there delivers nothing."""

COMMAND_INPUTS: dict[str, str] = {
    "actions-rs/cargo": "cargo {command} {args}",
    "clechasseur/rs-cargo": "cargo {command} {args}",
    "houseabsolute/actions-rust-cross": "cargo {command} {args}",
    "nick-fields/retry": "{command}",
    "nick-invision/retry": "{command}",
    "coactions/setup-xvfb": "{run}",
    "gabrielbb/xvfb-action": "{run}",
    "reactivecircus/android-emulator-runner": "{script}",
    "uraimo/run-on-arch-action": "{run}",
    "cross-platform-actions/action": "{run}",
    "vmactions/freebsd-vm": "{run}",
    "addnab/docker-run-action": "{run}",
    "devcontainers/ci": "{runCmd}",
    "azure/cli": "{inlineScript}",
    "benc-uk/workflow-dispatch": "gh workflow run {workflow} --repo {repo}",
    "aurelien-baudet/workflow-dispatch": "gh workflow run {workflow} --repo {repo}",
    "convictional/trigger-workflow-and-wait": "gh workflow run {workflow_file_name} --repo {owner}/{repo}",
    "azure/powershell": "{inlineScript}",
    "borales/actions-yarn": "yarn {cmd}",
    "gradle/gradle-build-action": "gradle {arguments}",
    "burrunan/gradle-cache-action": "gradle {arguments}",
    "eskatos/gradle-command-action": "gradle {arguments}",
    "cloud-gov/cg-cli-tools": "{command}; cf {cf_command}",
    "citizen-of-planet-earth/cf-cli-action": "cf {command}",
    "hashicorp/terraform-github-actions": "terraform {tf_actions_subcommand}",
    "gruntwork-io/terragrunt-action": "terragrunt {tg_command}",
    "maierj/fastlane-action": "fastlane {lane}",
    "goreleaser/goreleaser-action": "goreleaser {args}",
    "superfly/flyctl-actions": "flyctl {args}",
    "netlify/actions/cli": "netlify {args}",
    "joinflux/firebase-tools": "firebase {args}",
    "actions-hub/gcloud": "gcloud {args}",
    "youyo/aws-cdk-github-actions": "cdk {cdk_subcommand} {cdk_args}",
    "php-actions/composer": "composer {command}",
    "helmfile/helmfile-action": "helmfile {helmfile-args}",
    "aws-actions/aws-cli": "aws {args}",
    "crazy-max/ghaction-chocolatey": "choco {args}",
}
"""Action -> the command that it runs, made of its inputs."""

COMMANDS: dict[str, str] = {
    "notify": """
        slack-notify; notify-slack; apprise; ntfy publish; telegram-send; slackSend; emailext; mail; discordSend;
        office365ConnectorSend; telegramSend; googlechatnotification; mattermostSend; rocketSend; notify*;
        sendNotif*; slackNotif*; sendSlack*; sendTeams*; sendEmail*; sendMail*; pagerduty*; opsGenie*; msTeams*;
        hangoutsNotify; zulipSend; zulipNotification; aws sns publish; sendmail; swaks
    """,
    "rollback": """
        kubectl rollout undo; oc rollout undo; oc rollback; helm rollback; argocd app rollback;
        docker service rollback; kubectl argo rollouts undo; kubectl argo rollouts abort; flyctl releases rollback;
        heroku rollback; heroku releases:rollback; vercel rollback; git revert; cap ... deploy:rollback;
        kamal rollback; liquibase rollback*; flyway undo; sequelize db:migrate:undo*; alembic downgrade;
        aws deploy stop-deployment; gcloud run services update-traffic --to-revisions; cf rollback;
        nomad job revert; copilot svc rollback; eb abort; serverless rollback; sls rollback; netlify rollback
    """,
    "deploy": """
        kubectl apply; kubectl set image; kubectl patch; kubectl replace; kubectl rollout restart; helm upgrade;
        helm install; helmfile apply; helmfile sync; oc apply; oc rollout; oc new-app; oc set image; oc patch;
        oc replace; argocd app sync; argocd app set; argocd app create; terraform apply; tofu apply;
        terragrunt apply; terragrunt run-all apply; terragrunt run apply; pulumi up; cdk deploy; cdktf deploy;
        sam deploy; serverless deploy; sls deploy; aws s3 sync; aws ecs update-service;
        aws lambda update-function-code; aws lambda update-function-configuration; aws lambda publish-version;
        aws cloudformation deploy; aws cloudformation create-stack; aws cloudformation update-stack;
        aws deploy create-deployment; aws deploy push; aws elasticbeanstalk update-environment;
        aws apprunner start-deployment; aws amplify start-*; aws apigateway create-deployment; gcloud run deploy;
        gcloud app deploy; gcloud functions deploy; gcloud deploy releases create; gcloud run services replace;
        gcloud run jobs deploy; gcloud run services update-traffic; gcloud storage rsync; gsutil rsync;
        gsutil -m rsync; firebase deploy; firebase hosting:channel:deploy; az webapp deploy*; az webapp up;
        az webapp config container set; az ... deployment slot swap; az functionapp deploy*;
        az functionapp deployment source config-zip; az containerapp up; az containerapp update;
        az containerapp create; az deployment; az deployment group create; az staticwebapp deploy; swa deploy;
        az aks command invoke; heroku container:release; heroku deploy; flyctl deploy; fly deploy; vercel deploy;
        vercel --prod; netlify deploy; wrangler deploy; wrangler publish; wrangler pages deploy;
        wrangler pages publish; docker stack deploy; docker service update; ansible-playbook; ssh; kamal deploy;
        kamal redeploy; kamal setup; mina deploy; eb deploy; cf push; nomad job run; nomad run; waypoint up;
        waypoint deploy; skaffold run; skaffold deploy; copilot deploy; copilot svc deploy; copilot job deploy;
        jx promote; copilot env deploy; chalice deploy; zappa update; zappa deploy; surge; gh-pages;
        mkdocs gh-deploy; ghp-import; railway up; doctl apps create-deployment; doctl apps update; kubecfg update;
        kapp deploy; kluctl deploy; werf converge; tanka apply; tk apply; kn service update; kn service apply;
        kn service create; faas-cli deploy; faas-cli up; dep deploy; caprover deploy; supabase db push;
        supabase functions deploy; prisma migrate deploy; amplify publish; amplify push; octopus release deploy;
        pscale deploy-request deploy; databricks bundle deploy; convex deploy; shopify theme push; shorebird;
        spacectl; sst deploy; azd up; azd deploy; azd provision; eas update; eas-cli update; sentry-cli deploys; gcloud compute ssh;
        gcloud compute instances update-container; gcloud builds triggers run; gcloud beta run deploy; pants deploy;
        bazel run ... *deploy*; kustomize-pipe-kubectl; liquibase update; flyway migrate; rsync ... *:*;
        scp ... *:*; vercel --prebuilt; cap ... deploy*; kubernetesDeploy; openshiftDeploy; ansiblePlaybook;
        azureWebAppPublish; cfnUpdate; Publish-AzWebApp; New-AzResourceGroupDeployment; kubectl create -f;
        helm secrets upgrade; aws ecs register-task-definition; aws cloudfront create-invalidation;
        aws elasticbeanstalk create-application-version; aws ssm send-command; ecs-deploy; ecs-cli compose;
        gcloud compute scp; az storage blob upload-batch; az storage blob sync; func azure functionapp publish;
        git push ... heroku*; git push dokku*; railway deploy; cf zero-downtime-push; cf7 push; cf8 push; cf deploy;
        ibmcloud cf push; ibmcloud ce app*; lftp; ncftpput; curl ... ftp://*; curl ... sftp://*; envoy run *deploy*;
        fab *deploy*; pm2 deploy; pm2 reload; okteto deploy; garden deploy; devspace deploy; porter install;
        porter upgrade; spin deploy; fastly compute publish; fastly compute deploy; clasp push; clasp deploy;
        shopify app deploy; sfdx force:source:deploy*; sf project deploy*; modal deploy; mike deploy; arc deploy;
        apex deploy
    """,
    "publish": """
        twine upload; uv publish; poetry publish; pdm publish; hatch publish; flit publish; maturin publish;
        maturin upload; rye publish; npm publish; yarn publish; yarn npm publish; pnpm ... publish; bun publish;
        lerna publish; changeset publish; semantic-release; release-it; cargo publish; cargo release;
        cargo dist host; dist host; cargo workspaces publish; gem push; rake release; gh release create;
        gh release upload; gh release edit; nuget push; dotnet nuget push; helm push; helm s3 push; cr upload;
        mvn deploy; mvn release:*; mvn nexus-staging:*; mvn *:nexus-staging-maven-plugin:*; mvn central-publishing:*; gradle publish*;
        gradle *:publish*; gradle *release; goreleaser release; goreleaser; conda upload; anaconda upload;
        ovsx publish; vsce publish; luarocks upload; cabal upload; mix hex.publish; dart pub publish;
        flutter pub publish; pub publish; fastlane release; fastlane deliver; fastlane beta; fastlane supply;
        fastlane pilot; choco push; snapcraft upload; snapcraft push; snap push; web-ext sign;
        chrome-webstore-upload; jf rt upload; jf rt u; jfrog rt u*; oras push; standard-version; release-please;
        gcloud artifacts ... upload; aws codeartifact publish*; jsr publish; deno publish; pod trunk push;
        sbt ci-release; sbt *publish*; lein deploy; opam publish; eas submit; eas-cli submit; mvn deploy:*; xcrun altool; buf push;
        app-store-connect publish; gradle uploadArchives; gradle bintrayUpload; gradle closeAndRelease*;
        helm cm-push; cr index; ghr; github-release upload; github-release release; hub release create;
        pod repo push; rattler-build publish; ansible-galaxy collection publish; ansible-galaxy role import;
        ansible-galaxy import; jreleaser full-release; jreleaser release; jreleaser deploy; jreleaser upload;
        butler push; cpan-upload; dzil release; firebase appdistribution:distribute; appcenter distribute;
        npm dist-tag add; huggingface-cli upload; clojure ... deploy*
    """,
    "security": """
        trivy; trivy config; grype; snyk; semgrep; bandit; pip-audit; safety; npm audit; yarn audit; yarn npm audit;
        pnpm audit; bun audit; npm-audit; audit-ci; better-npm-audit; auditjs; retire; cargo audit; cargo deny;
        cargo vet; bundle-audit; bundler-audit; bundle audit; brakeman; gosec; govulncheck; nancy; osv-scanner;
        gitleaks; trufflehog*; detect-secrets; ggshield; git-secrets; tfsec; terrascan; checkov; kics; kubescape;
        kubesec; kube-bench; dockle; docker scout; docker scan; zap-baseline.py; zap-full-scan.py; zap-api-scan.py;
        zap.sh; dependency-check; dependency-check.sh; mvn dependency-check:*; mvn *:dependency-check*;
        mvn org.owasp*; gradle dependencyCheck*; gradle *:dependencyCheck*; zizmor; poutine; docker run ... *trivy*;
        docker run ... *semgrep*; docker run ... *zap*; docker run ... *grype*; docker run ... *gitleaks*;
        docker run ... *trufflehog*; docker run ... *checkov*; docker run ... *kics*; docker run ... *snyk*;
        docker run ... *clair*; clair-scanner; clamscan; nikto; nuclei; nmap; sqlmap; sobelow; mix sobelow;
        mix deps.audit; mix hex.audit; composer audit; local-php-security-checker; symfony security:check;
        symfony check:security; psalm --taint-analysis; dotnet list package --vulnerable;
        dotnet package list --vulnerable; cyclonedx-*; syft; cosign verify*; codeql; scorecard; fossa;
        license_finder; mobsfscan; njsscan; horusec; whispers; veracode; detect.sh; twistcli; prowler; bearer scan;
        wiz-cli; wizcli; lacework; anchore-cli; vet scan; rubocop --only-security; phylum; dependencyCheck;
        snykSecurity; checkmarxASTScanner; fortifyScan; importmap audit; mythril; wapiti; lynis; slither; dep-scan;
        depscan
    """,
    "lint": """
        prettier; biome; oxfmt; dprint; htmlhint; standard; xo; ruff; flake8; black; isort; mypy; pyright;
        basedpyright; pyre check; pytype; pydocstyle; pycodestyle; pyupgrade; autoflake; autopep8; yapf; vulture;
        interrogate; ty check; lint-imports; bashate; codespell; typos; cspell; vale; ajv; check-jsonschema; taplo;
        sqlfluff; squawk; diesel-guard check; atlas migrate lint; shellcheck; shfmt; checkbashisms; markdownlint*; lychee; linkchecker; markdown-link-check;
        go vet; go fmt; gofmt; gofumpt; goimports; gci; staticcheck; revive; errcheck; ineffassign; misspell;
        cargo clippy; cargo fmt; rustfmt; cargo machete; cargo udeps; cargo sort; cargo semver-checks; cargo check;
        cargo hack clippy; rubocop; standardrb; reek; fasterer; srb tc; steep check; phpstan; psalm; phpcs;
        php-cs-fixer; pint; phpmd; rector; php -l; composer validate; composer normalize; twigcs; detekt;
        detekt-cli; clang-format*; run-clang-format*; run-clang-tidy*; clang-tidy*; scan-build; scan-build-*;
        analyze-build; ninja ... scan-build; ninja ... clang-tidy; ninja clang-format; ninja clangformat;
        ninja cppcheck; cmake --build ... clang-tidy; CodeChecker; infer run; sparse; iwyu_tool;
        pvs-studio-analyzer; meson ... scan-build; cppcheck; swiftformat; swift-format; swift format; terraform fmt;
        terraform validate; tofu fmt; tofu validate; terragrunt hclfmt; terragrunt validate*; terragrunt hcl;
        packer validate; packer fmt; nomad fmt; helm lint; helm-docs; ct lint; chart-testing lint; kubeconform;
        kubeval; kube-score; kubectl-validate; pluto; polaris audit; datree; conftest; opa fmt; opa check;
        regal lint; regal; cfn_nag_scan; ansible-playbook --syntax-check; aws cloudformation validate-template;
        sam validate; az bicep lint; bicep lint; docker-compose config; docker compose config; docker build --check;
        docker buildx build --check; spectral lint; redocly lint; swagger-cli validate; openapi lint; vacuum lint;
        buf lint; buf format; buf breaking; tsc --noEmit; tsc --noemit; vue-tsc --noEmit; vue-tsc --noemit;
        svelte-check; astro check; next lint; ng lint; nx format:check; nx lint; vue-cli-service lint; knip;
        depcheck; madge; dependency-cruiser; depcruise; syncpack; attw; pre-commit; prek; lefthook run; lint-staged;
        mega-linter-runner; dotnet format; dotnet-format; csharpier; dotnet csharpier; jb inspectcode; fantomas;
        ormolu; fourmolu; stylish-haskell; mix format; mix credo; mix dialyzer; elvis; dialyzer; rebar3 dialyzer;
        rebar3 xref; scalafmt; scalafix; sbt *scalafmt*; dart analyze; dart format; flutter analyze; flutter format;
        nixfmt; nixpkgs-fmt; alejandra; statix; deadnix; treefmt; nix fmt; zig fmt; stylua; selene; luacheck;
        perltidy; perlcritic; addlicense; license-eye; reuse lint; golic; licenseheaders; editorconfig-checker;
        sonar-scanner; mvn *sonar*; mvn checkstyle:*; mvn spotless:*; mvn pmd:*; mvn spotbugs:*; mvn formatter:*;
        gradle sonar*; gradle *:sonar*; dotnet sonarscanner; dotnet-sonarscanner; deno lint; deno fmt; deno check;
        bun lint; cmake-format; gersemi; buildifier; lizard; xenon; radon; jscpd; sqlcheck; twine check;
        check-manifest; pyroma; validate-pyproject; cffconvert; docker run ... *lint*; docker run ... *shellcheck*;
        docker run ... *prettier*; promtool check *; amtool check-config; kustomize cfg; validate-data;
        sort-package-json; prettier-check; withSonarQubeEnv; waitForQualityGate; recordIssues; mdl; clj-kondo;
        eastwood; cljfmt check; impi; tfproviderdocs check; remark; write-good; alex; htmltest; html-validate;
        html-proofer; htmlproofer; linkinator; muffet; solhint; forge fmt; nargo fmt; sqlfmt; djhtml; prospector;
        pylama; deptry; uv lock --check; poetry check; poetry lock --check; yarn dedupe --check; asyncapi validate;
        graphql-inspector; rover subgraph check; checkmake; stree check; i18n-tasks; cargo hack check;
        dart run custom_lint; manage.py makemigrations --check; manage.py check; phpinsights; cfn-guard validate;
        Rscript ... *lintr*; cargo xtask lint*; cargo xtask fmt*; cargo xtask clippy*; cargo c
    """,
    "test": """
        pytest; py.test; unittest; nose2; nosetests; tox; nox; hatch test; behave; robot; locust; jest; vitest;
        mocha; ava; tape; jasmine; karma; cypress run; cypress; playwright test; nightwatch; testcafe; wdio;
        codeceptjs; puppeteer; newman; artillery; k6 run; k6; autocannon; storybook test; test-storybook; lhci;
        lighthouse; pa11y*; backstop*; chromatic; stryker; c8; nyc; node --test; ng test; ng e2e;
        vue-cli-service test*; react-scripts test; react-app-rewired test; craco test; web-test-runner; wtr; uvu;
        bun test; deno test; deno bench; go test; gotestsum; ginkgo; richgo test; courtney; go-junit-report;
        cargo test; cargo nextest; cargo llvm-cov; cargo tarpaulin; cargo bench; cargo miri; cargo fuzz;
        cargo hack test; cargo mutants; cargo insta; cargo careful; dotnet test; vstest.console*; vstest;
        reportgenerator; coverlet; mvn test; mvn verify; mvn integration-test; mvn surefire:*; mvn failsafe:*;
        mvn *:test; gradle test; phpunit; pest; paratest; codecept; behat; infection; simple-phpunit;
        php artisan test; artisan test; rspec; rake test*; rake spec*; rake; rails test*; minitest; cucumber;
        cucumber-js; parallel_test; parallel_rspec*; bats; shunit2; shellspec; xcodebuild ... test;
        xcodebuild ... test-without-building; swift test; fastlane test*; fastlane scan; flutter test; dart test;
        flutter drive; mix test; mix coveralls*; rebar3 eunit; rebar3 ct; rebar3 proper; stack test; cabal test;
        cabal v2-test; sbt *test*; sbt coverage; lein test; clojure *test*; zig build test; zig test; nim test;
        crystal spec; julia *test*; helm test; ct install; chart-testing install; kuttl; kubectl kuttl;
        chainsaw test; container-structure-test; goss; dgoss; terratest; terraform test; tofu test; inspec exec;
        molecule test; molecule; opa test; conftest verify; promtool test *; coverage run; coverage report;
        coverage xml; coverage; docker compose run ... test*; docker compose run ... *-test*;
        docker compose run ... *_test*; docker-compose run ... test*; docker-compose run ... *-test*;
        docker-compose run ... *_test*; docker compose exec ... test*; docker compose exec ... *-test*;
        docker compose exec ... *_test*; docker-compose exec ... test*; docker-compose exec ... *-test*;
        docker-compose exec ... *_test*; docker run ... *pytest*; docker run ... test*; docker run ... *-test*;
        docker run ... *_test*; docker compose up ... test*; docker compose up ... *-test*;
        docker compose up ... *_test*; docker-compose up ... test*; docker-compose up ... *-test*;
        docker-compose up ... *_test*; manage.py test; setup.py test; nix flake check; bazel test; bazel coverage;
        bazelisk test; buck test; buck2 test; pants test; earthly +test*; dagger call *test*; meson test;
        ninja test; prove; perl ... Build test; maestro test; maestro cloud; detox test; appium;
        adb shell am instrument; firebase test; gcloud firebase test; hurl; schemathesis; dredd; pact; tavern-ci;
        karate; wrk; vegeta; hyperfine; benchstat; simplecov; mutmut; go-fuzz; clusterfuzz*; ctest*; nf-test;
        dbt test; sqitch verify; dotnet stryker; skaffold verify; parallel_split_test; R CMD check;
        Rscript ... *devtools::test*; Rscript ... *testthat*; Rscript ... *rcmdcheck*; dune runtest; dune test;
        elm-test; nimble test; forge test; hardhat test; anchor test; aptos move test; ansible-test; jmeter;
        loki test; helm unittest; kyverno test; wasm-pack test; tinygo test; rails spec*; rails ... test;
        rails ... test:*; rails ... spec; platformio test; pio test; cargo xtask test*; cargo t;
        cross test; trial; tap; Invoke-Pester; cmake --build --target test; cmake --build --target check;
        cmake --build -t test; cmake --build -t check
    """,
    "plan": """
        terraform plan; tofu plan; terragrunt plan; terragrunt run-all plan; helm template; helm diff;
        helmfile diff; helmfile template; kubectl diff; pulumi preview; cdk diff; cdk synth; cdktf diff;
        cdktf synth; sam local; kustomize build; kubectl kustomize; argocd app diff; az deployment group what-if;
        az deployment sub what-if; goreleaser check; goreleaser --snapshot; goreleaser release --snapshot;
        goreleaser build; semantic-release --dry-run; changeset status; dist plan; cargo dist plan; lerna changed;
        ansible-playbook --check; atmos terraform plan; cdk deploy --no-execute; infracost; infracost breakdown;
        infracost diff
    """,
    "build": """
        docker build; docker buildx build; docker buildx bake; docker push; docker tag; docker manifest;
        docker buildx imagetools; docker image build; docker image push; docker-compose build; docker compose build;
        docker-compose push; docker compose push; buildah; executor --destination; podman build; podman push;
        nerdctl build; kaniko; ko build; ko publish; ko resolve; ko apply; skopeo copy; buildctl build; depot build;
        pack build; s2i build; jib; mvn *jib*; gradle jib*; gradle *:jib*; earthly; dagger call build; dagger run;
        go build; go install ./...; gox; xgo; mage build; wails build; cargo build; cargo rustc; cargo zigbuild;
        cargo xbuild; cargo dist build; cargo packager; cross build; wasm-pack build; trunk build; maturin build;
        build --wheel; build --sdist; build --outdir; pyproject-build; setup.py sdist; setup.py build*;
        setup.py bdist*; pip wheel; cibuildwheel; uv build; poetry build; pdm build; hatch build; flit build;
        rye build; pyinstaller; nuitka; briefcase build; shiv; pex; npm pack; yarn pack; pnpm pack; webpack;
        vite build; rollup; esbuild; tsup; tsdown; parcel build; turbo build; next build; next export; nuxt build;
        nuxt generate; nuxi build; nuxi generate; astro build; gatsby build; remix build; svelte-kit build;
        ng build; nx build; vue-cli-service build; react-scripts build; tsc; vue-tsc; babel; swc; rspack build;
        bun build; deno compile; electron-builder; electron-forge make; storybook build; build-storybook;
        expo export; eas build; eas-cli build; expo prebuild; ionic build; ionic capacitor build; mvn package; mvn install;
        mvn compile; mvn test-compile; mvn assembly:*; mvn *:repackage; mvn spring-boot:build-image; gradle build;
        gradle testClasses; gradle *:testClasses; gradle compileTest*; gradle bootJar; gradle bootBuildImage;
        gradle jar; gradle shadowJar; gradle bundle*; gradle *:assemble*; gradle *:build; gradle assemble*;
        gradle installDist; gradle distZip; sbt compile; sbt dist; sbt *package*; sbt *assembly*; lein uberjar; ant;
        ant dist; dotnet build; dotnet publish; dotnet pack; msbuild; nuget pack; xcodebuild; xcodebuild build;
        xcodebuild archive; xcodebuild ... build-for-testing; xcodebuild -exportArchive; swift build;
        fastlane build*; fastlane gym; gym; flutter build; dart compile; cmake; cmake --build; ninja; meson compile;
        meson setup; bazel build; bazelisk build; buck build; buck2 build; pants package; scons; b2; qmake; nmake;
        conan create; zig build; nimble build; stack build; stack install; cabal build; cabal v2-build; cabal sdist;
        rebar3 compile; rebar3 release; mix release; mix compile; mix escript.build; mix assets.deploy;
        composer build; gem build; rake build; rake assets:precompile; rails assets:precompile; jekyll build; hugo;
        zola build; mkdocs build; sphinx-build; mdbook build; antora; docusaurus build; hexo generate; eleventy;
        typedoc; doxygen; cargo doc; helm package; az acr build; az bicep build; gcloud builds submit;
        aws codebuild start-build; aws cloudformation package; sam build; serverless package; sls package;
        packer build; vagrant package; nix build; nix-build; guix build; latexmk; pdflatex; xelatex; pandoc;
        quarto render; R CMD build; snapcraft; flatpak-builder; rpmbuild; dpkg-buildpackage; debuild; fpm;
        nfpm package; makepkg; melange build; apko build; makensis; iscc; xcrun notarytool; emcmake; emmake; gcc;
        g++; clang; clang++; javac; ocamlbuild; dune build; tauri build; wix build; tinygo build; forge build;
        hardhat compile; solc; buf build; moon run build; docker.build; build; crystal build; shards build;
        anchor build; elm make; rustc; platformio run; pio run; arduino-cli compile; idf.py build; west build; emcc;
        vitepress build; jsdoc; vercel build; netlify build; nixpacks build; crane push; crane copy;
        regctl image copy; oc start-build; appimagetool; jupyter-book build; asciidoctor; lualatex; tectonic;
        Rscript ... *rmarkdown::*; Rscript ... *pkgdown::*; Rscript ... *bookdown::*; make all; gmake all;
        cargo xtask build*; cargo xtask dist*; cargo b
    """,
    "rollout": """
        kubectl rollout status; kubectl wait; kubectl argo rollouts status; oc rollout status; oc wait;
        argocd app wait; aws ecs wait; aws cloudformation wait; aws deploy wait; aws elasticbeanstalk wait;
        aws lambda wait; aws wait; copilot svc status; wait-on; wait-for-it; wait-for-it.sh; dockerize -wait;
        az containerapp revision show; flyctl status; fly status; flyctl checks list; nomad deployment status;
        heroku ps:wait; eb status; eb health
    """,
    "cluster": """
        kind create; kind load; minikube start; minikube image; k3d cluster create; k3d image import; ctlptl create;
        ctlptl apply; microk8s start; microk8s install; vagrant up; vagrant provision; molecule create;
        molecule converge; molecule prepare; multipass launch; limactl start; virt-install; virsh; lxc launch;
        lxc init; incus launch; qemu-system-*; k3s server; kwokctl create; vcluster create; crc start;
        minishift start; replicated cluster create; kurtosis run; k3d.startK3d; k3d.helm; k3d.kubectl; localstack start; oc cluster up;
        kubeadm init
    """,
    "fetch": """
        npm ci; npm install; npm i; yarn install; yarn --frozen-lockfile; yarn --immutable; pnpm install; pnpm i;
        pip install -r; pip install --requirement; poetry install; pipenv install; pipenv sync; bundle install;
        composer install
    """,
}
"""Stage -> commands, separated by `;`.

Three are no stages: `rollout` waits for a deploy and judges it, `fetch` brings a project's dependencies, and `cluster`
makes a cluster or a machine that is thrown away with the job.
"""

PREPARING_WORDS = (
    "--version version --help help -h -V install uninstall init login logout config info completion "
    "autoupdate update upgrade setup auth list show cache"
)
"""A command that begins with one of these words prepares, or shows: `playwright install`."""

DEFAULT_TASKS = ("make", "gmake", "gulp", "grunt")
"""Task runners that build where they are given no task and nothing says what they run then."""

SCRIPT_NAMES: tuple[tuple[str, str], ...] = (
    ("rollback", "rollback* revert undo"),
    ("notify", "notify* slack"),
    ("deploy", "deploy* ship rollout"),
    ("publish", "publish* release*"),
    (
        "security",
        "audit* security* sast dast brakeman vuln* sbom trivy snyk gosec govulncheck bandit scan gitleaks zizmor "
        "scorecard checkov tfsec osv semgrep trufflehog",
    ),
    (
        "lint",
        "lint* *lint format* fmt typecheck* types style* vet clippy checkstyle* spotless* prettier mypy flake8 ruff "
        "black isort rubocop phpstan detekt typing checkformat tidy pmd* tsc "
        "spotbugs* validate phpcs precommit shellcheck license* sonar* static analyze analyse cs psalm biome pyright cspell spellcheck spelling knip pint rector deptrac codestyle",
    ),
    (
        "test",
        "test* *test spec specs e2e* unit* integration* coverage* cov smoke* bench* verify check checks jest "
        "cypress playwright fuzz acceptance conformance* kuttl py py27 py3* pypy* lhci a11y cy *tests gatling* jmeter locust k6 artillery",
    ),
    ("plan", "plan* diff preview"),
    (
        "build",
        "build* compile* bundle* package* dist image* docker* wheel* sdist assemble* bootjar binary binaries "
        "webpack storybook docs doc html",
    ),
)
"""The first word that says something decides; where it says several things, the first of these."""

PREPARING_SCRIPT_WORDS = (
    "install setup download poll start stop clean fetch prepare generate gen init bootstrap print show list echo sync "
    "update refresh regenerate bump get add"
)
"""A script whose name begins with one of these prepares."""

WEAK_SCRIPT_WORDS = "check checks verify validate storybook docker* bundle* image* package* static types analyze analyse cs dist release* docs doc html"
"""These decide only where no other word of the name does: `check:types`, `docker-lint`."""

SCRIPT_PHRASES: tuple[tuple[str, str], ...] = (
    (
        "lint",
        "type check;types check;check types;pre commit;up to date;check format;format check;check style;check lint;check code;"
        "code style;go vet;static analysis;check fmt;fmt check;check license;check licenses",
    ),
    ("publish", "npm publish;pypi publish;create release"),
    ("test", "test build;build test;test deploy"),
    ("security", "security check;security scan;vulnerability scan;check security;check vulnerabilities"),
)

JOB_NAMES: tuple[tuple[str, str], ...] = (
    ("rollback", "rollback* revert* undo slotswap"),
    ("notify", "notif* slack discord teams alert alerts alerting pagerduty announce"),
    (
        "security",
        "security scan scans scanning scanner sast dast iast codeql trivy snyk vuln* audit* secrets secret "
        "semgrep scorecard "
        "scorecards sbom owasp zap gosec govulncheck gitleaks trufflehog brakeman bandit checkov tfsec grype fossa "
        "osv zizmor frogbot veracode checkmarx fortify cve cves pentest devsecops",
    ),
    (
        "lint",
        "lint* *lint *linter format formatting formatter fmt style mypy typecheck typing types "
        "validate validation "
        "sonar* prettier ruff flake8 black clippy rustfmt checkstyle detekt rubocop "
        "shellcheck "
        "linkcheck links spelling spellcheck typos precommit "
        "phpstan phpcs vet typescript tsc",
    ),
    (
        "test",
        "testing tested unit integration e2e spec specs coverage smoke cypress playwright bench "
        "benchmark* fuzz fuzzing "
        "perf performance a11y accessibility jest rspec regression conformance acceptance "
        "lighthouse lhci chromatic "
        "verify *test *tests tester functional load "
        "kuttl nightwatch mutation sanity gatling* jmeter locust k6 artillery",
    ),
    ("publish", "publish* release* releasing pypi npm crates nuget npmjs rubygems goreleaser changesets"),
    (
        "deploy",
        "deploy* promote* provision* rollout ship redeploy migrate migration migrations",
    ),
    (
        "build",
        "build builds building builder compile* package packaging bundle bundling docker dockerize image "
        "images wheel wheels sdist "
        "artifacts binaries binary assemble container containers",
    ),
)
"""Every stage that a word of a job's name stands for; `rollback` and `notify` beat all others."""

JOB_PHRASES: tuple[tuple[str, str], ...] = (
    (
        "security",
        "dependency review;dependency check;security scan;security check;vulnerability scan;code scanning;"
        "semantic code analysis;container scan;image scan;license scan;license check;secret detection;secret scan;detect secrets;supply chain",
    ),
    (
        "lint",
        "type check;types check;pre commit;static analysis;code quality;code style;static checks;code analysis;"
        "up to date;pull request title;pr title;format check;link check;quality gate",
    ),
    ("test", "end to end;system test;smoke test;build test;test build;load test;test suite"),
    (
        "deploy",
        "terraform apply;terragrunt apply;tofu apply;pulumi up;helm upgrade;db migrate;db migration;database migration;run migrations;blue green;gh pages;github pages;deploy pages",
    ),
    ("rollback", "slot swap;roll back"),
)

META_NAMES = """
    changes changed setup prepare preparation init initialize matrix gate required results result cleanup clean
    comment stale sync label labels labeler triage assign welcome greet greeting lock paths filter detect
    check-changes conclusion summary status done success all-green alls-green dependabot automerge auto-merge
    merge backport cherry-pick bump update poll config configure metadata vars variables context precheck pre-check
    skip set get determine compute discover find list collect refresh regenerate generate codegen show dump print
    report resolve read extract calculate approv* authorize guard confirm confirmation stop destroy delete remove
    teardown undeploy uninstall shutdown backup backups disable pause suspend freeze summarize summarise evaluate retrieve parse clear purge prune wipe filter
"""
"""Words of the names of jobs that do no stage's work."""

WEAK_JOB_WORDS = (
    "containers staging prod production uat cd docker image images container package packages binary binaries artifacts release "
    "releases scan scanner secret secrets integration performance perf functional load sanity npm pypi teams alert alerts alerting "
    "verify validate validation links types typescript tsc format migrate migration migrations deployment deployments"
)
"""These count only where no other word of the name does: `smoke-prod`, `build-release`."""

NO_TESTS = "latest attest contest greatest fastest protest attests contests"
"""Words that only end like a test."""

GENERIC_NAMES = "build builds run job main ci check do checks workflow pipeline start all default execute action"
"""Ids that say little: a name that says something wins over them."""

ORDINARY = """
    echo printf cat test [ [[ true false : exit return set export unset read local declare typeset readonly shift
    eval trap source . cd pushd popd pwd ls mkdir rmdir rm cp mv ln touch chmod chown find grep egrep fgrep sed awk
    gawk tr cut sort uniq head tail wc tee xargs date sleep uname whoami id env printenv which type hash command
    builtin umask ulimit jq yq tar unzip zip gzip gunzip xz base64 sha256sum sha512sum md5sum shasum diff cmp
    basename dirname realpath readlink mktemp seq expr let wait kill time timeout df du free ps apt apt-get dpkg yum
    dnf apk brew choco winget pip pip3 pipx gem git gpg ssh-keygen ssh-add ssh-agent ssh-keyscan openssl dos2unix
    envsubst column nl file stat sync logger yes add-apt-repository update-alternatives rustup nvm corepack volta n
    asdf mise sdk pyenv rbenv mvnw if then else fi for do done while until case esac in function break continue rev
    paste comm split fold tput clear reset history alias systemctl service sysctl mount umount modprobe locale-gen
    timedatectl useradd usermod groupadd addgroup adduser passwd su nproc arch getconf hostname host ping nc dig
    nslookup ip ifconfig iptables ufw crontab checkout archiveArtifacts junit publishHTML stash unstash deleteDir
    cleanWs withCredentials withEnv dir script node input timestamps ansiColor error unstable milestone lock retry
    catchError warnError readFile writeFile fileExists
"""
"""Programs that do no stage's work whatever they are told."""

IDLE = {
    "docker": "login logout pull info version images ps inspect network volume system context load save rmi rm logs cp stop kill",
    "kubectl": "get describe logs config version cluster-info create label annotate wait top api-resources auth explain",
    "oc": "get describe logs login project projects whoami version status registry",
    "helm": "repo dependency dep version pull registry list ls status get search show plugin env",
    "terraform": "init output workspace version providers show state get graph fmt login",
    "tofu": "init output workspace version providers show state get graph fmt login",
    "npm": "ci install i config version cache set pkg view ls list prefix root whoami login update",
    "yarn": "install config cache set version --version",
    "pnpm": "install i config store fetch setup env",
    "aws": "sts configure ecr secretsmanager",
    "gcloud": "auth config components info version",
    "az": "login account extension config logout",
    "gh": "auth api pr issue label run cache repo variable secret",
    "go": "mod env version get install work generate list clean",
    "cargo": "install fetch update --version login metadata tree version",
    "poetry": "install config lock env version self show",
    "uv": "sync venv python pip lock tool cache version",
    "bundle": "install config update version",
    "composer": "install config update global require",
    "conda": "env create install activate info list config",
    "dotnet": "restore nuget tool workload --version --info",
    "mvn": "-version --version dependency:resolve dependency:go-offline",
    "rails": "",
}
"""Program -> the words behind it with which it does no stage's work."""

CHECKING = "check checks validate validates verify verifies confirm ensure assert inspect monitor watch await wait can"
"""What is delivered is only looked at where a name begins so: `verify-deployment`, `Validate production release`."""

REMOVING = "delete remove destroy teardown uninstall undeploy cleanup clean clear purge prune wipe drop"
"""What is built or delivered is only taken away where a name begins so: `Delete deployment artifacts`."""

FINDING = "evaluate retrieve parse resolve determine compute calculate discover detect find extract list"
"""What is tested elsewhere is only found out where a name begins so: `Resolve test sets`."""

RUNNING = "health healthy status alive ready readiness site sites cluster system service services node"
"""What is looked at while it runs: `health-check` is a test."""

EQUIPMENT = "cli clis tool tools"
"""Only the means are fetched where a name ends so and begins with `install`: `Install the Argo CD CLI`."""

PLACES = "staging prod production uat cd"
"""These are a deploy only where a name says nothing else: `prod-eu`."""

AROUND = "pre post before after on"
"""What follows these words in a name is not done, only prepared or looked at: `post-deploy-verify`."""

HANDLING = "export import copy sync rotate fetch get set push upload create update write load inject pull render decrypt encrypt restore mask"
"""Secrets are only carried where a name begins so: `export-secrets`."""

SCANNED = (
    "image images container containers docker code source deps dependencies dependency vuln* secret secrets repo fs iac "
    "infra security license* package* all"
)
"""What a script that is called a scan looks through for holes: `scan-image`."""

DIRECTIONAL = "apply applies deploy deploys deploying publish publishes release releases promote push ship"
"""What follows these words in a name is a target: `deploy-test`, `publish to dev`."""

TARGETS = (
    "test tests testing dev staging prod production qa uat npm pypi docker image images stage demo training "
    "sandbox perf performance preprod "
    "docs pages storybook bundle charts chart binaries binary artifacts container containers package packages integration alert alerts alerting"
)
"""Words that may be such a target; anywhere but behind a direction they keep their own meaning."""

ENVIRONMENTS = (
    "prod* production live prd stag* stg uat preprod pre-prod qa test* dev* development demo training sandbox "
    "int integration "
    "preview review canary nonprod* acc acceptance github-pages perf"
)
"""What the name of an environment to deploy to looks like."""

PUBLISHING_ENVIRONMENTS = (
    "pypi testpypi test-pypi npm npmjs release releases crates crates-io rubygems nuget maven marketplace"
)

PRODUCTION = "prod* production live prd*"
NON_PRODUCTION = (
    "stag* stg* uat preprod* pre-prod* nonprod* qa test* dev* development demo training sandbox int "
    "integration preview* review* acc acceptance canary perf nightly"
)

DEPLOY_HOOKS = (
    "DEPLOY_HOOK",
    "api.render.com/deploy",
    "api.netlify.com/build_hooks",
    "api.vercel.com/v1/integrations/deploy",
    "forge.laravel.com/servers",
)
"""Texts in a script that make a platform deploy."""

WEBHOOKS = {
    "hooks.slack.com": "Slack",
    "SLACK_WEBHOOK": "Slack",
    "slack.com/api/chat.postMessage": "Slack",
    "discord.com/api/webhooks": "Discord",
    "discordapp.com/api/webhooks": "Discord",
    "DISCORD_WEBHOOK": "Discord",
    "webhook.office.com": "Teams",
    "TEAMS_WEBHOOK": "Teams",
    "events.pagerduty.com": "PagerDuty",
    "api.opsgenie.com": "Opsgenie",
    "MATTERMOST_WEBHOOK": "Mattermost",
    "ROCKETCHAT_WEBHOOK": "Rocket.Chat",
    "api.pagerduty.com/incidents": "PagerDuty",
    "ntfy.sh/": "ntfy",
    "api.telegram.org/bot": "Telegram",
    "chat.googleapis.com/v1/spaces": "Google Chat",
}
"""Texts in a script that tell someone."""


class Word(NamedTuple):
    """One row of the tables of actions and commands."""

    kind: str
    """`action` or `command`."""
    stage: str
    text: str

    @property
    def program(self) -> str:
        return self.text.split()[0]

    @property
    def example(self) -> str:
        """What needs it: the action, or the command line."""
        return " ".join(part.replace("*", "x") for part in self.text.split() if part != "...")


@functools.cache
def words() -> tuple[Word, ...]:
    """Every row, in the order in which they are asked."""
    actions = [Word("action", stage, action) for stage, text in ACTIONS.items() for action in text.split()]
    commands = [
        Word("command", stage, " ".join(command.split()))
        for stage in COMMAND_ORDER
        for command in COMMANDS[stage].split(";")
        if command.split()
    ]
    return (*actions, *commands)
