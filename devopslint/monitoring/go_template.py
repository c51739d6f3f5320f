"""Templates as Prometheus expands them: what is wrong with one, and what it reads of the alert.

https://pkg.go.dev/text/template; the functions are those of Prometheus 3.16.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled

DEEPEST = 60
"""Blocks and parentheses within each other."""

FUNCTIONS = frozenset(
    [
        "args",
        "externalURL",
        "first",
        "graphLink",
        "humanize",
        "humanize1024",
        "humanizeDuration",
        "humanizePercentage",
        "humanizeTimestamp",
        "label",
        "match",
        "now",
        "parseDuration",
        "pathPrefix",
        "query",
        "reReplaceAll",
        "safeHtml",
        "sortByLabel",
        "stripDomain",
        "stripPort",
        "strvalue",
        "tableLink",
        "title",
        "tmpl",
        "toDuration",
        "toLower",
        "toTime",
        "toUpper",
        "urlQueryEscape",
        "value",
        "and",
        "call",
        "html",
        "index",
        "slice",
        "js",
        "len",
        "not",
        "or",
        "print",
        "printf",
        "println",
        "urlquery",
        "eq",
        "ge",
        "gt",
        "le",
        "lt",
        "ne",
    ]
)
GIVEN = {"$labels": "Labels", "$externalLabels": "ExternalLabels", "$externalURL": "ExternalURL", "$value": "Value"}
"""The variables that Prometheus defines, and what of the alert each holds."""
_BLOCKS = frozenset(("if", "range", "with", "define", "block"))
_WORDS = _BLOCKS | {"else", "end", "template", "break", "continue"}

_ACTION = compiled(r"\{\{(?:- |-(?=[\t\r\n]))?")
_COMMENT = compiled(r"[ \t\r\n]*/\*(.*?)\*/[ \t\r\n]*(?:(?<=[ \t\r\n])-)?\}\}", re.DOTALL)
_CLOSE = compiled(r"(?:(?<=[ \t\r\n])-)?\}\}")
_TOKEN = compiled(
    r"""
    (?P<space>[ \t\r\n]+)
  | (?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
  | (?P<char>'(?:[^'\\\n]|\\.)+')
  | (?P<number>[-+]?(?:0[xX][0-9a-fA-F_]+|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?i?)(?![\w]))
  | (?P<field>\.[^\W\d]\w*)
  | (?P<dot>\.)
  | (?P<variable>\$\w*)
  | (?P<word>[^\W\d]\w*)
  | (?P<mark>:=|=|\||\(|\)|,)
    """,
    re.VERBOSE,
)


class TemplateFault(NamedTuple):
    """Why a template is refused, and where."""

    start: int
    end: int
    message: str


class Use(NamedTuple):
    """Something of the alert that a template reads: its value, or one of its labels."""

    start: int
    end: int
    of: str
    """Labels, ExternalLabels, ExternalURL or Value."""
    label: str = ""
    conditional: bool = False
    """Whether it stands in a block that is only written out where something holds."""
    functions: tuple[str, ...] = ()
    """What the value goes through."""


_FORMAT = compiled(r"%[-+# 0]{0,5}[0-9]*(?:\.[0-9]+)?([a-zA-Z%])")
"""What printf puts a value in for."""


def _formatted(verb: re.Match[str]) -> str:
    """What may stand there: a word, a text in quotes, a number."""
    return {"q": '"x"', "%": "%"}.get(verb[1], "x" if verb[1] in "sv" else "1")


class Asked(NamedTuple):
    """A query that a template runs, and the labels that it reads of the results."""

    start: int
    end: int
    expression: str
    labels: tuple[tuple[str, int, int], ...] = ()


class Template(NamedTuple):
    """What could be read of a template."""

    fault: TemplateFault | None = None
    uses: tuple[Use, ...] = ()
    asked: tuple[Asked, ...] = ()
    fails: tuple[TemplateFault, ...] = ()
    """What is found out only when it is expanded."""


class _Token(NamedTuple):
    kind: str
    start: int
    end: int
    text: str


class _Operand(NamedTuple):
    kind: str
    """dot, field, variable, word, string, number, char or pipeline."""
    start: int
    end: int
    text: str = ""
    """The variable's or the function's name, the string's value."""
    fields: tuple[str, ...] = ()
    pipeline: _Pipeline | None = None


class _Pipeline(NamedTuple):
    commands: tuple[tuple[_Operand, ...], ...]
    declared: tuple[str, ...] = ()


class _Refused(Exception):
    def __init__(self, start: int, end: int, message: str) -> None:
        self.fault = TemplateFault(start, end, message)


