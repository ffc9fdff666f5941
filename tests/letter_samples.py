"""One letter of every kind, made by the code that makes the real ones, without a database."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from dialognav.domain.calendar import entry_to_json
from dialognav.domain.digests import VERBS, Waits
from dialognav.domain.terms import Attending, Mode, PartyKind, Seat
from dialognav.i18n import speaking
from dialognav.mail.access_notices import answer_letter
from dialognav.mail.audience import NOBODY, Standing
from dialognav.mail.changes import Changes, announced, said_changes, said_of_all
from dialognav.mail.digest_letters import Away, digest_letter
from dialognav.mail.event_invitations import invitation_letter
from dialognav.mail.feed_letters import feed_link_letter
from dialognav.mail.following_letters import NewsWriter, confirm_letter, known_letter
from dialognav.mail.letters import Letter, Writer, own_link, sender_facts
from dialognav.mail.message_letters import MessageWriter
from dialognav.mail.messages import words
from dialognav.mail.post import Post
from dialognav.mail.privacy_letters import answered_letter, received_letter
from dialognav.mail.recipients import Recipient
from dialognav.mail.reply_notices import (
    again_letter,
    no_letter,
    organiser_letter,
    passed_on_letter,
    time_declined_letter,
)
from dialognav.mail.review_notices import decision_facts
from dialognav.mail.seat_letters import (
    contact_letter,
    envelope,
    offered_letter,
    pending_letter,
    queue_facts,
    queue_letter,
    review_letter,
    seat_letter,
)
from dialognav.mail.stationery import Stationery
from dialognav.models import (
    Attendance,
    CalendarFeed,
    CalendarObject,
    Event,
    EventInvitation,
    InboundMail,
    Membership,
    Message,
    Occasion,
    Organisation,
    Participant,
    PrivacyRequest,
    Registration,
    Subscription,
    User,
)
from tests.conftest import NOW

POST = Post("https://dialog.example", "dialog@dialog.example", "dialog.example", 300)
STATIONERY = Stationery("https://dialog.example", "dialog.example", "not-a-secret-" * 4)
UID = "raaaaaaaaaaaaaaaaaaaaaaaaaa@inv.dialog.example"
STARTS = NOW.replace(month=2, day=10, hour=8)
MEETING = "https://meet.example/j/4711-hemlig"


@dataclass(frozen=True)
class Sample:
    """What render() needs of a letter."""

    kind: str
    language: str
    facts: Mapping[str, Any]
    recipient: str
    recipient_name: str
    public_id: str = "0123456789abcdef0123456789abcdef"
    created_at: datetime = NOW


class World:
    """An event in three languages, a registration, and one person of it."""

    def __init__(self, language: str = "sv", mode: str = Mode.ON_SITE, **given: Any) -> None:
        self.organisation = Organisation(
            id=1,
            slug="region-tallvik",
            name={"sv": "Region Tallvik", "en": "Tallvik Region"},
            email="upphandling@tallvik.example",
            phone="0900-10 00 00",
            primary_language="sv",
            mail_from_name="",
            mail_sender="",
            zone="Europe/Stockholm",
            country="SE",
        )
        self.event = Event(
            id=7,
            public_id="eventeventev",
            slug="hemmonitorering",
            organisation=self.organisation,
            organisation_id=1,
            kind="market_dialogue",
            format="hybrid",
            promotion=given.pop("promotion", "confirm"),
            state="published",
            starts_at=STARTS,
            offer_hours=24,
            queue_ends_hours=12,
            waiting_list=True,
            primary_language="sv",
            zone="Europe/Stockholm",
            title={"sv": "Egenmonitorering i hemmet", "en": "Home monitoring"},
            summary={"sv": "Vi vill höra hur marknaden ser på hemmonitorering; alla är välkomna."},
            reason={"sv": "För få anmälda. Vi återkommer i höst."},
            contact_name="Karin Lund",
            contact_email="karin.lund@tallvik.example",
            contact_phone="0900-10 00 01",
        )
        self.occasion = Occasion(
            id=11,
            event=self.event,
            event_id=7,
            position=0,
            starts_at=STARTS,
            ends_at=STARTS + timedelta(hours=6, minutes=30),
            all_day=False,
            venue={"sv": "Sal Unden, Tallviks folkets hus"},
            address="Järnvägsgatan 3",
            directions={"sv": "Ingång från gården, hiss finns."},
            latitude=59.27412,
            longitude=15.21406,
            online_url=MEETING,
            online_service="Teams",
        )
        self.registration = Registration(
            id=21,
            public_id="registration",
            generation=0,
            event=self.event,
            event_id=7,
            party_name="Nordsensor AB",
            party_kind=given.pop("party_kind", PartyKind.COMPANY),
            contact_name="Malin Ekdahl",
            contact_email="malin.ekdahl@nordsensor.example",
            language=language,
            created_at=NOW,
        )
        self.participant = Participant(
            id=31,
            public_id="participants",
            generation=0,
            registration=self.registration,
            registration_id=21,
            name=given.pop("name", "Oskar Thelin"),
            email=given.pop("email", "oskar.thelin@nordsensor.example"),
        )
        self.attendance = Attendance(
            id=41,
            participant=self.participant,
            participant_id=31,
            occasion=self.occasion,
            occasion_id=11,
            mode=mode,
            state=given.pop("state", Seat.CONFIRMED),
            offer_ends_at=given.pop("offer_ends_at", None),
        )
        self.is_contact = given.pop("is_contact", False)
        assert not given

    @property
    def standing(self) -> Standing:
        return Standing(
            attendance=self.attendance,
            occasion=self.occasion,
            participant=self.participant,
            registration=self.registration,
            position=3 if self.attendance.state == Seat.WAITING else None,
            is_contact=self.is_contact,
        )

    def moved(self) -> list[dict[str, Any]]:
        """Move the event an hour and to another house; what its reader has to be told."""
        before = announced(self.event)
        self.occasion.starts_at += timedelta(hours=1)
        self.occasion.ends_at += timedelta(hours=1)
        self.occasion.venue = {"sv": "Rådhuset"}
        changes = Changes(before, announced(self.event))
        language, seat = self.registration.language, self.attendance.state
        return said_changes(
            changes, 11, language, mode=self.attendance.mode, confirmed=seat == Seat.CONFIRMED
        )


class Course(World):
    """The same dialogue on `dates` Wednesdays, of which the third may have another place."""

    def __init__(self, language: str = "sv", mode: str = Mode.ON_SITE, **given: Any) -> None:
        dates, attending = given.pop("dates", 4), given.pop("attending", Attending.SERIES)
        super().__init__(language, mode, **given)
        self.event.attending = attending
        self.event.recurrence = f"FREQ=WEEKLY;COUNT={dates}"
        self.occasion.title = {"sv": "Behoven", "en": "The needs"}
        self.occasion.recurs_at = self.occasion.starts_at
        self.seats = [self.attendance, *(self._seat(n) for n in range(1, dates))]

    def _seat(self, n: int) -> Attendance:
        starts_at = self.occasion.starts_at + timedelta(weeks=n)
        occasion = Occasion(
            id=self.occasion.id + n,
            event=self.event,
            event_id=7,
            position=n,
            starts_at=starts_at,
            ends_at=starts_at + (self.occasion.ends_at - self.occasion.starts_at),
            all_day=False,
            recurs_at=starts_at,
            title={"sv": f"Träff {n + 1}", "en": f"Meeting {n + 1}"} if n > 1 else {},
            venue={"sv": "Rådhuset"} if n == 2 else self.occasion.venue,
            address=self.occasion.address,
            directions=self.occasion.directions,
            online_url=self.occasion.online_url,
            online_service=self.occasion.online_service,
        )
        return Attendance(
            id=self.attendance.id + n,
            participant=self.participant,
            participant_id=self.participant.id,
            occasion=occasion,
            occasion_id=occasion.id,
            mode=self.attendance.mode,
            state=self.attendance.state,
        )

    def standing_at(self, *dates: int, **how: Any) -> Standing:
        """One letter about these, counted from 0."""
        first, *others = (
            replace(
                self.standing,
                attendance=self.seats[n],
                occasion=self.seats[n].occasion,
                position=n + 1 if self.seats[n].state == Seat.WAITING else None,
            )
            for n in dates
        )
        return replace(first, others=tuple(others), **how)

    def leave(self, *dates: int) -> Standing:
        """Withdrawn from these, which one letter tells."""
        for n in dates:
            self.seats[n].state = Seat.WITHDRAWN
        return self.standing_at(*dates)


def course_letter(kind: str, course: Course, standing: Standing, **how: Any) -> Letter:
    return seat_letter(Writer(course.event, POST), standing, kind, **how)


def numbered(letter: Letter, sequence: int = 0) -> Letter:
    """With its calendar part as outbox.promise() makes it, under a UID that is known."""
    if letter.appointment is None:
        return letter
    row = CalendarObject(
        uid=UID,
        participant_id=31,
        occasion_id=11,
        organizer_address=letter.facts["sender"],
        sequence=sequence,
        dtstamp=NOW,
        created_at=NOW,
        partstat="NEEDS-ACTION",
    )
    entry = entry_to_json(letter.appointment.mailed(row))
    return replace(
        letter, facts=letter.facts | {"method": letter.appointment.method, "entry": entry}
    )


def sample(letter: Letter, sequence: int = 0) -> Sample:
    made = numbered(letter, sequence)
    return Sample(made.kind, made.language, made.facts, made.recipient, made.recipient_name)


def seat_sample(kind: str, world: World, sequence: int = 0, **how: Any) -> Sample:
    """A letter to someone with a seat: kind, method and more as seat_letter() takes them."""
    return sample(seat_letter(Writer(world.event, POST), world.standing, kind, **how), sequence)


def every_kind(language: str, mode: str = Mode.ON_SITE) -> dict[str, list[Sample]]:
    """Kind -> samples, each variant of a letter at least once."""
    from tests.meeting_samples import meeting_kinds  # which are made of these

    with speaking("en"):  # the language of whoever causes a letter is none of its business
        parts = (
            _of_access(language, mode),
            _of_seats(language, mode),
            _of_courses(language, mode),
            _of_reviews(language, mode),
            _of_queue(language, mode),
            _of_changes(language, mode),
            _of_all(language, mode),
            _of_links(language),
            _of_followers(language),
            _of_invitations(language),
            _of_privacy(language),
            _of_replies(language, mode),
            _of_messages(language, mode),
            meeting_kinds(language, mode),
        )
    every: dict[str, list[Sample]] = {}
    for part in parts:
        for kind, samples in part.items():
            every.setdefault(kind, []).extend(samples)
    return every


def _world(language: str, mode: str, **given: Any) -> World:
    return World(language, mode, **given)


def _of_seats(language: str, mode: str) -> dict[str, list[Sample]]:
    world = _world(language, mode)
    contact = _world(language, mode, is_contact=True)
    queued = _world(language, mode, state=Seat.WAITING)
    writer = Writer(world.event, POST)
    request: dict[str, Any] = {"method": "REQUEST"}
    left = {"method": "CANCEL", "declined": True}
    people = {"people": {"confirmed": 2, "waiting": 1}}
    withdrawn = [
        seat_sample("withdrawn", world, 1, **left, more={"by": by})
        for by in ("self", "organiser", "swap", "merged", "calendar")
    ]
    return {
        "place_confirmed": [
            seat_sample("place_confirmed", world, **request),
            seat_sample("place_confirmed", contact, **request),
        ],
        "place_changed": [seat_sample("place_changed", world, 1, **request)],
        "promoted": [seat_sample("promoted", world, **request)],
        "place_waiting": [sample(queue_letter(writer, queued.standing, "place_waiting"))],
        "withdrawn": withdrawn,
        "withdrawn_plain": [without_entry(replace(withdrawn[0], kind="withdrawn_plain"))],
        "receipt": [sample(contact_letter(writer, world.registration, "receipt", more=people))],
    }


def _of_courses(language: str, mode: str) -> dict[str, list[Sample]]:
    """A series; sessions with a letter each; and so many that one letter tells all."""
    course, one_off, two_off = (Course(language, mode) for _ in range(3))
    chosen = Course(language, mode, attending=Attending.CHOOSE, dates=7)
    queued = Course(language, mode, attending=Attending.CHOOSE, state=Seat.WAITING)
    request, left = {"method": "REQUEST"}, {"method": "CANCEL", "declined": True}
    in_feed = chosen.standing_at(*range(6), in_feed=True)
    before = announced(course.event)
    for seat in course.seats[1:]:
        seat.occasion.starts_at += timedelta(hours=1)
    changes = Changes(before, announced(course.event))
    seats = [(seat.occasion.id, mode) for seat in course.seats]
    told = {"changes": said_of_all(changes, seats, language, confirmed=True)}
    whole = course.standing_at(0, 1, 2, 3)
    waiting = queue_letter(Writer(queued.event, POST), queued.standing_at(0, 1, 2), "place_waiting")
    return {
        "place_confirmed": [
            sample(course_letter("place_confirmed", course, whole, **request)),
            sample(
                course_letter(
                    "place_confirmed", chosen, chosen.standing_at(1, number=(2, 3)), **request
                )
            ),
            sample(course_letter("place_confirmed", chosen, in_feed, **request)),
        ],
        "changed": [sample(course_letter("changed", course, whole, more=told, **request), 1)],
        "withdrawn": [
            sample(
                course_letter("withdrawn", one_off, one_off.leave(1), more={"by": "self"}, **left),
                1,
            ),
            sample(
                course_letter(
                    "withdrawn", two_off, two_off.leave(1, 2), more={"by": "self"}, **left
                ),
                1,
            ),
        ],
        "place_waiting": [sample(waiting)],
    }


def _of_queue(language: str, mode: str) -> dict[str, list[Sample]]:
    ends = {"offer_ends_at": NOW + timedelta(hours=24), "promotion": "offer"}
    offered = _world(language, mode, state=Seat.OFFERED, **ends)
    lapsed = _world(language, mode, state=Seat.LAPSED, **ends)
    queued = _world(language, mode, state=Seat.WAITING)
    writer = Writer(offered.event, POST)
    moved = {"changes": offered.moved()}
    registration = offered.registration
    told = {"people": NOBODY | {"offered": 2}} | queue_facts(offered.event, offered.attendance)
    rejoin = [{"may_rejoin": may} for may in (True, False)]
    closed = [{"closed_by": by} for by in ("time", "procurement")]
    return {
        "offered": [
            sample(offered_letter(writer, offered.standing)),
            sample(contact_letter(writer, registration, "offered", more=told)),
        ],
        "lapsed": [
            *(sample(queue_letter(writer, lapsed.standing, "lapsed", more=m)) for m in rejoin),
            sample(contact_letter(writer, registration, "lapsed", more=told | rejoin[0])),
        ],
        "no_place": [
            *(sample(queue_letter(writer, queued.standing, "no_place", more=m)) for m in closed),
            sample(contact_letter(writer, registration, "no_place", more=closed[0])),
        ],
        "changed_waiting": [
            sample(queue_letter(writer, offered.standing, "changed_waiting", more=moved))
        ],
        **{
            kind: [sample(queue_letter(writer, offered.standing, kind))]
            for kind in ("postponed", "new_date", "cancelled")
        },
        "place_waiting": [sample(queue_letter(writer, queued.standing, "place_waiting"))],
    }


def _of_reviews(language: str, mode: str) -> dict[str, list[Sample]]:
    looked_at = _world(language, mode, state=Seat.PENDING)
    kept = _world(language, mode, state=Seat.PENDING)
    kept.attendance.keeps_seat = True
    known = _world(language, mode, state=Seat.PENDING)
    known.attendance.keeps_seat = True
    known.registration.approved = {
        "people": [{"id": known.participant.id, "email": known.participant.email}]
    }
    gone = _world(language, mode, state=Seat.DECLINED)
    writer = Writer(gone.event, POST)
    own = {"sv": "Kom gärna till höstens dag.", "en": "Do come in autumn."}
    declined = {"method": "CANCEL", "declined": True}
    with_entry = [
        seat_sample(
            "declined", gone, 1, more=decision_facts(gone.event, reason, text, language), **declined
        )
        for reason, text in (("newcomers", {}), ("mandate", own), ("other", own), ("other", {}))
    ]
    part = decision_facts(gone.event, "limit", {}, language)
    left = [{"people": {"confirmed": n, "waiting": 0, "pending": 0}} for n in (0, 1)]
    return {
        "place_pending": [sample(pending_letter(writer, w.standing)) for w in (looked_at, kept)],
        "change_pending": [sample(pending_letter(writer, known.standing))],
        "change_approved": [sample(review_letter(writer, known.standing, "change_approved"))],
        "declined": [
            *with_entry,
            without_entry(with_entry[1]),
            *(
                sample(contact_letter(writer, gone.registration, "declined", more=part | people))
                for people in left
            ),
        ],
    }


def _of_invitations(language: str) -> dict[str, list[Sample]]:
    event = World(language).event
    event.registration_closes_at = STARTS - timedelta(days=7)
    writer = Writer(event, POST)
    invitation = EventInvitation(
        id=51,
        public_id="eventinvites",
        generation=0,
        party_name="Nordsensor AB",
        name="Malin Ekdahl",
        email="malin.ekdahl@nordsensor.example",
        language=language,
    )
    first = sample(invitation_letter(writer, invitation))
    event.registration_opens_at = NOW + timedelta(days=1)
    return {"event_invitation": [first, sample(invitation_letter(writer, invitation))]}


def without_entry(made: Sample) -> Sample:
    kept = {key: value for key, value in made.facts.items() if key not in ("entry", "method")}
    return replace(made, facts=kept)


def _of_access(language: str, mode: str) -> dict[str, list[Sample]]:
    world = _world(language, mode)
    return {"access_answer": [sample(answer_letter(Writer(world.event, POST), world.standing))]}


def _of_changes(language: str, mode: str) -> dict[str, list[Sample]]:
    world, queued = _world(language, mode), _world(language, mode, state=Seat.WAITING)
    changed = {"changes": world.moved() or _link_changed(world)}
    waiting = {"changes": queued.moved()}
    writer = Writer(queued.event, POST)
    return {
        "changed": [seat_sample("changed", world, 1, method="REQUEST", more=changed)],
        "changed_waiting": [
            sample(queue_letter(writer, queued.standing, "changed_waiting", more=waiting)),
            sample(contact_letter(writer, queued.registration, "changed_waiting", more=waiting)),
        ],
    }


def _link_changed(world: World) -> list[dict[str, Any]]:
    return [{"what": "link", "before": "", "now": world.occasion.online_url}]


def _of_all(language: str, mode: str) -> dict[str, list[Sample]]:
    world, queued = _world(language, mode), _world(language, mode, state=Seat.WAITING)
    made = {}
    one_off = seat_sample("occasion_cancelled", world, 1, method="CANCEL")
    waits = queue_letter(Writer(queued.event, POST), queued.standing, "occasion_cancelled")
    made["occasion_cancelled"] = [one_off, sample(waits), without_entry(one_off)]
    for kind, method in (("postponed", "CANCEL"), ("new_date", "REQUEST"), ("cancelled", "CANCEL")):
        writer = Writer(world.event, POST)
        with_entry = seat_sample(kind, world, 1, method=method)
        made[kind] = [
            with_entry,
            sample(queue_letter(Writer(queued.event, POST), queued.standing, kind)),
            sample(contact_letter(writer, world.registration, kind)),
        ]
        if method == "CANCEL":
            made[kind].append(without_entry(with_entry))
    return made


MESSAGE = """Hello {first name}!

