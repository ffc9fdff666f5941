"""A standard letter as somebody made up would get it: shown to those who write words for it.

Made by the code that makes the real ones, of rows that are in no session and never stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from dialognav.domain.standard_letters import KINDS, OwnWords
from dialognav.domain.terms import Format, Mode, Seat
from dialognav.domain.timing import to_instant, to_wall
from dialognav.i18n import gettext as _
from dialognav.i18n import speaking
from dialognav.mail.access_notices import answer_letter
from dialognav.mail.audience import NOBODY, Standing
from dialognav.mail.event_invitations import invitation_letter
from dialognav.mail.letters import Facts, Letter, Writer
from dialognav.mail.own_words import FACT, own_facts
from dialognav.mail.post import Post
from dialognav.mail.review_notices import decision_facts
from dialognav.mail.sample_meetings import meeting_letter
from dialognav.mail.seat_letters import (
    contact_letter,
    offered_letter,
    pending_letter,
    queue_letter,
    review_letter,
    seat_letter,
)
from dialognav.models import (
    Attendance,
    Event,
    EventInvitation,
    Occasion,
    Organisation,
    Participant,
    Registration,
)

_EVENT = (
    *("slug", "kind", "format", "promotion", "offer_hours", "queue_ends_hours", "waiting_list"),
    *("primary_language", "zone", "title", "summary", "contact_name", "contact_email"),
    *("contact_phone", "registration_opens_at", "registration_closes_at"),
)
_OCCASION = (
    *("starts_at", "ends_at", "all_day", "venue", "address", "directions", "title"),
    *("online_url", "online_service", "latitude", "longitude"),
)
_OWNER = (
    *("id", "slug", "name", "email", "phone", "primary_language", "mail_from_name"),
    *("mail_sender", "zone", "country"),
)

_SEATS = {
    "place_waiting": Seat.WAITING,
    "changed_waiting": Seat.WAITING,
    "no_place": Seat.WAITING,
    "place_pending": Seat.PENDING,
    "offered": Seat.OFFERED,
    "lapsed": Seat.LAPSED,
}
_GONE = ("withdrawn", "declined", "occasion_cancelled", "postponed", "cancelled")
_CHANGED = ("changed", "changed_waiting", "place_changed")


@dataclass(frozen=True, slots=True)
class SampleLetter:
    """What a letter is made from (mail/render.py)."""

    kind: str
    language: str
    facts: Mapping[str, Any]
    recipient: str
    recipient_name: str
    created_at: datetime
    public_id: str = "0" * 32


def sample_letter(
    kind: str,
    language: str,
    owner: Organisation,
    event: Event | None,
    own: OwnWords,
    *,
    now: datetime,
    post: Post,
) -> SampleLetter:
    """Of one of standard_letters.KINDS, about the event or, without one, about one made up."""
    shown = _event(owner, event, now, language)
    letter = _letter(kind, Writer(shown, post), language, now)
    facts: Facts = {**letter.facts, FACT: own_facts(own, shown.primary_language, language)}
    if letter.appointment:
        facts["entry"] = {}
    return SampleLetter(kind, language, facts, letter.recipient, letter.recipient_name, now)


def _letter(kind: str, writer: Writer, language: str, now: datetime) -> Letter:
    if kind == "event_invitation":
        return invitation_letter(writer, _invitation(language))
    standing = _standing(kind, writer.event, language, now)
    if kind in KINDS["meetings"]:
        who = standing.registration, standing.participant
        return meeting_letter(kind, writer, *who, now=now)
    if kind == "receipt":
        people = {"people": NOBODY | {"confirmed": 2}}
        return contact_letter(writer, standing.registration, kind, more=people)
    plain = {
        "offered": offered_letter,
        "place_pending": pending_letter,
        "access_answer": answer_letter,
    }
    if kind in plain:
        return plain[kind](writer, standing)
    if kind in ("change_pending", "change_approved"):
        return review_letter(writer, standing, kind)
    more = _more(kind, writer, standing)
    if kind in _SEATS:
        return queue_letter(writer, standing, kind, more=more)
    method = "CANCEL" if kind in _GONE else "REQUEST"
    return seat_letter(writer, standing, kind, method=method, more=more)


def _more(kind: str, writer: Writer, standing: Standing) -> Facts:
    if kind in _CHANGED:
        before = writer.when_facts(standing.occasion)
        moved = {
            name: (datetime.fromisoformat(before[name]) + timedelta(hours=1)).isoformat()
            for name in ("starts_at", "ends_at")
        }
        return {"changes": [{"what": "time", "before": before | moved, "now": before}]}
    if kind == "declined":
        return decision_facts(writer.event, "newcomers", {}, standing.language)
    plain: dict[str, Facts] = {
        "withdrawn": {"by": "organiser"},
        "lapsed": {"may_rejoin": True},
        "no_place": {"closed_by": "time"},
    }
    return plain.get(kind, {})


# --- rows that are nobody's ---------------------------------------------------------------------


def _event(owner: Organisation, event: Event | None, now: datetime, language: str) -> Event:
    kept = {name: getattr(event, name) for name in _EVENT} if event else _made_up(owner, now)
    organisation = Organisation(**{name: getattr(owner, name) for name in _OWNER})
    with speaking(language):
        reason = _("Here stands the reason you give.")
    shown = Event(id=0, organisation=organisation, organisation_id=owner.id, **kept)
    shown.reason, shown.state = {language: reason}, "published"
    days = event.live_occasions or event.occasions if event else []
    of_day = {name: getattr(days[0], name) for name in _OCCASION} if days else _day(shown, now)
    shown.occasions = [Occasion(id=0, event_id=0, position=0, **of_day)]
    return shown


def _made_up(owner: Organisation, now: datetime) -> dict[str, Any]:
    title, summary = {}, {}
    for code in owner.languages:
        with speaking(code):
            title[code] = _("Dialogue about a need of ours")
            summary[code] = _("Here stands the summary of the event.")
    given: dict[str, Any] = {
        "slug": "sample",
        "kind": "market_dialogue",
        "format": Format.HYBRID,
        "promotion": "confirm",
        "offer_hours": 24,
        "queue_ends_hours": 12,
        "waiting_list": True,
        "primary_language": owner.primary_language,
        "zone": owner.zone,
        "title": title,
        "summary": summary,
        **dict.fromkeys(("contact_name", "contact_email", "contact_phone"), ""),
        "registration_opens_at": None,
        "registration_closes_at": None,
    }
    return given


def _day(event: Event, now: datetime) -> dict[str, Any]:
    """Four weeks from now, in the middle of the day, when no clock is changed."""
    day = to_wall(now + timedelta(weeks=4), event.zone).date()
    starts_at = to_instant(datetime.combine(day, time(13)), event.zone)
    venue, directions = {}, {}
    for code in event.title:
        with speaking(code):
            venue[code] = _("The town hall")
            directions[code] = _("Here stands how to get there.")
    return {
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=3),
        "all_day": False,
        "venue": venue,
        "directions": directions,
        "address": "",
        "title": {},
        "online_url": "",
        "online_service": "",
        "latitude": None,
        "longitude": None,
    }


def _standing(kind: str, event: Event, language: str, now: datetime) -> Standing:
    seat = _SEATS.get(kind, Seat.DECLINED if kind == "declined" else Seat.CONFIRMED)
    name, party, address = _reader(language)
    registration = Registration(
        id=0,
        public_id="sample",
        generation=0,
        event=event,
        party_name=party,
        contact_name=name,
        contact_email=address,
        language=language,
        created_at=now,
    )
    person = Participant(
        id=0,
        public_id="sample",
        generation=0,
        registration=registration,
        registration_id=0,
        name=name,
        email=address,
    )
    occasion = event.occasions[0]
    attendance = Attendance(
        participant=person,
        occasion=occasion,
        occasion_id=0,
        mode=Mode.ONLINE if event.format == Format.ONLINE else Mode.ON_SITE,
        state=seat,
        offer_ends_at=now + timedelta(hours=event.offer_hours),
    )
    position = 3 if seat == Seat.WAITING else None
    return Standing(attendance, occasion, person, registration, position, is_contact=False)


def _reader(language: str) -> tuple[str, str, str]:
    """Nobody's name, company and address."""
    with speaking(language):
        return _("Kim Sample"), _("Sample Supplies Ltd"), "kim@supplier.example"


def _invitation(language: str) -> EventInvitation:
    name, party, address = _reader(language)
    return EventInvitation(
        id=0,
        public_id="sample",
        generation=0,
        party_name=party,
        name=name,
        email=address,
        language=language,
    )
