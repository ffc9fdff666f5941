"""A session that ends while somebody writes loses nothing (decisions.md 23)."""

from datetime import timedelta

import pytest

from dialognav.models import Event, Organisation, SavedForm, User
from tests.conftest import NOW
from tests.factories import make_event
from tests.integration.forms import open_form
from tests.integration.staff import PASSWORD, token_of

LONG = 'Behovet, med åäö, "citat", <b>taggar</b> & rader.\r\n\r\n  Indrag 🎉 \u202eRTL\r\n' * 300
FIELDS = {
    "name_sv": "Region Tallvik",
    "about_sv": LONG,
    "kind": "region",
    "country": "SE",
    "email": "ny@tallvik.example",
    "zone": "Europe/Stockholm",
    "languages": ["sv", "nb"],
    "primary_language": "sv",
    "data_protection_contact": "dso@tallvik.example",
    "privacy_text_sv": "# Rubrik\r\n\r\nText",
    "retention_months": "24",
    "version": "0",
    "action": "save",
}


def post_too_late(staff, clock, path="/manage/settings", data=None, **options):
    token = token_of(staff.client.get("/account/profile"))
    clock.move_to(NOW + timedelta(hours=13))
    given = FIELDS if data is None else data
    return staff.client.post(path, data={"csrf_token": token, **given}, **options)


def sign_in_again(staff, location, email=None):
    token = token_of(staff.client.get(location))
    data = {"csrf_token": token, "email": email or staff.email, "password": PASSWORD}
    return staff.client.post(location, data=data)


def test_a_long_form_comes_back_whole_and_is_saved(staff, clock, look):
    answer = post_too_late(staff, clock)
    assert answer.status_code == 303
    assert answer.location.startswith("/account/sign-in?kept=")
    assert "text" in staff.client.get(answer.location).text
    back = sign_in_again(staff, answer.location)
    assert back.location.startswith("/account/kept/")
    form = open_form(staff.client, back.location, "about_sv")
    assert form.path == "/manage/settings"
    sent = [pair for pair in form.fields.items(multi=True) if pair[0] != "csrf_token"]
    expected = [(n, v) for n, vs in FIELDS.items() for v in (vs if isinstance(vs, list) else [vs])]
    assert sent == expected
    form["about_sv"] = LONG[:1900]
    assert form.send().status_code == 303
    with look() as session:
        organisation = session.query(Organisation).one()
        assert organisation.email == "ny@tallvik.example"
        assert organisation.languages == ["sv", "nb"]


def test_the_event_editor_comes_back_with_every_row(staff, clock, work, look):
    """The long form, as a browser sends it: texts in languages, lists of rows, several buttons."""
    with work() as session:
        organisation = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, organisation)
        path = f"/manage/events/{event.public_id}/edit"
    form = open_form(staff.client, path, "title_sv")
    need = "Vi behöver.\r\n\r\n- ett\r\n- två\r\n" * 200
    form["title_sv"], form["need_sv"] = "Ny rubrik 🎉", need
    sent = [pair for pair in form.fields.items(multi=True) if pair[0] != "csrf_token"]
    clock.move_to(NOW + timedelta(hours=13))
    answer = form.send()
    assert answer.location.startswith("/account/sign-in?kept="), answer.status_code
    page = staff.client.get(sign_in_again(staff, answer.location).location)
    brought = open_form(staff.client, page.request.path, "title_sv")
    back = [pair for pair in brought.fields.items(multi=True) if pair[0] != "csrf_token"]
    assert back == sent
    assert brought.send().status_code == 303
    with look() as session:
        event = session.query(Event).one()
        assert event.title["sv"] == "Ny rubrik 🎉"
        assert event.need["sv"] == need.replace("\r\n", "\n").strip()


def test_passwords_files_and_tokens_are_not_kept(staff, clock, look):
    import io

    data = {
        "title": "Kvar",
        "password": "hemlig",
        "new_password": "hemlig",
        "file": (io.BytesIO(b"%PDF-"), "bilaga.pdf"),
    }
    post_too_late(staff, clock, data=data, content_type="multipart/form-data")
    with look() as session:
        assert session.query(SavedForm).one().fields == [["title", "Kvar"]]


def test_the_database_holds_only_the_hash_of_the_way_back(staff, clock, look):
    answer = post_too_late(staff, clock)
    secret = answer.location.partition("kept=")[2]
    with look() as session:
        assert secret not in session.query(SavedForm).one().token_hash


def test_two_tabs_lose_nothing_of_each_other(staff, clock, look):
    first = post_too_late(staff, clock, data={"title": "Ett"})
    second = staff.client.post("/manage/staff", data={"email": "Två"})
    for answer, word in ((first, "Ett"), (second, "Två")):
        way = f"/account/kept/{answer.location.partition('kept=')[2]}"
        if answer is first:
            assert sign_in_again(staff, answer.location).location == way
        assert word in staff.client.get(way).text


def test_nobody_else_sees_it(staff, sign_in, clock, work):
    """A shared computer: somebody else signs in where the first one's session ran out."""
    answer = post_too_late(staff, clock)
    other = sign_in(organisation_id=staff.organisation_id)
    back = sign_in_again(staff, answer.location, email=other.email)
    page = staff.client.get(back.location)
    assert (page.status_code, page.location) == (303, "/manage/")


def test_who_never_was_signed_in_fills_no_database(client, look):
    client.set_cookie("staff", "made-up")
    answer = client.post("/manage/settings", data=FIELDS)
    assert answer.location == "/account/sign-in"
    with look() as session:
        assert session.query(SavedForm).count() == 0


def test_another_site_cannot_plant_a_form(app, staff, clock, look):
    """The session's cookie is SameSite=Lax: a post from elsewhere comes without it."""
    elsewhere = app.test_client()
    elsewhere.post("/manage/settings", data=FIELDS)
    with look() as session:
        assert session.query(SavedForm).count() == 0


def test_a_revoked_session_keeps_the_text_too(staff, work, look):
    token = token_of(staff.client.get("/account/profile"))
    staff.post("/account/sign-out")  # in another tab
    answer = staff.client.post("/manage/settings", data={"csrf_token": token, **FIELDS})
    assert "kept=" in answer.location


def test_a_deactivated_person_keeps_nothing(staff, work, look):
    with work() as session:
        session.get_one(User, staff.user_id).is_active = False
    assert "kept=" not in staff.client.post("/manage/settings", data=FIELDS).location


@pytest.mark.parametrize(
    "data", [{}, {"title": "  "}, {"title": "x" * (513 * 1024)}], ids=["button", "blank", "huge"]
)
def test_what_is_nothing_or_too_much_is_not_kept(staff, clock, look, data):
    answer = post_too_late(staff, clock, data=data)
    assert answer.location == "/account/sign-in"
    with look() as session:
        assert session.query(SavedForm).count() == 0


def test_opening_the_page_keeps_it_and_discarding_deletes_it(staff, clock, look):
    back = sign_in_again(staff, post_too_late(staff, clock).location).location
    for _ in range(3):
        page = staff.client.get(back)
        assert page.status_code == 200
    assert staff.client.post(f"{back}/discard").status_code == 400  # no token
    data = {"csrf_token": token_of(page)}
    assert staff.client.post(f"{back}/discard", data=data).status_code == 303
    with look() as session:
        assert session.query(SavedForm).count() == 0


def test_an_old_token_alone_loses_nothing_typed(staff):
    """Signed in, but the page is from before: the form itself comes back."""
    answer = staff.client.post("/manage/settings", data=FIELDS | {"csrf_token": "old"})
    assert answer.status_code == 422
    assert "Indrag 🎉" in answer.text