Three things before **{date}**, {time}, at {place}:

1. Read chapter 2 of https://dialog.example/_a_/behov.
2. [Say]({my page}) whether you need:
   - an interpreter
   - *other* help
3. Join here: {link}

> {organisation} is registered for {event}. {event page}

| What | When |
|---|---|
| Questions | {date} |

Regards
{organiser}"""


def _of_messages(language: str, mode: str) -> dict[str, list[Sample]]:
    """In the reader's language, in another for want of a translation, and news."""
    subject, body = {"en": "Before {event}"}, {"en": MESSAGE}
    own = {"subject": {language: "Till {namn}"}, "body": {language: "Hej {namn}!\n\n{länk}"}}
    return {
        "message": [
            message_sample(World(language, mode), subject=subject, body=body),
            message_sample(World(language, mode, state=Seat.WAITING, is_contact=True), **own),
            message_sample(World(language, mode), purpose="news", **own),
        ]
    }


def message_sample(world: World, **given: Any) -> Sample:
    """What one reader gets of a message."""
    message = Message(id=5, organisation_id=1, **{"purpose": "registration"} | given)
    message.primary_language = next(iter(message.body))
    whose = world.registration if world.is_contact else world.participant
    reader = Recipient(
        participant_id=world.participant.id,
        registration_id=world.registration.id,
        event_id=world.event.id,
        email=world.participant.email,
        name=world.participant.name,
        party=world.registration.party_name,
        language=world.registration.language,
        state=world.attendance.state,
        mode=world.attendance.mode,
        is_contact=world.is_contact,
        is_dead=False,
        occasion_id=world.occasion.id,
        public_id=whose.public_id,
        generation=0,
    )
    letter = MessageWriter(message, None, POST, {world.event.id: world.event}).letter(reader)
    facts = {**letter.facts, "words": words(message, letter.language)}
    return sample(replace(letter, facts=facts))


