"""Which names and values give a secret away."""

from __future__ import annotations

import base64

import pytest

from devopslint.secrets.judgement import (
    holds_value,
    is_evident,
    is_placeholder,
    names_no_secret,
    names_object,
    names_secret,
    shows_secret,
)


@pytest.mark.parametrize(
    "name",
    [
        "DB_PASSWORD", "NPM_TOKEN", "API_KEY", "SSH_PRIVATE_KEY", "AWS_SECRET_ACCESS_KEY", "MYPASSWORD", "PGPASS",
        "APIKEY", "CREDENTIALS", "dbPassword", "AZURE_BATCH_KEY", "redis-password", "SECRET_VALUE", "token", "DB_PWD",
        "GIT_AUTH", "REDIS_AUTH",
    ],
)  # fmt: skip
def test_name_of_a_secret(name: str) -> None:
    assert names_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "GOPRIVATE", "USERNAME", "GIT_USERNAME", "AWS_WEB_IDENTITY_TOKEN_FILE", "PASSWORD_FILE", "MAX_TOKENS",
        "TOKENIZERS_PARALLELISM", "PUBLIC_KEY", "KMS_KEY_ALIAS", "AUTH_MODE", "GPG_KEY", "PARTITION_KEY", "COMPASS",
        "SECRET_NAME", "passwordPolicy", "", "KEY", "AUTHOR", "passwordPattern", "PWD", "OLDPWD",
        "SECRET_DETECTION_EXCLUDED_PATHS", "SECRET_SCANNING", "CREDENTIALS_FILES", "PASSWORD_COMPLEXITY",
        "credentialHelpers", "TOKEN_LEEWAY", "passwordEncoder", "passwordRequirements", "tokenReviewer", "TOKEN_SYMBOL",
        "SECRET_DOMAIN", "secret_action", "onepassword_mcp", "media_credential_only", "etcd-s3-access-key", "minio_user_access_key", "rewardsTokenPDA", "TOKEN_MINT",
        "PASSWORD_ENCRYPTION", "AUTH_TOKEN_MECHANISM", "onepassword_item",
        "authtoken_filter_factory",
    ],
)  # fmt: skip
def test_name_that_only_speaks_of_one(name: str) -> None:
    assert not names_secret(name)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "true",
        "$(FROM_ELSEWHERE)",
        "${X}",
        "{{ .Values.x }}",
        "/run/secrets/x",
        "<it>",
        "API_KEY_VAL",
        "minutes",
        "{env:OPENAI_API_KEY}",
        "{file:~/.key}",
        "service-account-key.json",
        "certs/client.pem",
        "@@DB_PASSWORD@@",
        "__DB_PASSWORD__",
        "#{DbPassword}#",
        "[[ .Password ]]",
        "((db-password))",
    ],
)
def test_value_that_is_kept_elsewhere(value: str) -> None:
    assert not holds_value(value)


def test_name_of_what_may_be_known_though_it_is_kept_with_secrets() -> None:
    assert names_no_secret("url")
    assert names_no_secret("tls.crt")
    assert names_no_secret("admin.passwordMtime")
    assert names_no_secret("auth.username_in")
    assert not names_no_secret("tls.key")
    assert not names_no_secret("config.json")


def test_placeholder_is_a_value_that_asks_to_be_replaced() -> None:
    assert holds_value("changeme")
    assert is_placeholder("changeme")
    assert is_placeholder("build-only") and is_placeholder("unused_in_ci")
    assert is_placeholder("overwrite-me") and is_placeholder("alreadyRotatedPassword")
    assert not holds_value("phc_4XkQ9vT2mWzR7LbNcYpE1sUdHgJfA8iKoB3xVq5") and holds_value("phc_shop")
    assert is_placeholder("not-required-by-the-gateway") and is_placeholder("never_used")
    assert not is_placeholder("hunter-prod")
    assert not is_placeholder("hunter2hunter2")


