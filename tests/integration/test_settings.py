"""What an organisation says about itself."""

import pytest

from dialognav.models import AuditEntry, Organisation
from tests.integration.staff import token_of

GOOD = {
    "name_sv": "Region Tallvik",
    "name_en": "Region Tallvik",
    "kind": "region",
    "country": "SE",
    "email": "upphandling@tallvik.example",
    "phone": "0900-10 00 00",
    "zone": "Europe/Stockholm",
    "languages": ["sv", "en"],
    "primary_language": "sv",
    "data_protection_contact": "dataskydd@tallvik.example",
    "accessibility_contact": "tillganglighet@tallvik.example",
    "mail_from_name": "Region Tallvik",
    "retention_months": "24",
    "version": "0",
}
PATH = "/manage/settings"


def saved(look, staff):
    with look() as session:
        row = session.get_one(Organisation, staff.organisation_id)
        session.expunge(row)
        return row


def test_the_form_shows_what_is_saved_and_saving_it_changes_nothing(staff, look):
    page = staff.client.get(PATH).text
    assert "dataskydd@tallvik.example" in page
    assert staff.post(PATH, GOOD).location == "/manage/settings?saved=1"
    row = saved(look, staff)
    assert row.version == 0
    with look() as session:
        assert session.query(AuditEntry).count() == 0


def test_everything_is_saved_as_it_was_meant(staff, look):
    wanted = GOOD | {
        "name_nb": "Region Tallvik (nb)",
        "about_sv": "Rad ett\r\nRad två",
        "kind": "municipality",
        "identifier": "2120000142",
        "address": "Box 1,  111 11 Tallvik",
        "phone_hours_sv": "vardagar 9–11",
        "region": "se232",
        "zone": "Europe/Oslo",
        "languages": ["nb", "sv"],
        "registrar_email": "Registrator@Tallvik.example",
        "privacy_text_sv": "# Gallring\r\n\r\n- efter ett år",
        "mail_sender": "dialog@tallvik.example",
    }
    assert staff.post(PATH, wanted).status_code == 303
    row = saved(look, staff)
    assert row.name["nb"] == "Region Tallvik (nb)"
    assert row.about == {"sv": "Rad ett\nRad två"}
    assert (row.kind, row.identifier) == ("municipality", "212000-0142")
    assert (row.region, row.zone, row.languages) == ("SE232", "Europe/Oslo", ["sv", "nb"])
    assert row.address == "Box 1, 111 11 Tallvik"
    assert row.registrar_email == "registrator@tallvik.example"
    assert row.privacy_text == {"sv": "# Gallring\n\n- efter ett år"}
    assert row.version == 1


def test_the_trail_names_what_changed_and_holds_no_value(staff, look):
    staff.post(PATH, GOOD | {"phone": "08-123 45", "email": "ny@tallvik.example"})
    with look() as session:
        entry = session.query(AuditEntry).one()
        assert entry.verb == "organisation.changed"
        assert entry.actor == f"user:{staff.user_id}"
        assert entry.facts == {"changed": ["email", "phone"]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name_sv", ""),
        ("name_sv", "x" * 161),
        ("about_sv", "x" * 2001),
        ("kind", "sole_trader"),
        ("kind", "'; DROP TABLE organisation; --"),
        ("country", "XX"),
        ("identifier", "212000-0143"),
        ("identifier", "900101-1239"),  # a person's number is no organisation's
        ("email", ""),
        ("email", "upphandling"),
        ("zone", "Europe/Tallvik"),
        ("languages", []),
        ("languages", ["en"]),
        ("languages", ["sv", "de"]),
        ("primary_language", "de"),
        ("primary_language", ""),
        ("region", "../etc"),
        ("data_protection_contact", ""),
        ("registrar_email", "registrator at tallvik"),
        ("accessibility_contact", "tillganglighet"),
        ("mail_sender", "Region Tallvik <dialog@tallvik.example>"),
        ("mail_sender", "dialog@tallvik.example\r\nBcc: x@y.example"),
        ("mail_from_name", "x" * 121),
        ("address", "x" * 301),
    ],
)
def test_a_wrong_answer_is_said_at_the_field_and_nothing_is_lost(staff, look, field, value):
    typed = GOOD | {"phone": "typed and kept", field: value}
    answer = staff.post(PATH, typed)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert 'class="errsum"' in answer.text
    assert "typed and kept" in answer.text
    assert saved(look, staff).version == 0


def test_a_line_end_in_the_senders_name_reaches_no_header(staff, look):
    staff.post(PATH, GOOD | {"mail_from_name": "Region\r\nBcc: x@y.example"})
    assert saved(look, staff).mail_from_name == "Region Bcc: x@y.example"


def test_html_is_shown_as_text(staff):
    staff.post(PATH, GOOD | {"name_sv": "<script>alert(1)</script>", "about_sv": '"><b>x'})
    page = staff.client.get(PATH).text
    assert "<script>alert" not in page
    assert '"><b>' not in page


def test_two_editors_neither_loses_text(staff, look):
    staff.post(PATH, GOOD | {"phone": "from the first", "about_sv": "Den förstas text"})
    answer = staff.post(PATH, GOOD | {"phone": "from the second"})
    assert answer.status_code == 409
    assert "from the first" in answer.text
    assert "Den förstas text" in answer.text
    assert "from the second" in answer.text
    assert saved(look, staff).phone == "from the first"
    token = token_of(answer)
    again = GOOD | {"phone": "from the second", "version": "1", "csrf_token": token}
    assert 'name="version" type="hidden" value="1"' in answer.text
    assert staff.client.post(PATH, data=again).status_code == 303
    assert saved(look, staff).phone == "from the second"


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40])
def test_a_made_up_version_overwrites_nothing(staff, look, version):
    assert staff.post(PATH, GOOD | {"version": version, "phone": "1"}).status_code == 409
    assert saved(look, staff).version == 0


def test_nothing_of_another_organisation_is_changed(staff, sign_in, look):
    other = sign_in()
    staff.post(
        PATH, GOOD | {"email": "ny@tallvik.example", "organisation_id": other.organisation_id}
    )
    assert saved(look, other).email == "upphandling@tallvik.example"
    assert saved(look, other).version == 0


@pytest.mark.parametrize("role", ["planner", "host", "approver", "registrar", "reader"])
def test_only_administrators_settle_the_organisation(sign_in, look, role):
    other = sign_in(role)
    assert other.client.get(PATH).status_code == 404
    assert other.post(PATH, GOOD | {"phone": "1"}).status_code == 404
    assert saved(look, other).version == 0


def test_without_a_token_nothing_is_saved(staff, look):
    assert staff.client.post(PATH, data=GOOD | {"phone": "1"}).status_code == 422
    assert saved(look, staff).version == 0


@pytest.mark.parametrize("language", ["sv", "en", "nb"])
def test_the_page_in_each_language(staff, language):
    staff.post("/account/profile", {"name": "Eva", "language": language})
    assert f'<html lang="{language}"' in staff.client.get(PATH).text