def _of_followers(language: str) -> dict[str, list[Sample]]:
    world, other = World(language), World(language)
    other.event.id, other.event.registration_closes_at = 8, NOW + timedelta(days=14)
    everything = follower(language)
    ours = follower(
        language,
        organisation=world.organisation,
        organisation_id=1,
        kinds=["seminar", "workshop"],
        phases=["pre_study"],
        cpv="33196000",
        region="SE232",
        frequency="at_once",
    )
    weekly = follower(language, organisation=world.organisation, organisation_id=1)
    both = [everything, ours]
    return {
        "follow_confirm": [sample(confirm_letter(each, post=POST)) for each in both],
        "follow_links": [sample(known_letter(ours, both, post=POST))],
        "follow_news": [
            sample(NewsWriter(POST).letter([everything], [world.event, other.event])),
            sample(NewsWriter(POST).letter([ours], [other.event])),
            sample(NewsWriter(POST).letter([weekly, everything], [other.event])),
        ],
    }


def follower(language: str, **given: Any) -> Subscription:
    standard = {"kinds": [], "phases": [], "cpv": "", "region": "", "frequency": "weekly"}
    return Subscription(
        public_id="subscription",
        email="frida.ek@leverantor.example",
        language=language,
        **standard | given,
    )


def _digest(organisation: Organisation, language: str) -> Letter:
    """Of every kind that may wait, one line and several, in one's own place and a colleague's."""
    page = "/manage/events/dialogdialog/review"
    user = User(id=7, email="eva@tallvik.example", name="Eva Ek", language=language)
    waiting = [Waits(kind, number, page) for number, kind in enumerate(VERBS, 1)]
    waiting[0] = Waits("reviews", 3, page, "Egenmonitorering i hemmet", "sv")
    waiting[-1] = Waits("deadlines", 1, page, "Egenmonitorering i hemmet", "sv", at=NOW)
    away = [Away("Maja Ek", "2027-02-12"), Away("Nils Ek", None)]
    reader = Membership(id=5, user=user, organisation=organisation)
    return digest_letter(reader, waiting, away, post=POST)