@pytest.mark.parametrize(
    "form", ["ENC({})", "ENC[PKCS7,{}]", "ENC[GPG,{}]", "ENC[AES256_GCM,data:{},iv:x,tag:y,type:str]"]
)
def test_what_is_encrypted_is_no_secret(form: str) -> None:
    assert not holds_value(form.format("aGVsbG8gd29ybGQgdGhpcyBpcyBh"))
    assert holds_value("ENC-aGVsbG8gd29ybGQgdGhpcyBpcyBh")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("test", "GITHUB_OAUTH_SECRET"),
        ("token", "RAP_API_TOKEN"),
        ("secret_token", "PROMETHEUS_TOKEN"),
        ("testKey", ""),
        ("g", "token"),
        ("e2e-admin-jwt-secret-for-testing-only-32ch", ""),
        ("dev-only-key-91", ""),
        ("validate-only", "secret_key"),
        ("REPLACE-BEFORE-ENCRYPTING", "SECRET_KEY"),
        ("~/.ssh/id_ed25519", "ssh_private_key"),
        ("only-used-for-collectstatic1", ""),
        ("any", ""),
        ("k1-not-for-production", ""),
        ("not-needed", "OPENAI_API_KEY"),
        ("NOT_USED", "api_token"),
        ("aa-bb-REPLACE THIS-cc-dd", "server_token"),
        ("this-is-a-fake-key-1", "license_key"),
        ("6LeIxAcTAAAAA" + "GG-vFI1TnRWxMZNFuojJ4WifJWe", "recaptcha_private_key"),
    ],
)
def test_words_that_nobody_is_given_are_placeholders(value: str, name: str) -> None:
    assert is_placeholder(value, name)
    assert not is_placeholder("correct-horse", name)


@pytest.mark.parametrize(
    "value",
    [
        "1234...", "token_here", "some_private_key", "ASDFXXXXXXXXXXXX", "000000000000000000000000000000011111", "wxyz", "UUID",
    ],
)  # fmt: skip
def test_what_fills_the_room_or_is_cut_off_is_a_placeholder(value: str) -> None:
    assert is_placeholder(value, "api_token")


@pytest.mark.parametrize("value", ["replacesplunktoken", "UNDEFINED", "replace-me"])
def test_what_says_that_it_is_put_in_later_is_a_placeholder(value: str) -> None:
    assert is_placeholder(value, "splunk_token")


@pytest.mark.parametrize(
    ("first", "kind"),
    [("RSA PRIVATE KEY", "a private key"), ("OPENSSH PRIVATE KEY", "a private key"), ("CERTIFICATE", None)],
)
def test_a_private_key_in_base64_is_one(first: str, kind: str | None) -> None:
    encoded = base64.b64encode(f"-----BEGIN {first}-----\nMIIEowIBAAKCAQEA7bq\n".encode()).decode()

    assert shows_secret(encoded) == kind
    assert shows_secret(f"client-key-data: {encoded}") == kind


def test_words_that_only_end_like_a_placeholder_are_none() -> None:
    assert not is_placeholder("Coherehere", "api_token")
    assert not is_placeholder("s.mCwwXmc2wfgcCghPWFdIXe82", "token")


def test_a_credential_in_a_store_is_called_by_words() -> None:
    assert is_placeholder("Deployment - git", "credential")
    assert not is_placeholder("Deployment - git", "password")


def test_a_password_may_be_short() -> None:
    assert not is_placeholder("pg", "POSTGRES_PASSWORD")


def test_keys_of_aws_that_only_an_emulator_takes_are_placeholders() -> None:
    assert is_placeholder("test", "AWS_SECRET_ACCESS_KEY") and is_placeholder("localstack", "AWS_ACCESS_KEY_ID")
    assert not is_placeholder("test", "DB_PASSWORD")
    assert not is_placeholder("wJalrXUtnFEMIK7MDENGbPxRfiCYzEXAMKEYabcd", "AWS_SECRET_ACCESS_KEY")


