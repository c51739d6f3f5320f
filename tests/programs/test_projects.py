"""What is said of infrastructure that programs build."""

from __future__ import annotations

import pytest

import devopslint


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        (
            "infra/Pulumi.yaml",
            "name: shop\nruntime: nodejs\n",
            "is a Pulumi program in nodejs: what it builds is known only when it runs",
        ),
        (
            "infra/Pulumi.yaml",
            "name: shop\nruntime:\n  name: python\n  options: {virtualenv: venv}\n",
            "is a Pulumi program in python: what it builds is known only when it runs",
        ),
        (
            "Pulumi.yaml",
            "name: shop\nruntime: yaml\nresources: {files: {type: aws:s3:Bucket}}\n",
            "is a Pulumi program in YAML: what its resources open, or leave in the clear, is not judged",
        ),
        (
            "cdk.json",
            '{"app": "npx ts-node bin/app.ts"}',
            "is a CDK app: what it builds is known only when it runs; templates of cdk synth are judged where they are kept",
        ),
        ("cdk.json", "{}", None),
        (
            "images/base.pkr.hcl",
            'source "amazon-ebs" "base" {\n  ami_name = "base"\n}\n',
            "is a Packer template: what it builds into an image is not judged",
        ),
        (
            "cdktf.json",
            '{"language": "go", "app": "go run main.go"}',
            "is a CDKTF app: what it builds is known only when it runs; what cdktf synth writes is judged where it is kept",
        ),
        (
            "api/serverless.yml",
            "service: shop\nprovider: {name: aws, runtime: nodejs22.x}\nfunctions: {order: {handler: order.handle}}\n",
            "is a service of the Serverless Framework: what it deploys is not judged; templates that it includes are",
        ),
        ("docs/serverless.yml", "title: Without servers\n", None),
        (
            "live/prod/db/terragrunt.hcl",
            'terraform {\n  source = "git::https://git.shop.io/modules.git//db"\n}\n',
            "is Terragrunt's: which module it calls, and with what, is not judged; modules in the tree are",
        ),
        ("live/terragrunt.hcl", "", None),
        (
            "stacks/backend.tm.hcl",
            'generate_hcl "_backend.tf" {\n  content {\n  }\n}\n',
            "is Terramate's: the files that it generates are judged where they are kept",
        ),
        ("stacks/network/stack.tm.hcl", 'stack {\n  name = "network"\n}\n', None),
        (
            "infra/main.bicep",
            "param location string = 'westeurope'\n",
            "is a template of Azure's: what it opens, or leaves in the clear, is not judged",
        ),
        (
            "infra/azuredeploy.json",
            '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "resources": []}',
            "is a template of Azure's: what it opens, or leaves in the clear, is not judged",
        ),
        (
            "jobs/web.nomad.hcl",
            'job "web" {\n  datacenters = ["dc1"]\n}\n',
            "is a job of Nomad: what it runs is not judged",
        ),
    ],
)
def test_a_program_is_listed_with_what_was_not_judged(path: str, text: str, reason: str | None) -> None:
    report = devopslint.check({path: text})

    assert [(one.path, one.reason) for one in report.not_checked] == ([(path, reason)] if reason else [])
