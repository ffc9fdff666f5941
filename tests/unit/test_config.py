"""Settings that cannot work stop the start with a sentence that names the variable."""

import pytest

import config

RIGHT = {"SECRET_KEY": "k" * 32}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("DATABASE_URL", "mysql://server/name"),
        ("BASE_URL", "ftp://dialog.example.org"),
        ("BASE_URL", "https://dialog.example.org/path"),
        ("BASE_URL", "https://dialog.example.org?x=1"),
        ("BASE_URL", "https://dialog.example.org:99999"),
        ("MAIL_URL", "http://mail.example.org"),
        ("MAIL_URL", "smtp://mail.example.org:abc"),
        ("MAIL_SENDER", "not an address"),
        ("MAIL_SENDER", "dialog@example.org\nBcc: everyone@example.org"),
        ("MAIL_DOMAIN", "no domain"),
        ("MAIL_DOMAIN", "dialog..example"),
        ("MAIL_SENDER", "diålog@dialog.example"),
        ("MAIL_IN", "pop3://mail.example.org"),
        ("MAIL_IN", "imaps://mail.example.org/INBOX"),  # without a user
        ("MAIL_IN", "imap://dialog:secret@mail.example.org"),  # the password in the clear
        ("MAIL_IN", "lmtp://127.0.0.1"),  # without a port
        ("MAIL_IN", "imaps://a:b@mail.example.org:x"),
        ("JOBS", "maybe"),
        ("JOBS", "procrastinate"),  # on SQLite
        ("TRUSTED_PROXIES", "one"),
        ("QUIET_WINDOW", "-1"),
        ("SIGNUP_LIMIT", "nan"),
        ("UPLOAD_LIMIT_MB", "inf"),
    ],
)
def test_a_setting_that_cannot_work_is_named(tmp_path, name, value):
    env = {**RIGHT, "DATA_DIR": str(tmp_path), name: value}
    with pytest.raises(config.ConfigurationError, match=name):
        config.load(env)


@pytest.mark.parametrize(
    "given",
    [
        {"BASE_URL": "https://dialög.se"},
        {"MAIL_DOMAIN": "Dialög.se", "MAIL_SENDER_DOMAINS": "dialög.se"},
        {"MAIL_DOMAIN": "xn--dialg-mua.se", "MAIL_SENDER": "dialog@dialög.se"},
    ],
)
def test_a_domain_in_other_letters_is_written_as_mail_writes_it(tmp_path, given):
    env = {**RIGHT, "DATA_DIR": str(tmp_path), **given}
    found = config.load(env)
    assert found.mail_domain == "xn--dialg-mua.se"
    assert found.mail_sender == "dialog@xn--dialg-mua.se"
    assert set(found.mail_sender_domains) <= {"xn--dialg-mua.se"}


def test_a_limit_below_one_is_a_limit(tmp_path):
    env = {**RIGHT, "DATA_DIR": str(tmp_path), "MAIL_PER_MINUTE": "0.5"}
    assert config.load(env).mail_per_minute == 1


def test_the_mail_domain_is_in_small_letters(tmp_path):
    env = {**RIGHT, "DATA_DIR": str(tmp_path), "MAIL_DOMAIN": "Dialog.Example"}
    assert config.load(env).mail_domain == "dialog.example"


def test_what_is_left_out_has_a_default(tmp_path):
    given = config.load({**RIGHT, "DATA_DIR": str(tmp_path), "PORT": "8080"})
    assert given.base_url == "http://localhost:8080"
    assert given.mail_sender == "dialog@dialognav.example"
    assert given.is_sqlite
    assert given.mail_is_kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "imaps://dialog%40example.org:pass%2Fword@mail.example.org/Dialog",
        "imap://dialog:secret@127.0.0.1:1143",
        "lmtp://127.0.0.1:8024",
    ],
)
def test_where_mail_comes_in(tmp_path, url):
    given = config.load({**RIGHT, "DATA_DIR": str(tmp_path), "MAIL_IN": url})
    assert given.mail_in.url == url
    assert given.mail_in.is_on == bool(url)


@pytest.mark.parametrize("secret", ["", "short"])
def test_a_webhook_needs_a_secret(tmp_path, secret):
    env = {**RIGHT, "DATA_DIR": str(tmp_path), "MAIL_IN": "webhook://", "MAIL_IN_SECRET": secret}
    with pytest.raises(config.ConfigurationError, match="MAIL_IN_SECRET"):
        config.load(env)


@pytest.mark.parametrize(
    "changed",
    [
        {"MAIL_IN_OAUTH_TOKEN_URL": ""},
        {"MAIL_IN_OAUTH_TOKEN_URL": "http://login.example.org/token"},
        {"MAIL_IN_OAUTH_CLIENT_ID": ""},
        {"MAIL_IN_OAUTH_CLIENT_SECRET": ""},
    ],
)
def test_oauth_needs_a_client_and_a_safe_address(tmp_path, changed):
    right = {
        "MAIL_IN": "imap+oauth://dialog@example.org@outlook.office365.example/INBOX",
        "MAIL_IN_OAUTH_TOKEN_URL": "https://login.example.org/tenant/oauth2/v2.0/token",
        "MAIL_IN_OAUTH_CLIENT_ID": "client",
        "MAIL_IN_OAUTH_CLIENT_SECRET": "secret",
    }
    env = {**RIGHT, "DATA_DIR": str(tmp_path)} | right
    assert config.load(env).mail_in.scope == "https://outlook.office365.com/.default"
    with pytest.raises(config.ConfigurationError, match="MAIL_IN_OAUTH_TOKEN_URL"):
        config.load(env | changed)
