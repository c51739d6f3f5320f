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
    ],
)
def test_a_program_is_listed_with_what_was_not_judged(path: str, text: str, reason: str | None) -> None:
    report = devopslint.check({path: text})

    assert [(one.path, one.reason) for one in report.not_checked] == ([(path, reason)] if reason else [])
