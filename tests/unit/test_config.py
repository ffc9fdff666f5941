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
        ("JOBS", "maybe"),
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


def test_what_is_left_out_has_a_default(tmp_path):
    given = config.load({**RIGHT, "DATA_DIR": str(tmp_path), "PORT": "8080"})
    assert given.base_url == "http://localhost:8080"
    assert given.mail_sender == "dialog@dialognav.example"
    assert given.is_sqlite
    assert given.mail_is_kept
