"""What is sent without anybody's click: messages that an event sends by itself."""

from dialognav.actions import plan_runs
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.mail.post import Post


def run_plans(post: Post) -> bool:
    """Every event whose reminders, links or thanks are due, each in a unit of work of its own."""
    for event_id in plan_runs.events_with_due_plans(db.session(), now=utcnow()):
        with unit_of_work() as session:
            plan_runs.run_due_plans(session, event_id, now=utcnow(), post=post)
    return False
