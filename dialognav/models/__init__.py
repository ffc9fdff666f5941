"""Columns, constraints and relations; one file per aggregate."""

from dialognav.models.account import (
    Membership,
    OneTimeLink,
    RateCount,
    SavedForm,
    StaffSession,
    User,
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
from dialognav.models.letter import (
    CalendarObject,
    CalendarRevision,
    Instance,
    KeptMail,
    Letter,
)
from dialognav.models.organisation import AuditEntry, Organisation
from dialognav.models.registration import Attendance, Diet, Participant, Registration

__all__ = [
    "Attendance",
    "AuditEntry",
    "CalendarObject",
    "CalendarRevision",
    "Diet",
    "Document",
    "DocumentVersion",
    "Event",
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
    "ProgrammeItem",
    "RateCount",
    "Registration",
    "SavedForm",
    "Speaker",
    "StaffSession",
    "User",
    "lock_event",
]
