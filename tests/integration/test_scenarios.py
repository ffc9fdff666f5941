"""The people of domain.md 7, played through by HTTP, clock, worker and the mail they get."""

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import sqlalchemy as sa

from dialognav.actions.form_fields import FieldDraft, add_field
from dialognav.domain.terms import FieldKind, FieldScope
from dialognav.models import KeptMail, Organisation
from tests.conftest import NOW
from tests.factories import STARTS, make_event
from tests.integration.forms import PageForm, form_of, open_form, problems_of

FIRM, NORWEGIAN, BUYER = "559401-2345", "999 000 002", "212099-0011"


@pytest.fixture
def world(client, work, look, cli, clock):
    return World(client, work, look, cli, clock)


class World:
    """A visitor with a browser, the worker, and everybody's mailbox."""

    def __init__(self, client, work, look, cli, clock) -> None:
        self.client, self.work, self.look, self.cli, self.clock = client, work, look, cli, clock

    def event(self, **given) -> str:
        """The address of a new event, without its language."""
        with self.work() as session:
            event = make_event(session, **given)
            return f"/events/{event.slug}"

    def form(self, path: str, lang: str = "sv") -> PageForm:
        return open_form(self.client, f"/{lang}{path}/register", "party_name")

    def person(self, form: PageForm, name: str, mode: str = "") -> PageForm:
        """One more card, as the button adds it, filled in."""
        form = form_of(self.client, form.send("add"), "party_name")
        last = max(int(n.split("-")[1]) for n in form.fields if n.startswith("people-"))
        form[f"people-{last}-name"] = name
        form[f"people-{last}-email"] = address(name)
        if mode:
            form[f"people-{last}-mode"] = mode
        return form

    def sign_up(self, path: str, name: str, party: str, number: str = "", lang="sv") -> str:
        """Address of the own page."""
        form = contact(self.form(path, lang), name, party, number)
        answer = form.send("send")
        assert answer.status_code == 303, problems_of(answer)
        return answer.location.partition("?")[0]

    def press(self, own: str, verb: str) -> None:
        form = open_form(self.client, own)
        form.path = f"{own}/{verb}"
        assert form.send().status_code == 303

    def mail(self, name: str) -> list[str]:
        """Subjects of what has reached this person, the worker having worked."""
        return [str(mail["subject"]) for mail in self.mails(name)]

    def mails(self, name: str) -> list:
        done = self.cli.invoke(args=["worker", "--once"])
        assert done.exit_code == 0, done.output
        with self.look() as session:
            query = sa.select(KeptMail.raw).where(KeptMail.recipient == address(name))
            rows = session.scalars(query.order_by(KeptMail.id)).all()
        return [message_from_bytes(raw, policy=policy.default) for raw in rows]


def address(name: str) -> str:
    return f"{name.split()[0].lower()}@{name.split()[-1].lower()}.example"


def contact(form: PageForm, name: str, party: str, number: str = "") -> PageForm:
    form["party_name"], form["identifier"] = party, number
    form["contact-name"], form["contact-email"] = name, address(name)
    return form


def invitation(mail) -> str:
    """The calendar part, or "" in a mail without one."""
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    return parts[0].get_content() if parts else ""


def text_of(page) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def test_karin_brings_two_swaps_one_and_the_fourth_is_refused_politely(world):
    """P2."""
    path = world.event(format="hybrid", limit_per_party=3)
    form = contact(world.form(path), "Karin Falk", "Trygghem Teknik AB", FIRM)
    form = world.person(form, "Jonas Berg", "on_site")
    form = world.person(form, "Leila Nouri", "online")
    own = form.send("send").location.partition("?")[0]
    for name in ("Karin Falk", "Jonas Berg", "Leila Nouri"):
        [mail] = world.mails(name)
        ics = invitation(mail)
        assert "METHOD:REQUEST" in ics
        others = {"Karin Falk", "Jonas Berg", "Leila Nouri"} - {name}
        assert not any(address(other) in ics for other in others)
    world.clock.shift(timedelta(days=7))
    page = world.client.get(own).text
    jonas = re.search(r"/(\w+)/swap\"[^>]*>[^<]*<span class=\"vh\"> Jonas", page)[1]
    swap = open_form(world.client, f"{own}/{jonas}/swap", "name")
    swap["name"], swap["email"] = "Emil Strand", address("Emil Strand")
    assert swap.send().status_code == 303
    first, gone = world.mails("Jonas Berg")
    assert "METHOD:CANCEL" in invitation(gone)
    [new] = world.mails("Emil Strand")
    assert "METHOD:REQUEST" in invitation(new)
    uid = re.compile(r"UID:(\S+)")
    assert uid.findall(invitation(first)) == uid.findall(invitation(gone))
    assert uid.findall(invitation(new)) != uid.findall(invitation(first))
    assert len(world.mails("Karin Falk")) == 1

    fourth = contact(world.form(path), "Per Strand", "Trygghem Teknik", FIRM.replace("-", ""))
    answer = fourth.send("send")
    assert answer.status_code == 409
    said = text_of(answer)
    assert "Karin" not in said
    assert "högst 3" in said.lower() or "fler än 3" in said.lower()
    assert world.mails("Per Strand") == []


def test_ingrid_reads_bokmal_and_takes_part_from_bergen(world):
    """P3: a Norwegian number, a Norwegian page, no Swedish anything."""
    path = world.event(format="hybrid", starts_at=STARTS, language_note={"en": "Norwegian too"})
    form = world.form(path, "nb")
    assert form["country"] == "NO"
    contact(form, "Ingrid Haugen", "Fjellvakt Omsorg AS", NORWEGIAN)
    form["contact-mode"] = "online"
    own = form.send("send").location.partition("?")[0]
    assert own.startswith("/nb/r/")
    assert "Fjellvakt Omsorg AS" in world.client.get(own).text
    [mail] = world.mails("Ingrid Haugen")
    assert 'lang="nb"' in mail.get_body(("html",)).get_content()
    assert "METHOD:REQUEST" in invitation(mail)


