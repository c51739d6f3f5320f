"""Package managers: what a command asks of one, and of which packages."""

from __future__ import annotations

from devopslint.deferred import NamedTuple, compiled
from devopslint.readers.shell_words import Arguments, Command, Word

_YUM_OPTIONS = (
    "-c -d -e -R -x --config --disableplugin --disablerepo --enableplugin --enablerepo --exclude --forcearch"
    " --installroot --releasever --repo --repofrompath --repoid --setopt --advisory --comment --downloaddir"
)
_PIP_OPTIONS = (
    "-b -c -C -e -f -i -r -t --abi --build --cache-dir --cert --client-cert --config-settings --constraint --editable"
    " --exists-action --extra-index-url --find-links --global-option --implementation --index-url --install-option"
    " --log --no-binary --only-binary --platform --prefix --progress-bar --proxy --python --python-version --report"
    " --requirement --retries --root --root-user-action --src --target --timeout --trusted-host --upgrade-strategy"
    " --use-deprecated --use-feature --pip-args --preinstall --suffix --group --keyring-provider --requirements-from-script"
    " --uploaded-prior-to --all-releases --only-final --no-build-isolation-package --dry-run-output --backend"
)
_OPTIONS = {
    "apt": "-o -c -t -a -P --option --config-file --target-release --default-release --host-architecture",
    "apk": "-t -X -p --virtual --repository --root --arch --keys-dir --repositories-file --wait --cache-dir"
    " --cache-max-age --progress-fd --timeout",
    "yum": _YUM_OPTIONS,
    "dnf": _YUM_OPTIONS,
    "zypper": "-p -r -t -c -R -C -D --config --cache-dir --from --plus-repo --plus-content --repo --root --type"
    " --reposd-dir --pkg-cache-dir --raw-cache-dir --solv-cache-dir --installroot --name",
    "pip": _PIP_OPTIONS,
    "pipx": _PIP_OPTIONS,
    "uv": f"{_PIP_OPTIONS} --allow-insecure-host --config-file --constraints --default-index --directory --exclude-newer --from"
    " --index --index-strategy --link-mode --override --overrides --prerelease --project --python-platform --refresh-package"
    " --reinstall-package --requirements --resolution --torch-backend --upgrade-package --with --with-editable --with-requirements",
    "npm": "-w -C --cache --loglevel --otp --prefix --registry --scope --tag --userconfig --workspace --network-timeout"
    " --fetch-retries --fetch-retry-mintimeout --fetch-retry-maxtimeout --fetch-timeout --install-strategy --omit"
    " --include --cpu --os --libc --node-options --script-shell",
    "yarn": "--cache-folder --cwd --modules-folder --mutex --network-timeout --network-concurrency --registry"
    " --cache-dir --use-yarnrc --global-folder --prefix",
    "pnpm": "-C --dir --filter --registry --reporter --store-dir --loglevel --virtual-store-dir",
    "bun": "--cwd --registry --cache-dir --backend",
    "gem": "-i -n -v -s -P -p -B --bindir --build-root --document --file --http-proxy --install-dir --platform --source"
    " --trust-policy --version --without",
    "go": "-C -p -o -tags -ldflags -gcflags -asmflags -mod -modfile -overlay -pgo -buildmode -compiler -exec -toolexec",
}
_VALUED = {manager: frozenset(options.split()) for manager, options in _OPTIONS.items()}
_MANAGERS = {
    "apt-get": "apt",
    "apt": "apt",
    "aptitude": "apt",
    "apk": "apk",
    "yum": "yum",
    "dnf": "dnf",
    "dnf5": "dnf",
    "microdnf": "dnf",
    "tdnf": "dnf",
    "zypper": "zypper",
    "pipx": "pipx",
    "uv": "uv",
    "npm": "npm",
    "pnpm": "pnpm",
    "bun": "bun",
    "yarn": "yarn",
    "yarnpkg": "yarn",
    "gem": "gem",
    "go": "go",
}
_PIP = compiled(r"pip(?:[23](?:\.\d+)?)?\Z")
_PYTHON = compiled(r"(?:python|pypy)[\d.]*\Z")
_COLLECTIONS = frozenset(("module", "group", "groups", "global", "cache"))
_SAME = {
    "apt": {"full-upgrade": "upgrade", "dist-upgrade": "upgrade", "safe-upgrade": "upgrade", "build-dep": "install"},
    "yum": {
        "in": "install",
        "reinstall": "install",
        "rei": "install",
        "localinstall": "install",
        "up": "upgrade",
        "update": "upgrade",
        "up-min": "upgrade",
        "upgrade-minimal": "upgrade",
        "update-minimal": "upgrade",
        "distro-sync": "upgrade",
        "dist-upgrade": "upgrade",
        "dsync": "upgrade",
        "groupinstall": "group install",
        "groups install": "group install",
    },
    "zypper": {
        "in": "install",
        "si": "install",
        "source-install": "install",
        "inr": "install",
        "install-new-recommends": "install",
        "up": "upgrade",
        "update": "upgrade",
        "dup": "upgrade",
        "dist-upgrade": "upgrade",
        "patch": "upgrade",
        "ref": "update",
        "refresh": "update",
        "cc": "clean",
    },
    "npm": {"i": "install", "add": "install", "in": "install", "ins": "install"},
    "pnpm": {"add": "install", "i": "install"},
    "bun": {"add": "install", "i": "install", "a": "install"},
    "gem": {"i": "install"},
    "uv": {"pip install": "install", "tool install": "install"},
}


BRANCHES = frozenset(
    (
        "main",
        "master",
        "head",
        "develop",
        "development",
        "dev",
        "trunk",
        "latest",
        "nightly",
        "next",
        "stable",
        "default",
        "tip",
    )
)
"""What branches are called, and tags that move as they do."""


class PackageCommand(NamedTuple):
    """One run of a package manager."""

    manager: str
    """The family: `apt` for apt-get, apt and aptitude; `dnf` for microdnf too."""
    verb: str
    """What is asked for, under one name: `install` for `in` and `reinstall`, `upgrade` for what brings new versions,
    `update` for what reads the lists of packages; two words for `module install`."""
    arguments: Arguments
    packages: tuple[Word, ...]
    """What stands after the verb."""
    command: Command

    @property
    def name(self) -> str:
        """The program as one calls it: `python3 -m pip` is its own."""
        return f"{self.command.name} -m pip" if _PYTHON.match(self.command.name) else self.command.name


def package_command(command: Command) -> PackageCommand | None:
    """The command as one of a package manager; None where it runs something else."""
    name, skipped = command.name, 0
    manager = _MANAGERS.get(name, "")
    if not manager and name.startswith("pip") and _PIP.match(name):
        manager = "pip"
    elif not manager and name.startswith("py") and _PYTHON.match(name):
        texts = command.texts
        module = texts.index("-m") + 1 if "-m" in texts else len(texts)
        manager = "pip" if texts[module : module + 1] == ("pip",) else ""
        skipped = module + 1
    if not manager:
        return None
    arguments = command.parsed(_VALUED[manager], skipped=skipped, long_dash=manager == "go")
    operands = list(arguments.operands)
    verb = operands.pop(0).text if operands else ""
    if (verb in _COLLECTIONS or (manager == "uv" and verb in ("pip", "tool"))) and operands:
        verb = f"{verb} {operands.pop(0).text}"
    same = _SAME.get("yum" if manager == "dnf" else manager, {})
    return PackageCommand(manager, same.get(verb, verb), arguments, tuple(operands), command)
