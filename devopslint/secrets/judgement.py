"""Names and values that give a secret away."""

from __future__ import annotations

import re

from devopslint.deferred import compiled


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = compiled(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_WORDS = _words(
    "apikey bearer credential credentials pass passphrase passwd password passwords pgpass pword pwd secret token"
)
_SECRET_ENDINGS = ("password", "passwd", "passphrase", "secret", "apikey", "token", "dbpass", "rootpass", "userpass")
_KEY_OF = _words(
    "access account aes api app auth azure client cookie crypt deploy encryption git hmac jwt license master private "
    "rsa secret service session shared signing ssh storage"
)
"""What makes the word `key` behind it a secret: a PARTITION_KEY is none."""
_AUTH_OF = _words("basic docker git http mongo npm proxy redis registry")
_NEVER = frozenset(("dummy", "existing", "fake", "max", "min", "mock", "mocked", "public", "tokenizers"))
_HARMLESS_LAST = _words(
    "action age agent alg algorithm alias arn attempts attribute attributes audience auto base64 bits bytes cache characters chars check "
    "cipher class cmd column columns command complexity config configuration cookie date "
    "count created days description descriptions detection dir directories directory dirs disabled display domain domains duration enable enabled encoding encryption endpoint engine env error exists expiration "
    "expire expires expiry fact factory field file filename files flag flags flow format generator grace handler hash hasher hashers hashing header "
    "helper hint host hours id identifier ids index interval issuer item iterations kind label length level levels lifespan lifetime limit list "
    "location log manager max mechanism message method minimum min minutes mode mount name names namespace needed only options owner owners parallelism "
    "param parameter path paths pattern period permissions plugin policies policy pool port prefix present prompt property provider query realm reader "
    "ref reference regex region required reset retention retries role rotation rounds rule scanner scanning scheme scope scopes seconds selector "
    "server service size ssm status store strategy strength string style subject suffix template test timeout title to transport ttl "
    "type types uri url usage user username users validation validator validators validity vault version window "
    "aliases audiences handlers helpers hosts issuers labels managers mtime prompts providers readers regions scanners services stores templates versions "
    "address backend budget charset cleanup contract digits encoder exchange history leeway mint pda prevention requirements reuse reviewer source symbol"
)
"""Words behind the one that speaks of a secret which make it something else: PASSWORD_FILE, TOKEN_EXPIRY_SECONDS."""
_SHOWN = compiled(r"(?:VITE|REACT_APP|VUE_APP|GATSBY|STORYBOOK|NG_APP|NEXT_PUBLIC|NUXT_PUBLIC|EXPO_PUBLIC)_")
"""What bundlers write into what browsers fetch: whoever calls a variable so wants it to be seen."""
_PASSES_ON = _words("by fastcgi grpc memcached proxy scgi uwsgi")
"""What `pass` behind it hands requests on to: UWSGI_PASS names a server."""

_SCOPE = compiled(r"[a-z][a-z0-9-]*:[a-z][a-z0-9-]*\Z")
"""What a token may do: `admin:token`, `read:secrets`."""

_FOLDERS = (["pwd"], ["oldpwd"])
"""What a shell calls the folder that it is in."""
_USERS = ["getent", "passwd"]
"""What Ansible calls the users of a system."""

_PULLED_WITH = ["image", "pull", "secret"]
"""What a cluster calls the Secret that it pulls images with."""
_OF_CLUSTER = (["kube", "secret"], ["k8s", "secret"], ["kubernetes", "secret"])
"""A Secret by its name, as Tailscale asks for the one that keeps its state."""

_PUBLIC_LAST = _words("ca cert certificate crt email project region")

_PRIVATE_KEY = compiled(
    r"-{3,5}BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-{3,5}+(?!/|[\"'`](?:(?![A-Za-z0-9+/]{40})[^\0]){1,400}?---END )(?!(?:\s|\\n)*+\Z)"
    r"(?!(?:\s|\\n)*(?:\.|<|\{|\[|…|#|(?:[A-Z]{2,30}|[a-z]{2,30}|[-*]{2,4}(?=\s)|[A-Za-z]+(?:[ _-]+[A-Za-z]+)+)(?:\s|\\n)*---+END))"
)
"""With something behind its first line: a program that looks for that line has no key."""
_ENCODED_BEGIN = "LS0tLS1CRUdJTi"
_ENCODED_KEY = compiled(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{20,}")
"""A key of PEM in base64, as user data and kubeconfigs hold it."""
_TOKEN = compiled(
    r"\b(?:AKIA(?![0-9A-Z]{9}EXAMPLE\b)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50}|gl(?:pat|ptt|rt|dt|cbt|ft)-[A-Za-z0-9_-]{20}"
    r"|xox[abeprs]-[0-9A-Za-z-]{20}|xapp-[0-9]-[A-Z0-9]+-[0-9]+-[a-f0-9]{40}|[sr]k_live_[0-9a-zA-Z]{20}|whsec_[0-9A-Za-z+/]{30}"
    r"|AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{30}|npm_[A-Za-z0-9]{36}|pypi-AgEI[A-Za-z0-9_-]{50}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{24}"
    r"|SG\.[\w-]{20,24}\.[\w-]{39,50}|hf_[A-Za-z]{30}|sk-(?:ant|proj)-[A-Za-z0-9_-]{30}|dop_v1_[a-f0-9]{64}|hvs\.[A-Za-z0-9_-]{24}"
    r"|sq[pua]_[a-f0-9]{40}|shp(?:at|ss|ca|pa)_[a-fA-F0-9]{32}|ATATT3xFf[A-Za-z0-9_=-]{40}|lin_api_[A-Za-z0-9]{40}"
    r"|AGE-SECRET-KEY-1[0-9A-Z]{50}|PMAK-[a-f0-9]{24}-[a-f0-9]{34}|rubygems_[a-f0-9]{48})"
    r"|https://hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{24}"
    r"|https://discord(?:app)?\.com/api/webhooks/[0-9]{17,}/[\w-]{60}"
)
"""The forms of tokens that their issuers document, so that leaks of them can be found; AWS' own examples end with that word."""
_AWS_SECRET = compiled(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
"""The half of an AWS access key that is secret: its id, `AKIA…`, only says whose it is."""
_HASHED = compiled(
    r"(?:^|:)(?:\$(?:apr1|5|6|y|argon2(?:id|i|d))\$[^\s:]{20}|\$2[aby]\$[^\s:]{50}|\{SSHA?\}[A-Za-z0-9+/=]{20})",
    re.MULTILINE,
)
"""A password that is only hashed: htpasswd, shadow. What bcrypt begins with is a salt, and the hash stands behind it."""
_SHORTEST_TOKEN = 20
_URL_PASSWORD = compiled(r"\b[a-z][a-z0-9+.]{1,20}://(?P<user>[^\s/:@\"']{0,100}):(?P<password>[^\s/@\"']{1,200})@")
_NOWHERE = compiled(
    r"(?:localhost|127\.[0-9.]+|0\.0\.0\.0|host\.docker\.internal|192\.0\.2\.\d+|198\.51\.100\.\d+|203\.0\.113\.\d+"
    r"|(?:[\w-]+\.)*example(?:\.(?:com|org|net))?|(?:[\w-]+\.)+(?:test|invalid))(?=[:/?#\s\"']|\Z)"
)
"""The machine itself, and what is set aside for documentation and tests."""
_EMULATOR = compiled(r"(?:localstack|moto|elasticmq|azurite|fake-gcs-server)(?=[:/?#\s\"']|\Z)")
"""What stands for a cloud on a developer's machine."""
_REFERENCE = compiled(
    r"(?:\$\(|\$\$?\{|\{[A-Za-z_][\w.]*(?::[\w./~-]+)?\}|\$\[\[|\$[A-Za-z_]|\{\{|<|%|\*+\Z|[A-Z]+(?:_[A-Z]+)+\Z"
    r"|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:CREDENTIALS?|KEY|PASS(?:W(?:OR)?D)?|SECRET|TOKEN)\Z"
    r"|(?P<mark>[@#!~^|:]{1,3}|_{1,3})[A-Z][A-Z0-9_.-]*(?P=mark)\Z|@{1,2}[A-Za-z][\w.-]*@{1,2}\Z|#\{[^{}]*\}#?\Z"
    r"|\[\[.*\]\]\Z|\[%.*%\]\Z|\(\(.*\)\)\Z|os\.environ[/.\[(])"
)
"""What stands for a value: $(NAME), ${NAME}, $${NAME}, {name}, {env:NAME}, $[[ name ]], {{ name }}, <name>, THE_NAME_ITSELF;
@@NAME@@, __NAME__, #{Name}#, [[ name ]], ((name)), os.environ/NAME."""
_MEANT = compiled(r"(?i)\b(?:token|secret|password|key|credentials?|your|the|from|value)\b")
_SWITCH = compiled(
    r"(?i)\[?(?:true|false|yes|no|on|off|none|null|undefined|enabled?|disabled?|omit|same-origin|optional|required|[0-9])\]?\Z"
    r"|(?:not?|never)[-_ ]?(?:actually[-_ ]|really[-_ ])?(?:applicable|available|checked|configured|defined|given|necessary|needed|provided|required|set|specified|used|validated|verified)(?![a-z0-9])|n/a\Z"
    r"|(?:hmac[-_]?)?sha[-_]?(?:1|224|256|384|512)\Z|md5\Z|[ehr]s(?:256|384|512)\Z"
)
"""A switch, a word that none is needed, and the name of a digest."""
_AMOUNT = compiled(
    r"(?:second|minute|hour|day|week)s|[-+]?[0-9]{1,5}(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?[ ]?(?:ns|us|ms|[smhdwy]|secs?|seconds?|min(?:ute)?s?|hours?|days?|weeks?|[KMGT]i?B?|%)|P(?:T|[0-9])[0-9DHMSWY]+"
)
"""A number, a duration or the unit of one, whatever the name says."""
_ENCRYPTED = compiled(
    r"ENC\[(?:AES256_GCM|GPG|PKCS7),|ENC\([A-Za-z0-9+/=]+\)|A[gQ][A-D][A-Za-z0-9+/]{200}|\$ANSIBLE_VAULT;|-----BEGIN (?:AGE ENCRYPTED FILE|PGP (?:MESSAGE|PUBLIC KEY BLOCK)|PUBLIC KEY|RSA PUBLIC KEY|CERTIFICATE)-----"
    r"|(?:vault|op|ref\+\w+|secretref|awssm|gcpsm|azkv|ssm|arn:aws|projects/[\w-]+/secrets)[:/]|\[REDACTED\]|ssh-(?:rsa|ed25519|dss) AAAA|ecdsa-sha2-\S+ AAAA|phc_[A-Za-z0-9]{30,}\Z"
)
"""What is encrypted (by SOPS, hiera-eyaml, Jasypt and others), public (PostHog's key of a project is in its web pages), or names where a secret is kept."""
_AWS_KEY = compiled(r"(?i)\baws_(?:secret_)?access_key(?:_id)?\Z")
_WORD_ALONE = compiled(r"[A-Za-z]{1,12}")
_PLACE = compiled(r"(?:/|\./|\.\./|~/|[a-z][a-z0-9+.-]{1,20}:)")
_FILE = compiled(r"(?i)[\w@-][\w@./-]*\.(?:json|ya?ml|toml|env|txt|pem|key|crt|p12|pfx|jks|asc|gpg|kubeconfig)\Z")
_PLACEHOLDER = compiled(
    r"(?i)(?:(?:change|generate|overwrite).?(?:me|it|this)|replace.?(?:me|with|this|before)|replace[a-z]*(?:key|password|secret|token)\Z|(?:your|my|some|example|sample|dummy|fake|placeholder)\b"
    r"|(?=(?:[a-z]+[-_ ])*+[a-z]+\Z)(?:[a-z]+[-_ ])*?"
    r"(?:bogus|build|dummy|fake|ignored|insecure|invalid|nonexistent|placeholder|sentinel|temporary|throwaway|unneeded|unused)(?![a-z])"
    r"|my[-_ ]?(?:super[-_ ]?)?secret[-_ ]?(?:passw(?:or)?d|pass|pw|key|token)?\Z|(?:dev|prod|production|staging|test|local|plan|validate|validation)[-_ ]?only\Z"
    r"|(?:not|no)[-_ ](?:[a-z]+[-_ ])?secret\b|(?:not[-_ ]an?[-_ ]real|change[-_ ](?:in|for|before|on))[-_ ]"
    r"|(?:will|must|should|has|is|to)[-_ ](?:to[-_ ])?be[-_ ]|(?:from|see|in)[-_ ](?:a[-_ ]|the[-_ ])?(?:1password|bitwarden|external|keyvault|sealed|vault)\b"
    r"|(?:created|filled|generated|injected|loaded|managed|overridden|populated|provided|replaced|set|supplied|synced)"
    r"[-_ ](?:at|by|during|from|in|on|through|via|with)[-_ ]"
    r"|(?:[a-z0-9]+[-_ ])+placeholder\b|(?:[a-z0-9]+[-_ ])+not[-_ ](?:a[-_ ])?(?:real|used|valid)(?:[-_ ](?:key|passw(?:or)?d|secret|token))?\Z"
    r"|not[-_ ]?(?:an?|the)[-_ ]?real|(?:ci|test|testing)[-_ ](?:[a-z0-9]+[-_ ])*(?:\d+[-_ ]?)?(?:chars?|characters)(?:[-_ ][a-z0-9]+)*\Z|already[-_ ]?(?:changed|reset|rotated|set)|your[-_ ]|x{3,}(?:[-_.]x{3,})*\Z|todo\b|tbd\b|insert\b|redacted|(?:put|add|enter|paste|fill|set|use|provide|get|create|generate)\b[-_ ].*"
    r"|your[a-z]+\Z|no-?op\Z"
    r"|eyJ[\w-]+\.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6ImFub24i"  # of everybody, and the same on each machine: Supabase's demo
    r"|(?:0x)?(?:ac0974bec39a|59c6995e998f|5de4111afa1a|7c852118294e|47e179ec1974|8b3a350cf5c3|92db14e403b8|4bbbf85ce337|dbda1821b805|2a871d0798f9|7726827caac9)[0-9a-f]{52}\Z"  # accounts of every Hardhat, Anvil and local ZKsync node
    r"|6LeIxAcTAAAAA[\w-]{27}\Z"  # what reCAPTCHA's documentation gives for tests
    r"|(?:fake|mock|dummy|stub|sample|example)(?=[A-Z_.-])|some(?=[_-][a-z])|(?:.*[^.])?\.{3,}\Z|…"
    r"|(?:foo[-_]?bar(?:[-_]?baz)?|asdf+|any(?:[-_ ]?(?:thing|value))?|abc|xyz|whatever|this[-_ ]?(?:can|could|may|might)[-_ ]?be[-_ ]?anything)\Z)"
)
_OBJECT = compiled(
    r"[a-z]+-(?:credentials|creds)|[a-z][a-z0-9]*(?:-[a-z0-9]+)*-(?:certs?|certificates?|tls|keystore|truststore|(?:[a-z0-9]+)?(?:cfg|config|env))|[a-z]+[0-9]?(?:-[a-z]+[0-9]?){2,}-(?:secrets?|credentials|creds)"
)
"""What an object of a cluster is called that holds a secret: PULL_SECRET=registry-pull-secret names one."""
_NAMES_A_KEY = compiled(r"[a-z]_[a-z0-9]+_(?:password|secret|token)_key\Z")
"""A variable for the key of some Secret: reporting_db_secret_key. A django_secret_key is a secret itself."""
_KEY_OF_A_SECRET = compiled(r"(?:[a-z]+[-_./])+(?:password|passwd|pat|token|secret|key)")
"""What a key in a Secret is called, or where a vault keeps one."""
_COUNTED = compiled(
    r"(?i)0?(?:1234567890){1,7}(?:1(?:2(?:3(?:4(?:5(?:6(?:78?)?)?)?)?)?)?)?|(?:0123456789(?:abcdef)?|1234567890?abcdef|abcdef0?1234567890?){1,4}|(.)\1{7,}"
)
"""Digits and letters in their order, or one character again and again: what fills the length that a program asks for."""
_FOR_TRIALS = frozenset(
    ("test", "tests", "testing", "local", "localhost", "demo", "mock", "fake", "dummy", "ci", "validation")
)
_ONLY_FOR_TRIALS = compiled(
    r"(?i)(?<![a-z])(?:for[-_ ](?:[a-z0-9]+[-_ ])?(?:tests?|testing|e2e|ci|dev|development|local|demo)"
    r"|(?:tests?|testing|ci|dev|development|local|demo)[-_ ]?only|(?:only|just)[-_ ](?:(?:used|needed)[-_ ])?(?:for|in|during)[-_ ][a-z]+"
    r"|(?:not|never)[-_ ](?:for|in|use[-_ ]in)[-_ ](?:real|prod|production))(?![a-z])"
)
"""Whoever wrote it says that it opens nothing: `jwt-secret-for-testing-only-32ch`, `dev-only-key-1`, `not-for-production`."""
_MARKS = str.maketrans("", "", "-_. ")
_WORDS_ALONE = compiled(r"[A-Za-z]++(?:[-_ ][A-Za-z]++)*+")
_EMULATED = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The key of every Azurite and storage emulator, which Microsoft publishes: learn.microsoft.com, "Use the Azurite emulator"."""
_DOCUMENTED = "1f2d1e2e67df"
"""The password in the Secrets that the documentation of Kubernetes shows: kubernetes.io, "Secrets"."""
_ALONE = frozenset(("test", "token", "demo", "secret", "value", "local"))
_GENERIC = frozenset(("secret", "token", "key", "api", "apikey", "value"))
_BLANKS = frozenset(
    ("secret", "token", "uuid", "guid", "key", "password", "passphrase", "credential", "credentials", "value")
)
_STAND_IN = compiled(r"(?i)(?:.*[-_])?(?:1234567890|0123456789)|(?:deadbeef|cafebabe|c0ffee)+")
"""What stands for a key that looks like one: `sk-1234567890`, `cafebabe`."""
_CHOSEN = compiled(r"(?i)pass|pwd|pin\b|salt|secret_?key(?:_base)?\Z")
_ASKS = compiled(
    r"(?i)\*{3,}|\A\*{2}.*\*{2}\Z|[<\[(][^<>\[\]()]*(?:token|secret|password|key|here|your|value)[^<>\[\]()]*[>\])]"
    r"|\bgoes here\b|(?<![a-z])here\W*\Z|x{6,}\Z"
    r"|(?<![a-z])replace[-_ ](?:me|this|with)(?![a-z])|(?<![a-z])fake[-_ ](?:key|password|secret|token)(?![a-z])"
)
"""Stars or brackets around what is to be put in, wherever they stand."""


_ACCESS_KEY = compiled(
    r"(?i)(?!.*secret)(?:.*[-_.])?(?:aws|ceph|garage|minio|r2|s3|wasabi)(?:[-_.].*)?[-_.]?access[-_.]?key\Z"
)
"""What S3 and its like call the half of a key that only says whose it is: the other one is the secret key."""


def names_access_key(name: str) -> bool:
    """Whether something of this name only says whose a secret key is."""
    return _ACCESS_KEY.match(name) is not None


def names_secret(name: str) -> bool:
    """Whether a variable or key of this name holds a secret: DB_PASSWORD does, PASSWORD_FILE does not."""
    if _SCOPE.match(name) or _SHOWN.match(name) or names_access_key(name):
        return False
    words = [word.lower() for word in _WORD.findall(name)]
    if (
        not words
        or words in _FOLDERS
        or words[-2:] == _USERS
        or words[-1] in _HARMLESS_LAST
        or words[-3:] == _PULLED_WITH
        or words[-2:] in _OF_CLUSTER
        or not _NEVER.isdisjoint(words)
    ):
        return False
    said = [
        index
        for index, word in enumerate(words)
        if word in _SECRET_WORDS or (word.endswith(_SECRET_ENDINGS) and word != "onepassword")  # a program's name
    ]
    if said:
        if words[said[-1]] == "pass" and said[-1] and words[said[-1] - 1] in _PASSES_ON:
            return False
        return _HARMLESS_LAST.isdisjoint(words[said[-1] + 1 :])
    if words[-1] == "auth":
        return len(words) == 1 or words[-2] in _AUTH_OF
    if words[-2:] == ["key", "content"]:
        return True
    return words[-1] == "key" and (words[0] == "azure" or (len(words) > 1 and words[-2] in _KEY_OF))


def names_no_secret(name: str) -> bool:
    """Whether something of this name need not be kept secret, even where secrets are kept: a user, a certificate."""
    words = [word.lower() for word in _WORD.findall(name)]
    return bool(words) and (words[-1] in _HARMLESS_LAST | _PUBLIC_LAST or "username" in words)


def holds_value(value: str) -> bool:
    """Whether the value of something secret is written out: not empty, a switch, a number, a reference or a path."""
    value = value.strip()
    if not value.strip("\"'~-. ") or _SWITCH.match(value) or _AMOUNT.fullmatch(value) or _ENCRYPTED.match(value):
        return False
    return not (_REFERENCE.match(value) or _PLACE.match(value) or _FILE.match(value))


def is_placeholder(value: str, name: str = "") -> bool:
    """Whether the value asks to be replaced, or only says again what it is called."""
    value = value.strip()
    if not holds_value(value) or _PLACEHOLDER.match(value) is not None or _ASKS.search(value) is not None:
        return True
    plain = _plain(value)
    if plain is not None and is_placeholder(plain, name):
        return True
    if _COUNTED.fullmatch(value) or _STAND_IN.fullmatch(value) or is_blank(value) or _fills(value):
        return True
    words = [word.lower() for word in _WORD.findall(value)]
    if _ONLY_FOR_TRIALS.search(value) or _is_for_trials(value, words) or value in (_EMULATED, _DOCUMENTED):
        return True
    if len(words) > 1 and _GENERIC.issuperset(words):  # secret_token
        return True
    if (value.lower() in _ALONE or len(value) < 3) and name and not _CHOSEN.search(name):
        return True  # nobody is given such a token, or such a key; whoever chooses a password may choose it
    if re.fullmatch(r"[A-Za-z]+(?: [A-Za-z,.'-]+){2,}", value):  # a sentence, not a passphrase of random words
        return bool(_MEANT.search(value)) or names_object(value, name)
    if _AWS_KEY.search(name) and _WORD_ALONE.fullmatch(value):  # what an emulator takes: real ones are longer
        return True
    if names_object(value, name) or (_NAMES_A_KEY.search(name) and _KEY_OF_A_SECRET.fullmatch(value)):
        return True
    called = [word.lower() for word in _WORD.findall(name)]
    if called[-1:] == ["key"] and words == called[:-1]:  # clientSecretKey: clientSecret
        return True
    return bool(name) and words == called and not any(map(str.isdigit, words))


_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _fills(value: str) -> bool:
    """Whether one or two characters, or letters in their order, only fill the room: `0000000011111`, `abcd`, `wxyz`.

    One character again and again fills that of a token: `ghp_xxxx…`.
    """
    if 3 <= len(value) <= 8 and value.lower() in _LETTERS:
        return True
    if len(value) < 8:
        return False
    letters = value.lower().translate(_MARKS)
    most = max(map(letters.count, set(letters)), default=0)
    counted = len(value) >= 20 and "1234567890" in value
    return len(set(value)) <= 2 or most * 3 > len(letters) * 2 or counted


def is_blank(value: str) -> bool:
    """Whether it is one word in capitals that says what belongs there: SECRET."""
    return value.isupper() and value.lower() in _BLANKS


def names_object(value: str, name: str) -> bool:
    """Whether the value is what a Secret of a cluster is called: WEBHOOK_SECRET=webhook-server-cert.

    So is one that says again what stands before it: CONNECT_TOKEN_SECRET=connect-token. A credential in one's store is called by words: `credential: Deployment - git`.
    """
    if name.lower().endswith("credential") and re.fullmatch(r"[A-Za-z0-9]+(?: (?:- )?[A-Za-z0-9]+)+", value):
        return True
    if name.lower().endswith("secret_secret"):
        return _WORDS_ALONE.fullmatch(value) is not None
    if name[-7:].lower() in ("_secret", "-secret") and value.lower() == name[:-7].lower().replace("_", "-"):
        return "-" in value
    return name[-6:].lower() == "secret" and (_OBJECT.fullmatch(value) is not None or _says_again(value, name))


def _says_again(value: str, name: str) -> bool:
    """Whether a value is words with hyphens, most of which stand in its name: k3s_etcd_s3_config_secret=k3s-etcd-s3-config."""
    words = value.split("-")
    known = [word for word in words if word in name.lower().split("_")]
    if len(words) > 1 and words[-1] in name.lower().split("_")[:-1]:  # TOKEN_SECRET=agent-builder-token
        return all(map(str.isalpha, words)) and value.islower()
    return all(word.isalnum() and word.islower() for word in words) and len(known) > max(1, len(words) / 2)


def _is_for_trials(value: str, words: list[str]) -> bool:
    """Whether it is words alone, and one of them says that it is for tests: `local-manager-key`, `testKey`."""
    return (
        len(words) > 1
        and not _FOR_TRIALS.isdisjoint(words)
        and all(len(word) > 1 for word in words)
        and _WORDS_ALONE.fullmatch(value) is not None
    )


A_URL = "a URL with a password"


def shows_secret(value: str) -> str | None:
    """What kind of secret the text itself shows, whatever its name: None where it shows none."""
    # Most texts are short words: a search for each kind in all of them would take longer than reading them.
    if "PRIVATE KEY" in value and _PRIVATE_KEY.search(value):
        return "a private key"
    if _ENCODED_BEGIN in value and (found := _ENCODED_KEY.search(value)) and _PRIVATE_KEY.search(_decoded(found[0])):
        return "a private key"
    if len(value) >= _SHORTEST_TOKEN:
        tokens = (found[0] for found in _TOKEN.finditer(value) if not _fills(found[0]))
        if any(not token.startswith("AKIA") or _AWS_SECRET.search(value) for token in tokens):
            return "an access token"
        if ("$" in value or "{S" in value) and _HASHED.search(value):
            return "a hashed password"
    found = _URL_PASSWORD.search(value) if "://" in value else None
    if found and found["user"].count("{") > found["user"].count("}"):  # ${USER:=…}: no colon of the URL's
        found = None
    if found and holds_value(found["password"]) and not is_placeholder(found["password"]) and not _is_trial(found):
        return A_URL
    return None


def _decoded(written: str) -> str:
    """The beginning of what is encoded in base64: enough to tell what it is."""
    from base64 import b64decode  # most runs see none

    return b64decode(written[: min(len(written), 200) // 4 * 4]).decode("latin-1")


def _is_trial(found: re.Match[str]) -> bool:
    """Whether a URL leads to the very machine, or to where nothing is, with a password that is no secret."""
    password = found["password"].lower()
    if _EMULATOR.match(found.string, found.end()):
        return True  # it takes whatever it is given
    if found["user"].lower() in ("user", "username") and password in ("password", "pass", "passwd"):
        return True  # the words of the form itself: user:password@
    return _NOWHERE.match(found.string, found.end()) is not None and (
        password == found["user"].lower() or password in ("password", "pass", "secret", "test", "root")
    )


def token_spans(text: str) -> list[tuple[int, int]]:
    """Where in a text the access tokens stand."""
    return [found.span() for found in _TOKEN.finditer(text)]


def passwords_in_urls(text: str) -> list[tuple[int, int]]:
    """Where in a text the passwords of URLs stand."""
    if "://" not in text:
        return []
    return [found.span("password") for found in _URL_PASSWORD.finditer(text) if holds_value(found["password"])]


_LEET = compiled(r"(?<=[A-Za-z])[0134$@5!](?=[a-z])")
"""Digits and marks in place of letters: P@ssw0rd, Meltan0admin."""
_HEXADECIMAL = compiled(r"[0-9A-Fa-f-]{16,}")
_CHUNK = compiled(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_KINDS = (compiled(r"[a-z]"), compiled(r"[A-Z]"), compiled(r"[0-9]"), compiled(r"[^A-Za-z0-9]"))
"""What rules for good passwords ask for, all of it: whoever heeds them in earnest."""
_SAYS_WHAT = compiled(
    r"(?i)pass|pwd|secret|key|token|test|admin|root|user|demo|dev|local|prod|stag|change|example|sample|default|welcome"
    r"|strong|your|super|letmein|qwerty|abc|hello|login|data|server|sql|mongo|redis|minio|kafka|word"
)
"""What is in passwords that only satisfy a program: SuperSecret1!, P@ssw0rd."""
_MIXED = compiled(r"[A-Za-z][0-9]|[0-9][A-Za-z]|[a-z][A-Z]")
_VOWEL = compiled(r"[aeiouyAEIOUY]")


def is_evident(text: str) -> bool:
    """Whether the text itself shows that it is a secret: in a form that is known, or made by chance.

    Of what somebody has chosen, nobody else knows whether it is a password or stands for one: `district`, `hunter2`,
    `test-encryption-key-12345`.
    """
    kind = shows_secret(text)
    if kind == A_URL:
        return any(_by_chance(text[start:end]) for start, end in passwords_in_urls(text))
    return kind is not None or _by_chance(text.strip())


def _by_chance(value: str) -> bool:
    """Whether it is no word, nor words in a row: letters and digits change again and again, or nobody could say it.

    What keeps all rules for good passwords and speaks of nothing is taken for one, too: `Gr4vel-Kiwi-77`.
    """
    if len(value) < 8 or _fills(value):
        return False
    plain = _plain(value)
    if plain is not None:
        return _by_chance(plain)
    written = value
    if not _HEXADECIMAL.fullmatch(value):
        value = _LEET.sub("o", value)
    chunks = _CHUNK.findall(value)
    letters, digits = sum(map(str.isalpha, value)), sum(map(str.isdigit, value))
    if not chunks or not letters:
        return False
    average = (letters + digits) / len(chunks)
    if digits and average <= 1.75:
        return True
    if average <= 2.75 and letters + digits >= 12 and len(_MIXED.findall(value)) >= 2:
        return True
    if letters >= 12 and len(_VOWEL.findall(value)) * 5 < letters:
        return True
    return len(value) >= 10 and all(kind.search(written) for kind in _KINDS) and _SAYS_WHAT.search(value) is None


def _plain(value: str) -> str | None:
    """What was encoded in base64, where that is text of words."""
    if len(value) < 12 or len(value) % 4 or (not value.endswith("=") and not value.isalnum()):
        return None
    from base64 import b64decode  # as above

    try:
        text = b64decode(value, validate=True).decode("ascii")
    except ValueError:
        return None
    return text if text.isprintable() else None


SHORTEST = 6


def is_strong(value: str) -> bool:
    """Whether the value looks like a real secret: no reference, no path, no placeholder, no plain word."""
    if len(value) < SHORTEST or "$" in value or is_placeholder(value) or "1234567890".startswith(value):
        return False
    return not value.isalpha() or not (value.islower() or value.isupper() or value.istitle())


_MODE = compiled(r"[a-z]+(?:[_-](?:[a-z]+|v?[0-9]{1,2}))+")


def is_mode(name: str, value: str) -> bool:
    """Whether a name such as REGISTRY_AUTH is given the kind of authentication: htpasswd, token, basic.

    What is called `auth` alone may also name one that is set up elsewhere, as the SNMP exporter does: `public_v2`.
    """
    name, value = name.lower(), value.strip()
    if name == "auth" and _MODE.fullmatch(value):
        return True
    return name.endswith("auth") and value.isalpha() and value.islower()
