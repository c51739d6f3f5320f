"""The pages for people, in a real browser: for a screen reader, on a phone and on paper, and with nothing from elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from click.testing import CliRunner
from playwright.sync_api import sync_playwright

from devopslint.cli import main

BROWSER = next((path for name in ("chromium", "google-chrome", "chrome") if (path := shutil.which(name))), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(BROWSER is None, reason="neither Chromium nor Chrome is on the PATH")

DOCKERFILE = "FROM alpine:latest\nUSER root\nENV DATABASE_PASSWORD=Xk29fLq0pZ81\nRUN ./a-script-with-a-name-that-is-quite-long --and-an-option\n"
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: a-deployment-with-a-rather-long-name-as-people-give-them-in-large-organisations}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: "registry.example.org/team/shop:latest", securityContext: {privileged: true}}]}
"""
WORKFLOW = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [{run: pytest}]\n"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The checklist with its trend, and the scorecard of a fleet with what has become of a former one."""
    folder = tmp_path_factory.mktemp("browser")
    for name in ("shop", "mail"):
        workflows = folder / name / ".github" / "workflows"
        workflows.mkdir(parents=True)
        (workflows / "ci.yml").write_text(WORKFLOW)
        (folder / name / "Dockerfile").write_text(DOCKERFILE)
    (folder / "shop" / "deployment.yaml").write_text(DEPLOYMENT)
    (folder / "repositories.txt").write_text("shop\nmail\n")

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder / "shop")
        run("baseline")
        (folder / "shop" / "Dockerfile").write_text(DOCKERFILE.replace("USER root", "USER 1000"))
        (folder / "checklist.html").write_text(run("checklist", "--format", "html"))
        patch.chdir(folder)
        run("fleet", "repositories.txt", "--output", "before", "--exit-zero")
        (folder / "mail" / "Dockerfile").unlink()
        run("fleet", "repositories.txt", "--output", "after", "--since", "before/scorecard.csv", "--exit-zero")
    return {"checklist": folder / "checklist.html", "scorecard": folder / "after" / "scorecard.html"}


def run(*args: str) -> str:
    result = CliRunner().invoke(main, args)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=QUIET)
        yield browser
        browser.close()


@pytest.mark.parametrize(
    ("width", "media", "scheme"), [(390, "screen", "light"), (1280, "screen", "dark"), (794, "print", "light")]
)
@pytest.mark.parametrize("name", ["checklist", "scorecard"])
def test_a_page_is_for_everybody(
    name: str, width: int, media: Any, scheme: Any, pages: dict[str, Path], browser: Any
) -> None:
    asked: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.emulate_media(media=media)
    page.goto(pages[name].as_uri())

    found = Axe().run(page)
    reach = page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
    context.close()

    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found.response["violations"]] == []
    assert found.response["passes"]
    assert asked == [pages[name].as_uri()]
    assert reach <= 0, f"{reach} pixels stand beside the window"
