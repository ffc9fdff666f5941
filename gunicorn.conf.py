"""How `make run` and the README's systemd unit serve the app: threads, and the jobs beside them."""

import os
from typing import Any

bind = os.environ.get("BIND") or f"localhost:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS") or 8)
wsgi_app = "app:create_app()"
preload_app = False
graceful_timeout = 10
keepalive = 30
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (not ours to race)
control_socket_disable = True
loglevel = os.environ.get("LOG_LEVEL") or "warning"


def post_worker_init(worker: Any) -> None:
    """After the fork, because threads do not survive one: start sending mail beside the pages."""
    from dialognav.jobs import embedded

    embedded.start(worker.wsgi)
    if worker.age == 1:  # the first of the workers, and not one that replaces another
        print(os.environ.get("GREETING", ""), end="", flush=True)


def worker_exit(_server: Any, _worker: Any) -> None:
    """Let the letter in hand be finished."""
    from dialognav.jobs import embedded

    embedded.stop()
