"""Are the Dockerfiles refused that BuildKit's frontend refuses, and no others?

Builds `main.go` beside this file, which is that frontend with a loop around it, and asks both about Dockerfiles of one
stage with one random instruction each.

usage: python support/oracles/buildkit/compare.py [COUNT [SEED]]      (needs Go, and the network to fetch its modules)
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import devopslint

HERE = Path(__file__).parent
RULES = (
    "docker-refused-instruction",
    "docker-unknown-instruction",
    "docker-invalid-trigger",
    "docker-invalid-port",
    "docker-copy-from-itself",
    "docker-undefined-from-argument",
    "unreadable-file",
)
"""The rules that say that BuildKit does not take an instruction."""

WORDS = [
    "app",
    "/app",
    "./a/b",
    "a*",
    "$X",
    "${X}",
    "${Y:-b}",
    "${X",
    "${X:-",
    "'a b'",
    '"a b"',
    "'a",
    '"a',
    "a\\ b",
    "",
]
PATHS = [
    "app",
    "/app",
    "a/",
    ".",
    "$X/a",
    "${Y:-b}",
    "https://example.com/a.tar.gz",
    "https://example.com/r.git",
    "github.com/a/b",
    "git@a.b:c/d",
    "b",
    "",
]
DURATIONS = [
    "5",
    "5s",
    "1m30s",
    ".5s",
    "0",
    "-5s",
    "+5s",
    "1ns",
    "5 s",
    "500us",
    "1h",
    "s",
    "5S",
    "1.s",
    "",
    "1e3s",
    "00s",
]
SWITCHES = ["", "=true", "=false", "=TRUE", "=1", "=yes", "=", "=$X"]
MODES = [
    "755",
    "0755",
    "07777",
    "10000",
    "0999",
    "u=rwX,go=rX",
    "+x",
    "a=",
    "x",
    "u+x,",
    "=rw,+X",
    "u=g",
    "rwx",
    "-5",
    "8",
]
PORTS = [
    *(
        "80",
        "80/tcp",
        "80/TCP",
        "80/http",
        "80-90",
        "90-80",
        "80-",
        "-80",
        "http",
        "65535",
        "65536",
        "0",
        "127.0.0.1:80:80",
    ),
    *("8080:80", "a:80", "80/", "/tcp", "80:", ":80", "$X", "${Y:-80}", "1-2/udp", "80/sctp", "80 443", "[::1]:80:80"),
]
SIGNALS = [
    "9",
    "0",
    "SIGTERM",
    "TERM",
    "sigterm",
    "SIGX",
    "SIGRTMIN+3",
    "RTMAX-14",
    "RTMAX-15",
    "-1",
    "15 ",
    "$X",
    "1.5",
]
PLATFORMS = [
    "linux/amd64",
    "linux",
    "amd64",
    "foo",
    "linux/arm/v7",
    "a/b/c/d",
    "",
    "linux/",
    "$X",
    "Linux/AMD64",
    "a.b/c",
]
IMAGES = [
    *(
        "debian:12",
        "Debian",
        "a/b:c",
        "a:b:c",
        "scratch",
        "x@sha256:" + "a" * 64,
        "x@sha256:" + "a" * 63,
        "localhost:5000/a",
    ),
    *("a//b", "-a", "a.b.c/d", "A.b/c", "${X}", "a_b", "a__b", "a___b", "x@md5:" + "a" * 32, "x@sha256:" + "A" * 64),
]
NAMES = ["build", "Build", "1st", "a.b-c_d", "a/b", "-a", "_a", "a b", "a:b", "é", "0"]
MOUNTS = [
    *(
        "type=cache,target=/c",
        "type=bind,source=a,target=/b",
        "type=tmpfs,target=/t,size=1g",
        "type=tmpfs,target=/t,size=x",
    ),
    *("type=secret,id=a", "type=secret", "type=secret,id=a,source=b", "type=ssh", "type=foo,target=/a", "target=/a,ro"),
    *("target=/a,rw=maybe", "type=cache,target=/a,sharing=locked", "type=cache,target=/a,sharing=x", "target=/a,foo=b"),
    *(
        "type=bind,target=/a,uid=5",
        "type=cache,target=/a,uid=x",
        "type=cache,target=/a,mode=0755",
        "target=/a,required",
    ),
    *(
        "from=$X,target=/a",
        "from=${X},target=/b",
        "type=cache,target=$X",
        "target=/",
        "target=/.",
        "target=//",
        "type=cache,target=/a,mode=9",
    ),
    *("type=secret,id=a,required=yes", "type=ssh,required=true", "target=/a,", "type=bind,sharing=shared,target=/a"),
    *(
        "type=secret,id=a,env",
        "type=secret,id=a,env=B",
        "type=CACHE,target=/a",
        "TYPE=cache,Target=/a",
        "target=/a,size=5",
    ),
]


ARRAYS = ["[]", '["a"]', "[1]", "[a]", '["a", 1]']


class Maker:
    """Makes instructions, of which BuildKit takes some."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.makers: list[Callable[[], str]] = [
            *(self.copy, self.copy, self.healthcheck, self.healthcheck, self.run, self.run, self.exposed, self.image),
            *(
                self.stopped,
                self.assigned,
                self.simple,
                self.shell,
                self.flagged,
                self.volume,
                self.trigger,
                self.document,
            ),
        ]

    def dockerfile(self) -> str:
        instruction = self.random.choice(self.makers)()
        if instruction.upper().startswith("FROM"):
            return f"{instruction}\nUSER 1000\n"
        return f"FROM debian:12.5\nARG X=1\nARG Y\n{instruction}\nUSER 1000\n"

    def one(self, texts: list[str]) -> str:
        return self.random.choice(texts)

    def some(self, texts: list[str], most: int) -> list[str]:
        return [self.one(texts) for _ in range(self.random.randint(0, most))]

    def chance(self, part: float) -> bool:
        return self.random.random() < part

    def copy(self) -> str:
        flags = []
        for name, values in (
            ("chmod", MODES),
            ("chown", ["1000", "a:b", "$X", ""]),
            ("from", ["debian:12", "a/b", "$X", "${Y:-b}", "build"]),
            ("checksum", ["sha256:" + "a" * 64]),
            ("exclude", ["*.md", ""]),
        ):
            if self.chance(0.12):
                flags.append(f"--{name}={self.one(values)}" if self.chance(0.9) else f"--{name}")
        for name in ("link", "parents", "keep-git-dir", "unpack"):
            if self.chance(0.08):
                flags.append(f"--{name}{self.one(SWITCHES)}")
        flags += [
            self.one(["--form=a", "--Chmod=755", "--", "--link --link", "--exclude=a --exclude=b"])
        ] * self.chance(0.08)
        words = self.some(PATHS, 4)
        tail = " ".join(words)
        if self.chance(0.1):
            tail = json.dumps(words)
        return f"{self.one(['COPY', 'ADD', 'copy'])} {' '.join(flags)} {tail}"

    def healthcheck(self) -> str:
        flags = [
            f"--{name}={self.one(DURATIONS)}" if self.chance(0.95) else f"--{name}"
            for name in ("interval", "timeout", "start-period", "start-interval")
            if self.chance(0.25)
        ]
        if self.chance(0.2):
            flags.append(f"--retries={self.one(['3', '0', '-1', 'x', '', '1.5', '+3', '99999999999', '03'])}")
        tail = self.one(
            [
                "CMD /check",
                "CMD",
                "NONE",
                "NONE x",
                'CMD ["a"]',
                "CMD []",
                "none",
                "cmd a",
                "curl a",
                "",
                "CMD [a]",
                "CMD $X",
            ]
        )
        return f"HEALTHCHECK {' '.join(flags)} {tail}"

    def run(self) -> str:
        flags = [f"--mount={self.one(MOUNTS)}" for _ in range(self.random.randint(0, 2))]
        if self.chance(0.2):
            flags.append(f"--network={self.one(['none', 'host', 'default', 'bridge', '', '$X'])}")
        if self.chance(0.1):
            flags.append(f"--security={self.one(['insecure', 'sandbox', 'x'])}")
        flags += [self.one(["--mount", "--foo=a", "--device=a", "--device", "--network"])] * self.chance(0.05)
        commands = ["make", "echo $X", '["a"]', "[1]", "", "echo ${X", "a << 1", "echo $((1<<2))"]
        return f"RUN {' '.join(flags)} {self.one(commands)}"

    def exposed(self) -> str:
        return f"EXPOSE {' '.join(self.some(PORTS, 3))}"

    def image(self) -> str:
        flag = f"--platform={self.one(PLATFORMS)} " if self.chance(0.3) else ""
        name = self.one(["", "", " AS " + self.one(NAMES), " as " + self.one(NAMES), " " + self.one(NAMES), " IS a"])
        return f"FROM {flag}{self.one(IMAGES)}{name}"

    def stopped(self) -> str:
        return f"STOPSIGNAL {self.one(['', *SIGNALS])}"

    def assigned(self) -> str:
        pairs = [
            self.one(["A=1", "B=$X", "C='a b'", "=x", "D", "E=${X", "F=${Y:-b}", "G=", 'H="a', "I=a=b", "$X=1"])
            for _ in range(self.random.randint(0, 3))
        ]
        return f"{self.one(['ENV', 'LABEL', 'ARG'])} {' '.join(pairs)}"

    def simple(self) -> str:
        name = self.one(["USER", "WORKDIR", "MAINTAINER", "CMD", "ENTRYPOINT", "COPPY", "user"])
        return f"{name} {self.one([*WORDS, *ARRAYS])}"

    def shell(self) -> str:
        words = ["", "[]", '["/bin/sh", "-c"]', "/bin/sh -c", '["a"', "[1]"]
        return f"SHELL {self.one(words)}"

    def flagged(self) -> str:
        name = self.one(
            ["ENV", "LABEL", "USER", "WORKDIR", "CMD", "ENTRYPOINT", "EXPOSE", "VOLUME", "ARG", "STOPSIGNAL", "SHELL"]
        )
        value = {"ENV": "A=1", "LABEL": "a=1", "EXPOSE": "80", "STOPSIGNAL": "9", "SHELL": '["a"]', "ARG": "B=1"}.get(
            name, "a"
        )
        return f"{name} {self.one(['--foo', '--foo=a', '--', '-f', '--chown=1'])} {value}"

    def volume(self) -> str:
        words = ["", "/a", "/a /b", '["/a"]', "[]", '[""]', '[" "]', "$X", "${X", "[1]"]
        return f"VOLUME {self.one(words)}"

    def trigger(self) -> str:
        inner = self.one(
            [
                "",
                "RUN a",
                "COPY a",
                "FROM a",
                "ONBUILD RUN a",
                "MAINTAINER a",
                "COPY --foo a b",
                "RUN [1]",
                "ENV A",
            ]
        )
        return f"ONBUILD {inner}"

    def document(self) -> str:
        head = self.one(
            [
                "RUN <<EOF",
                "RUN << EOF",
                "RUN cat << EOF > /a",
                "COPY <<EOF /a",
                "COPY a <<EOF",
                "COPY << EOF /a",
                "RUN <<-EOF",
                "RUN <<- EOF",
                "RUN cat <<EOF <<B",
                "RUN a<<EOF",
                "RUN 'a << EOF'",
                'RUN "a" <<"EOF"',
            ]
        )
        return head + self.one(["\nhello\nEOF", "\nEOF", "\nhello", "", "\n\tEOF", "\nx\nEOF\ny\nB", "\nEOF "])


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 2_000
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    maker = Maker(seed)
    texts = list(dict.fromkeys(maker.dockerfile() for _ in range(count)))
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "buildkit"
        subprocess.run(["go", "build", "-o", program, "."], cwd=HERE, check=True)
        lines = "".join(json.dumps(text) + "\n" for text in texts)
        answers = subprocess.run([program], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    counts: Counter[str] = Counter()
    for text, line in zip(texts, answers, strict=True):
        reason = json.loads(line)
        ours = [finding.message for finding in devopslint.check({"Dockerfile": text}, select=list(RULES))]
        counts[f"{'refused' if reason else 'taken'} by BuildKit, {'refused' if ours else 'taken'} here"] += 1
        if bool(reason) != bool(ours):
            sys.stdout.write(f"{text!r}\n    BuildKit: {reason or 'takes it'}\n    here: {ours or 'takes it'}\n")
    for name, number in sorted(counts.items()):
        sys.stdout.write(f"{number:8,} {name}\n")
    return 0 if len(counts) <= 2 and not any(name.count("refused") == 1 for name in counts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