@pytest.mark.parametrize(
    "value",
    [
        "dev-placeholder-signing-key-not-valid", "to-be-filled", "managed-by-external-secrets", "from-sealed-secret",
        "replaced-at-deploy-time", "injected-by-vault-agent", "xxxx-xxxx-xxxx", "change-in-production",
    ],
)  # fmt: skip
def test_words_of_where_the_secret_comes_from_are_placeholders(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize("filled", ["ghp_" + "x" * 36, "AKIA" + "X" * 16, "npm_" + "0" * 36])
def test_a_token_of_one_character_is_a_placeholder(filled: str) -> None:
    assert shows_secret(filled) is None
    assert not is_evident(filled)
    assert is_placeholder(filled)


def test_text_that_shows_a_secret_by_itself() -> None:
    assert shows_secret("-----BEGIN RSA PRIVATE KEY-----\nMII") == "a private key"
    assert shows_secret("---BEGIN OPENSSH PRIVATE KEY---\nb3Bl") == "a private key"
    assert shows_secret("-----BEGIN RSA PRIVATE KEY-----\n...\n") is None
    assert shows_secret("-----BEGIN RSA PRIVATE KEY-----") is None
    assert (
        is_placeholder("xxx.xxx", "join_token")
        and is_placeholder("not-defined", "USER_API_KEY")
        and is_placeholder("offline-validation", "VSPHERE_PASSWORD")
    )
    assert is_placeholder("cloud-credentials", "velero_aws_credentials_secret")
    assert not is_placeholder("cloud-credentials", "ADMIN_PASSWORD") and names_secret("onepassword_token")
    assert names_secret("storage_account_access_key") and names_secret("s3_secret_access_key")
    assert shows_secret("-----BEGIN RSA PRIVATE KEY-----\n# Put yours here\n-----END RSA PRIVATE KEY-----") is None
    assert shows_secret("postgres://app:s3cr3t-pw@db/app") == "a URL with a password"
    assert shows_secret("postgres://app:$(PASSWORD)@db/app") is None
    assert shows_secret("postgres://db:5432/app") is None


def test_the_id_of_an_aws_key_is_no_secret_without_its_other_half() -> None:
    identifier, secret = "AKIAQ3EGPZZZABCDEFGH", "k7Q/" + "aB3dE6gH9" * 4

    assert shows_secret(identifier) is None
    assert shows_secret(f"aws_access_key_id = {identifier}\naws_secret_access_key = {secret}") == "an access token"


def test_the_key_of_the_documentation_of_aws_is_nobody_s() -> None:
    """AWS' documentation ends the ids of its examples so (IAM User Guide, "Access keys")."""
    identifier, secret = "AKIAQ3EGPZZZAEXAMPLE", "k7Q/" + "aB3dE6gH9" * 4

    assert shows_secret(f"aws_access_key_id = {identifier}\naws_secret_access_key = {secret}") is None


def test_the_form_of_a_url_with_a_password_is_no_password() -> None:
    assert shows_secret("postgresql://user:password@db:5432/shop") is None
    assert shows_secret("postgresql://shop:password@db:5432/shop") == "a URL with a password"


@pytest.mark.parametrize(
    ("name", "value", "asks"),
    [
        ("reporting_db_secret_key", "mysql-password", True),
        ("vault_seal_token_secret_key", "env_token", True),
        ("shop_oauth_secret_secret", "shop-oidc-secret", True),
        ("django_secret_key", "mysql-password", False),
        ("reporting_db_secret_key", "Rx8kkLq27vvT0p", False),
        ("Password", "xyz", True),
    ],
)
def test_the_key_of_a_secret_and_its_name_are_none(name: str, value: str, asks: bool) -> None:
    assert is_placeholder(value, name) == asks


@pytest.mark.parametrize(
    "value",
    [
        "Vq4-heron-Zt91",
        "b7d4e0a95c1f48d2a6b3907e5f1c2d84",
        "n7R2xK9q",
        "qzxwvfhsjkdlpmnb",
        "Gr4vel-Kiwi-77",
        "postgres://shop:n7R2xK9qLw@db/shop",
        "glpat-aB3dE6gH9kLmNpQrStUv",
    ],
)
def test_a_value_made_by_chance_or_in_a_known_form_is_evident(value: str) -> None:
    assert is_evident(value)


@pytest.mark.parametrize(
    "value",
    [
        "test-signing-key-for-ci-12345",
        base64.b64encode(b"ci-signing-key-for-the-tests").decode(),
        "postgres://shop:shop@db/shop",
        "Passw0rd2024!",
        "minio123",
        "correct-horse-battery-staple",
        "Harbor12345",
        "0123456789abcdef0123456789abcdef",
        "1234567890abcdef",
        "eu-west-1-db-02",
        "",
    ],
)
def test_words_and_counted_digits_are_evident_to_nobody(value: str) -> None:
    assert not is_evident(value)


def test_what_is_read_from_the_environment_or_stands_for_nothing_is_no_value() -> None:
    assert not holds_value("os.environ/AZURE_API_KEY")
    assert not holds_value("~")
    assert holds_value("os.environment")
    assert is_placeholder("1234567890abcdef") and is_placeholder("abcdef1234567890")
    assert not is_placeholder("123456789")


def test_the_name_of_a_secret_says_again_what_stands_before_it() -> None:
    assert is_placeholder("k3s-etcd-snapshot-s3-config", "k3s_etcd_s3_config_secret")
    assert not is_placeholder("horse-etcd-battery-staple", "k3s_etcd_s3_config_secret")


@pytest.mark.parametrize("name", ["imagePullSecret", "secret-owner", "is_sls_secret_rollback_needed", "secret_exists"])
def test_names_of_what_is_about_a_secret(name: str) -> None:
    assert not names_secret(name)
    assert names_secret("pull_secret") and names_secret("secret")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("s3_secret", "shop-s3cfg"), ("dro_cacert_secret", "dro-certificates"), ("shop_vault_token_key", "inventory_ro_token"),
        ("n8n_encryption_key", "N8N_ENCRYPTION_KEY"), ("admin_password", "molecule-not-a-real-secret"),
    ],
)  # fmt: skip
def test_values_that_name_a_secret(name: str, value: str) -> None:
    assert is_placeholder(value, name)
    assert not is_placeholder("Rx8kkLq27vvT0p", name)


