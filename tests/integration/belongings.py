"""What an organisation has, one of each kind: for those who try to reach it from outside."""

from datetime import timedelta

from sqlalchemy.orm import Session

from dialognav.models import (
    Announcement,
    Answer,
    AnswerFile,
    DisposalHold,
    DisposalRun,
    Document,
    DocumentVersion,
    Draw,
    EventInvitation,
    ExternalCalendar,
    FormField,
    InboundMail,
    Letter,
    MeetingBreak,
    MeetingNote,
    Membership,
    Message,
    MessagePlan,
    MessageTemplate,
    Minutes,
    Organisation,
    PrivacyRequest,
    Registration,
    SharedItem,
    StagedCalendar,
    StagedFile,
    User,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration, make_user
from tests.meeting_factories import make_booking, make_request, make_rules, make_slots

HOUR = timedelta(hours=1)


def make_things(session: Session, here: Organisation) -> dict[str, str]:
    """One of everything that belongs to an organisation: {argument of a manage route: id}."""
    event = make_event(session, here)
    registration = make_registration(session, event)
    participant = make_participant(session, registration)
    waits = make_participant(session, registration, state="waiting", queue_number=1)
    document = Document(event=event, name={"sv": "Behov"})
    document.versions = [
        DocumentVersion(
            number=1,
            filename="behov.txt",
            media_type="text/plain",
            size=1,
            sha256="",
            content=b"x",
            created_at=NOW,
        )
    ]
    times = {"created_at": NOW, "due_at": NOW}
    letter = Letter(
        public_id="letter1",
        organisation_id=here.id,
        event_id=event.id,
        kind="links",
        stream="x",
        recipient="hemlig@leverantor.example",
        language="sv",
        facts={},
        status="given_up",
        **times,
    )
    message = Message(
        organisation_id=here.id,
        event_id=event.id,
        subject={"sv": "Om hemmonitorering"},
        body={"sv": "Hej {namn}!"},
        created_at=NOW,
        changed_at=NOW,
    )
    template = MessageTemplate(
        organisation_id=here.id, name="Om hemmonitorering", created_at=NOW, changed_at=NOW
    )
    session.add_all([message, template])
    session.flush()
    letter.message_id = message.id
    invitation = EventInvitation(
        event=event,
        party_name="Hemliga AB",
        email="hemlig@leverantor.example",
        language="sv",
        created_at=NOW,
    )
    session.add_all([document, letter, invitation])
    user = make_user(session, here, "planner", name="Petra Plan")
    session.flush()
    member = session.query(Membership).filter_by(user_id=user.id).one()
    hold = DisposalHold(organisation_id=here.id, diary_number="X 1", created_at=NOW)
    run = DisposalRun(organisation_id=here.id, proposed_at=NOW, proposal={"events": []})
    asked = PrivacyRequest(registration=registration, wish="erase", created_at=NOW)
    plan = MessagePlan(event=event, kind="reminder", days=-7, created_at=NOW)
    report = StagedFile(
        event_id=event.id,
        user_id=user.id,
        purpose="presence",
        filename="report.csv",
        content=b"Name,Email\nPetra,x@y.example\n",
        created_at=NOW,
    )
    staged = StagedFile(
        event_id=event.id,
        user_id=user.id,
        purpose="participants",
        filename="lista.csv",
        content=b"Organisation;Namn;E-post\nX AB;Petra;x@y.example\n",
        created_at=NOW,
    )
    mail = InboundMail(
        fingerprint="0" * 64,
        organisation_id=here.id,
        event_id=event.id,
        participant_id=participant.id,
        received_at=NOW,
        sender="hemlig@leverantor.example",
        subject="Om hemmonitorering",
        kind="person",
        state="open",
        raw=b"x",
    )
    announced = Announcement(
        event_id=event.id, place="ted", announced_at=NOW, noted_at=NOW, noted_by_id=user.id
    )
    session.add_all([plan, hold, run, asked, report, staged, mail, announced])
    session.flush()
    return {
        "public_id": event.public_id,
        "occasion_id": str(event.occasions[0].id),
        "seat_id": str(waits.attendances[0].id),
        "registration_id": registration.public_id,
        "participant_id": participant.public_id,
        "document_id": document.public_id,
        **_asked(session, registration),
        "letter_id": letter.public_id,
        "message_id": message.public_id,
        "template_id": template.public_id,
        "mail_id": mail.public_id,
        "invitation_id": invitation.public_id,
        "announcement_id": announced.public_id,
        "member_id": str(member.id),
        "hold_id": hold.public_id,
        "run_id": run.public_id,
        "request_id": asked.public_id,
        "plan_id": plan.public_id,
        "report_id": report.public_id,
        "staged_id": staged.public_id,
        **_calendars(session, here, user),
        **_meetings(session, registration, user),
        "kind": "csv",
    }


def _asked(session: Session, registration: Registration) -> dict[str, str]:
    """An extra question with a file for an answer."""
    event = registration.event
    field = FormField(
        organisation_id=event.organisation_id, event_id=event.id, kind="file", label={"sv": "Vad?"}
    )
    session.add(field)
    session.flush()
    answer = Answer(field=field, registration_id=registration.id, value={}, changed_at=NOW)
    answer.file = AnswerFile(
        filename="hemlig.txt", media_type="text/plain", size=1, sha256="", content=b"x"
    )
    session.add(answer)
    session.flush()
    event.has_fields = True
    return {"field_id": field.public_id, "file_id": answer.file.public_id}


def _meetings(session: Session, registration: Registration, user: User) -> dict[str, str]:
    """Rules, a table, a booked meeting with notes and minutes, a request, a draw, a shared item."""
    event = registration.event
    make_rules(session, event)
    [slot] = make_slots(session, event, number=1)
    booking = make_booking(session, slot, registration, topics="Hemlig radiomodul")
    request = make_request(session, registration, [slot])
    draw = Draw(event_id=event.id, hand_out="lot", commitment="", seed="", committed_at=NOW)
    common = {"booking_id": booking.id, "created_at": NOW}
    minutes = Minutes(text="Hemliga minnesanteckningar", changed_at=NOW, **common)
    item = SharedItem(event_id=event.id, number=1, text={"sv": "Hemligt än"}, **common)
    note = MeetingNote(booking_id=booking.id, writer_id=user.id, text="Hemligt", changed_at=NOW)
    pause = MeetingBreak(event_id=event.id, starts_at=slot.ends_at, ends_at=slot.ends_at + HOUR)
    session.add_all([draw, minutes, item, note, pause])
    session.flush()
    return {
        "table_id": slot.table.public_id,
        "slot_id": slot.public_id,
        "team_member_id": slot.staff[0].member.public_id,
        "booking_id": booking.public_id,
        "meeting_request_id": request.public_id,
        "draw_id": draw.public_id,
        "minutes_id": minutes.public_id,
        "item_id": item.public_id,
        "break_id": str(pause.id),
    }


def _calendars(session: Session, here: Organisation, user: User) -> dict[str, str]:
    """Another authority's calendar that is listed, one that is looked at, and a file."""
    listed = ExternalCalendar(
        organisation_id=here.id,
        name="Hemliga kalendern",
        url="https://hemlig.example/a.ics",
        created_at=NOW,
        due_at=NOW,
    )
    content = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    common = {"organisation_id": here.id, "user_id": user.id, "content": content, "created_at": NOW}
    look, upload = StagedCalendar(url="https://hemlig.example/", **common), StagedCalendar(**common)
    session.add_all([listed, look, upload])
    session.flush()
    return {
        "calendar_id": listed.public_id,
        "look_id": look.public_id,
        "upload_id": upload.public_id,
    }
