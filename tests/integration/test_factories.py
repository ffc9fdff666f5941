from tests.conftest import NOW
from tests.factories import (
    make_event,
    make_occasion,
    make_participant,
    make_registration,
    make_user,
)
from tests.fixtures import Work


def test_factories_make_valid_rows(work: Work, look: Work) -> None:
    with work() as session:
        event = make_event(session, capacity_on_site=1)
        make_user(session, event.organisation)
        registration = make_registration(session, event)
        make_participant(session, registration)
        make_participant(session, registration, state="waiting")
        slug = event.slug
    with look() as session:
        found = session.query(type(event)).filter_by(slug=slug).one()
        assert found.occasions[0].capacity_on_site == 1
        assert len(session.query(type(registration)).one().participants) == 2


def test_a_cancelled_occasion_is_not_live(work: Work) -> None:
    with work() as session:
        event = make_event(session)
        second = make_occasion(session, event)
        third = make_occasion(session, event, days=14)
        assert event.live_occasions == event.occasions == [event.occasions[0], second, third]
        assert event.ends_at == third.ends_at
        second.cancelled_at = NOW
        assert event.live_occasions == [event.occasions[0], third]
