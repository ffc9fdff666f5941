"""A person in every table that can hold one, and a look through all tables for what is left."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.db import Base
from dialognav.domain.terms import PartyKind, PrivacyWish
from dialognav.models import (
    AccessNeed,
    Answer,
    AnswerFile,
    Attendance,
    CalendarObject,
    CalendarRevision,
    DeadAddress,
    Diet,
    Event,
    EventInvitation,
    FormField,
    InboundMail,
    InterestConflict,
    KeptMail,
    Letter,
    MeetingNote,
    Minutes,
    MinutesVersion,
    Organisation,
    Participant,
    PresenceMark,
    PrivacyRequest,
    Registration,
    SavedForm,
    SecrecyMark,
    SharedItem,
    Slot,
    StagedFile,
    User,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration, make_user
from tests.meeting_factories import (
    make_booking,
    make_member,
    make_request,
    make_rules,
    make_slots,
    make_table,
)

NAME, ADDRESS = "Ingegerd Särskild", "ingegerd.sarskild@kvarnliden.example"
COLLEAGUE, COLLEAGUES_ADDRESS = "Torvald Egensson", "torvald.egensson@kvarnliden.example"
TRADER = "Firma Sigbritt Ensamberg"
INVITED, INVITED_ADDRESS = "Valborg Bjuden", "valborg.bjuden@kvarnliden.example"
PERSONAL = [
    *(NAME, ADDRESS, COLLEAGUE, COLLEAGUES_ADDRESS, TRADER, INVITED, INVITED_ADDRESS),
    *("070-174 06 05", "Chefsvisionär", "meddelande om Ingegerd", "nötallergi", "teckentolk"),
    *("Egen mening om vården", "meritlista-ingegerd", "Fullmakt för Ingegerd", "fel i namnet"),
    *("sarskild-skäl", "******-**61", "tåget från Ånge", "ledarhunden"),
    *("svarta lådan", "röda tråden", "våra inköpspriser", "klottrat om", "utkast om"),
    *("delas kanske", "spärrad för", "ändras om", "svaras kanske", "2024-11-11T07:07"),
    *("svåger till", "Konny Utifrån", "konny@utifran.example", "i grannens namn", "flyttas för"),
]
"""Of the event; none of it may be found anywhere when the event has been disposed of."""

OLD = timedelta(days=800)


@dataclass(frozen=True)
class Ids:
    organisation: int
    event: int
    registration: int
    person: int
    colleague: int
    trader: int
    request: int
    user: int


def make_personal(
    session: Session,
    organisation: Organisation,
    *,
    ended: timedelta = OLD,
    diary_number: str = "RS 2024-00123",
) -> Ids:
    """An event that ended so long ago, and somebody in every table beside it."""
    event = make_event(
        session,
        organisation,
        starts_at=NOW - ended - timedelta(hours=3),
        ends_at=NOW - ended,
        diary_number=diary_number,
        serves_food=True,
    )
    user = make_user(session, organisation)
    about, why = f"event:{event.id}", {"reason": "flyttas för att Ingegerd är sjuk"}
    moved = organisation.id, f"user:{user.id}", "meeting.moved", about
    audit.record(session, *moved, now=NOW, event_id=event.id, **why)
    registration = make_registration(
        session,
        event,
        party_name="Kvarnliden Teknik AB",
        party_identifier="556036-0793",
        party_country="SE",
        party_key="SE:5560360793",
        party_name_key="name:kvarnliden teknik@kvarnliden.example",
        contact_name=NAME,
        contact_email=ADDRESS,
        contact_phone="070-174 06 05",
        message="Ett meddelande om Ingegerd",
        later_invitations=True,
        decision_text={"sv": "av sarskild-skäl"},
    )
    person = make_participant(
        session,
        registration,
        state="attended",
        name=NAME,
        email=ADDRESS,
        title="Chefsvisionär",
        mandate="Fullmakt för Ingegerd",
    )
    colleague = make_participant(session, registration, name=COLLEAGUE, email=COLLEAGUES_ADDRESS)
    people = [{"id": one.id, "name": one.name, "email": one.email} for one in (person, colleague)]
    registration.approved = {"party": {"name": registration.party_name}, "people": people}
    session.add_all(
        [
            Diet(participant_id=person.id, need="nötallergi"),
            AccessNeed(participant_id=person.id, need="teckentolk", answer_by=date(2027, 1, 2)),
        ]
    )
    trader = make_registration(
        session,
        event,
        party_name=TRADER,
        party_kind=PartyKind.SOLE_TRADER,
        party_identifier="******-**61",
        party_country="SE",
        party_key="SE:#f00",
        party_name_key=f"name:{TRADER.casefold()}@kvarnliden.example",
        contact_name="Sigbritt Ensamberg",
        contact_email="firma@ensamberg.example",
    )
    invitation = EventInvitation(
        event=event,
        party_name=TRADER,
        name=INVITED,
        email=INVITED_ADDRESS,
        language="sv",
        created_at=NOW,
    )
    session.add(invitation)
    session.flush()
    trader.invitation_id = invitation.id
    _answers(session, event, registration, person)
    _mails(session, event, person, registration, trader)
    request = PrivacyRequest(
        registration=registration,
        participant=person,
        wish=PrivacyWish.ERASE,
        text="Det är fel i namnet",
        created_at=NOW,
    )
    hidden = [["name", NAME]]
    session.add_all(
        [
            request,
            StagedFile(
                event_id=event.id,
                user_id=user.id,
                purpose="participants",
                filename="meritlista-ingegerd.csv",
                content=f"{NAME};{ADDRESS}".encode(),
                created_at=NOW,
            ),
            SavedForm(
                token_hash=f"{registration.id:064d}",
                user_id=user.id,
                path=f"/manage/registrations/{registration.public_id}",
                fields=hidden,
                created_at=NOW,
            ),
            _mark(person, NOW - ended),
        ]
    )
    session.flush()
    _meetings(session, registration, user, ended)
    return Ids(
        organisation.id,
        event.id,
        registration.id,
        person.id,
        colleague.id,
        trader.id,
        request.id,
        user.id,
    )


def _mark(person: Participant, at: datetime) -> PresenceMark:
    [seat] = person.attendances
    return PresenceMark(
        uid=f"mark-{person.id}",
        attendance=seat,
        state="attended",
        source="door",
        at=at,
        recorded_at=at,
    )


def _answers(
    session: Session, event: Event, registration: Registration, person: Participant
) -> None:
    def asked(kind: str, scope: str = "registration") -> FormField:
        field = FormField(
            organisation_id=event.organisation_id,
            event_id=event.id,
            kind=kind,
            scope=scope,
            label={"sv": "Fråga"},
            options=[{"key": "a1", "text": {"sv": "Ja tack"}}] if kind == "choice" else [],
        )
        session.add(field)
        session.flush()
        return field

    def answer(field: FormField, value: object, participant_id: int | None = None) -> Answer:
        row = Answer(
            field=field,
            registration_id=registration.id,
            participant_id=participant_id,
            value=value,
            changed_at=NOW,
        )
        session.add(row)
        session.flush()
        return row

    answer(asked("text", "person"), "Egen mening om vården", person.id)
    answer(asked("choice", "person"), "a1", person.id)
    filed = answer(asked("file"), {"filename": "meritlista-ingegerd.pdf", "size": 3})
    session.add(
        AnswerFile(
            answer_id=filed.id,
            filename="meritlista-ingegerd.pdf",
            media_type="application/pdf",
            size=3,
            sha256="0" * 64,
            content=NAME.encode(),
        )
    )


def _mails(
    session: Session,
    event: Event,
    person: Participant,
    registration: Registration,
    trader: Registration,
) -> None:
    [seat] = person.attendances
    uid = f"uid-{person.id}@dialog.example"
    session.add_all(
        [
            CalendarObject(
                uid=uid,
                participant_id=person.id,
                occasion_id=seat.occasion_id,
                organizer_address="dialog@dialog.example",
                dtstamp=NOW,
                created_at=NOW,
                content_hash="abc",
            ),
            CalendarRevision(
                uid=uid, sequence=0, method="REQUEST", ics=f"ATTENDEE:mailto:{ADDRESS}".encode()
            ),
        ]
    )
    seat.partstat, seat.partstat_source, seat.partstat_at = "ACCEPTED", "calendar", NOW
    seat.partstat_comment = "Kommer med tåget från Ånge"
    session.add(DeadAddress(address=ADDRESS, since=NOW, diagnostic=f"550 <{ADDRESS}>"))
    for number, sender, name, of_person in (
        (1, ADDRESS, NAME, person),
        (2, COLLEAGUES_ADDRESS, COLLEAGUE, None),
    ):
        session.add(
            InboundMail(
                fingerprint=f"{event.id:032x}{number:032x}",
                organisation_id=event.organisation_id,
                event_id=event.id,
                participant=of_person,
                received_at=NOW,
                sender=sender,
                sender_name=name,
                subject=f"Från {name}",
                text="Får ledarhunden följa med?" if of_person else "Vi är fler.",
                kind="person",
                state="open",
                raw=f"From: {sender}".encode(),
            )
        )
    of_event = {"organisation_id": event.organisation_id, "event_id": event.id}
    letters = [
        (person.email, NAME, "place_confirmed", {**of_event, "participant_id": person.id}),
        ("aldre.ingegerd@kvarnliden.example", NAME, "receipt", of_event),  # since corrected
        (ADDRESS, NAME, "links", {}),  # of no one event
        (INVITED_ADDRESS, INVITED, "invitation", of_event),
        ("firma@ensamberg.example", TRADER, "pending", of_event),
    ]
    for number, (recipient, name, kind, columns) in enumerate(letters):
        public_id = f"{event.id:016x}{number:016x}"
        stream = f"contact:{registration.id}" if kind == "receipt" else f"{kind}:{event.id}"
        session.add(
            Letter(
                public_id=public_id,
                kind=kind,
                stream=stream,
                recipient=recipient,
                recipient_name=name,
                language="sv",
                facts={"name": name},
                status="sent",
                last_error=f"550 <{recipient}>",
                created_at=NOW,
                due_at=NOW,
                sent_at=NOW,
                **columns,
            )
        )
        raw = f"To: {recipient}\r\nMessage-ID: <{public_id}@dialog.example>\r\n\r\nHej {name}"
        session.add(KeptMail(at=NOW, recipient=recipient, subject=name, raw=raw.encode()))


def everything(session: Session) -> str:
    """All rows of all tables as the database holds them, one after the other."""
    said = []
    for table in Base.metadata.sorted_tables:
        columns = [sa.type_coerce(c, sa.String) if _is_name(c) else c for c in table.columns]
        for row in session.execute(sa.select(*columns)):
            values = (
                v.decode("latin-1") + v.decode("utf-8", "replace") if isinstance(v, bytes) else v
                for v in row
            )
            said.append(f"{table.name}: {list(values)!r}")
    return "\n".join(said)


def _is_name(column: sa.Column[object]) -> bool:
    return type(column.type).__name__ == "Name"


def found_in(session: Session, values: list[str]) -> list[str]:
    """Lines of the dump that hold one of the values."""
    lines = everything(session).splitlines()
    return [line for line in lines if any(value.casefold() in line.casefold() for value in values)]


def seat_states(session: Session) -> list[tuple[int, str]]:
    return [
        (row.id, row.state)
        for row in session.execute(sa.select(Attendance.id, Attendance.state).order_by("id"))
    ]


def _meetings(session: Session, registration: Registration, user: User, ended: timedelta) -> None:
    """A one-to-one meeting with somebody from outside, and all that is written around it."""
    event, at = registration.event, NOW - ended - timedelta(hours=1)
    make_rules(session, event)
    outsider = make_member(
        session, event, name="Konny Utifrån", email="konny@utifran.example", title="Brukare"
    )
    away = [["2024-11-11T07:07:00+00:00", "2024-11-11T09:00:00+00:00"]]
    insider = make_member(session, event, user_id=user.id, away=away)
    table = make_table(session, event, {outsider: "asks", insider: "notes"})
    slot, later = make_slots(session, event, table, number=2, starts_at=at, minutes=30, gap=0)
    words = {"topics": "den svarta lådan", "secret_marks": "x", "secret_reason": "inköpspriser"}
    booking = make_booking(session, slot, registration, **words, reason="gav i grannens namn")
    asked = {"topics": "den röda tråden", "secret_reason": "våra inköpspriser"}
    make_request(session, registration, **asked, proposed_reason="gav i grannens namn")
    conflict = InterestConflict(
        member_id=insider.id,
        registration_id=registration.id,
        reason="svåger till Ingegerd",
        noted_at=NOW,
    )
    common = {"booking_id": booking.id, "changed_at": NOW}
    note = MeetingNote(writer_id=user.id, text="klottrat om Ingegerd", **common)
    draft = Minutes(text="utkast om Ingegerd", created_at=NOW, **common)
    unshared = SharedItem(event_id=event.id, text={"sv": "delas kanske"}, created_at=NOW)
    slot.block_reason = "spärrad för Ingegerd"
    session.add_all([conflict, note, draft, unshared, _record(session, later, registration)])
    entry = {"organizer_address": "a@b.example", "dtstamp": at, "created_at": at}
    whose = {"booking_id": booking.id, "member_id": outsider.id}
    session.add(CalendarObject(uid="m1@dialog.example", content_hash="x", **entry, **whose))
    session.flush()
    ics = f"ATTENDEE;CN={COLLEAGUE}".encode()
    session.add(CalendarRevision(uid="m1@dialog.example", sequence=0, method="REQUEST", ics=ics))
    session.flush()


def _record(session: Session, slot: Slot, registration: Registration) -> Minutes:
    """Of another meeting: sent, corrected, approved, and opened again. What was shown to somebody,
    what the supplier answered and marked is a record and stays; what is begun anew is none."""
    booking = make_booking(session, slot, registration)
    minutes = Minutes(
        booking_id=booking.id,
        state="checked",
        text="ändras om Ingegerd",
        correction="Fel pris",
        correction_answer="svaras kanske till Ingegerd",
        reason="ändras om Ingegerd",
        created_at=NOW,
        changed_at=NOW,
    )
    common = {"text": "Priset är 40 kr", "at": NOW}
    minutes.versions = [
        MinutesVersion(number=1, **common),
        MinutesVersion(number=2, is_approved=True, **common),
    ]
    minutes.marks = [SecrecyMark(passage="40 kr", reason="Konkurrens", marked_at=NOW)]
    return minutes