def _of_links(language: str) -> dict[str, list[Sample]]:
    world = World(language)
    sender = sender_facts(world.organisation, language, POST)
    links = [
        {
            "title": ["Egenmonitorering i hemmet", "sv"],
            "when": envelope(world.event),
            "whose": whose,
            "link": own_link(row),
        }
        for whose, row in (("", world.registration), ("Oskar Thelin", world.participant))
    ]
    feed = CalendarFeed(
        public_id="calendarfeed",
        address="eva@tallvik.example",
        language=language,
        expires_at=NOW + timedelta(hours=1),
    )
    link = {"purpose": "invite", "public_id": "onetimelinks"}
    staff = {"expires_at": (NOW + timedelta(days=7)).isoformat(), "zone": "Europe/Stockholm"}
    nobody = sender_facts(None, language, POST)
    person: dict[str, Any] = {"language": language, "recipient": "eva@tallvik.example"}
    return {
        "links": [Sample("links", facts=sender | {"links": links}, recipient_name="", **person)],
        "already_registered": [
            Sample(
                "already_registered", facts=sender | {"links": links}, recipient_name="", **person
            )
        ],
        "handed_over": [
            Sample("handed_over", facts=sender | {"links": links}, recipient_name="", **person)
        ],
        "merged": [Sample("merged", facts=sender | {"links": links}, recipient_name="", **person)],
        "calendar_link": [
            sample(feed_link_letter(feed, whose, post=POST)) for whose in (None, world.organisation)
        ],
        "staff_invitation": [
            Sample(
                "staff_invitation",
                facts=sender | staff | {"link": link},
                recipient_name="Eva Ek",
                **person,
            )
        ],
        "staff_digest": [sample(_digest(world.organisation, language))],
        "password_reset": [
            Sample(
                "password_reset",
                facts=nobody | staff | {"link": link | {"purpose": "reset"}},
                recipient_name="Eva Ek",
                **person,
            )
        ],
    }


