"""Commands: `flask --app app …`."""

from flask import Flask

from dialognav.demo.command import demo_command


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(demo_command)
