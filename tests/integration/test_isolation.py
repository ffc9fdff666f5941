"""Every route of the workspace: what another organisation, and a lesser role, see of it: nothing.

The routes are read from the app, so that a new one is tried before anybody remembers to.
"""

import re

import pytest

from dialognav.domain.permissions import may
from dialognav.domain.terms import Role
from dialognav.models import (
    AuditEntry,
    DisposalHold,
    DisposalRun,
    Document,
    Event,
    InboundMail,
    Letter,
    Membership,
    Organisation,
    PrivacyRequest,
    Registration,
)
from tests.conftest import NOW
from tests.integration.belongings import make_things
from tests.integration.staff import token_of

# What each route asks of the role; one that is missing here fails the first test.
ASKS = {
    "announcements": "edit",
    "announcements.index": "read",
    "audit.index": "audit",
    "audit.of_event": "audit",
    "by_hand": "meetings",
    "calendars": "publish",
    "check_in": "check_in",
    "dashboard.show": "read",
    "disposal": "disposal",
    "documents": "edit",
    "door": "check_in",
    "draws": "meetings",
    "documents.index": "read",
    "event_import": "edit",
    "events": "publish",
    "events.copy": "edit",
    "events.create": "edit",
    "events.create_copy": "edit",
    "events.destroy": "edit",
    "events.edit": "edit",
    "events.index": "read",
    "events.new": "edit",
    "events.preview": "read",
    "events.show": "read",
    "events.update": "edit",
    "form_fields": "edit",
    "form_fields.download": "registrations",
    "form_fields.index": "read",
    "form_fields.preview": "read",
    "exports.caterer": "export or check_in",
    "exports.door": "check_in",
    "exports.index": "export or check_in",
    "exports.record": "export",
    "exports.statistics": "export",
    "hosts": "edit",
    "imports": "registrations",
    "inbox": "letters",
    "invitations": "edit",
    "letters": "letters",
    "letter_words": "settings",
    "letter_words.index_of_event": "messages",
    "letter_words.edit_of_event": "messages",
    "letter_words.update_of_event": "messages",
    "letter_words.reset_of_event": "messages",
    "meeting_board": "meeting_notes",
    "meeting_board.nudge": "meetings",
    "meeting_call_off": "meetings",
    "meeting_fairness": "meetings or export or minutes_approval",
    "meeting_fairness.record": "export",
    "meeting_moves": "meetings",
    "meeting_prints": "meeting_notes",
    "meeting_replan": "meetings",
    "meeting_team": "meetings",
    "meeting_tables": "meetings",
    "meeting_slots": "meetings",
    "meeting_slot": "meetings",
    "meeting_rules": "meetings",
    "meeting_plan": "meetings",
    "meeting_links": "meetings",
    "meeting_times": "meetings",
    "meeting_waiting": "meetings",
    "meeting_waiting.index": "meeting_notes",
    "meeting_page": "meeting_notes",
    "meeting_page.show": "meeting_notes or minutes_approval",
    "merging": "registrations",
    "message_sending": "messages",
    "message_templates": "messages",
    "message_sending.approve": "message_approval",
    "message_sending.send_back": "message_approval",
    "message_show": "messages or message_approval",
    "messages": "messages",
    "messages.index": "messages or message_approval",
    "messages.of_event": "messages or message_approval",
    "minutes": "meeting_notes",
    "minutes.approve": "minutes_approval",
    "minutes.reopen": "minutes_approval",
    "minutes.paper": "meeting_notes or minutes_approval",
    "minutes.show": "meeting_notes or minutes_approval",
    "minutes_list": "meeting_notes or minutes_approval or export",
    "needs": "registrations",
    "plans": "messages",
    "plans.index": "messages or message_approval",
    "presence": "check_in",
    "prints": "check_in or registrations",
    "prints.catering": "registrations",
    "prints.catering_pdf": "registrations",
    "privacy_requests": "disposal",
    "queue": "review",
    "queue.index": "registrations",
    "registrations": "registrations",
    "registrations.index": "registrations or export",
    "rules": "edit",
    "review": "review",
    "settings": "settings",
    "shared_items": "meeting_notes or minutes_approval",
    "shared_items.publish": "minutes_approval",
    "staff": "staff",
    "subscription": "read",
}


