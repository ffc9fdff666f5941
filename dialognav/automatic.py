"""What is sent without anybody's click: what an event sends by itself, and the letter to staff."""

from functools import partial

from dialognav.actions import digests, plan_runs
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.digests import morning
from dialognav.domain.working_hours import WorkingHours
from dialognav.jobs.each import for_each
from dialognav.mail.post import Post
from dialognav.models import Organisation
from dialognav.queries.digests import waiting_in


def run_plans(post: Post) -> bool:
    """Every event whose reminders, links or thanks are due, each in a unit of work of its own."""

    def run(event_id: int) -> None:
        with unit_of_work() as session:
            plan_runs.run_due_plans(session, event_id, now=utcnow(), post=post)

    for_each(plan_runs.events_with_due_plans(db.session(), now=utcnow()), run)
    return False


def send_digests(post: Post) -> bool:
    """In the morning of a working day, what waits for each of an organisation's staff."""
    for_each(digests.organisations_to_look_at(db.session()), partial(_send_digests_of, post))
    return False


def _send_digests_of(post: Post, one: digests.Morning) -> None:
    day = morning(WorkingHours(one.zone, one.country), utcnow())
    if day is None or (one.last_on is not None and one.last_on >= day):
        return
    organisation = db.session().get_one(Organisation, one.organisation_id)
    waiting = waiting_in(db.session(), organisation, now=utcnow())
    with unit_of_work() as session:
        digests.send_digests(session, one.organisation_id, day, waiting, now=utcnow(), post=post)
