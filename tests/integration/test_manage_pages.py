"""Every page of the workspace opens, in all three languages."""

import pytest

from dialognav.models import AccessNeed
from tests.factories import make_event, make_participant, make_registration
from tests.integration.staff import SignIn

PATHS = (
    "/manage/",
    "/manage/events",
    "/manage/events?view=drafts",
    "/manage/events?view=all&q=hem",
    "/manage/events/new",
    "/manage/events/{event}",
    "/manage/events/{event}/edit",
    "/manage/events/{event}/copy",
    "/manage/events/{event}/preview",
    "/manage/events/{event}/preview?lang=en",
    "/manage/events/{event}/registrations",
    "/manage/events/{event}/registrations?view=waiting&q=petra&sort=name&order=down&mode=online",
    "/manage/events/{event}/registrations/new",
    "/manage/registrations/{registration}",
    "/manage/events/{event}/documents",
    "/manage/events/{event}/letters",
    "/manage/events/{event}/log",
    "/manage/letters",
    "/manage/letters?status=given_up",
    "/manage/audit",
    "/manage/audit?check=1",
)


@pytest.mark.parametrize("language", ["sv", "en", "nb"])
def test_every_page_opens(sign_in: SignIn, work, language):
    staff = sign_in(language=language)
    with work() as session:
        event = make_event(
            session,
            session.get_one(type(make_event(session).organisation), staff.organisation_id),
            format="hybrid",
            serves_food=True,
            capacity_on_site=1,
        )
        registration = make_registration(session, event)
        make_participant(session, registration, access_need=AccessNeed(need="Hörslinga"))
        make_participant(session, registration, state="waiting")
        ids = {"event": event.public_id, "registration": registration.public_id}
    for path in PATHS:
        page = staff.client.get(path.format(**ids))
        assert page.status_code == 200, path
        assert f'lang="{language}"' in page.text or "preview" in path, path
