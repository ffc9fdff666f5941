"""`make run`: bring the database up to date, fill an empty one with demo data, and serve.

One process from here on: gunicorn takes over, with the app's modules already loaded, and its
workers share them. Ctrl-C and SIGTERM reach gunicorn itself.
"""

import logging
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

import config
from dialognav import demo
from scripts.prepare import ROOT, prepare

NOBODY_YET = (
    "The database is empty. Make the first organisation: .venv/bin/flask --app app create-owner\n"
    "or start with DEMO=1 to try it with demo data."
)


def main() -> None:
    os.chdir(ROOT)
    os.environ["PORT"] = str(port_from(os.environ))
    try:
        settings = load_settings()
        prepare()
        is_new = bring_up_to_date(settings)
    except config.ConfigurationError as problem:
        sys.exit(str(problem))
    except sa.exc.OperationalError as problem:
        sys.exit(f"The database of DATABASE_URL cannot be used: {problem.orig}")
    marker = settings.data_dir / "has-demo-data"
    if is_new and ("DATABASE_URL" not in os.environ or settings.demo):
        fill_with_demo_data()
        marker.touch()
        is_new = False
    hint = NOBODY_YET if is_new else accounts(settings) if marker.exists() else ""
    os.environ["GREETING"] = greeting(settings, hint)
    serve()


def port_from(env: Mapping[str, str]) -> int:
    """The port to serve on; stops with a sentence when it is no port, or somebody else's."""
    given = env.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 65536:
        sys.exit(f"PORT={given} is not a port. Use a number like 8000.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("localhost", int(given)))
        except OSError as problem:
            sys.exit(f"Port {given} cannot be used ({problem.strerror}). Try: make run PORT=8080")
    return int(given)


def load_settings() -> config.Settings:
    """The settings of the environment, with a secret key made at the first start.

    Raises config.ConfigurationError when one is wrong.
    """
    kept = Path(os.environ.get("DATA_DIR") or ROOT / "var") / "secret_key"
    if not os.environ.get("SECRET_KEY") and not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
    return config.load(os.environ)


def bring_up_to_date(settings: config.Settings) -> bool:
    """Run the migrations that are missing; returns whether the database is empty."""
    import flask_migrate

    from app import create_app
    from dialognav.db import db
    from dialognav.models import Organisation

    for chatty in ("alembic", "dialognav"):  # the greeting should stay in sight
        logging.getLogger(chatty).setLevel(logging.WARNING)
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        is_new = db.session.scalar(sa.select(Organisation.id).limit(1)) is None
        db.session.remove()
        db.engine.dispose()  # gunicorn forks: no connection may be shared
    return is_new


def fill_with_demo_data() -> None:
    print("Writing demo data ...", flush=True)
    command = [sys.executable, "-m", "flask", "--app", "app", "demo"]
    if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
        sys.exit("The demo data could not be written; the reason stands above.")


def accounts(settings: config.Settings) -> str:
    lines = [f"Sign in at {settings.base_url}/account/sign-in, password {demo.PASSWORD}:"]
    lines += [f"  {address} ({role})" for address, role in demo.accounts()]
    return "\n".join(lines)


def greeting(settings: config.Settings, hint: str) -> str:
    """What the terminal says once pages are answered."""
    lines = [f"\nDialognav runs at {settings.base_url}"]
    if settings.mail_is_kept:
        lines.append(f"Mail is kept, not sent: {settings.base_url}/dev/mail")
    lines += [hint] if hint else []
    return "\n".join([*lines, "Ctrl-C stops it.\n"])


def serve() -> None:
    from gunicorn.app.wsgiapp import WSGIApplication

    sys.argv = ["gunicorn", "--config", "gunicorn.conf.py"]
    WSGIApplication("%(prog)s [OPTIONS]").run()


if __name__ == "__main__":
    main()