def asks(endpoint):
    name = endpoint.removeprefix("manage.")
    return ASKS.get(name) or ASKS[name.split(".")[0]]


def routes(app):
    """[(method, endpoint, rule)]"""
    return [
        (method, rule.endpoint, rule.rule)
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
        if rule.endpoint.startswith("manage.")
        for method in sorted(rule.methods & {"GET", "POST"})
    ]


@pytest.fixture
def things(staff, work):
    with work() as session:
        return make_things(session, session.get_one(Organisation, staff.organisation_id))


def filled(rule, things):
    return re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda found: things[found[1]], rule)


def sender(client):
    """send(method, path), with one genuine token for all its posts."""
    token = token_of(client.get("/account/profile"))
    data = {"csrf_token": token, "reason_sv": "x", "reason": "x", "role": "reader", "name": "x"}

    def send(method, path):
        return client.get(path) if method == "GET" else client.post(path, data=data)

    return send


def snapshot(look):
    """Whatever a stranger could have changed."""
    with look() as session:
        event = session.query(Event).one()
        return (
            event.state,
            event.write_count,
            event.title,
            session.query(Registration).one().withdrawn_at,
            session.query(Document).one().removed_at,
            [letter.status for letter in session.query(Letter)],
            session.query(AuditEntry).count(),
            session.query(DisposalHold).one().released_at,
            session.query(DisposalRun).one().cancelled_at,
            session.query(PrivacyRequest).one().handled_at,
            session.query(InboundMail).one().state,
            [(part.role, part.state) for part in session.query(Membership).order_by("id")][:2],
        )


def test_every_route_is_known_here(app):
    for _method, endpoint, _rule in routes(app):
        assert asks(endpoint), endpoint


def test_another_organisations_administrator_reaches_nothing(app, sign_in, things, look):
    send = sender(sign_in().client)
    before = snapshot(look)
    tried = 0
    for method, _endpoint, rule in routes(app):
        if "<" in rule:
            answer = send(method, filled(rule, things))
            assert answer.status_code == 404, (method, rule)
            tried += 1
    assert tried > 20
    assert snapshot(look) == before


def test_another_organisations_lists_name_nothing_of_ours(app, sign_in, things):
    stranger = sign_in()
    for method, _endpoint, rule in routes(app):
        if method == "GET" and "<" not in rule:
            page = stranger.client.get(rule)
            assert page.status_code == 200, rule
            for ours in ("hemmonitorering", "hemlig@", "Petra Plan", things["public_id"]):
                assert ours not in page.text, (rule, ours)


@pytest.mark.parametrize("role", [role for role in Role if role != "admin"])
def test_a_role_finds_only_what_it_may(app, sign_in, staff, things, look, role):
    send = sender(sign_in(role, organisation_id=staff.organisation_id).client)
    before = snapshot(look)
    for method, endpoint, rule in routes(app):
        allowed = any(may(role, verb) for verb in asks(endpoint).split(" or "))
        if allowed and method == "POST":
            continue  # what the allowed may do is tried elsewhere
        answer = send(method, filled(rule, things))
        assert answer.status_code == (200 if allowed else 404), (role, method, rule)
    assert snapshot(look) == before


def test_the_administrator_opens_every_page(app, staff, things):
    for method, _endpoint, rule in routes(app):
        if method == "GET":
            assert staff.client.get(filled(rule, things)).status_code == 200, rule


@pytest.mark.parametrize("state", ["draft", "scheduled", "published", "postponed"])
def test_no_post_works_without_a_token(app, staff, things, work, look, state):
    with work() as session:
        event = session.query(Event).one()
        event.state, event.published_at = state, None if state in ("draft", "scheduled") else NOW
    before = snapshot(look)
    for method, _endpoint, rule in routes(app):
        if method == "POST":
            data = {"reason_sv": "x", "reason": "x", "role": "reader", "name": "x"}
            answer = staff.client.post(filled(rule, things), data=data)
            assert answer.status_code in (303, 400, 409, 422), (rule, answer.status_code)
    assert snapshot(look) == before
