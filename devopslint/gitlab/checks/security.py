"""What a GitLab pipeline takes from others, and what it gives away."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

from devopslint.deferred import compiled
from devopslint.gitlab.conditions import BRANCH, REQUEST, deciding
from devopslint.gitlab.jobs import RuledJobs
from devopslint.gitlab.parts import (
    Image,
    Include,
    JobScript,
    Login,
    ScriptLine,
    Variable,
    gitlab_images,
    includes,
    job_scripts,
    logins,
    ruled_jobs,
    script_lines,
    variables,
)
from devopslint.model import NotKnown, Problem, Related
from devopslint.readers.downloads import downloads, run_downloads
from devopslint.readers.image_reference import ImageReference
from devopslint.readers.shell import read_commands
from devopslint.registry import check
from devopslint.secrets.cloud_keys import CLOUD_VARIABLES, ELSEWHERE, key_logins
from devopslint.secrets.commands import is_written_out, secrets_in
from devopslint.secrets.judgement import A_URL, is_evident, is_placeholder, shows_secret
from devopslint.secrets.thrown_away import is_local

_BRANCHES = frozenset(("main", "master", "trunk", "develop", "dev", "head", "latest", "~latest", "stable"))


@check("gitlab-floating-include", each=includes)
def floating_include(include: Include) -> Iterator[Problem]:
    node, remote = include.node, include.remote
    if remote.exists:
        if not node["integrity"].present and "$" not in remote.text:
            yield Problem(remote.location, "whoever answers for this address decides what the pipeline does")
        return
    project, component = node["project"], node["component"]
    if project.present:
        ref = node["ref"]
        if not ref.exists:
            yield Problem(project.location, f"without 'ref' the default branch of '{project.text}' is included")
        elif ref.text.lower() in _BRANCHES:
            yield Problem(
                ref.location, f"the branch '{ref.text}' of '{project.text}' is included, whatever is pushed there"
            )
    elif component.present:
        version = component.text.rpartition("@")[2]
        if version.lower() in _BRANCHES:
            yield Problem(component.location, f"the component is taken at '{version}', which moves")


@check("gitlab-floating-image", each=gitlab_images)
def floating_image(image: Image) -> Iterator[Problem]:
    text = image.name
    if text.startswith("macos-"):
        return  # a virtual machine of GitLab's own runners
    if not any(character.isalnum() for character in text):
        return  # no image has such a name: a template's placeholder
    reference = ImageReference.parse(text)
    if reference.digest is None and (reference.tag == "latest" or (reference.tag is None and "$" not in text)):
        yield Problem(image.node.location, f"image {text} is whatever 'latest' is today")


@check("gitlab-literal-secret", each=variables)
def literal_secret(variable: Variable) -> Iterator[Problem]:
    value = variable.value.text
    if (shown := shows_secret(value)) == A_URL and is_local(value) and not is_evident(value):
        return
    if shown:
        yield Problem(
            variable.value.location, f"variable '{variable.key.text}' holds {shown}", certain=is_evident(value)
        )
    elif variable.for_service or is_placeholder(value, variable.key.text):
        return
    elif is_written_out(variable.key.text, value):
        said = f"variable '{variable.key.text}' holds a secret in plain text"
        yield Problem(variable.value.location, said, certain=is_evident(value))


@check("gitlab-piped-installer", each=job_scripts)
def piped_installer(script: JobScript) -> Iterator[Problem]:
    files: set[str] = set()
    for line in script.lines:
        if files or downloads(line.node.text):
            for command in run_downloads(line.node.text, list(read_commands(line.node.text)), files):
                said = f"{command.name} runs what the network answers, whatever that is today"
                yield Problem(line.node.span(command.start, command.end), said)


@check("gitlab-literal-secret", each=script_lines)
def literal_secret_in_script(line: ScriptLine) -> Iterator[Problem]:
    for found in secrets_in(list(read_commands(line.node.text)), line.thrown_away):
        if not found.certain and A_URL in found.what and is_local(found.word.text):
            continue
        yield Problem(line.node.span(found.word.start, found.word.end), found.what, certain=found.certain)


@check("gitlab-lasting-cloud-key", each=logins)
def lasting_cloud_key(login: Login) -> Iterator[Problem]:
    given = {key.text: value["value"] if value.is_mapping else value for key, value in login.node["variables"].items()}
    for name, cloud in CLOUD_VARIABLES.items():
        if name in given and given[name].text.startswith("$") and ELSEWHERE.isdisjoint(given):
            yield Problem(given[name].location, f"{cloud} is entered with a key that does not expire: '{name}'")
    read = [(line, command) for line in login.lines for command in read_commands(line.node.text)]
    places = {id(command): line.node.span(command.start, command.end) for line, command in read}
    for found in key_logins([command for _, command in read]):
        said = f"{found.cloud} is entered with a key that does not expire: `{found.shown}`"
        yield Problem(places[id(found.command)], said)


@check("gitlab-debug-trace", each=variables)
def debug_trace(variable: Variable) -> Iterator[Problem]:
    if variable.key.text in ("CI_DEBUG_TRACE", "CI_DEBUG_SERVICES") and variable.value.text.lower() in ("true", "1"):
        yield Problem(variable.value.location, f"'{variable.key.text}' prints every variable into the log, secrets too")


@check("gitlab-variable-in-curl", each=script_lines)
def variable_in_curl(line: ScriptLine) -> Iterator[Problem]:
    text = line.node.text
    if "curl" not in text:
        return
    for found in _CI_VARIABLE.finditer(text):
        if "curl" in text[max(0, text.rfind("\n", 0, found.start()), found.start() - 500) : found.start()]:
            place = line.node.span(found.start(), found.end())
            yield Problem(place, f"curl hands on what '{found[0]}' holds")


@check("gitlab-duplicate-pipelines", each=ruled_jobs)
def duplicate_pipelines(jobs: RuledJobs) -> Iterator[Problem | NotKnown]:
    if jobs.workflow is not None and not (deciding(jobs.workflow, BRANCH) and deciding(jobs.workflow, REQUEST)):
        return
    pushed, requested = deciding(jobs.rules, BRANCH), deciding(jobs.rules, REQUEST)
    if pushed is None or requested is None:
        return
    name, *others = jobs.names
    _, rule = max(pushed, requested, key=itemgetter(0))
    condition = rule["if"]
    place = condition.location if condition is not None else rule.location
    also = f" and {len(others)} more, which share the rule," if others else ""
    verb = "run" if others else "runs"
    if not jobs.complete and jobs.workflow is None:
        question = f"whether job '{name.text}' runs twice for a push to a merge request"
        yield NotKnown(place, question, "what the pipeline includes from elsewhere may have a `workflow`")
        return
    related = (
        (Related(name.location, f"job '{name.text}' takes it from there"),) if place.path != name.location.path else ()
    )
    yield Problem(place, f"job '{name.text}'{also} {verb} twice for a push to a merge request", related)


_CI_VARIABLE = compiled(r"\$\{?CI_\w+\}?")
