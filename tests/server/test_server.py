"""The language server, asked by a real client over standard input and output."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from devopslint import __version__
from devopslint.server.workspace import Workspace

PROJECT = Path(__file__).parent.parent.parent
LONGEST = 120
"""Seconds after which a test is given up: the server never says what is waited for."""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
"""
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}  # 🚀
spec:
  containers:
    - name: web
      image: nginx:latest
"""


class Editor(LanguageClient):
    """A client that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self.diagnostics: dict[str, list[types.Diagnostic]] = {}
        self.messages: list[str] = []
        self.news = asyncio.Event()

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]  # pygls'
        def published(params: types.PublishDiagnosticsParams) -> None:
            self.diagnostics[params.uri] = list(params.diagnostics)
            self.news.set()

        @self.feature(types.WINDOW_SHOW_MESSAGE)  # type: ignore[untyped-decorator]  # pygls'
        def shown(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)
            self.news.set()

    async def until(self, happened: Callable[[], bool]) -> None:
        while not happened():
            self.news.clear()
            await self.news.wait()


Session = Callable[[Editor, Path], Awaitable[None]]


def in_an_editor(session: Session) -> Callable[[Path], None]:
    """Runs a test's session with a server of its own, in a repository of two files."""

    def test(tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "service.yaml").write_text(SERVICE)
        (tmp_path / "pod.yaml").write_text(POD)
        asyncio.run(edit(session, tmp_path))

    test.__name__, test.__doc__ = session.__name__, session.__doc__
    return test


async def edit(session: Session, folder: Path) -> None:
    client = Editor()
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "DEVOPSLINT_CACHE_DIR": str(folder.parent / "cache")}
    await client.start_io(sys.executable, "-P", "-m", "devopslint", "server", env=environment)
    answer = await client.initialize_async(
        types.InitializeParams(
            capabilities=types.ClientCapabilities(),
            workspace_folders=[types.WorkspaceFolder(uri=folder.as_uri(), name="tree")],
        )
    )
    assert answer.server_info == types.ServerInfo("devopslint", __version__)
    client.initialized(types.InitializedParams())
    try:
        await asyncio.wait_for(session(client, folder), LONGEST)
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()  # type: ignore[no-untyped-call]  # pygls'


def open_file(client: Editor, path: Path, text: str | None = None) -> str:
    item = types.TextDocumentItem(path.as_uri(), "yaml", 1, path.read_text() if text is None else text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    return item.uri


def change(client: Editor, uri: str, text: str, version: int = 2) -> None:
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(version, uri), [types.TextDocumentContentChangeWholeDocument(text)]
        )
    )


async def told(client: Editor, uri: str, rule: str, *, there: bool = True) -> list[types.Diagnostic]:
    """The diagnostics of a file, once a rule is among them, or is not."""
    await client.until(lambda: uri in client.diagnostics and (rule in codes(client.diagnostics[uri])) is there)
    return client.diagnostics[uri]


def codes(diagnostics: list[types.Diagnostic]) -> list[object]:
    return [one.code for one in diagnostics]


@in_an_editor
async def test_a_file_is_judged_when_it_is_opened_and_as_it_is_typed(client: Editor, tmp_path: Path) -> None:
    uri = open_file(client, tmp_path / "pod.yaml")
    (latest,) = [one for one in await told(client, uri, "k8s-latest-tag") if one.code == "k8s-latest-tag"]
    assert latest.range == types.Range(types.Position(8, 13), types.Position(8, 25))
    assert latest.source == "devopslint"
    assert latest.severity is types.DiagnosticSeverity.Warning
    assert latest.code_description is not None
    assert latest.code_description.href.endswith("docs/rules.md#k8s-latest-tag")

    change(client, uri, POD.replace("nginx:latest", "nginx:1.29"))
    await told(client, uri, "k8s-latest-tag", there=False)


@in_an_editor
async def test_what_is_typed_in_one_file_is_wrong_in_another(client: Editor, tmp_path: Path) -> None:
    service = open_file(client, tmp_path / "service.yaml")
    pod = open_file(client, tmp_path / "pod.yaml")
    await told(client, pod, "k8s-latest-tag")
    change(client, pod, POD.replace("{app: web}", "{app: api}"))
    await told(client, service, "net-dangling-service")
    change(client, pod, POD, 3)
    await told(client, service, "net-dangling-service", there=False)


@in_an_editor
async def test_hover_explains_and_an_action_accepts(client: Editor, tmp_path: Path) -> None:
    uri = open_file(client, tmp_path / "pod.yaml")
    await told(client, uri, "k8s-latest-tag")
    identifier, at = types.TextDocumentIdentifier(uri), types.Position(8, 15)
    hover = await client.text_document_hover_async(types.HoverParams(identifier, at))
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    assert "# k8s-latest-tag" in hover.contents.value
    assert "## What to do" in hover.contents.value

    context = types.CodeActionContext(diagnostics=[])
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(identifier, types.Range(at, at), context)
    )
    (accept,) = [one for one in actions or () if "k8s-latest-tag" in one.title]
    assert isinstance(accept, types.CodeAction)
    assert accept.edit is not None
    ((edit,),) = (accept.edit.changes or {}).values()
    lines = POD.split("\n")
    lines.insert(edit.range.start.line, edit.new_text.rstrip("\n").replace("REASON", "it is replaced every night"))
    change(client, uri, "\n".join(lines))
    shown = await told(client, uri, "k8s-latest-tag", there=False)
    assert "suppression-unused" not in codes(shown)


