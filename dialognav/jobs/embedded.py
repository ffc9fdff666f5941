"""Jobs beside the pages: one thread per web process (JOBS=embedded, the default).

Started after gunicorn's fork, because threads do not survive one.
"""

import threading

from flask import Flask

from dialognav.jobs.runner import Runner

_GRACE = 8.0
"""Seconds that a letter in hand gets when the web process is told to stop."""

_running: list[tuple[Runner, threading.Thread]] = []


def start(app: Flask) -> None:
    """Begin, unless JOBS=external leaves it to `flask worker`."""
    if app.config["SETTINGS"].jobs != "embedded":
        return
    runner = Runner(app, app.extensions["dialognav.jobs"])
    thread = threading.Thread(target=runner.run_forever, name="jobs", daemon=True)
    _running.append((runner, thread))
    thread.start()


def stop() -> None:
    """Finish what is in hand and end; called when the web process ends."""
    while _running:
        runner, thread = _running.pop()
        runner.stopping.set()
        thread.join(_GRACE)
