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
from dialognav.models.form import Answer, AnswerFile, FormField
from dialognav.models.inbound import DeadAddress, InboundMail
from dialognav.models.letter import (
    CalendarObject,
    CalendarRevision,
    Instance,
    KeptMail,
    Letter,
    UnsentChange,
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
    "FormField",
    "InboundMail",
    "Instance",
    "KeptMail",
    "Letter",
    "MarketQuestion",
    "Membership",
    "Milestone",
    "Occasion",
    "OneTimeLink",
    "Organisation",
    "Participant",
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
    "UnsentChange",
    "User",
    "lock_event",
]

_LISTENERS = (offsets,)  # importing it is what makes it listen