def test_a_frame_of_a_key_with_a_word_in_it_is_none() -> None:
    frame = "-----BEGIN OPENSSH PRIVATE KEY-----\n%s\n-----END OPENSSH PRIVATE KEY-----\n"

    assert shows_secret(frame % "REPLACE") is None
    assert shows_secret(frame % "  ---") is None
    assert shows_secret(frame % "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ") == "a private key"


def test_the_secret_that_a_program_keeps_in_the_cluster_is_named() -> None:
    assert not names_secret("TS_KUBE_SECRET")
    assert names_secret("TS_AUTH_SECRET")


def test_the_secret_in_which_a_token_is_kept_is_named_after_it() -> None:
    assert names_object("agent-builder-token", "TOKEN_SECRET")
    assert not names_object("agent-builder-x8f2", "TOKEN_SECRET")


def test_a_script_that_frames_a_key_holds_none() -> None:
    assert (
        shows_secret(
            '{ echo "-----BEGIN OPENSSH PRIVATE KEY-----"; cat key; echo "-----END OPENSSH PRIVATE KEY-----"; } > id'
        )
        is None
    )
    assert shows_secret("sed 's/-----BEGIN RSA PRIVATE KEY-----//' key") is None


def test_the_key_under_which_a_secret_is_kept_is_none() -> None:
    assert is_placeholder("clientSecret", "clientSecretKey")
    assert not is_placeholder("clientSecret8f", "clientSecretKey")