def test_a_supplier_is_told_kindly_where_to_go_and_a_municipality_is_let_in(world, sign_in):
    """P5: buyers only, a mandate, and somebody who looks at each registration."""
    host = sign_in(language="sv")
    with world.work() as session:
        here = session.get_one(Organisation, host.organisation_id)
        open_to_all = make_event(session, here, title={"sv": "Öppen dialog om måltider"})
        elsewhere = f"/sv/events/{open_to_all.slug}"
        event = make_event(
            session,
            here,
            audience="buyers",
            asks_mandate=True,
            registration_review=True,
            kind="experience_exchange",
        )
        path, manage = f"/events/{event.slug}", f"/manage/events/{event.public_id}"
    form = contact(world.form(path), "Per Holm", "Holms Kök AB", FIRM)
    form["party_kind"] = "company"
    form["contact-mandate"] = "Jag säljer"
    refused = form.send("send")
    assert refused.status_code == 422
    assert elsewhere in refused.text
    assert form_of(world.client, refused, "party_name")["contact-mandate"] == "Jag säljer"

    form = contact(world.form(path), "Anna Lindqvist", "Lillsunds kommun", BUYER)
    form["party_kind"] = "municipality"
    form["contact-mandate"] = "Får binda kommunen i nätverket"
    own = form.send("send").location.partition("?")[0]
    [first] = world.mails("Anna Lindqvist")
    assert invitation(first) == ""
    assert world.client.get(own).text.count("Väntar på godkännande") >= 1

    queue = host.client.get(f"{manage}/review")
    assert "Får binda kommunen i nätverket" in queue.text
    tick = form_of(host.client, queue, "seen")
    tick.fields.add("registration", re.search(r'name="registration" value="(\w+)"', queue.text)[1])
    assert tick.send().status_code == 303
    _, second = world.mails("Anna Lindqvist")
    assert "METHOD:REQUEST" in invitation(second)


def test_per_waits_is_offered_a_place_and_knows_the_rule_all_along(world):
    """P9: no silence. Place 3, then 2, an offer that somebody lets run out, and the place."""
    path = world.event(capacity_on_site=1, promotion="offer")
    ada = world.sign_up(path, "Ada Alm", "Alm AB")
    bo = world.sign_up(path, "Bo Ek", "Ek AB")
    cia = world.sign_up(path, "Cia Fors", "Fors AB")
    per = world.sign_up(path, "Per Holm", "Holm AB")
    assert re.search(r"plats 3\b|nummer 3\b", text_of(world.client.get(per)).lower())
    [waiting] = world.mails("Per Holm")
    assert invitation(waiting) == ""
    assert "3" in waiting.get_body(("plain",)).get_content()

    world.press(cia, "withdraw")
    world.press(ada, "withdraw")
    assert len(world.mails("Bo Ek")) == 2
    world.clock.move_to(NOW + timedelta(hours=24, seconds=1))  # Bo lets it run out
    assert len(world.mails("Per Holm")) == 2
    assert len(world.mails("Bo Ek")) == 3
    world.press(bo, "accept")
    assert "METHOD:REQUEST" not in "".join(map(invitation, world.mails("Bo Ek")))
    world.press(per, "accept")
    assert "METHOD:REQUEST" in invitation(world.mails("Per Holm")[-1])
    assert "Väntelista" not in world.client.get(per).text
    assert len(world.mails("Per Holm")) == 3


def test_those_who_still_wait_at_the_cut_off_get_one_letter(world):
    path = world.event(capacity_on_site=1)
    world.sign_up(path, "Ada Alm", "Alm AB")
    world.sign_up(path, "Bo Ek", "Ek AB")
    assert len(world.mails("Bo Ek")) == 1
    world.clock.move_to(STARTS - timedelta(hours=11))
    assert len(world.mails("Bo Ek")) == 2
    assert path in world.mails("Bo Ek")[-1].get_body(("plain",)).get_content()
    assert len(world.mails("Ada Alm")) == 1
    world.clock.shift(3600)
    assert len(world.mails("Bo Ek")) == 2


def test_an_extra_question_follows_the_supplier_to_the_organiser(world, sign_in):
    host = sign_in(language="sv")
    with world.work() as session:
        here = session.get_one(Organisation, host.organisation_id)
        event = make_event(session, here)
        draft = FieldDraft({"sv": "Vad har ni byggt?"}, required=True)
        kind, scope = FieldKind.LONG_TEXT, FieldScope.REGISTRATION
        add_field(session, event.id, kind, scope, draft, now=NOW, actor="user:1")
        path, manage = f"/events/{event.slug}", f"/manage/events/{event.public_id}"
    form = contact(world.form(path), "Karin Falk", "Trygghem Teknik AB", FIRM)
    refused = form.send("send")
    assert refused.status_code == 422
    form = form_of(world.client, refused, "party_name")
    [name] = [name for name in form.fields if "answer" in name]
    form[name] = "En tyst natt"
    own = form.send("send").location.partition("?")[0]
    assert "En tyst natt" in world.client.get(own).text
    listed = host.client.get(f"{manage}/registrations").text
    [shown] = set(re.findall(r'href="(/manage/registrations/\w+)"', listed))
    assert "En tyst natt" in host.client.get(shown).text
