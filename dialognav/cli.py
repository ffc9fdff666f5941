"""Commands: `flask --app app …`."""

from flask import Flask

from dialognav import commands as owner_commands
from dialognav import doctor, draw_commands, mail_doctor
from dialognav.demo.command import demo_command
from dialognav.jobs import commands


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(demo_command)
    commands.register(app)
    owner_commands.register(app)
    doctor.register(app)
    draw_commands.register(app)
    mail_doctor.register()