def _of_replies(language: str, mode: str) -> dict[str, list[Sample]]:
    """What is written because of a mail that came in."""
    world = _world(language, mode)
    writer, standing = Writer(world.event, POST), world.standing
    world.organisation.primary_language = language
    numbered = CalendarObject(
        uid=UID,
        participant_id=31,
        occasion_id=11,
        organizer_address="dialog@dialog.example",
        sequence=0,
        dtstamp=NOW,
        created_at=NOW,
        partstat="TENTATIVE",
    )

    def to_organiser(kind: str, event: Event | None, **given: Any) -> Sample:
        mail = InboundMail(public_id="inboundmails", **given)
        reach = "upphandling@tallvik.example"
        return sample(
            organiser_letter(kind, world.organisation, event, mail, reach, now=NOW, post=POST)
        )

    wrote = {"sender": "dag.berg@nordsensor.example", "sender_name": "Dag Berg"}
    starts, ends = STARTS + timedelta(hours=4), STARTS + timedelta(hours=6)
    proposal = {"proposed_starts_at": starts, "proposed_ends_at": ends, "participant": None}
    passed_on = InboundMail(sender="cia@annat.example", sender_name="Cia Cederberg")
    return {
        "confirm_no": [
            sample(no_letter(writer, standing, number, until))
            for number, until in ((1, NOW + timedelta(hours=48)), (3, None))
        ],
        "passed_on": [sample(passed_on_letter(writer, standing, passed_on))],
        "sent_again": [sample(again_letter(writer, standing, numbered))],
        "time_declined": [
            sample(time_declined_letter(writer, standing, numbered, text, now=NOW))
            for text in ("", "Salen är upptagen då.")
        ],
        "mail_forwarded": [
            to_organiser(
                "mail_forwarded",
                world.event,
                subject="SV: Inbjudan",
                text="Hej!\n\nJag kan tyvärr inte.\n\nDag",
                participant=world.participant,
                **wrote,
            ),
            to_organiser("mail_forwarded", None, sender="x@y.example", subject="", text=""),
        ],
        "time_proposed": [
            to_organiser(
                "time_proposed", world.event, subject="Ny tid", text=text, **wrote, **proposal
            )
            for text in ("", "Går eftermiddagen?")
        ],
    }


def _of_privacy(language: str) -> dict[str, list[Sample]]:
    world = World(language)

    def asked(wish: str, participant: Participant | None, outcome: str = "") -> PrivacyRequest:
        return PrivacyRequest(
            registration=world.registration,
            participant=participant,
            wish=wish,
            outcome=outcome,
            created_at=NOW,
        )

    def answered(wish: str, outcome: str, *, erased: bool = False) -> Sample:
        request = asked(wish, world.participant, outcome)
        said = "Vi får inte ta bort det förrän 2029 (RS 2025-00017)."
        letter = answered_letter(world.event, request, said, erased=erased, post=POST)
        return sample(letter)

    outcomes = ("done", "partly", "refused")
    return {
        "privacy_received": [
            sample(received_letter(world.event, asked(wish, person), post=POST))
            for wish, person in (("erase", None), ("rectify", world.participant))
        ],
        "privacy_answered": [
            *(answered(wish, each) for wish in ("erase", "rectify") for each in outcomes),
            answered("erase", "done", erased=True),
        ],
    }
