"""The commands in shell scripts: words, operators and places, also in scripts inside scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devopslint.readers.shell import interpreter, read_commands, speaks_posix
from devopslint.readers.shell_words import Command, Word


def written(script: str) -> list[str]:
    """Each command as operator and words."""
    return [
        " ".join([c.before.replace("\n", "\\n"), *(w.text for w in c.words)]).strip() for c in read_commands(script)
    ]


def only(script: str) -> Command:
    (command,) = read_commands(script)
    return command


def kinds(command: Command) -> list[str]:
    found = []
    group = command.group
    while group is not None:
        found.append(group.kind)
        group = group.outer
    return found


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a && b || c; d & e | f |& g", ["a", "&& b", "|| c", "; d", "& e", "| f", "|& g"]),
        ("a &&\n\n  b\nc", ["a", "&& b", "\\n c"]),
        ("a \\\n  b # not 'this\nc", ["a b", "\\n c"]),
        ("a \\\r\n b\r\nc", ["a b", "\\n c"]),
        ("echo a#b #c", ["echo a#b"]),
        ("(a && b) | { c; d; }", ["a", "&& b", "| c", "; d"]),
        ("if [ -f x ]; then a; elif b; then c; else d; fi && e", ["[ -f x ]", "a", "b", "c", "d", "&& e"]),
        ("for x in a $(b) c; do d; done; e", ["b", "; d", "; e"]),
        ("for ((i = 0; i < 3; i++)); do a; done", ["; a"]),
        ("while read x; do a; done < <(b)", ["read x", "a", "b"]),
        ("case $x in a|b) c;; (d) e ;; *) f; esac; g", ["c", "e", "f", "; g"]),
        ("case x in\n  a)\n    b\n    ;;\nesac\nc", ["b", "\\n c"]),
        ("f() { a; }; function g { b; }; f", ["\\n a", "; b", "; f"]),
        ("[[ a && b || (c < d) ]] && e", ["[[ a && b || (c < d) ]]", "&& e"]),
        ("if [[ -n $x ]]; then a; fi; b", ["[[ -n $x ]]", "a", "; b"]),
        ("([[ -n $x ]])&& a", ["[[ -n $x ]]", "&& a"]),
        ("x=$([[ a == ']];' ]]) || a", ["", "[[ a == ]]; ]]", "|| a"]),
        ("[[ a &&\n b ]]\nc", ["[[ a && b ]]", "\\n c"]),
        ("time -p a | b; time if c; then d; fi", ["a", "| b", "; c", "d"]),
        ("time -f %e a; /usr/bin/time a", ["a", "; a"]),
        ("coproc a", ["a"]),
        ("(( i++ )) && a", ["&& a"]),
        ("((a b) && c)", ["a b", "&& c"]),
        ("echo $((1 + (2 * 3))) b", ["echo $((1 + (2 * 3))) b"]),
        ("! a", ["a"]),
        ("a=(b c) d", ["d"]),
        ("ls !(a|b) && c", ["ls !(", "&& c"]),
        ("cat <<EOF && a\nb && c\nEOF\nd", ["cat", "&& a", "\\n d"]),
        ("cat <<-'X' <<Y\n1\n\tX\n2\nY\na", ["cat", "\\n a"]),
        ('cat <<X | a\n$(b "c") \\$(d) `e` "$(f)"\nX\ng', ["cat", "| a", "b c", "e", "f", "\\n g"]),
        ("cat <<'X'\n$(a)\nX\nsh <<Y\n$(b)\nY", ["cat", "\\n sh", "$()", "b"]),
        ("echo '${{ x }}' ${{ y || 'z' }} && a", ["echo ${{ x }} ${{ y || 'z' }}", "&& a"]),
        ("a `b 'c'` $(d \"$(e)\")", ["a $() $()", "b c", "d $()", "e"]),
        ("a ) b", ["a", "; b"]),
        ("fi done esac } a", ["a"]),
        ("", []),
    ],
)
def test_commands_stand_in_their_order_with_the_operator_before(script: str, expected: list[str]) -> None:
    assert written(script) == expected


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("echo 'a b'", "a b"),
        ("echo a'b'\"c\"\\ d", "abc d"),
        ('echo "a\\"b\\n"', 'a"b\\n'),
        ("echo $'a\\'b'", "a\\'b"),
        ('echo "$x"-${y:-"a b"}', "$x-${y:-a b}"),
        ("echo ${x:-$(a)}b", "${x:-$()}b"),
        ("echo 'unclosed", "unclosed"),
        ("echo 'a ${{ x == 'y' }} $b'", "a ${{ x == 'y' }} $b"),
        ("echo '${{ unclosed'", "${{ unclosed"),
        ("echo a\\", "a\\"),
        ("echo $", "$"),
    ],
)
def test_quotes_are_removed_and_expansions_stay(script: str, text: str) -> None:
    assert read_commands(script)[0].texts == (text,)


def test_words_know_whether_the_shell_expands_them() -> None:
    command = only("a $x '$x' \"$x\" \\$x")

    assert [word.expands for word in command.arguments] == [True, False, True, False]


def test_a_text_index_leads_back_to_its_character() -> None:
    script = 'a "b\\"c"\'de\''
    word = only(script).arguments[0]

    assert word.text == 'b"cde'
    assert "".join(script[word.at(index)] for index in range(len(word.text))) == word.text
    assert script[word.start : word.end] == '"b\\"c"\'de\''


def test_commands_of_an_inner_script_stand_where_they_are_written() -> None:
    script = 'sudo bash -euxo pipefail -c "set -e; apt-get install \'b c\' \\"d\\""'
    outer, first, second = read_commands(script)

    assert (outer.name, first.name, second.name) == ("bash", "set", "apt-get")
    assert [script[w.start : w.end] for w in second.words] == ["apt-get", "install", "'b c'", '"d\\"']
    assert [script[w.at(0)] for w in second.words] == ["a", "i", "b", "d"]
    assert kinds(second) == ["script"]


@pytest.mark.parametrize(
    "script",
    [
        "sh -c 'a b'",
        "su -c 'a b' user",
        "eval 'a b'",
        "bash <<EOF\na b\nEOF\n",
        "sh -c \"bash -c 'a b'\"",
        "chroot /mnt <<EOF\na b\nEOF\n",
        "cat <<EOF | tee file | bash\na b\nEOF\n",
        "ssh-agent -t 60 sh -c 'a b'",
    ],
)
def test_scripts_given_to_a_shell_are_read(script: str) -> None:
    inner = read_commands(script)[-1]

    assert (inner.name, inner.texts) == ("a", ("b",))
    assert script[inner.start : inner.end] == "a b"


@pytest.mark.parametrize(
    ("script", "wrappers", "words"),
    [
        ("sudo -u root -E apt-get update", ["sudo"], ["apt-get", "update"]),
        ("sudo X=1 /usr/bin/env -i Y=2 a b", ["sudo", "/usr/bin/env"], ["a", "b"]),
        ("timeout -k 5 10 nice -n 5 a", ["timeout", "nice"], ["a"]),
        ("xargs -0 -n 1 rm -f", ["xargs"], ["rm", "-f"]),
        ("tini -s -e 143 -- a b", ["tini"], ["a", "b"]),
        ("flock -w 5 /lock a b", ["flock"], ["a", "b"]),
        ("strace -f -o log a -b", ["strace"], ["a", "-b"]),
        ("busybox wget x", ["busybox"], ["wget", "x"]),
        ("runuser -u app -- a", ["runuser"], ["a"]),
        ("setpriv --reuid=1000 --clear-groups a", ["setpriv"], ["a"]),
        ("taskset -c 0-3 a", ["taskset"], ["a"]),
        ("env -u X a", ["env"], ["a"]),
        ("flock -u 9", [], ["flock", "-u", "9"]),
        ("busybox --list", [], ["busybox", "--list"]),
        ("command -v curl", [], ["command", "-v", "curl"]),
        ("sudo -s", [], ["sudo", "-s"]),
        ("exec", [], ["exec"]),
    ],
)
def test_wrappers_are_taken_off(script: str, wrappers: list[str], words: list[str]) -> None:
    command = only(script)

    assert [word.text for word in command.wrappers] == wrappers
    assert [word.text for word in command.words] == words


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("find . -name sudo -exec a b {} + -o -execdir sh -c 'c {}' \\; -print", ["a b {}", "c {}"]),
        ("find . -exec a \\;", ["a"]),
        ("eval a 'b c; d'", ["a b c", "; d"]),
        ("env -S 'a b' c", ["a b c"]),
        ("env -iS'a b'", ["a b"]),
        ("env --split-string='a b'", ["a b"]),
        ("flock -n /lock -c 'a b'", ["a b"]),
        ("watch -n 5 a b", ["a b"]),
        ("sg docker -c 'a b'", ["a b"]),
        ("script -q -c 'a b' /dev/null", ["a b"]),
        ("trap 'a b' EXIT", ["a b"]),
        ("trap -- 'a b' INT TERM", ["a b"]),
        ("trap - EXIT", []),
    ],
)
def test_programs_that_run_others_are_looked_through(script: str, expected: list[str]) -> None:
    own, *run = written(script)

    assert own.partition(" ")[0] == script.partition(" ")[0]
    assert [one for one in run if not one.startswith("sh ")] == expected


def test_what_find_runs_stands_where_it_is_written() -> None:
    script = "eval a 'b  c' $(d)"

    for command in read_commands(script)[1:]:
        for word in command.words:
            assert script[word.at(0)] == word.text[0]


def test_variables_given_to_a_command_are_its_assignments() -> None:
    command = only("A=1 sudo B='2 3' env C=$x d E=5")

    assert [(a.name, a.value) for a in command.assignments] == [("A", "1"), ("B", "2 3"), ("C", "$x")]


def test_redirections_are_no_arguments() -> None:
    command = only("a 2>&1 > 'b c' <<< d e")

    assert [(r.operator, r.target.text) for r in command.redirections] == [(">&", "1"), (">", "b c"), ("<<<", "d")]
    assert command.texts == ("e",)


@pytest.mark.parametrize(
    ("script", "operators"),
    [
        ("{ make; } >> log", [">>"]),
        ("(make) < in > log", ["<", ">"]),
        ("while read; do make; done < in >> log", ["<", ">>"]),
        ("if true; then make; fi > log", [">"]),
        ("{ make; } | tee log", []),
        ("{ make >> log; }", []),
    ],
)
def test_redirections_of_a_group_belong_to_the_group(script: str, operators: list[str]) -> None:
    command = next(c for c in read_commands(script) if c.name == "make")

    assert command.group is not None
    assert [one.operator for one in command.group.redirections] == operators


def test_a_heredoc_has_its_lines() -> None:
    script = "cat <<-'EOF' > f\n\ta $b\n\tEOF\nc"
    (redirection, _) = read_commands(script)[0].redirections

    assert redirection.body is not None
    assert redirection.body.text == script[redirection.body.start : redirection.body.end] == "\ta $b\n"
    assert not redirection.body.expands


def test_options_and_operands_are_told_apart() -> None:
    arguments = only("apt-get -qqy -t stable install --target-release=x -o=A=1 -- -a b").parsed(
        ("-t", "-o", "--target-release")
    )

    assert [(o.name, o.value.text if o.value else None) for o in arguments.options] == [
        ("-q", None),
        ("-q", None),
        ("-y", None),
        ("-t", "stable"),
        ("--target-release", "x"),
        ("-o", "=A=1"),
    ]
    assert [word.text for word in arguments.operands] == ["install", "-a", "b"]


def test_the_last_option_of_a_name_counts() -> None:
    option = only("pip install --index-url a --index-url=b").parsed(("--index-url",)).option("--index-url")

    assert option is not None and option.value is not None
    assert option.value.text == "b"


def test_the_value_within_an_option_knows_its_place() -> None:
    script = "curl --user='a:b'"
    option = only(script).parsed().option("--user")

    assert option is not None and option.value is not None
    assert option.value.text == "a:b"
    assert script[option.value.at(0) : option.value.at(0) + 3] == "a:b"


def test_commands_of_one_pipeline_share_its_number() -> None:
    commands = read_commands("a | { b; } | c && d")

    assert [c.name for c in commands if c.pipeline == commands[0].pipeline] == ["a", "b", "c"]


def test_a_condition_is_told_from_its_body() -> None:
    condition, body = read_commands("if a; then b; fi")

    assert (kinds(condition), kinds(body)) == (["condition"], ["then"])


def test_a_substitution_whose_status_counts_is_told_from_others() -> None:
    commands = read_commands("A=$(a) && b $(c) && D=$(d $(e)) f")

    assert {c.name: kinds(c) for c in commands if len(c.name) == 1 and c.group} == {
        "a": ["value"],
        "c": ["substitution"],
        "d": ["value"],
        "e": ["substitution", "value"],
    }


@pytest.mark.parametrize("program", ["/bin/sh", "bash", "C:\\bin\\bash.exe", "/usr/bin/zsh"])
def test_posix_shells_are_known_by_any_path(program: str) -> None:
    assert speaks_posix(program)


@pytest.mark.parametrize("program", ["pwsh", "powershell.exe", "cmd", "/usr/bin/python3", ""])
def test_other_interpreters_are_left_alone(program: str) -> None:
    assert not speaks_posix(program)


@pytest.mark.parametrize(
    ("script", "program"),
    [("#!/usr/bin/env -S python3 -u\n", "python3"), ("\n#! /bin/bash -e\n", "bash"), ("echo\n#!/bin/sh", None)],
)
def test_a_shebang_names_the_interpreter(script: str, program: str | None) -> None:
    assert interpreter(script) == program


HOSTILE = {
    "parentheses": "(" * 50_000,
    "substitutions": "$(" * 15_000,
    "quoted substitutions": '"$(' * 15_000,
    "parameters": "${" * 50_000,
    "templates": "${{" * 50_000,
    "quoted templates": "'" + "${{" * 20_000,
    "backticks": "`" * 50_001,
    "double quotes": '"' * 50_001,
    "arithmetic": "(( " * 50_000,
    "conditions without an end": "if " * 20_000 + ") " * 20_000,
    "cases": "case x in " * 50_000,
    "arrays": "a=(" * 20_000,
    "heredocs": "<<a " * 50_000 + "\n" * 1_000,
    "functions": "a()" * 50_000,
    "open functions": "a (   " * 20_000,
    "one long line": "x" * 1_000_000,
    "many words": "ab " * 100_000,
    "backslashes": "\\" * 1_000_000,
    "scripts in scripts": "bash -c '" * 50_000,
    "wrappers": "sudo " * 100_000,
    "options": "a " + "-" + "x" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_scripts_give_commands_that_stand_in_them(name: str) -> None:
    script = HOSTILE[name]

    for command in read_commands(script):
        command.parsed()
        assert 0 <= command.start <= command.end <= len(script)


FRAGMENTS = (
    *"\"'`$(){}|&;<> \n\\#=a",
    *("$(", "${", "${{", "}}", "$((", "))", "[[ ", "]] ", "<<E\n", "E\n", "\r\n", "<(", "a=(", "f() ", "é"),
    *("if ", "then ", "fi ", "case x in ", "esac ", "for ", "do ", "done ", "bash -c ", "sudo ", "eval "),
)
SCRIPTS = st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))


def places(word: Word) -> list[int]:
    return [word.start, word.end, *(word.at(index) for index in range(len(word.text) + 1))]


@given(SCRIPTS)
def test_any_text_gives_commands_with_offsets_inside_it(script: str) -> None:
    commands = read_commands(script)

    assert [c.start for c in commands] == sorted(c.start for c in commands)
    for command in commands:
        words = [*command.words, *command.wrappers, *(a.word for a in command.assignments)]
        words += [r.target for r in command.redirections] + [r.body for r in command.redirections if r.body]
        for word in words:
            assert 0 <= word.start <= word.end <= len(script)
            assert all(word.start <= place <= word.end for place in places(word))
        assert 0 <= command.start <= command.end <= len(script)
        for option in command.parsed(("-a", "-E")).options:
            assert option.value is None or all(0 <= place <= len(script) for place in places(option.value))


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="'\0", codec="utf-8")), min_size=1))
def test_quoted_words_come_back(texts: list[str]) -> None:
    script = "echo " + " ".join(f"'{text}'" for text in texts)
    command = only(script)

    assert command.texts == tuple(texts)
    for word in command.arguments:
        assert script[word.at(0) : word.at(0) + len(word.text)] == word.text