@in_an_editor
async def test_an_action_mends_what_a_fix_can(client: Editor, tmp_path: Path) -> None:
    uri = open_file(client, tmp_path / "pod.yaml")
    await told(client, uri, "k8s-privilege-escalation")
    identifier, at = types.TextDocumentIdentifier(uri), types.Position(7, 8)
    asked = types.CodeActionParams(identifier, types.Range(at, at), types.CodeActionContext(diagnostics=[]))
    actions: list[types.CodeAction] = []
    while not actions:  # before the whole tree was asked, nobody knows what a fix may touch
        given = await client.text_document_code_action_async(asked)
        actions = [one for one in given or () if isinstance(one, types.CodeAction) and "Mend k8s-priv" in one.title]
    (mend,) = actions
    assert mend.edit is not None
    ((edit,),) = (mend.edit.changes or {}).values()
    assert isinstance(edit, types.TextEdit)
    lines = POD.splitlines(keepends=True)
    assert edit.range.start == edit.range.end
    text = "".join(lines[: edit.range.start.line])
    line = lines[edit.range.start.line] if edit.range.start.line < len(lines) else ""
    text += line[: edit.range.start.character] + edit.new_text + line[edit.range.start.character :]
    change(client, uri, text + "".join(lines[edit.range.start.line + 1 :]))
    await told(client, uri, "k8s-privilege-escalation", there=False)


@in_an_editor
async def test_columns_are_those_of_the_protocol(client: Editor, tmp_path: Path) -> None:
    text = POD.replace("image: nginx:latest", 'image: "nginx:latest" # a').replace("- name: web", "- name: web")
    flow = text.replace("labels: {app: web}  # 🚀", "labels: {a: '🚀', app: web}").replace(
        '    - name: web\n      image: "nginx:latest" # a', "    - {name: '🚀', image: 'nginx:latest'}"
    )
    uri = open_file(client, tmp_path / "pod.yaml", flow)
    (latest,) = [one for one in await told(client, uri, "k8s-latest-tag") if one.code == "k8s-latest-tag"]
    line = flow.split("\n")[latest.range.start.line]
    units = line.encode("utf-16-le")[2 * latest.range.start.character : 2 * latest.range.end.character]
    assert units.decode("utf-16-le") == "'nginx:latest'"


@in_an_editor
async def test_a_closed_file_is_that_on_the_disk_again(client: Editor, tmp_path: Path) -> None:
    service = open_file(client, tmp_path / "service.yaml")
    pod = open_file(client, tmp_path / "pod.yaml", POD.replace("{app: web}", "{app: api}"))
    await told(client, service, "net-dangling-service")
    client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(pod)))
    await told(client, service, "net-dangling-service", there=False)


@in_an_editor
async def test_a_configuration_that_is_saved_holds_at_once(client: Editor, tmp_path: Path) -> None:
    uri = open_file(client, tmp_path / "pod.yaml")
    await told(client, uri, "k8s-latest-tag")
    (tmp_path / "devopslint.yaml").write_text("ignore: [k8s-latest-tag]\n")
    changed = types.FileEvent((tmp_path / "devopslint.yaml").as_uri(), types.FileChangeType.Created)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([changed]))
    await told(client, uri, "k8s-latest-tag", there=False)

    (tmp_path / "devopslint.yaml").write_text("ignore: [k8s-latest-tga]\n")
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([changed]))
    await client.until(lambda: bool(client.messages))
    assert "did you mean k8s-latest-tag" in client.messages[-1]


@in_an_editor
async def test_a_file_that_nobody_has_saved_yet_is_judged(client: Editor, tmp_path: Path) -> None:
    uri = open_file(client, tmp_path / "new.yaml", POD.replace("name: web", "name: new"))
    await told(client, uri, "k8s-latest-tag")


def looked_at(opened: Path, *folders: Path) -> tuple[str, ...]:
    """The files that are known once one of them is open."""
    space = Workspace(opened, folders)
    space.load()
    space.change(space.name(opened) or "", POD)
    return space.snapshot().scope.files


def test_around_a_file_in_no_repository_and_no_folder_of_the_editor_nothing_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("pod.yaml", "other.yaml", "deep/more.yaml"):
        (tmp_path / name).write_text(POD)
    monkeypatch.chdir(tmp_path)  # an editor that is begun from a desktop stands in / or at home
    every = ("deep/more.yaml", "other.yaml", "pod.yaml")

    assert looked_at(tmp_path / "pod.yaml") == ("pod.yaml",)
    assert looked_at(tmp_path / "deep" / "more.yaml", tmp_path / "elsewhere") == ("more.yaml",)
    assert looked_at(tmp_path / "pod.yaml", tmp_path) == every
    (tmp_path / ".git").mkdir()
    assert looked_at(tmp_path / "pod.yaml") == every


@in_an_editor
async def test_addresses_that_are_no_files_and_odd_messages_end_nothing(client: Editor, tmp_path: Path) -> None:
    for uri in (
        "untitled:a",
        "http://x/y.yaml",
        "",
        "file:",
        "file:///a%00b.yaml",
        "git:/a.yaml",
        f"file:///{'x' * 5_000}.yaml",
    ):
        client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "yaml", 1, POD)))
        client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    client.workspace_did_change_watched_files(
        types.DidChangeWatchedFilesParams([types.FileEvent("file:///etc/passwd", types.FileChangeType.Changed)])
    )
    uri = open_file(client, tmp_path / "pod.yaml")
    for text in ("a: &a [*a]\n" * 1_000, "[" * 100_000, "x" * 6_000_000, POD):
        change(client, uri, text)

    await told(client, uri, "k8s-latest-tag")
