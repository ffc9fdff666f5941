"""The demo mailbox: what was kept can be read, and nothing in it can do harm."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import Attendance, DeadAddress, InboundMail, KeptMail, Letter
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.staff import token_of

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)


@pytest.fixture
def mail(work, cli, look) -> int:
    """An invitation that was kept; its id."""
    with work() as session:
        event = make_event(session)
        make_participant(
            session, make_registration(session, event), name="Åsa Öberg", email="asa@lev.example"
        )
        seats = session.scalars(sa.select(Attendance)).all()
        notices.tell_places(session, event, seats, why="registered", now=NOW, post=POST)
    assert cli.invoke(args=["worker", "--once"]).exception is None
    with look() as session:
        return session.scalars(sa.select(KeptMail.id)).one()


@pytest.fixture(autouse=True)
def swedish(client):
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "sv"


def test_an_empty_mailbox_says_what_to_do(client):
    page = client.get("/dev/mail")
    assert page.status_code == 200
    assert "Inga mejl än" in page.text


def test_the_list_finds_by_recipient(mail, client):
    assert "asa@lev.example" in client.get("/dev/mail?q=ASA%40lev").text
    nothing = client.get("/dev/mail?q=%25")  # a wildcard is a letter like any other
    assert "Inget till den adressen" in nothing.text


def test_a_long_list_goes_on(work, client):
    with work() as session:
        for n in range(120):
            session.add(KeptMail(at=NOW, recipient="a@b.example", subject=f"nr {n:03}", raw=b""))
    seen, url = [], "/dev/mail?q=b.example"
    for _ in range(3):
        page = client.get(url).text
        seen += re.findall(r"nr \d{3}", page)
        more = re.search(r'href="(/dev/mail\?[^"]*before=[^"]*)"', page)
        url = more[1].replace("&amp;", "&") if more else ""
    assert seen == [f"nr {n:03}" for n in reversed(range(120))]
    assert url == ""


def test_a_mail_in_all_its_forms(mail, client):
    html = client.get(f"/dev/mail/{mail}").text
    assert "Ni är anmälda: Marknadsdialog om hemmonitorering" in html
    assert f'src="/dev/mail/{mail}/html"' in html
    assert "allow-scripts" not in html
    assert "text/calendar; method=REQUEST" in html
    assert "auto-generated" in html
    assert "Hej Åsa Öberg!" in client.get(f"/dev/mail/{mail}?view=text").text
    assert "Content-Transfer-Encoding" in client.get(f"/dev/mail/{mail}?view=source").text


def test_the_html_lives_in_a_frame_with_a_policy_of_its_own(mail, client):
    frame = client.get(f"/dev/mail/{mail}/html")
    policy = frame.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "; sandbox " in policy
    assert "frame-ancestors 'self'" in policy
    assert '<base target="_top">' in frame.text
    assert "Ni är anmälda" in frame.text


def test_parts_and_the_whole_to_save(mail, client):
    calendar = client.get(f"/dev/mail/{mail}/parts/3")
    assert calendar.headers["Content-Type"] == "application/ics"
    assert calendar.headers["Content-Disposition"] == "attachment; filename=invite.ics"
    assert calendar.data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert client.get(f"/dev/mail/{mail}/parts/2").data == calendar.data
    whole = client.get(f"/dev/mail/{mail}.eml")
    assert whole.headers["Content-Type"] == "message/rfc822"
    assert whole.data.startswith(b"From: Region Tallvik")


@pytest.mark.parametrize(
    "path", ["/dev/mail/999999999999999999999", "/dev/mail/4711", "/dev/mail/4711.eml"]
)
def test_what_is_not_there(path, client):
    assert client.get(path).status_code == 404


def test_a_part_that_is_not_there(mail, client):
    assert client.get(f"/dev/mail/{mail}/parts/99").status_code == 404
    assert client.get("/dev/mail?before=99999999999999999999").status_code == 200
    assert client.get("/dev/mail?before=x&view=y").status_code == 200


def test_there_is_no_mailbox_where_mail_leaves(clock, make_app):
    app = make_app(MAIL_URL="smtp://mail.example")
    for path in ("/dev/mail", "/dev/mail/1", "/dev/mail/1/html", "/dev/mail/1.eml"):
        assert app.test_client().get(path).status_code == 404


def test_every_link_of_a_letter_opens(mail, client):
    """GET three times and HEAD: nothing changes and all still work (decisions.md 11)."""
    text = client.get(f"/dev/mail/{mail}?view=text").text
    links = re.findall(r'href="http://localhost(/(?:sv|r)/[^"]+)"', text)
    assert len(links) >= 3
    for link in links:
        for _ in range(3):
            assert client.get(link).status_code == 200, link
        assert client.head(link).status_code == 200


@pytest.mark.parametrize("answer", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_an_answer_as_the_recipients_calendar_gives_it(mail, client, look, answer):
    page = client.get(f"/dev/mail/{mail}")
    done = client.post(
        f"/dev/mail/{mail}/answer", data={"csrf_token": token_of(page), "answer": answer}
    )
    assert done.status_code == 303
    assert "Svaret har kommit in." in client.get(done.location).text
    with look() as session:
        assert session.query(InboundMail).one().state == "applied"
        assert session.query(Attendance).one().partstat == answer


def test_another_time_proposed_from_the_mailbox(mail, client, look):
    token = token_of(client.get(f"/dev/mail/{mail}"))
    client.post(f"/dev/mail/{mail}/answer", data={"csrf_token": token, "answer": "COUNTER"})
    with look() as session:
        starts_at = session.query(Attendance).one().occasion.starts_at
        proposal = session.query(InboundMail).one()
        assert proposal.kind == "counter"
        assert proposal.proposed_starts_at == starts_at + timedelta(hours=1)


def test_an_address_that_does_not_exist_says_the_mailbox(mail, client, look):
    token = token_of(client.get(f"/dev/mail/{mail}"))
    client.post(f"/dev/mail/{mail}/answer", data={"csrf_token": token, "answer": "no-such-address"})
    with look() as session:
        assert session.query(Letter).one().bounced_at == NOW
        assert session.query(DeadAddress).one().address == "asa@lev.example"


def test_what_is_no_answer_does_nothing(mail, client, look):
    path = f"/dev/mail/{mail}/answer"
    assert client.post(path, data={"answer": "ACCEPTED"}).status_code == 400  # without the token
    token = token_of(client.get(f"/dev/mail/{mail}"))
    assert client.post(path, data={"csrf_token": token, "answer": "PERHAPS"}).status_code == 400
    with look() as session:
        assert session.query(InboundMail).count() == 0


def test_a_letter_without_an_invitation_has_nothing_to_accept(work, client, look):
    with work() as session:
        raw = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: Hej\r\n\r\nHej"
        session.add(KeptMail(at=NOW, recipient="c@d.example", subject="Hej", raw=raw))
    with look() as session:
        mail = session.scalars(sa.select(KeptMail.id)).one()
    page = client.get(f"/dev/mail/{mail}")
    assert "Tacka ja" not in page.text
    data = {"csrf_token": token_of(page), "answer": "ACCEPTED"}
    assert client.post(f"/dev/mail/{mail}/answer", data=data).status_code == 400
