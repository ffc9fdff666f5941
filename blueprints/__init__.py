"""Who is clicking, then what: the only code that knows Flask's request."""

from flask import Flask

from blueprints import (
    account,
    block_cache,
    context,
    errors,
    headers,
    logs,
    mail_in,
    manage,
    operation,
    page_cache,
    public,
    static_files,
)


def register(app: Flask) -> None:
    logs.register(app)
    context.register(app)
    page_cache.register(app)
    block_cache.register(app)
    static_files.register(app)
    headers.register(app)
    errors.register(app)
    for part in (public, account, manage, operation):
        app.register_blueprint(part.bp)
    operation.register_mailbox(app)
    mail_in.register(app)
