"""The field's standard terms as closed sets (product.md 1, decisions.md 4-6, domain.md 6)."""

from enum import StrEnum


class Kind(StrEnum):
    MARKET_DIALOGUE = "market_dialogue"
    INFORMATION_MEETING = "information_meeting"
    SEMINAR = "seminar"
    WORKSHOP = "workshop"
    EXPERIENCE_EXCHANGE = "experience_exchange"
    STUDY_VISIT = "study_visit"


class Phase(StrEnum):
    PRE_STUDY = "pre_study"
    PROCUREMENT = "procurement"
    CONTRACT_MANAGEMENT = "contract_management"


class Audience(StrEnum):
    SUPPLIERS = "suppliers"
    BUYERS = "buyers"
    EVERYONE = "everyone"


class Format(StrEnum):
    ON_SITE = "on_site"
    ONLINE = "online"
    HYBRID = "hybrid"


class Mode(StrEnum):
    """How one person attends."""

    ON_SITE = "on_site"
    ONLINE = "online"


MODES_OF: dict[str, tuple[Mode, ...]] = {
    Format.ON_SITE: (Mode.ON_SITE,),
    Format.ONLINE: (Mode.ONLINE,),
    Format.HYBRID: (Mode.ON_SITE, Mode.ONLINE),
}


class EventState(StrEnum):
    """`held` is derived from the last occasion's end (decisions.md 5)."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


PUBLIC_STATES = (EventState.PUBLISHED, EventState.POSTPONED, EventState.CANCELLED)


class Visibility(StrEnum):
    PUBLIC = "public"
    UNLISTED = "unlisted"
    INVITED = "invited"


class Seat(StrEnum):
    """State of an attendance (decisions.md 4)."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    LAPSED = "lapsed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


HOLDING = (Seat.CONFIRMED, Seat.OFFERED, Seat.ATTENDED, Seat.NO_SHOW)
LIVE = (Seat.PENDING, Seat.CONFIRMED, Seat.WAITING, Seat.OFFERED, Seat.ATTENDED, Seat.NO_SHOW)


class Promotion(StrEnum):
    CONFIRM = "confirm"
    OFFER = "offer"


class Attending(StrEnum):
    """What a registration to an event of several occasions means."""

    ALL = "all"  # to each of them; one entry in the calendar for each
    CHOOSE = "choose"  # to those that the participant chooses
    SERIES = "series"  # to each of them; one recurring entry in the calendar


class Declining(StrEnum):
    """What a no from the calendar does to a seat."""

    ASK = "ask"  # a letter asks; without an answer the seat is given away after 48 hours
    KEEP = "keep"  # a letter asks; without an answer the seat is kept
    AT_ONCE = "at_once"


class AnswerSource(StrEnum):
    """Where a participant said whether they come."""

    NONE = ""
    CALENDAR = "calendar"
    WEB = "web"


class InboundKind(StrEnum):
    """What a received mail is."""

    REPLY = "reply"  # iMIP REPLY
    COUNTER = "counter"
    REFRESH = "refresh"
    BOUNCE = "bounce"  # RFC 3464
    AUTOMATIC = "automatic"  # out of office, mailing lists
    PERSON = "person"
    UNREADABLE = "unreadable"


class InboundState(StrEnum):
    """What became of it. The first is what a person has to look at."""

    OPEN = "open"
    APPLIED = "applied"
    STALE = "stale"  # an older or repeated answer: nothing changed
    FORWARDED = "forwarded"
    IGNORED = "ignored"
    DONE = "done"  # looked at


class Review(StrEnum):
    """Whether a registration has been looked at: "" where nobody has to (decisions.md 9)."""

    NONE = ""
    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    CHANGED = "changed"  # approved once, and what was approved is no longer what it says


class QueueReason(StrEnum):
    """Why somebody waits."""

    FULL = "full"
    BEHIND = "behind"  # there is a place, but others have waited longer
    APPROVED = "approved"  # approved when there was no place left
    MODE = "mode"  # asked to attend in another way
    MOVED = "moved"  # put there by staff


class Origin(StrEnum):
    """Who wrote a registration."""

    OWN = "own"
    STAFF = "staff"
    IMPORT = "import"
    WALK_IN = "walk_in"


class FieldKind(StrEnum):
    """Of an extra field in the sign-up form."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    FILE = "file"


class FieldScope(StrEnum):
    """Asked once for a registration, or for each person of it."""

    REGISTRATION = "registration"
    PERSON = "person"


class NeedState(StrEnum):
    """Of a wish for an interpreter or other help."""

    ASKED = "asked"
    ARRANGED = "arranged"
    NOT_POSSIBLE = "not_possible"


class PrivacyWish(StrEnum):
    """GDPR art. 16 and 17."""

    RECTIFY = "rectify"
    ERASE = "erase"


class PartyKind(StrEnum):
    COMPANY = "company"
    SOLE_TRADER = "sole_trader"
    MUNICIPALITY = "municipality"
    REGION = "region"
    STATE_AGENCY = "state_agency"
    ASSOCIATION = "association"
    ACADEMIA = "academia"
    OTHER = "other"


class Role(StrEnum):
    """A staff member's role in one organisation."""

    ADMIN = "admin"
    PLANNER = "planner"
    HOST = "host"
    APPROVER = "approver"
    REGISTRAR = "registrar"
    READER = "reader"


class Standing(StrEnum):
    """Of a membership: asked, taking part, or no longer."""

    INVITED = "invited"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"


class LetterStatus(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    SUPERSEDED = "superseded"
    GIVEN_UP = "given_up"


class MessageState(StrEnum):
    """Of a mailing. Approval is demanded where the organisation wants it (decisions.md 9)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"  # somebody else has to approve
    APPROVED = "approved"
    SCHEDULED = "scheduled"  # leaves at send_at
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    STOPPED = "stopped"  # before or while it was sent; what had left stays sent


class MessagePurpose(StrEnum):
    """Whether a reader can leave without leaving the event (RFC 8058)."""

    REGISTRATION = "registration"  # part of what the reader signed up to
    NEWS = "news"  # anything else: can be refused by one click


class PlanKind(StrEnum):
    """Of a message that is sent by itself, relative to an event."""

    REMINDER = "reminder"
    LINK = "link"  # the same morning, to those who attend online
    THANKS = "thanks"  # with the evaluation
    NEXT = "next"  # what comes, and how to follow it


class Frequency(StrEnum):
    """How soon a follower is told."""

    AT_ONCE = "at_once"
    WEEKLY = "weekly"


class AnnouncedAt(StrEnum):
    """Where an event was made known."""

    OWN_PAGE = "own_page"
    FOLLOWERS = "followers"
    TED = "ted"
    MERCELL = "mercell"
    OTHER = "other"


LANGUAGES = ("sv", "en", "nb")
