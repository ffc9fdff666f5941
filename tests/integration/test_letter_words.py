"""Own words in the standard letters: written on the pages, said in letters, taken back."""

import re

import pytest

from dialognav.domain.standard_letters import KINDS
from dialognav.models import AuditEntry, Letter, LetterText, Organisation, User
from tests.factories import make_event
from tests.integration.mailed import post_mail as post_mail
from tests.integration.mailed import sign_up, text_of, to
from tests.integration.staff import token_of

CONFIRMED = "/manage/words/letter?kind=place_confirmed"


@pytest.fixture
def staff(sign_in):
    return sign_in(language="en")


@pytest.fixture
def event(staff, work):
    with work() as session:
        organisation = session.get_one(Organisation, staff.organisation_id)
        made = make_event(session, organisation, title={"sv": "Dialog om natten"})
        return {"id": made.id, "public_id": made.public_id}


@pytest.fixture
def of_event(event):
    return f"/manage/events/{event['public_id']}/words/letter?kind=place_confirmed"


@pytest.fixture
def write(staff):
    """Post the form of a letter as its page shows it, with other texts in it."""

    def post(path=CONFIRMED, *, client=staff.client, page=None, **texts):
        page = page or client.get(path)
        version = re.search(r'name="version"[^>]*value="([^"]*)"', page.get_data(as_text=True))[1]
        data = {"csrf_token": token_of(page), "version": version, **texts}
        return client.post(path, data=data)

    return post


def the_letter(post_mail, address="ada@firm.example"):
    return to(post_mail(), address)


def html_of(message):
    return message.get_body(("html",)).get_content()


def test_words_stand_in_the_letter_in_both_forms_with_each_readers_own(
    write, work, event, post_mail
):
    answer = write(
        subject_en="Welcome, {first_name}",
        opening_en="We are **glad**, {name}.",
        closing_en="Yours\n\n- the board",
        opening_sv="Vi är glada.",
    )
    assert answer.status_code == 303
    sign_up(work, event["id"])
    mail = the_letter(post_mail)
    assert mail["Subject"] == "Welcome, Ada"
    text = text_of(mail)
    assert text.index("Hello Ada!") < text.index("We are glad, Ada.") < text.index("When:")
    assert text.index("Open the event page") < text.index("- the board") < text.index("\n-- ")
    assert "We are <strong" in html_of(mail)
    assert "the board</li>" in html_of(mail)


def test_an_opening_without_translation_is_said_in_its_own_language_but_no_subject(
    write, work, event, post_mail
):
    write(subject_sv="Välkommen", opening_sv="Vi är **glada**.")
    sign_up(work, event["id"])
    mail = the_letter(post_mail)
    assert mail["Subject"] == "You are registered: Dialog om natten"
    assert re.search(r'<td [^>]*lang="sv">\s*<p[^>]*>Vi är <strong', html_of(mail))


def test_an_events_words_go_before_the_organisations_and_may_be_none(
    staff, write, work, look, event, of_event, post_mail
):
    write(opening_en="From the organisation.")
    page = staff.client.get(of_event).get_data(as_text=True)
    assert "From the organisation.</textarea>" in page
    write(of_event, opening_en="From the event.")
    sign_up(work, event["id"])
    assert "From the event." in (text := text_of(the_letter(post_mail)))
    assert "From the organisation." not in text
    write(of_event, opening_en="")
    sign_up(work, event["id"], "Bo")
    text = text_of(the_letter(post_mail, "bo@firm.example"))
    assert "From the" not in text
    staff.post(of_event.replace("letter?", "reset?"), {})
    sign_up(work, event["id"], "Cia")
    assert "From the organisation." in text_of(the_letter(post_mail, "cia@firm.example"))


def test_a_letter_keeps_what_it_was_promised_with(write, work, look, event, post_mail):
    write(opening_en="As it was.")
    sign_up(work, event["id"])
    write(opening_en="As it is now.")
    assert "As it was." in text_of(the_letter(post_mail))


def test_reset_takes_the_words_away_and_says_so(staff, write, look):
    write(opening_en="Ours.", closing_nb="Hilsen")
    assert staff.client.get("/manage/words").get_data(as_text=True).count("Own words") == 1
    answer = staff.post("/manage/words/reset?kind=place_confirmed", {})
    assert answer.status_code == 303
    page = staff.client.get(answer.location).get_data(as_text=True)
    assert "Back to what it was" in page
    assert "Own words" not in page
    with look() as session:
        assert session.query(LetterText).count() == 0
        verbs = [entry.verb for entry in session.query(AuditEntry).order_by(AuditEntry.number)]
        assert verbs[-2:] == ["letter.words_changed", "letter.words_reset"]
    log = staff.client.get("/manage/audit").get_data(as_text=True)
    assert "Own words in a standard letter were taken away" in log


