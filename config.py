"""Environment -> one typed, frozen Settings. Wrong or missing stops the start with a sentence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

ROOT = Path(__file__).parent
_ADDRESS = re.compile(r"""[^\s@<>()\[\],;:\\"]+@[^\s@<>()\[\],;:\\"]+""")


class ConfigurationError(Exception):
    """Says which variable to set, and to what."""


@dataclass(frozen=True, slots=True)
class MailIn:
    """Where answers and bounces are taken from; `url` is "" when mail only goes out.

    `secret` signs the webhook; the rest is OAuth 2 of imap+oauth:// (RFC 6749 section 4.4).
    """

    url: str = ""
    secret: str = ""
    token_url: str = ""
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""

    @property
    def is_on(self) -> bool:
        return bool(self.url)

    @property
    def scheme(self) -> str:
        return self.url.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Dkim:
    """Signs letters where no relay does; without a selector nothing is signed. `key` is PEM."""

    selector: str = ""
    key: bytes = b""

    @property
    def is_on(self) -> bool:
        return bool(self.selector)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the installation decides. Sizes in bytes, durations in seconds unless named."""

    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    database_url: str
    base_url: str
    data_dir: Path
    mail_url: str
    mail_sender: str
    mail_domain: str
    mail_sender_domains: tuple[str, ...]
    mail_per_minute: int
    mail_per_domain_minute: int
    dkim: Dkim
    mail_in: MailIn
    jobs: str
    trusted_proxies: int
    quiet_window: int
    signup_limit: int
    signup_minimum: float
    upload_limit: int
    sent_retention_days: int
    demo: bool
    testing: bool

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def mail_is_kept(self) -> bool:
        """Mail stays in the database and is shown at /dev/mail instead of leaving."""
        return self.mail_url.startswith("sink:")

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https:")


def load(env: Mapping[str, str]) -> Settings:
    """Read the settings of README's table from an environment.

    Raises ConfigurationError with a sentence an operator can act on.
    """
    data_dir = Path(env.get("DATA_DIR") or ROOT / "var").absolute()
    base_url = _base_url(env)
    mail_domain, mail_sender, mail_sender_domains = _mail_names(env, base_url)
    return Settings(
        secret_key=_secret_key(env, data_dir),
        secret_key_fallbacks=tuple(env.get("SECRET_KEY_FALLBACKS", "").split()),
        database_url=_database_url(env, data_dir),
        base_url=base_url,
        data_dir=data_dir,
        mail_url=_mail_url(env),
        mail_sender=mail_sender,
        mail_domain=mail_domain,
        mail_sender_domains=mail_sender_domains,
        mail_per_minute=ceil(_number(env, "MAIL_PER_MINUTE", 0)),
        mail_per_domain_minute=ceil(_number(env, "MAIL_PER_DOMAIN_MINUTE", 0)),
        dkim=_dkim(env),
        mail_in=_mail_in(env),
        jobs=_jobs(env),
        trusted_proxies=int(_number(env, "TRUSTED_PROXIES", 0)),
        quiet_window=int(_number(env, "QUIET_WINDOW", 300)),
        signup_limit=int(_number(env, "SIGNUP_LIMIT", 300)),
        signup_minimum=_number(env, "SIGNUP_MINIMUM_SECONDS", 2),
        upload_limit=int(_number(env, "UPLOAD_LIMIT_MB", 20) * 1024 * 1024),
        sent_retention_days=int(_number(env, "SENT_RETENTION_DAYS", 183)),
        demo=env.get("DEMO") == "1",
        testing=env.get("TESTING") == "1",
    )


def _secret_key(env: Mapping[str, str], data_dir: Path) -> str:
    kept = data_dir / "secret_key"
    key = env.get("SECRET_KEY") or (kept.read_text().strip() if kept.is_file() else "")
    if len(key) < 32:
        raise ConfigurationError(
            f"Set SECRET_KEY, or write to {kept}, at least 32 random characters, for example from"
            " `python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`."
        )
    return key


def _database_url(env: Mapping[str, str], data_dir: Path) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'dialognav.sqlite'}"
    for spelling in ("postgres://", "postgresql://"):
        if url.startswith(spelling):
            return "postgresql+psycopg://" + url.removeprefix(spelling)
    if url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return url
    raise ConfigurationError(
        "Set DATABASE_URL to sqlite:///<file> or postgresql://<server>/<name>."
    )


def _base_url(env: Mapping[str, str]) -> str:
    url = (env.get("BASE_URL") or f"http://localhost:{env.get('PORT') or 8000}").rstrip("/")
    parts = urlsplit(url)
    is_web = parts.scheme in ("http", "https") and parts.hostname and _port_fits(url)
    if not is_web or parts.path or parts.query or parts.fragment:
        raise ConfigurationError(
            "Set BASE_URL to the address visitors use, like https://dialog.example.org"
        )
    return url


def _mail_url(env: Mapping[str, str]) -> str:
    url = env.get("MAIL_URL") or "sink://"
    parts = urlsplit(url)
    is_server = parts.scheme in ("smtp", "smtps") and parts.hostname and _port_fits(url)
    if parts.scheme == "sink" or is_server:
        return url
    raise ConfigurationError(
        "Set MAIL_URL to smtp://[user:password@]server:587 (special characters as %xx),"
        " smtps://…:465, or sink:// for the demo mailbox."
    )


