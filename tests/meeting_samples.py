"""Letters about one-to-one meetings, made by the code that makes the real ones."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from dialognav.domain.meeting_rules import MeetingRulesDraft
from dialognav.domain.meeting_terms import BookingState, HandOut, SlotState, TableRole
from dialognav.domain.terms import Mode
from dialognav.mail.letters import Letter
from dialognav.mail.meeting_changes import said_changes, told_of
from dialognav.mail.meeting_entries import MeetingWriter
from dialognav.mail.meeting_host_letters import News, host_letters
from dialognav.mail.meeting_letters import away_letter, guest_letter
from dialognav.mail.meeting_people import Meeting
from dialognav.mail.meeting_replies import no_letter, time_declined_letter
from dialognav.mail.meeting_request_letters import AskingLetters
from dialognav.mail.meeting_rule_letters import rules_letter, said_rules
from dialognav.mail.minutes_letters import minutes_letters
from dialognav.models import (
    Booking,
    BookingPerson,
    CalendarObject,
    MeetingRequest,
    MeetingRules,
    MeetingTable,
    Minutes,
    Slot,
    SlotStaff,
    TeamMember,
    Wish,
)
from tests.conftest import NOW
from tests.letter_samples import MEETING, POST, STARTS, Sample, World, sample

EXPLAINED = {
    "hand_out": "wishes",
    "slot": "s",
    "wish": 2,
    "missed": [{"wish": 1, "why": "lot"}],
    "left": None,
    "place": None,
}
LEFT_OUT = EXPLAINED | {"slot": None, "wish": None, "left": "lot", "place": 4}


class MeetingWorld(World):
    """The event of World with a table, a slot at it, a team of two and a booking."""

    def __init__(self, language: str = "sv", mode: str = Mode.ON_SITE, **given: Any) -> None:
        super().__init__(language, mode, **given)
        self.occasion.online_url = ""
        self.table = MeetingTable(
            id=61,
            event_id=7,
            name={"sv": "Bord B", "en": "Table B"},
            mode=mode,
            room={"sv": "Sal Viken"} if mode == Mode.ON_SITE else {},
            address="Järnvägsgatan 3" if mode == Mode.ON_SITE else "",
            online_service="Teams",
            online_url="",
        )
        self.host, self.outside = (
            TeamMember(
                id=70 + n,
                public_id=f"teammember0{n}",
                event_id=7,
                user_id=user,
                name=name,
                email=f"{name.split()[0].lower()}@{domain}.example",
                language=language,
            )
            for n, (name, domain, user) in enumerate(
                (("Sofia Lagerlund", "tallvik", 5), ("Ove Konsult", "konsult", None))
            )
        )
        self.slot = self._slot(0)
        self.booking = self._booking(0, self.slot)

    def _slot(self, n: int) -> Slot:
        starts_at = STARTS + timedelta(days=14, minutes=45 * n)
        slot = Slot(
            id=81 + n,
            event_id=7,
            table=self.table,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=30),
            online_url=MEETING if self.table.mode == Mode.ONLINE else "",
        )
        slot.staff = [
            SlotStaff(member=self.host, member_id=70, role=TableRole.ASKS),
            SlotStaff(member=self.outside, member_id=71, role=TableRole.NOTES),
        ]
        return slot

    def _booking(self, n: int, slot: Slot) -> Booking:
        booking = Booking(
            id=91 + n,
            public_id=f"bookingbook{n}",
            event_id=7,
            slot=slot,
            registration=self.registration,
            state=BookingState.BOOKED,
            until=NOW + timedelta(hours=24),
            language="sv",
            created_at=NOW,
            reason="",
        )
        booking.people = [BookingPerson(participant=self.participant, participant_id=31)]
        return booking

    @property
    def writer(self) -> MeetingWriter:
        rules = MeetingRules(hand_out=HandOut.FIRST_COME, closes_at=NOW + timedelta(days=9))
        return MeetingWriter(self.event, POST, rules=rules, now=NOW)

    def meeting(self, n: int = 0) -> Meeting:
        booking = self._booking(n, self._slot(n)) if n else self.booking
        return Meeting(booking, (self.participant,), (self.host, self.outside), frozenset())

    def moved(self) -> list[dict[str, Any]]:
        """An hour later, at another table, or by another link."""
        before = told_of(self.slot)
        self.slot.starts_at += timedelta(hours=1)
        self.slot.ends_at += timedelta(hours=1)
        self.table.room = {"sv": "Sal Ekoln"}
        return said_changes(before, told_of(self.slot), self.event, self.registration.language)

    def asking(self, hand_out: str = HandOut.FIRST_COME) -> AskingLetters:
        rule = {
            "hand_out": hand_out,
            "opens_at": (NOW + timedelta(days=1)).isoformat(),
            "closes_at": (NOW + timedelta(days=9)).isoformat(),
            "moves_until": STARTS.isoformat(),
            "offer_hours": 24,
        }
        return AskingLetters(self.writer, {"rule": rule})


def meeting_kinds(language: str, mode: str) -> dict[str, list[Sample]]:
    made: dict[str, list[Sample]] = {}
    for letter, sequence in (
        *_of_guests(language, mode),
        *_of_askers(language, mode),
        *_of_team(language, mode),
    ):
        made.setdefault(letter.kind, []).append(sample(letter, sequence))
    return made


_ENDS = {
    "organiser": BookingState.CANCELLED,
    "supplier": BookingState.WITHDRAWN,
    "swap": BookingState.BOOKED,
}


def _of_guests(language: str, mode: str) -> list[tuple[Letter, int]]:
    world, moved = MeetingWorld(language, mode), MeetingWorld(language, mode)
    writer, meeting, person = world.writer, world.meeting(), world.participant
    changes = {"changes": moved.moved(), "meetings": {"reason": "Sal Viken är upptagen."}}
    assigned = {"meetings": {"how": "assigned", "reason": "Ni deltar på distans."}}
    drawn = {"meetings": {"how": "drawn", "explanation": EXPLAINED}}
    request: dict[str, Any] = {"method": "REQUEST"}
    found = [
        (guest_letter(writer, meeting, person, "meeting_booked", **request), 0),
        (guest_letter(writer, meeting, person, "meeting_booked", more=assigned, **request), 0),
        (away_letter(writer, meeting, "meeting_booked"), 0),
        (guest_letter(writer, meeting, person, "meeting_result", more=drawn, **request), 0),
        (guest_letter(writer, meeting, person, "meeting_reminder", link=True), 0),
        (away_letter(moved.writer, moved.meeting(), "meeting_changed", more=changes), 0),
        (
            guest_letter(
                moved.writer,
                moved.meeting(),
                moved.participant,
                "meeting_changed",
                more=changes,
                moved=True,
                **request,
            ),
            1,
        ),
        (no_letter(writer, meeting, person), 0),
    ]
    for by in ("organiser", "supplier", "swap"):
        told = {"by": by, "meetings": {"position": 3 if by == "organiser" else None}}
        world.booking.state = _ENDS[by]
        off = guest_letter(
            writer,
            meeting,
            person,
            "meeting_cancelled",
            method="CANCEL",
            declined=by != "organiser",
            more=told,
        )
        found += [(off, 1), (replace(off, appointment=None), 0)]
    world.booking.state = BookingState.ATTENDED
    minutes = Minutes(id=3, public_id="minutesminut", check_until=NOW + timedelta(days=7))
    for whose in ({"participant_id": 31}, {"member_id": 70}):
        numbered = CalendarObject(
            uid="m00@dialog.example",
            booking_id=91,
            organizer_address="dialog@dialog.example",
            sequence=0,
            dtstamp=NOW,
            created_at=NOW,
            partstat="TENTATIVE",
            **whose,
        )
        text = "Salen är upptagen då."
        found.append((time_declined_letter(writer, meeting, numbered, text, now=NOW), 0))
    for kind in ("minutes_check", "minutes_approved"):
        found += [(one, 0) for one in minutes_letters(writer, meeting, minutes, kind)]
    return found


def _of_askers(language: str, mode: str) -> list[tuple[Letter, int]]:
    world = MeetingWorld(language, mode)
    meeting, registration = world.meeting(), world.registration
    request = MeetingRequest(registration=registration, registration_id=21)
    request.wishes = [Wish(rank=1, slot=world.slot), Wish(rank=2, slot=world.meeting(2).slot)]
    bare = MeetingRequest(registration=registration, registration_id=21)
    letters = [world.asking().offered(meeting), world.asking().lapsed(meeting)]
    letters += [world.asking().stopped(registration, why) for why in ("", "Projektet pausas.")]
    for closed_at in (None, NOW):
        left = MeetingRequest(registration=registration, registration_id=21, closed_at=closed_at)
        left.proposed_reason = "Fler bad om möte än det finns tider."
        letters.append(world.asking(HandOut.BY_HAND).without_time(left))
    letters.append(world.asking().stopped(registration, ended=True))
    for hand_out in HandOut:
        asking = world.asking(hand_out)
        letters += [
            asking.waiting(bare, 3),
            asking.wished(request if hand_out == HandOut.WISHES else bare),
            asking.added(registration, [world.slot, world.meeting(2).slot]),
            asking.choose(registration),
        ]
    letters += [
        world.asking(HandOut.WISHES).left_out(bare, LEFT_OUT, 4),
        world.asking(HandOut.LOT).left_out(bare, LEFT_OUT | {"left": "share"}, None),
    ]
    letters += _of_changed_rules(world)
    letters += _of_fallen_wishes(world)
    return [(letter, 0) for letter in letters]


def _of_changed_rules(world: MeetingWorld) -> list[Letter]:
    """Of everything, and of the words alone; by what the reader has."""
    old = MeetingRulesDraft(closes_at=NOW + timedelta(days=9), languages=("sv",))
    new = MeetingRulesDraft(
        hand_out=HandOut.WISHES,
        slot_minutes=30,
        opens_at=NOW + timedelta(days=1),
        closes_at=NOW + timedelta(days=12),
        most_per_party=2,
        most_people=4,
        most_wishes=2,
        languages=("sv", "en"),
        fact_check_days=10,
    )
    wished = {"asked": True, "wishes": 3, "counted": 2, "may_change": True}
    made = [
        rules_letter(
            world.asking(HandOut.WISHES),
            world.registration,
            said_rules(old, new, world.event.zone),
            "Fler har anmält sig än väntat.",
            stands,
        )
        for stands in ({}, {"meeting": True, "position": 3}, wished, wished | {"counted": 3})
    ]
    words = said_rules(new, replace(new, text={"sv": "Så går det till"}), world.event.zone)
    return [*made, rules_letter(world.asking(), world.registration, words, "Tydligare.", {})]


def _of_fallen_wishes(world: MeetingWorld) -> list[Letter]:
    """One and two of the times wished for, and one that is back."""
    asking = world.asking(HandOut.WISHES)
    gone, also, stands = (world.meeting(n).slot for n in (2, 3, 4))
    gone.state, also.state, stands.state = SlotState.REMOVED, SlotState.BLOCKED, SlotState.OPEN
    request = MeetingRequest(registration=world.registration, registration_id=21)
    request.wishes = [Wish(rank=n, slot=slot) for n, slot in enumerate((gone, also, stands), 1)]
    one, two, back = (
        [asking.wish_change(slot, world.registration.language) for slot in slots]
        for slots in ((gone,), (gone, also), (stands,))
    )
    bare = MeetingRequest(registration=world.registration, registration_id=21)
    again = asking.wished(request)
    return [
        asking.fallen(request, one, reason="Salen är såld.", may_change=True),
        asking.fallen(bare, two, reason="", may_change=False),
        asking.fallen(request, [*one, *back], reason="", may_change=True),
        asking.fallen(request, back, reason="", may_change=True),
        replace(again, facts=again.facts | {"changes": one}),
    ]


def _of_team(language: str, mode: str) -> list[tuple[Letter, int]]:
    world = MeetingWorld(language, mode)
    fresh = replace(world.meeting(), hosts=())
    moved = MeetingWorld(language, mode)
    changes = {"changes": moved.moved(), "said_reason": "Sal Viken är upptagen."}
    off = {"by": "supplier", "said_reason": "", "goes_on": False}
    left = {"by": "", "said_reason": "Värden är sjuk.", "goes_on": True}
    news = [
        (News(world.host, fresh, "new"), 0),
        (News(world.outside, fresh, "new"), 0),
        (News(moved.host, moved.meeting(), "changed", changes, moved=True), 1),
        (News(world.host, world.meeting(), "off", off), 1),
        (News(world.host, world.meeting(), "off", off | {"by": "organiser"}), 1),
        (News(world.outside, world.meeting(), "off", left), 1),
    ]
    found = [(host_letters(world.writer, [one], {})[0], sequence) for one, sequence in news[:3]]
    for (one, sequence), state in zip(
        news[3:],
        (BookingState.WITHDRAWN, BookingState.CANCELLED, BookingState.BOOKED),
        strict=True,
    ):
        world.booking.state = state
        found.append((host_letters(world.writer, [one], {})[0], sequence))
    many = [replace(world.meeting(n), hosts=()) for n in range(7)]
    for member in (world.host, world.outside):
        [letter] = host_letters(
            world.writer, [News(member, one, "new") for one in many], {member.id: many[:6]}
        )
        gone = [News(member, one, "off") for one in many]
        found += [(letter, 0), (host_letters(world.writer, gone, {})[0], 0)]
    return found
