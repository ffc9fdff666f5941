"""`flask worker` for which minutes are seconds: leases, tries and pauses end sooner, nothing else.

python -m tests.delivery.worker
"""

from datetime import timedelta

from app import create_app
from dialognav.jobs.runner import Runner
from dialognav.mail import claims, outages

claims.LEASE = claims.IN_HAND = timedelta(seconds=6)
claims.BACKOFF = tuple(timedelta(seconds=n) for n in (1, 2, 2, 2, 3, 3))
outages.PAUSE = (timedelta(seconds=0.2), timedelta(seconds=0.5), timedelta(seconds=1))

if __name__ == "__main__":
    app = create_app()
    Runner(app, app.extensions["dialognav.jobs"]).run_forever()
