"""What the shells of a Jenkinsfile run."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.jenkins.secrets import ShellCall, shell_calls
from devopslint.model import Problem
from devopslint.readers.downloads import downloads, run_downloads
from devopslint.registry import check


@check("jenkins-piped-installer", each=shell_calls)
def piped_installer(call: ShellCall) -> Iterator[Problem]:
    if downloads(call.text):
        for command in run_downloads(call.text, call.commands):
            yield Problem(call.location, f"{command.name} runs what the network answers, whatever that is today")
