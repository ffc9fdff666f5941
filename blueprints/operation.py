"""For those who run the installation: health, and the demo mailbox."""

from flask import Blueprint, Flask

bp = Blueprint("operation", __name__)


def register_mailbox(app: Flask) -> None:
    """Only when mail is kept in the database."""
