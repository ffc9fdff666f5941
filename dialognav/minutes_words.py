"""Minutes in words: in which language, who met whom when, and what became of the fact check."""

from dialognav.domain.meeting_terms import MinutesState
from dialognav.domain.terms import LANGUAGES
from dialognav.i18n import current_language, list_text, moment_text, pick, when_text
from dialognav.i18n import gettext as _
from dialognav.meeting_words import in_order, team_of
from dialognav.models import Booking, Event, Minutes, MinutesVersion


def language_of(event: Event, booking: Booking) -> str:
    """That which was spoken, so that whoever checks the facts reads its own words; the event's
    first one where we have no words in it."""
    return booking.language if booking.language in LANGUAGES else event.primary_language


def facts_of(event: Event, booking: Booking) -> list[tuple[str, str]]:
    """[(what, how)] of the meeting, in the language spoken now. Who did not come is not in it."""
    slot, language, primary = booking.slot, current_language(), event.primary_language
    came = [one.participant.name for one in in_order(booking) if one.came is not False]
    organiser = pick(event.organisation.name, language, primary)[0]
    facts = [
        (_("Meeting"), pick(event.title, language, primary)[0]),
        (_("When"), when_text(slot.starts_at, slot.ends_at, event.zone, "long")),
        (_("From %(party)s", party=booking.registration.party_name), list_text(came)),
        *(
            (_("From %(party)s", party=organiser), f"{names} ({role.lower()})")
            for role, names in team_of(slot)
        ),
    ]
    return [(term, said) for term, said in facts if said]


def checked_words(minutes: Minutes | MinutesVersion, zone: str) -> str:
    """What the supplier answered, or that it did not."""
    if minutes.checked_at is None:
        return _("The supplier did not answer in time.")
    when = moment_text(minutes.checked_at, zone, "medium")
    if minutes.correction:
        return _("The supplier said %(moment)s that something is wrong.", moment=when)
    return _("The supplier confirmed them %(moment)s.", moment=when)


def round_of(minutes: Minutes, sent: MinutesVersion) -> Minutes | MinutesVersion | None:
    """Where the answer to a version that was sent stands, or that none came; None while it may
    come, and where another was sent before it did."""
    later = minutes.versions[sent.number :]
    if sent.checked_at is not None:
        return sent
    if any(not one.is_approved for one in later):
        return sent if later[0].is_approved else None
    if minutes.state in (MinutesState.CHECKED, MinutesState.APPROVED):
        return minutes
    return sent if later else None
