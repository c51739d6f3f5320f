"""How long an editor waits for what a keystroke changes, in a tree of many files.

usage: server.py [FILES] [KEYSTROKES]

A real client types into one manifest of a tree of FILES Deployments, Services and autoscalers (default 2,000): the milliseconds until the server first
says something of the file, and until it has asked the whole tree, medians of KEYSTROKES (default 20).
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

PROJECT = Path(__file__).parent.parent
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: app{0}, namespace: team{1}, labels: {{app: app{0}}}}}
spec:
  selector: {{matchLabels: {{app: app{0}}}}}
  template:
    metadata: {{labels: {{app: app{0}}}}}
    spec:
      containers:
        - name: web
          image: registry.example.org/app{0}:1.0
          ports: [{{containerPort: 8080}}]
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {{name: app{0}, namespace: team{1}}}
spec: {{selector: {{app: app{0}}}, ports: [{{port: 80, targetPort: 8080}}]}}
"""
AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: app{0}, namespace: team{1}}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: app{0}}}
  minReplicas: 3
  maxReplicas: 9
"""


def write_tree(folder: Path, files: int) -> None:
    (folder / ".git").mkdir()
    for number in range(files // 3):
        place = folder / f"team{number % 50}"
        place.mkdir(exist_ok=True)
        for kind, text in (("deployment", DEPLOYMENT), ("service", SERVICE), ("autoscaler", AUTOSCALER)):
            (place / f"{kind}{number}.yaml").write_text(text.format(number, number % 50))


async def measure(folder: Path, keystrokes: int) -> tuple[list[float], list[float]]:
    client = LanguageClient("editor", "1")
    heard: asyncio.Queue[tuple[float, str]] = asyncio.Queue()

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]  # pygls'
    def published(params: types.PublishDiagnosticsParams) -> None:
        heard.put_nowait((time.perf_counter(), params.uri))

    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "DEVOPSLINT_CACHE_DIR": str(folder / "kept")}
    await client.start_io(sys.executable, "-P", "-m", "devopslint", "server", env=environment)
    folders = [types.WorkspaceFolder(uri=folder.as_uri(), name="tree")]
    await client.initialize_async(
        types.InitializeParams(capabilities=types.ClientCapabilities(), workspace_folders=folders)
    )
    client.initialized(types.InitializedParams())
    path = folder / "team1/deployment1.yaml"
    uri, text = path.as_uri(), path.read_text()
    client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "yaml", 1, text)))
    await heard.get()
    await heard.get()
    first, whole = [], []
    for number in range(keystrokes):
        changed = text.replace(":1.0", f":1.{number + 1}")
        begun = time.perf_counter()
        client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(number + 2, uri),
                [types.TextDocumentContentChangeWholeDocument(changed)],
            )
        )
        first.append((await heard.get())[0] - begun)
        whole.append((await heard.get())[0] - begun)
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()  # type: ignore[no-untyped-call]  # pygls'
    return first, whole


def main() -> None:
    given = [int(one) for one in sys.argv[1:]]
    files, keystrokes = (*given, *(2000, 20)[len(given) :])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        write_tree(folder, files)
        first, whole = asyncio.run(measure(folder, keystrokes))
    for what, seconds in (("the file by itself", first), ("the whole tree", whole)):
        spread = f"{min(seconds) * 1000:.0f} to {max(seconds) * 1000:.0f}"
        print(f"{what}: {statistics.median(seconds) * 1000:.0f} ms ({spread}), {files} files, {keystrokes} keystrokes")


if __name__ == "__main__":
    main()