@functools.lru_cache(maxsize=4_096)  # alerts of one file say the same again and again
def read_template(text: str) -> Template:
    """What a template reads, or why Prometheus refuses it. Never raises."""
    if "{{" not in text:
        return Template()
    reader = _Reader(text)
    try:
        reader.read()
    except _Refused as refused:
        return Template(refused.fault)
    asked = tuple(one._replace(labels=tuple(reader.read_of.get(one.start, ()))) for one in reader.asked)
    return Template(None, tuple(reader.uses), asked, tuple(reader.fails))


class _Scope(NamedTuple):
    """A block that is open."""

    word: str
    start: int
    variables: dict[str, str]
    """By the name of each variable what of the alert it holds; empty where that is something else."""
    dot: str
    """What the dot is: `.` for the alert, `query N` for a result of the query at an index, empty for something else."""
    outer_dot: str
    in_else: bool = False
    conditional: bool = False


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.uses: list[Use] = []
        self.asked: list[Asked] = []
        self.fails: list[TemplateFault] = []
        self.read_of: dict[int, list[tuple[str, int, int]]] = {}
        self._scopes = [_Scope("", 0, dict(GIVEN) | {"$": "."}, ".", ".")]
        self._tokens: list[_Token] = []
        self._at = 0
        self._depth = 0

    def read(self) -> None:
        at = 0
        while (opening := _ACTION.search(self.text, at)) is not None:
            if comment := _COMMENT.match(self.text, opening.end()):
                at = comment.end()
                continue
            at = self._lex(opening.start(), opening.end())
            self._at = 0
            self._action(opening.start(), at)
        if len(self._scopes) > 1:
            open_block = self._scopes[-1]
            raise _Refused(open_block.start, open_block.start + 2, f"'{open_block.word}' has no 'end'")

    def _lex(self, opening: int, at: int) -> int:
        self._tokens = []
        while True:
            closing = _CLOSE.match(self.text, at)
            if closing is not None:
                self._tokens.append(_Token("end", at, closing.end(), "}}"))
                return closing.end()
            found = _TOKEN.match(self.text, at)
            if found is None or found.lastgroup is None:
                if at >= len(self.text):
                    raise _Refused(opening, len(self.text), "'{{' is not closed")
                said = "a string is not closed" if self.text[at] in "\"`'" else f"'{self.text[at]}' has no place here"
                raise _Refused(at, at + 1, said)
            self._tokens.append(_Token(found.lastgroup, at, found.end(), found[0]))
            at = found.end()

    def _here(self) -> _Token:
        """The next token that is not white space."""
        while self._tokens[self._at].kind == "space":
            self._at += 1
        return self._tokens[self._at]

    def _unexpected(self, token: _Token, where: str) -> _Refused:
        return _Refused(token.start, token.end, f"'{token.text}' has no place in {where}")

    def _action(self, start: int, end: int) -> None:
        token = self._here()
        word = token.text if token.kind == "word" and token.text in _WORDS else ""
        if not word:
            self._run(self._pipeline("a command"))
            return
        self._at += 1
        if word == "end":
            self._close(token)
            if len(self._scopes) == 1:
                raise _Refused(start, end, "'end' closes no block")
            self._scopes.pop()
        elif word == "else":
            self._else(token, start, end)
        elif word in ("break", "continue"):
            if all(scope.word != "range" for scope in self._scopes):
                raise _Refused(token.start, token.end, f"'{word}' stands outside of 'range'")
            self._close(token)
        elif word == "template":
            self._name(token)
            if self._here().kind != "end":
                self._run(self._pipeline("template"))
        elif word == "define":
            self._name(token)
            self._close(token)
            self._open(word, start, "", conditional=True)
        else:
            if word == "block":
                self._name(token)
            before = self._scopes[-1].dot
            self._open(word, start, before, conditional=word != "block")
            pipeline = self._pipeline(word)
            self._scopes[-1] = self._scopes[-1]._replace(dot=before)
            result = self._run(pipeline)
            if word in ("range", "with", "block"):
                self._scopes[-1] = self._scopes[-1]._replace(dot=result)

    def _open(self, word: str, start: int, dot: str, *, conditional: bool) -> None:
        outer = self._scopes[-1]
        if len(self._scopes) > DEEPEST:
            raise _Refused(start, start + 2, "nests too deep")
        variables = dict(outer.variables) if word != "define" else {"$": ""}
        inside = conditional or outer.conditional
        self._scopes.append(_Scope(word, start, variables, dot, outer.dot, False, inside))

    def _else(self, token: _Token, start: int, end: int) -> None:
        scope = self._scopes[-1]
        if scope.word not in ("if", "range", "with") or scope.in_else:
            raise _Refused(start, end, "'else' belongs to no block")
        here = self._here()
        again = here.text if here.kind == "word" and here.text in ("if", "with") else ""
        if again and scope.word == again:
            self._at += 1
            variables = dict(self._scopes[-2].variables)
            self._scopes[-1] = scope._replace(dot=scope.outer_dot, variables=variables)
            result = self._run(self._pipeline(f"else {again}"))
            if again == "with":
                self._scopes[-1] = self._scopes[-1]._replace(dot=result)
            return
        self._close(token)
        variables = dict(self._scopes[-2].variables)
        self._scopes[-1] = scope._replace(dot=scope.outer_dot, variables=variables, in_else=True)

    def _close(self, word: _Token) -> None:
        token = self._here()
        if token.kind != "end":
            raise self._unexpected(token, f"'{word.text}'")

    def _name(self, word: _Token) -> None:
        token = self._here()
        if token.kind != "string":
            raise self._unexpected(token, f"'{word.text}', which takes a name in quotes")
        self._at += 1

    def _pipeline(self, where: str, closing: str = "end") -> _Pipeline:
        """Up to the end of the action, or to the parenthesis that closes it."""
        begin = self._here()
        declared, assigns = self._declared(where)
        commands: list[tuple[_Operand, ...]] = []
        while True:
            token = self._here()
            closes = token.kind == "end" or (token.kind == "mark" and token.text == ")")
            if closes:
                if (token.kind == "end") != (closing == "end"):
                    said = "'(' is not closed" if closing != "end" else "')' closes what is not open"
                    raise _Refused(token.start, token.end, said)
                if not commands:
                    raise _Refused(begin.start, token.end, f"{where} has no value")
                raise self._unexpected_pipe(token)
            commands.append(self._command(where))
            token = self._here()
            if token.kind == "mark" and token.text == "|":
                self._at += 1
                continue
            break
        token = self._here()
        if (token.kind == "end") != (closing == "end"):
            said = "'(' is not closed" if token.kind == "end" else "')' closes what is not open"
            raise _Refused(token.start, token.end, said)
        for later in commands[1:]:
            if later[0].kind in ("dot", "string", "number", "char") or later[0].text in ("true", "false", "nil"):
                raise _Refused(later[0].start, later[0].end, "'|' leads to what is no function")
        if len(commands) == 1 and len(commands[0]) == 1 and commands[0][0].text == "nil" and not declared:
            raise _Refused(commands[0][0].start, commands[0][0].end, "nil is no command")
        if not assigns:
            for name in declared:
                self._scopes[-1].variables[name] = ""
        return _Pipeline(tuple(commands), declared)

    def _unexpected_pipe(self, token: _Token) -> _Refused:
        return _Refused(token.start, token.end, "'|' leads nowhere")

    def _declared(self, where: str) -> tuple[tuple[str, ...], bool]:
        """The variables that the pipeline sets, and whether they were there before."""
        token = self._here()
        if token.kind != "variable":
            return (), False
        at = self._at
        names = [token.text]
        self._at += 1
        following = self._here()
        if following.kind == "mark" and following.text == "," and where in ("range",):
            self._at += 1
            second = self._here()
            if second.kind != "variable":
                raise self._unexpected(second, "range")
            names.append(second.text)
            self._at += 1
            following = self._here()
        if following.kind == "mark" and following.text in (":=", "="):
            if following.text == "=":
                for name in names:
                    self._known(name, token)
            self._at += 1
            return tuple(names), following.text == "="
        self._at = at
        return (), False

    def _known(self, name: str, token: _Token) -> None:
        if name not in self._scopes[-1].variables:
            raise _Refused(token.start, token.end, f"the variable {name} is not defined")

    def _command(self, where: str) -> tuple[_Operand, ...]:
        operands: list[_Operand] = []
        while True:
            begun = self._at
            token = self._here()
            if token.kind == "end" or (token.kind == "mark" and token.text in ("|", ")")):
                break
            if operands and begun == self._at:
                raise self._unexpected(token, "a command: a space is missing before it")
            operands.append(self._operand(where))
        if not operands:
            raise _Refused(token.start, token.end, f"{where} has no value")
        return tuple(operands)

    def _operand(self, where: str) -> _Operand:
        token = self._tokens[self._at]
        self._at += 1
        kind, end, text, pipeline = token.kind, token.end, token.text, None
        fields: tuple[str, ...] = ()
        if kind == "mark" and text == "(":
            self._depth += 1
            if self._depth > DEEPEST:
                raise _Refused(token.start, end, "nests too deep")
            pipeline = self._pipeline("'('", ")")
            self._depth -= 1
            end = self._tokens[self._at].end
            self._at += 1
            kind, text = "pipeline", ""
        elif kind == "word":
            if text in _WORDS:
                raise self._unexpected(token, where)
            if text not in FUNCTIONS and text not in ("true", "false", "nil"):
                raise _Refused(token.start, end, f"'{text}' is no function of Prometheus' templates")
        elif kind == "variable":
            self._known(text, token)
        elif kind == "field":
            fields, text = (text[1:],), ""
        elif kind == "string":
            text = _unquoted(text)
        elif kind not in ("dot", "number", "char"):
            raise self._unexpected(token, where)
        while self._tokens[self._at].kind == "field":
            part = self._tokens[self._at]
            if kind in ("string", "number", "char", "word", "dot"):
                raise self._unexpected(part, f"'{token.text}', which has no fields")
            fields += (part.text[1:],)
            end = part.end
            self._at += 1
        return _Operand(kind, token.start, end, text, fields, pipeline)

    def _run(self, pipeline: _Pipeline, given: tuple[str, ...] = ()) -> str:
        """Note what a pipeline reads; what it gives, as a dot would have it."""
        scope = self._scopes[-1]
        result = ""
        functions = tuple(
            operand.text for command in pipeline.commands for operand in command if operand.kind == "word"
        )
        for number, command in enumerate(pipeline.commands):
            before, result = result, ""
            for position, operand in enumerate(command):
                value = self._read(operand, (*given, *functions), scope)
                if position == 0 and len(command) == 1 and number == 0:
                    result = value
            name = command[0].text if command[0].kind == "word" else ""
            if name == "query":
                result = self._ask(command, pipeline.commands[number - 1] if number else ())
            elif name in ("first", "sortByLabel"):
                argument = command[-1]
                result = before or (self._read(argument, (), scope, quiet=True) if len(command) > 1 else "")
            elif name == "label":
                held = before or (self._read(command[-1], (), scope, quiet=True) if len(command) > 2 else "")
                if held.startswith("query ") and len(command) > 1 and command[1].kind == "string":
                    self._note(held, command[1].text, command[1].start, command[1].end)
        if len(pipeline.declared) == 1:
            for one in reversed(self._scopes):
                if pipeline.declared[0] in one.variables:
                    one.variables[pipeline.declared[0]] = result
                    break
        elif len(pipeline.declared) == 2:
            self._scopes[-1].variables[pipeline.declared[1]] = result
        return result

    def _ask(self, command: tuple[_Operand, ...], before: tuple[_Operand, ...]) -> str:
        given = (command[1],) if len(command) == 2 else before if len(command) == 1 else ()
        inner = given[0].pipeline if len(given) == 1 else None
        if inner is not None and len(inner.commands) == 1:
            given = inner.commands[0]
        if len(given) == 1 and given[0].kind == "string":
            source, text = given[0], given[0].text
        elif len(given) > 1 and given[0].text == "printf" and given[1].kind == "string":
            source, text = given[1], _FORMAT.sub(_formatted, given[1].text)
        else:
            return ""
        if all(one.start != source.start for one in self.asked):
            self.asked.append(Asked(source.start, source.end, text))
        return f"query {source.start}"

    def _note(self, held: str, label: str, start: int, end: int) -> None:
        self.read_of.setdefault(int(held.removeprefix("query ")), []).append((label, start, end))

    def _read(self, operand: _Operand, functions: tuple[str, ...], scope: _Scope, *, quiet: bool = False) -> str:
        """What an operand is, and a note of what it reads of the alert."""
        if operand.kind == "pipeline" and operand.pipeline is not None:
            held = self._run(operand.pipeline, functions) if not quiet else ""
            if held.startswith("query ") and operand.fields[:1] == ("Labels",) and len(operand.fields) == 2:
                self._note(held, operand.fields[1], operand.start, operand.end)
            return held if not operand.fields else ""
        if operand.kind == "variable":
            held = scope.variables.get(operand.text, "")
        elif operand.kind in ("field", "dot"):
            held = scope.dot
        else:
            return ""
        fields = operand.fields
        if held.startswith("query "):
            if fields[:1] == ("Labels",) and len(fields) == 2 and not quiet:
                self._note(held, fields[1], operand.start, operand.end)
            return held if not fields else ""
        if held == "." and fields:
            held, fields = fields[0], fields[1:]
            if held not in GIVEN.values():
                said = f"'.{held}' is nothing that an alert has: .Labels, .ExternalLabels, .ExternalURL and .Value are"
                if not quiet:
                    self.fails.append(TemplateFault(operand.start, operand.end, said))
                return ""
        if held in GIVEN.values() and not quiet:
            label = fields[0] if fields else ""
            self.uses.append(Use(operand.start, operand.end, held, label, scope.conditional, functions))
        return held if not fields else ""


def labels_read(template: Template) -> Iterator[Use]:
    """The labels of the alert that a template reads, each where it does so first."""
    seen: set[str] = set()
    for use in template.uses:
        if use.of == "Labels" and use.label and use.label not in seen:
            seen.add(use.label)
            yield use


def _unquoted(text: str) -> str:
    body = text[1:-1]
    if text[0] == "`" or "\\" not in body:
        return body
    plain = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(r"\\(.)", lambda found: plain.get(found[1], found[1]), body)
