"""Puts the parts together. `flask --app app …` and gunicorn find create_app() here."""

import logging
import os

import sqlalchemy as sa
from flask import Flask
from flask_migrate import Migrate
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

import blueprints
import config
import dialognav.models  # noqa: F401  (Alembic and relationships need every table)
from dialognav import cli, i18n, schedule, words
from dialognav.db import db, ping_idle, tune_sqlite
from dialognav.jobs import wake_ups


def create_app(settings: config.Settings | None = None) -> Flask:
    """The whole app from its settings, by default those of the environment.

    Raises config.ConfigurationError when a setting is wrong or missing.
    """
    settings = settings or config.load(os.environ)
    app = Flask(__name__)
    app.config.update(flask_config(settings))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    prepare_database(app, settings)
    prepare_templates(app)
    blueprints.register(app)
    cli.register(app)
    app.extensions["dialognav.jobs"] = schedule.jobs(settings)
    wake_ups.register(app)
    return app


def flask_config(settings: config.Settings) -> dict[str, object]:
    return {
        "SETTINGS": settings,
        "TESTING": settings.testing,
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        # Values stay out of error messages and so out of the log: they are people's.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
        "SESSION_COOKIE_NAME": "dialognav",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "MAX_CONTENT_LENGTH": settings.upload_limit + 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,  # seconds; the default hour punishes slow readers
    }


def prepare_database(app: Flask, settings: config.Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    Migrate(app, db, render_as_batch=True)
    with app.app_context():
        tune = tune_sqlite if settings.is_sqlite else ping_idle
        tune(db.engine)
    sa.orm.configure_mappers()


def prepare_templates(app: Flask) -> None:
    env = app.jinja_env
    env.undefined = StrictUndefined
    env.trim_blocks = env.lstrip_blocks = True
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=False)  # type: ignore[attr-defined]
    env.globals.update(
        _=i18n.gettext,
        ngettext=i18n.ngettext,
        pick=i18n.pick,
        kind_name=words.kind_name,
        phase_name=words.phase_name,
        words=words,
    )
    env.filters.update(i18n.FILTERS)
