"""Columns, constraints and relations; one file per aggregate."""

from dialognav.models import offsets
from dialognav.models.account import (
    Membership,
    OneTimeLink,
    RateCount,
    SavedForm,
    StaffSession,
    User,
)
from dialognav.models.calendars import (
    CalendarFeed,
    EventHost,
    ExternalCalendar,
    ExternalEvent,
    StagedCalendar,
)
from dialognav.models.event import (
    Document,
    DocumentVersion,
    Event,
    MarketQuestion,
    Milestone,
    Occasion,
    ProgrammeItem,
    Speaker,
    lock_event,
)
from dialognav.models.following import Announcement, FollowedEvent, MailRefusal, Subscription
from dialognav.models.form import Answer, AnswerFile, FormField
from dialognav.models.inbound import DeadAddress, InboundMail
from dialognav.models.letter import (
    CalendarObject,
    CalendarRevision,
    Instance,
    KeptMail,
    Letter,
    MailPace,
    UnsentChange,
    Worker,
)
from dialognav.models.message import (
    LetterText,
    Message,
    MessageAttachment,
    MessagePlan,
    MessageTemplate,
    PlanRun,
    lock_message,
)
from dialognav.models.organisation import AuditEntry, Organisation
from dialognav.models.privacy import DisposalHold, DisposalRun, PrivacyRequest
from dialognav.models.registration import (
    AccessNeed,
    Attendance,
    Diet,
    EventInvitation,
    Participant,
    PresenceMark,
    Registration,
    StagedFile,
)

__all__ = [
    "AccessNeed",
    "Announcement",
    "Answer",
    "AnswerFile",
    "Attendance",
    "AuditEntry",
    "CalendarFeed",
    "CalendarObject",
    "CalendarRevision",
    "DeadAddress",
    "Diet",
    "DisposalHold",
    "DisposalRun",
    "Document",
    "DocumentVersion",
    "Event",
    "EventHost",
    "EventInvitation",
    "ExternalCalendar",
    "ExternalEvent",
    "FollowedEvent",
    "FormField",
    "InboundMail",
    "Instance",
    "KeptMail",
    "Letter",
    "LetterText",
    "MailPace",
    "MailRefusal",
    "MarketQuestion",
    "Membership",
    "Message",
    "MessageAttachment",
    "MessagePlan",
    "MessageTemplate",
    "Milestone",
    "Occasion",
    "OneTimeLink",
    "Organisation",
    "Participant",
    "PlanRun",
    "PresenceMark",
    "PrivacyRequest",
    "ProgrammeItem",
    "RateCount",
    "Registration",
    "SavedForm",
    "Speaker",
    "StaffSession",
    "StagedCalendar",
    "StagedFile",
    "Subscription",
    "UnsentChange",
    "User",
    "Worker",
    "lock_event",
    "lock_message",
]

_LISTENERS = (offsets,)  # importing it is what makes it listen