def _mail_in(env: Mapping[str, str]) -> MailIn:
    """Raises ConfigurationError where something is missing for the kind of inbox that is set."""
    url = env.get("MAIL_IN") or ""
    parts = urlsplit(url)
    if url and not (parts.scheme in _INBOXES and _port_fits(url) and _names_a_server(parts)):
        raise ConfigurationError(
            "Set MAIL_IN to imaps://user:password@server/folder, imap+oauth://user@server/folder,"
            " lmtp://127.0.0.1:8024, or webhook://; leave it out to take no mail in."
        )
    given = MailIn(
        url=url,
        secret=env.get("MAIL_IN_SECRET", ""),
        token_url=env.get("MAIL_IN_OAUTH_TOKEN_URL", ""),
        client_id=env.get("MAIL_IN_OAUTH_CLIENT_ID", ""),
        client_secret=env.get("MAIL_IN_OAUTH_CLIENT_SECRET", ""),
        scope=env.get("MAIL_IN_OAUTH_SCOPE") or "https://outlook.office365.com/.default",
    )
    if given.scheme == "webhook" and len(given.secret) < 32:
        raise ConfigurationError("Set MAIL_IN_SECRET to at least 32 random characters.")
    if given.scheme == "imap+oauth" and not _has_client(given):
        raise ConfigurationError(
            "Set MAIL_IN_OAUTH_TOKEN_URL (https://…), MAIL_IN_OAUTH_CLIENT_ID and"
            " MAIL_IN_OAUTH_CLIENT_SECRET, as registered with the mail provider."
        )
    return given


def _dkim(env: Mapping[str, str]) -> Dkim:
    path, selector = env.get("DKIM_KEY", ""), env.get("DKIM_SELECTOR", "")
    if not path and not selector:
        return Dkim()
    if not (path and re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", selector)):
        raise ConfigurationError(
            "Set both DKIM_KEY, to the file of the private key, and DKIM_SELECTOR, to the name"
            " under which <selector>._domainkey publishes the other half; or neither."
        )
    if find_spec("dkim") is None:
        raise ConfigurationError("DKIM_KEY needs `pip install -r requirements-dkim.txt`.")
    try:
        return Dkim(selector, _rsa_key(Path(path).read_bytes()))
    except OSError as error:
        raise ConfigurationError(f"Set DKIM_KEY to a file that can be read: {error}.") from error


def _rsa_key(key: bytes) -> bytes:
    from dkim import crypto

    try:
        crypto.parse_pem_private_key(key)
    except (ValueError, crypto.UnparsableKeyError) as error:
        raise ConfigurationError(
            "Set DKIM_KEY to a private RSA key, as `openssl genrsa -traditional 2048` makes one."
        ) from error
    return key


_INBOXES = ("imap", "imaps", "imap+oauth", "lmtp", "webhook")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _names_a_server(parts: SplitResult) -> bool:
    """A password goes to another machine by TLS only; LMTP has a port, and no password at all."""
    if parts.scheme == "webhook":
        return True
    if parts.scheme == "lmtp":
        return bool(parts.hostname and parts.port)
    is_safe = parts.scheme != "imap" or parts.hostname in _LOOPBACK
    return bool(parts.hostname and parts.username and is_safe)


def _has_client(given: MailIn) -> bool:
    url = given.token_url
    is_safe = url.startswith("https://") or urlsplit(url).hostname in _LOOPBACK
    return bool(is_safe and given.client_id and given.client_secret)


def _port_fits(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _mail_names(env: Mapping[str, str], base_url: str) -> tuple[str, str, tuple[str, ...]]:
    """Our domain, sender and further domains, spelt as mail spells them (RFC 5891)."""
    host = urlsplit(base_url).hostname or ""
    domain = env.get("MAIL_DOMAIN") or (host if "." in host else "dialognav.example")
    local, _, home = (env.get("MAIL_SENDER") or f"dialog@{domain}").rpartition("@")
    names = domain, home, *env.get("MAIL_SENDER_DOMAINS", "").split()
    try:
        domain, home, *more = [name.lower().encode("idna").decode("ascii") for name in names]
    except UnicodeError:
        local = ""
    if not (local.isascii() and _ADDRESS.fullmatch(f"{local}@{home}")):
        raise ConfigurationError(
            "Set MAIL_SENDER to a bare address like dialog@example.org, MAIL_DOMAIN to its domain,"
            " and MAIL_SENDER_DOMAINS to others that let you send."
        )
    return domain, f"{local}@{home}", tuple(more)


def _jobs(env: Mapping[str, str]) -> str:
    jobs = _one_of(env, "JOBS", ("embedded", "external", "procrastinate"))
    if jobs == "procrastinate" and not (env.get("DATABASE_URL") or "").startswith("postgres"):
        raise ConfigurationError(
            "Set DATABASE_URL to postgresql://<server>/<name> for JOBS=procrastinate,"
            " or JOBS to external: SQLite has no way to tell other machines of work."
        )
    return jobs


def _one_of(env: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = env.get(name) or allowed[0]
    if value not in allowed:
        raise ConfigurationError(f"Set {name} to one of: {', '.join(allowed)}.")
    return value


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    try:
        number = float(env.get(name) or default)
    except ValueError:
        number = -1
    if not 0 <= number < 1e9:
        raise ConfigurationError(f"Set {name} to a number, zero or more.")
    return number
