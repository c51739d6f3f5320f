"""What the Language Server Protocol calls it; pygls is used here and nowhere else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from devopslint import __version__
from devopslint.catalogue import catalogue
from devopslint.catalogue_text import explanation
from devopslint.config_reading import NAMES
from devopslint.files import could_be_known
from devopslint.model import Finding, Location, Severity
from devopslint.reports import Suggestion, page_of
from devopslint.server.workspace import Workspace

PAUSE = 0.15
"""Seconds without a keystroke after which the whole repository is asked."""
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}


class Server(LanguageServer):
    """One process for all repositories of an editor."""

    def __init__(self) -> None:
        super().__init__("devopslint", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Incremental)
        self._workspaces: dict[Path, Workspace] = {}
        self._places: dict[str, tuple[Workspace, str]] = {}
        """Of the addresses that were asked for: their repository, and how it calls them."""
        self._asking: dict[Path, asyncio.Task[None]] = {}
        self._shown: dict[str, list[Finding]] = {}
        """By address, what the editor shows."""
        self._complaint = ""

    def workspace_of(self, uri: str) -> tuple[Workspace, str] | None:
        """The repository that a file lies in, and how it calls the file."""
        if uri in self._places:
            return self._places[uri]
        path = to_fs_path(uri)
        if path is None:
            return None
        made = Workspace(Path(path), self._folders())
        space = self._workspaces.setdefault(made.root, made)
        name = space.name(Path(path))
        if name is None or not (could_be_known(name) or Path(name).name in NAMES):
            return None
        if space is made:
            space.load()
        self._places[uri] = space, name
        return space, name

    def _folders(self) -> list[Path]:
        """What the editor works in."""
        told = [*(to_fs_path(folder.uri) for folder in self.workspace.folders.values()), self.workspace.root_path]
        return [Path(one) for one in told if one]

    def changed(self, uri: str) -> None:
        """An editor has another text: what it says by itself is said at once, the rest as soon as it is known."""
        if (found := self.workspace_of(uri)) is not None:
            space, name = found
            space.change(name, self.workspace.get_text_document(uri).source)
            self._publish(space, uri, space.at_once(name))
            self.ask(space)

    def closed(self, uri: str) -> None:
        if (found := self.workspace_of(uri)) is not None:
            space, name = found
            space.close(name)
            del self._places[uri]
            self._publish(space, uri, [])
            self.ask(space)

    def changed_on_disk(self, uris: list[str]) -> None:
        names: dict[int, tuple[Workspace, list[str]]] = {}
        for uri in uris:
            if (found := self.workspace_of(uri)) is not None:
                names.setdefault(id(found[0]), (found[0], []))[1].append(found[1])
        for space, touched in names.values():
            space.changed_on_disk(touched)
            self.ask(space)

    def ask(self, space: Workspace) -> None:
        """Ask the whole repository, once nothing has been typed for a while."""
        if (task := self._asking.get(space.root)) is not None:
            task.cancel()
        self._asking[space.root] = asyncio.ensure_future(self._answer(space))

    async def _answer(self, space: Workspace) -> None:
        await asyncio.sleep(PAUSE)
        if space.complaint != self._complaint:
            self._complaint = space.complaint
            if space.complaint:
                self.window_show_message(types.ShowMessageParams(types.MessageType.Error, space.complaint))
        answer = await asyncio.to_thread(space.snapshot().answer)
        space.keep(answer)
        for name, findings in answer.findings.items():
            self._publish(space, _uri(space, name), findings)

    def _publish(self, space: Workspace, uri: str, findings: list[Finding]) -> None:
        self._shown[uri] = findings
        lines = {uri: self._lines(uri)}
        shown = [self._diagnostic(one, space, uri, lines) for one in findings]
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, shown))

    def _lines(self, uri: str) -> list[str]:
        try:
            return list(self.workspace.get_text_document(uri).lines)
        except (OSError, UnicodeDecodeError):
            return []

    def _diagnostic(
        self, finding: Finding, space: Workspace, uri: str, lines: dict[str, list[str]]
    ) -> types.Diagnostic:
        page = page_of(finding.rule)
        related = []
        for one in finding.related:
            there = _uri(space, one.location.path)
            if there not in lines:
                lines[there] = self._lines(there)
            place = types.Location(there, _range(one.location, lines[there]))
            related.append(types.DiagnosticRelatedInformation(place, one.message))
        return types.Diagnostic(
            range=_range(finding.location, lines[uri]),
            message=finding.message,
            severity=_SEVERITIES[finding.severity],
            code=finding.rule.id,
            code_description=types.CodeDescription(page) if page else None,
            source="devopslint",
            related_information=related or None,
        )

    def fixes(self, uri: str, findings: list[Finding]) -> Mapping[str, Suggestion]:
        """By fingerprint, how findings can be mended; none while the text is not the one that was asked about."""
        found = self.workspace_of(uri)
        if found is None or (answer := found[0].answer) is None:
            return {}
        name = found[1]
        now = self.workspace.get_text_document(uri).source.encode("utf-8", "surrogatepass")
        if answer.outcome.scope.texts.get(name) != now:
            return {}
        return answer.fixes([one for one in findings if one in answer.findings.get(name, ())])

    def at(self, uri: str, place: types.Range) -> list[Finding]:
        """The findings that touch a range."""
        lines = self._lines(uri)
        return [one for one in self._shown.get(uri, ()) if _touch(_range(one.location, lines), place)]


def _mending(uri: str, finding: Finding, fix: Suggestion, lines: list[str]) -> types.CodeAction:
    doubt = "" if fix.safe else " (look at it: it may change what runs)"
    return types.CodeAction(
        title=f"Mend {finding.rule.id}{doubt}",
        kind=types.CodeActionKind.QuickFix,
        is_preferred=fix.safe,
        edit=types.WorkspaceEdit({uri: [types.TextEdit(_range(one.location, lines), one.text) for one in fix.edits]}),
    )


def _uri(space: Workspace, name: str) -> str:
    return str(from_fs_path(str(space.root / name)))


def _range(at: Location, lines: list[str]) -> types.Range:
    return types.Range(_position(at.line, at.column, lines), _position(at.end_line, at.end_column, lines))


def _position(line: int, column: int, lines: list[str]) -> types.Position:
    """Columns count UTF-16 units there, and characters here."""
    before = lines[line - 1][: column - 1] if line <= len(lines) else ""
    return types.Position(line - 1, len(before.encode("utf-16-le", "surrogatepass")) // 2)


def _touch(one: types.Range, other: types.Range) -> bool:
    first, last = (one.start.line, one.start.character), (one.end.line, one.end.character)
    return first <= (other.end.line, other.end.character) and (other.start.line, other.start.character) <= last


def make_server() -> Server:
    server = Server()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.closed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        if Path(params.text_document.uri).name in NAMES:
            server.changed_on_disk([params.text_document.uri])

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: types.DidChangeWatchedFilesParams) -> None:
        server.changed_on_disk([change.uri for change in params.changes])

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        found = server.at(params.text_document.uri, types.Range(params.position, params.position))
        told = dict.fromkeys(explanation(catalogue()[one.rule.id]) for one in found if one.rule.id in catalogue())
        if not told:
            return None
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(told)))

    kinds = types.CodeActionOptions([types.CodeActionKind.QuickFix])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        lines = server._lines(uri)
        found = {one.rule.id: one for one in reversed(server.at(uri, params.range))}
        shown = [one for _, one in sorted(found.items())]
        fixes = server.fixes(uri, shown)
        mending = [_mending(uri, one, fixes[one.fingerprint], lines) for one in shown if one.fingerprint in fixes]
        return [*mending, *(_acceptance(uri, one, lines) for one in shown)]

    return server


def _acceptance(uri: str, finding: Finding, lines: list[str]) -> types.CodeAction:
    """A comment above what is wrong that accepts it; the reason is the user's to write."""
    line = min(finding.location.line, len(lines)) - 1
    indent = re.match(r"[ \t]*", lines[line] if lines else "")
    text = f"{indent[0] if indent else ''}# devopslint: allow {finding.rule.id} -- REASON\n"
    at = types.Position(line, 0)
    return types.CodeAction(
        title=f"Accept {finding.rule.id} here, with a reason",
        kind=types.CodeActionKind.QuickFix,
        edit=types.WorkspaceEdit({uri: [types.TextEdit(types.Range(at, at), text)]}),
    )


def serve(**options: Any) -> None:
    """Speak with an editor over standard input and output until it leaves."""
    make_server().start_io(**options)