def test_nothing_at_all_is_the_standard(staff, write, look):
    write(opening_en="Ours.")
    write(opening_en="")
    with look() as session:
        assert session.query(LetterText).count() == 0


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("opening_en", "Hello {nmae}", "Did you mean {name}?"),
        ("opening_en", "x" * 601, "Write at most 600 characters"),
        ("closing_en", "x" * 2001, "Write at most 2000 characters"),
        ("subject_en", "See {my_page}", "cannot stand in a subject"),
    ],
)
def test_what_cannot_be_said_comes_back_with_all_that_was_typed(write, look, field, typed, says):
    answer = write(closing_sv="Kvar.", **{field: typed})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert says in page
    assert typed in page
    assert "Kvar." in page
    with look() as session:
        assert session.query(LetterText).count() == 0


def test_a_placeholder_of_no_use_in_a_letter_is_refused(write):
    answer = write("/manage/words/letter?kind=place_waiting", opening_en="Join at {link}")
    assert answer.status_code == 422
    assert "{link} stands for nothing in this letter" in answer.get_data(as_text=True)
    assert write(opening_en="Join at {link}").status_code == 303


def test_a_subject_that_says_what_happened_is_in_nobodys_hand(staff, write, look):
    path = "/manage/words/letter?kind=cancelled"
    assert 'name="subject_en"' not in staff.client.get(path).get_data(as_text=True)
    write(path, subject_en="Good news", opening_en="Do not be sad.")
    with look() as session:
        assert session.query(LetterText).one().subject == {}


def test_what_was_pasted_from_word_is_a_list(write, look):
    write(opening_en="Bring\n·\tpen\n·\tpaper")
    with look() as session:
        assert session.query(LetterText).one().opening == {"en": "Bring\n\n- pen\n- paper"}


def test_two_who_write_see_both_and_nothing_is_lost(staff, write, look):
    mine = staff.client.get(CONFIRMED)
    write(opening_en="Theirs.", closing_en="Theirs too.")
    answer = write(page=mine, opening_en="Mine.")
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    who = look_up_name(look, staff)
    assert f"{who} saved while you were writing" in page
    assert all(said in page for said in ("Theirs.", "Theirs too.", "Mine.</textarea>"))
    assert write(page=answer, opening_en="Mine.").status_code == 303
    with look() as session:
        assert session.query(LetterText).one().opening == {"en": "Mine."}


def look_up_name(look, staff):
    with look() as session:
        return session.get_one(User, staff.user_id).name


def test_a_revision_never_comes_back(staff, write):
    """Somebody took the words away and wrote others: what was begun before is old."""
    write(opening_en="First.")
    mine = staff.client.get(CONFIRMED)
    staff.post("/manage/words/reset?kind=place_confirmed", {})
    write(opening_en="Second.")
    assert write(page=mine, opening_en="Mine.").status_code == 409


def test_the_preview_shows_all_and_saves_nothing(staff, write, look, of_event):
    for path in (CONFIRMED, of_event):
        answer = write(path, then="update", look_in="sv", opening_sv="Hej på er, {namn}!")
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert "Hej på er, Kim" in page
        assert "Ni är anmälda" in page
        assert "Hämta kalenderfilen" in page
    assert "Dialog om natten" in page
    with look() as session:
        assert session.query(LetterText).count() == session.query(Letter).count() == 0


def test_the_page_of_every_letter_opens(staff, of_event):
    for kind in (kind for kinds in KINDS.values() for kind in kinds):
        answer = staff.client.get(of_event.replace("place_confirmed", kind))
        assert answer.status_code == 200
        assert 'class="sheet letter"' in answer.get_data(as_text=True)


def test_an_unknown_letter_is_not_found(staff):
    for kind in ("message", "links", "../x", "withdrawn_plain"):
        assert staff.client.get(f"/manage/words/letter?kind={kind}").status_code == 404


def test_hostile_words_are_words(write, work, event, post_mail):
    write(
        subject_en="Hi\r\nBcc: x@y.example {name}",
        opening_en="<script>alert(1)</script> [x](javascript:alert(1)) {{7*7}}\n\n\u202eabc",
    )
    sign_up(work, event["id"])
    mail = the_letter(post_mail)
    assert mail["Bcc"] is None
    assert "<script" not in html_of(mail)
    assert "javascript:" not in html_of(mail)


def test_one_more_statement_for_any_number_of_letters(write, work, event, statements):
    def promised(*names):
        with statements() as ran:
            sign_up(work, event["id"], *names)
        return sum("FROM letter_text" in one for one in ran)

    write(opening_en="Ours.")
    assert promised("Ada") == 1
    assert promised("Bo", "Cia", "Dag", "Eva") == 1
