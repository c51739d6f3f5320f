"""Which files Taskfiles take in."""

from __future__ import annotations

from devopslint.scripts.included import included_taskfiles


def test_a_taskfile_is_what_another_one_includes_whatever_its_name() -> None:
    files = {
        "Taskfile.yml": "includes: {docker: ./tasks/docker.yml, web: {taskfile: web/ci.yaml, flatten: true}, own: ./own}\n",
        "tasks/docker.yml": "includes: {push: push.yml, gone: gone.yml, again: ../Taskfile.yml}\n",
        "tasks/push.yml": "tasks: {push: docker push shop}\n",
        "web/ci.yaml": "tasks: [\n",
        "own/Taskfile.yml": "tasks: {go: pytest}\n",
        "other.yml": "tasks: {go: pytest}\n",
    }

    found = included_taskfiles(files, files.__getitem__)

    assert found == {"tasks/docker.yml": "scripts", "tasks/push.yml": "scripts", "web/ci.yaml": "scripts"}
