"""The form of one meeting and what stands around it: when, where, and how long it is held."""

from datetime import datetime
from typing import Any

from flask import render_template, request

from blueprints.forms import ActionForm, BaseForm
from blueprints.public.meeting_form import Choosable, DetailsForm
from blueprints.public.meeting_page import frame_of_meetings, rules_to_show, seen_by
from blueprints.public.meeting_views import meeting_view
from dialognav.actions.bookings import Details
from dialognav.domain.bookings import EXTENSIONS, HOLD_MINUTES, WARNED
from dialognav.domain.meeting_terms import BookingState
from dialognav.i18n import clock_text, language_name, ngettext
from dialognav.i18n import gettext as _
from dialognav.models import Booking, MeetingRequest, MeetingRules, MeetingTable
from dialognav.queries.registrations import Own


def choosable(own: Own, rules: MeetingRules, table: MeetingTable | None = None) -> Choosable:
    """Who can come, and what can be spoken: the table's languages, else those of the rules."""
    languages = (table.languages if table is not None else []) or rules.languages
    return Choosable(
        people=own.people,
        most=rules.most_people,
        languages=[(code, _named(code)) for code in languages],
    )


def _named(code: str) -> str:
    name = language_name(code)
    return name[:1].upper() + name[1:]


def details_form(
    own: Own, booking: Booking, rules: MeetingRules, asked: MeetingRequest | None
) -> DetailsForm:
    """Filled with how things stand; of a new one, with what was wished for (`asked`)."""
    there = choosable(own, rules, booking.slot.table)
    return DetailsForm(there, data=_stands(booking, there, asked))


def _stands(booking: Booking, there: Choosable, asked: MeetingRequest | None) -> dict[str, Any]:
    named = {each.participant_id for each in booking.people}
    source: Booking | MeetingRequest = booking
    if booking.state != BookingState.BOOKED and asked is not None:
        source, named = asked, named or set(asked.people)
    named = named or {one.id for one in there.people[: there.most]}
    wanted = asked.languages if asked is not None else []
    spoken = sorted((code for code, _name in there.languages), key=lambda code: code not in wanted)
    return {
        "people": [one.public_id for one in there.people if one.id in named],
        "language": booking.language or next(iter(spoken), ""),
        "topics": source.topics,
        "secret_marks": source.secret_marks,
        "secret_reason": source.secret_reason,
    }


def details_of(form: DetailsForm) -> Details:
    return Details(
        people=form.person_ids,
        language=form.spoken,
        topics=str(form.topics.data or ""),
        secret_marks=str(form.secret_marks.data or ""),
        secret_reason=str(form.secret_reason.data or ""),
    )


def details_page(own: Own, secret: str, booking: Booking, form: DetailsForm) -> str:
    rules, seen = rules_to_show(own), seen_by(own, secret)
    return render_template(
        "public/meetings/details.html",
        form=form,
        action=ActionForm(formdata=None),
        meeting=meeting_view(seen, booking, rules),
        held=hold_facts(booking, own.event.zone, seen.now)
        if booking.state == BookingState.HELD
        else None,
        warned=int(WARNED.total_seconds()),
        extensions=EXTENSIONS,
        hold_minutes=HOLD_MINUTES,
        no_longer=no_longer(),
        most=rules.most_people,
        given_zone=request.values.get("zone", ""),
        **frame_of_meetings(seen, rules),
    )


def hold_facts(booking: Booking, zone: str, now: datetime) -> dict[str, Any]:
    """For the page and for js/hold.js: `left` in seconds, `until` and `said` in words, and whether
    it can be held longer once `again`."""
    until = booking.until or now
    left = max(0, int((until - now).total_seconds()))
    again = booking.extensions < EXTENSIONS
    said = _("The time is held until %(time)s.", time=clock_text(until, zone))
    return {
        "left": left,
        "minutes": ngettext("%(num)s minute", "%(num)s minutes", -(-left // 60)),
        "until": clock_text(until, zone),
        "again": again,
        "said": said if again else f"{said} {no_longer()}",
    }


def no_longer() -> str:
    return _("It cannot be held longer: book it before then.")


def withdrawal_page(own: Own, secret: str, booking: Booking, form: BaseForm | None = None) -> str:
    rules, seen = rules_to_show(own), seen_by(own, secret)
    return render_template(
        "public/meetings/withdraw.html",
        form=form or ActionForm(formdata=None),
        meeting=meeting_view(seen, booking, rules),
        **frame_of_meetings(seen, rules),
    )
