"""What documents are about, by their paths, titles and headings, in the languages that teams write them in."""

from __future__ import annotations

import re

from devopslint.deferred import compiled
from devopslint.readers.folders import put_away_in

DEPLOY, RUNBOOK, RECOVERY, ROLLBACK, ARCHITECTURE = "deploy", "runbook", "recovery", "rollback", "architecture"

_WORDS = {
    DEPLOY: (
        r"deploy|install|getting[ _-]started|quick[ _-]?start|\bset(?:ting)?[ _-]?up\b|roll(?:ing)?[ _-]?out"
        r"|\brun(?:ning)?\b(?!(?:[ _-]+[\w`-]+){0,3}[ _-]+(?:tests?|specs?|linters?|lint|checks|benchmarks?)\b)"
        r"|\bhelm\b|provision|\busage\b|how to use|\brelease process|\bbootstrap|\bhosting\b|production"
        r"|bereitstell|inbetriebnahme|ausroll|einrichtung|déploi|mise en (?:production|service)|despliegue|desplegar|implanta"
        r"|implementaz|distribuzione|uitrol|inrichting|wdro[żz]|driftsätt|развёр|развер|установ|部署|安装|デプロイ|インストール"
        r"|배포|설치"
    ),
    RUNBOOK: (
        r"run[ _-]?book|play[ _-]?book|(?-i:\bSOPs?\b)|\bsop\b|operations?[ _-](?:guide|manual|handbook)|(?<![a-z])on[ _-]?call(?![a-z])|troubleshoot"
        r"|betriebshandbuch|störung|manuel d.exploitation|dépannage|manual de operacion|manuale operativo|运维|運用手順|장애 대응"
    ),
    RECOVERY: (
        r"disaster|\bdr\b|\bdrp\b|business[ _-]continuity|recovery[ _-]plan|recover(?:y|ing)?\b|\brestor(?:e|ing|ation)\b"
        r"|notfall|wiederherstell|plan de reprise|restauration|recuperaci|restaur|ripristino|herstelplan|aterställ|återställ"
        r"|odtwarzani|восстановл|灾难|灾备|恢复|障害復旧|復旧|재해 복구"
    ),
    ROLLBACK: (
        r"roll(?:ing)?[ _-]?backs?\b|\brevert(?:ing)?\b|back[ _-]?out|undo(?:ing)? (?:a |the )?(?:release|deploy)"
        r"|zurückroll|rücknahme|retour arrière|revertir|reversión|reverter|terugdraai|wycof|откат|回滚|ロールバック|切り戻し|롤백"
    ),
    ARCHITECTURE: (
        r"architect|diagram|topolog|infrastructure overview|system overview|architektur|schéma|arquitect|arquitet"
        r"|architett|архитект|架构|構成図|아키텍처"
    ),
}
_ABOUT = {purpose: compiled(words, re.IGNORECASE) for purpose, words in _WORDS.items()}
_OF_OPERATIONS = "|".join(_WORDS[purpose] for purpose in (RUNBOOK, RECOVERY, ROLLBACK)) + r"|deploy|\brpo\b|\brto\b"

_NAMES = (
    r"readme|run[_-]?book|play[_-]?book|disaster|(?<![^/_.-])dr(?![^/_.-])|recovery|restor|roll[_-]?back|deploy|install|architect|incident"
    r"|post[_-]?mortem|operations|on[_-]?call"
)
PLACES = (
    r"(?i:(?:^|/)(?:[^/]*(?:"
    + _NAMES
    + r")[^/]*|(?:run-?books?|play-?books?|sops?|disaster[_-]recovery|post[_-]?mortems?|incidents?)/[^/]+)"
    r"\.(?:md|markdown|mdx|adoc|asciidoc|rst)$|^readme(?:\.txt)?$)"
)
"""Where a document lies, or what it is called, when that alone says that it is about operations."""
HEADINGS = (
    r"(?im)^(?:#{1,4}|={1,4})[ \t][^\n]{0,80}?(?:" + _OF_OPERATIONS + r")|^[^\n]{0,80}(?:" + _OF_OPERATIONS + r")"
    r"[^\n]{0,80}\n[=~^-]{4}"
)
"""A heading that says so, where the path does not."""

_OF_HISTORY = compiled(
    r"(?i)(?:change[_-]?log|changes|history|news|releases?([_-]notes)?|contributing|code_of_conduct|licen[cs]e|security"
    r"|pull_request_template|.*template)\b.*"
)


def is_of_operations(name: str, text: str | None) -> bool:
    """Whether a heading is worth a look: the histories of releases have such headings too."""
    return text is not None and _OF_HISTORY.fullmatch(name) is None


_OF_DESIGN = compiled(
    r"(?i)(?:^|/)(?:enhancements?|proposals?|rfcs?|adrs?|decisions|design(?:s|[-_]docs?)?|keps?|blog|changelogs?)/"
)
"""Folders of plans for a product, which speak of what it will do and not of how it is run here."""


_TO_BE_FILLED_IN = compiled(r"(?i)(?:^|/)(?:issue|discussion|pull_request)_template/")
"""Folders of what whoever writes an issue fills in."""


def is_no_answer(path: str) -> bool:
    """Whether a document is put away, or only a form: what stands in it holds for nobody."""
    return bool(put_away_in(path)) or _TO_BE_FILLED_IN.search(path) is not None


def purposes(title: str) -> frozenset[str]:
    """What a heading says that its section is about."""
    return frozenset(purpose for purpose, words in _ABOUT.items() if words.search(title))


def is_of_design(path: str) -> bool:
    """Whether a document is about what a product will be."""
    return _OF_DESIGN.search(path) is not None


def of_path(path: str) -> frozenset[str]:
    """What a path says that its document is about, by the last folder and the name."""
    if is_of_design(path):
        return frozenset()
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    if stem.lower() == "readme":
        stem = ""
    return purposes(f"{folder.rpartition('/')[2]}/{stem}".replace("_", " ").replace("-", " "))
