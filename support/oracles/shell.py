"""Scripts: the simple commands that mvdan's parser finds, and those that we find."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from reading import ask

_QUOTES = re.compile(r"[\"'\\\s]")
_WORDS = [
    "a",
    "-x",
    "file.txt",
    "$x",
    "${x}",
    "${x:-d}",
    '"$x y"',
    "'q $x'",
    "a\\ b",
    "$(cmd z)",
    "`cmd z`",
    "$((1 + 2))",
    '"a $(cmd "q r") b"',
]
_WORDS += [
    "x=1",
    "*.c",
    "{a,b}",
    "<(cmd z)",
    "${x#*/}",
    '"${x:-$(cmd z)}"',
    "$'t\\n'",
    "--k=v",
    "~/a",
    "#no",
    "a#b",
    "\\$x",
    "]]",
    "time",
]
_NAMES = [
    "echo",
    "cmd",
    "sudo",
    "test",
    "[ -n",
    "cat",
    "printf",
    "make",
    "\\ls",
    '"cmd"',
    "./run.sh",
    "$tool",
    "export",
    "local",
    "set",
    "then-x",
]
_TESTS = [
    '-n "$x"',
    "$x == a*",
    "-z $y || -f b",
    "! -e c",
    "$x =~ ^a(b|c)$",
    "( -n a && -n b )",
    "a < b",
    "-n $(cmd z)",
    '"$x" == "cmd ; y"',
]
_REDIRECTIONS = ["> f", ">> f", "2>&1", "< f", "&> f", "<<< word", ">&2", "2> /dev/null", "> >(cmd z)"]
_SEPARATORS = ["; ", " && ", " || ", " | ", "\n", " & ", " |& ", ";", "\n\n", " # note\n", " &&\n  ", " \\\n && "]
_HEREDOCS = [
    "cat <<EOF\ntext $(cmd z) `cmd z` $x\nEOF",
    "cat <<'EOF'\n$(no z)\nEOF",
    "cat <<-EOF\n\ttext\n\tEOF",
    "cmd <<A <<B\n1\nA\n$(cmd z)\nB",
]
_HEREDOCS += [
    "cat <<EOF | cmd z\n\\$(no z) ${x:-$(cmd z)}\nEOF",
    'cat <<"E F"\n`no z`\nE F',
    "(cat <<EOF\na\nEOF\n)",
    "cat <<EOF > f && cmd z\na\nEOF",
]


def scripts(seed: int, count: int) -> Iterator[str]:
    dice = random.Random(seed)
    for _ in range(count):
        yield _list(dice, 0) + dice.choice(("", "\n"))


def _list(dice: random.Random, depth: int) -> str:
    text = _item(dice, depth)
    for _ in range(dice.choice((0, 0, 1, 1, 2, 3) if depth else (0, 1, 2, 3, 4))):
        separator = "\n" if "<<" in text.rpartition("\n")[2] or _ends_in_heredoc(text) else dice.choice(_SEPARATORS)
        text += separator + _item(dice, depth)
    return text


def _ends_in_heredoc(text: str) -> bool:
    return text.endswith(("EOF", "\nB", "E F"))


def _item(dice: random.Random, depth: int) -> str:
    kinds = (
        "simple",
        "simple",
        "simple",
        "test",
        "heredoc",
        "if",
        "for",
        "while",
        "case",
        "brace",
        "subshell",
        "function",
        "time",
        "arithmetic",
        "assign",
        "simple",
        "simple",
    )
    kind = dice.choice(kinds) if depth < 3 else "simple"
    inner = lambda: _list(dice, depth + 1)  # noqa: E731  # one of many
    if kind == "test":
        end = dice.choice((" ]]", " ]]", "  ]]"))
        return f"[[ {dice.choice(_TESTS)}{end}"
    if kind == "heredoc":
        return dice.choice(_HEREDOCS)
    if kind == "if":
        condition = dice.choice((inner(), f"[[ {dice.choice(_TESTS)} ]]"))
        other = dice.choice(("", f"else {inner()}\n", f"elif {inner()}\nthen {inner()}\n"))
        return f"if {condition}{_end(dice, condition)}then {inner()}\n{other}fi"
    if kind == "for":
        head = dice.choice(("for i in a $(cmd z) b", "for i", "for i in *.c", "for ((i = 0; i < 3; i++))"))
        return f"{head}{dice.choice(('; ', chr(10)))}do {inner()}\ndone"
    if kind == "while":
        condition = dice.choice((inner(), f"[[ {dice.choice(_TESTS)} ]]", "read -r line"))
        return f"{dice.choice(('while', 'until'))} {condition}{_end(dice, condition)}do {inner()}\ndone{dice.choice(('', ' < f'))}"
    if kind == "case":
        return f"case $x in\n  a|b) {inner()}\n  ;;\n  (*) {inner()}\n  ;;\nesac"
    if kind == "brace":
        return f"{{ {inner()}\n}}{dice.choice(('', ' > f', ' 2>&1'))}"
    if kind == "subshell":
        test = f"[[ {dice.choice(_TESTS)} ]]"
        return dice.choice((f"({inner()}\n)", f"( {inner()}\n)", f"({test})", f"y=$({test})"))
    if kind == "function":
        return f"{dice.choice(('f() {', 'function f {', 'f () {'))} {inner()}\n}}"
    if kind == "time":
        return f"{dice.choice(('time', 'time -p', '!', 'time !'))} {_item(dice, depth + 1)}"
    if kind == "arithmetic":
        return dice.choice(
            ("(( x = 1 << 2 ))", "((x++))", "let x=1+2", "x=$(( (1 << 3) + 1 ))", "(( x > 1 && y < 2 ))")
        )
    if kind == "not":
        return f"! {_simple(dice)}"
    if kind == "assign":
        return dice.choice(("x=1", "x=$(cmd z)", "x=(a $(cmd z) b)", "x+=1", "x[1]=2", 'x="a b"', "x= y=2"))
    return _simple(dice)


def _end(dice: random.Random, text: str) -> str:
    return "\n" if _ends_in_heredoc(text) else dice.choice(("; ", ";", "\n"))


def _simple(dice: random.Random) -> str:
    words = [dice.choice(_NAMES), *(dice.choice(_WORDS) for _ in range(dice.randint(0, 3)))]
    if words[0].startswith("["):
        words = ["[", "-n", dice.choice(_WORDS[:8]), "]"]
    if dice.random() < 0.1:
        words.insert(0, dice.choice(("A=1", "A=$(cmd z)", "A= B=2")))
    if dice.random() < 0.2:
        words.insert(dice.randint(1, len(words)), dice.choice(_REDIRECTIONS))
    return " ".join(words)


def corpus(folder: Path) -> list[str]:
    """The scripts in a folder of repositories: the files, and whatever a run reads as a script."""
    from devopslint import cli
    from devopslint.readers import shell

    read: dict[str, None] = {}
    known = shell._commands_of
    shell._commands_of = lambda script: (read.setdefault(script), known(script))[1]  # type: ignore[assignment,func-returns-value]
    try:
        arguments = ["check", str(folder), "--no-cache", "--jobs", "1", "--format", "json", "--output", "/dev/null"]
        cli.main(arguments, standalone_mode=False)
    except SystemExit:
        pass
    finally:
        shell._commands_of = known
    for path in sorted(folder.rglob("*.sh")):
        if path.is_file():
            read.setdefault(path.read_text("utf-8", "replace"))
    return list(read)


def differences(given: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each script that is read otherwise, and how; what the parser refuses is left out."""
    texts = list(given)
    for text, answer in zip(texts, ask("shell", [{"text": text} for text in texts]), strict=True):
        if answer.error:
            continue
        theirs = [[_bare(word) for word in words] for words in answer.value]
        ours = [[_bare(word) for word in words] for words in commands(text)]
        if theirs != ours:
            missed = [words for words in theirs if words not in ours]
            extra = [words for words in ours if words not in theirs]
            yield text, f"there alone {missed}, here alone {extra}"


def commands(text: str) -> list[list[str]]:
    """The words of our simple commands, as they are written: nothing is taken off, and no script in a script is read."""
    from devopslint.readers.shell import _Reader

    reader = _Reader(text, None, 0)
    reader.read()
    drafts = sorted((draft for draft in reader.drafts if draft.words), key=lambda draft: draft.words[0].start)
    return [[word.text for word in draft.words] for draft in drafts if draft.words[0].text not in ("[[", "((", "let")]


def _bare(word: str) -> str:
    """What quotes and blanks within expansions leave."""
    return _QUOTES.sub("", word)
