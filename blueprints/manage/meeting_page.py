"""One meeting for those who hold it: facts, the same questions to note beside, and who came."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import ActionForm, BaseForm
from blueprints.guard import actor, allows, current_user
from blueprints.manage.meeting_lines import board_trail, meeting_event, meeting_lines
from blueprints.manage.meeting_notes_form import NotesForm, lines_of, notes_form
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import meeting_notes, meeting_presence
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow
from dialognav.domain.meeting_notes import ELSE, answers_of, values_of
from dialognav.domain.meeting_terms import MinutesState
from dialognav.domain.minutes import is_minuted
from dialognav.domain.permissions import MEETING_NOTES, MEETINGS, MINUTES_APPROVAL
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.meeting_words import MINUTES
from dialognav.models import Booking, Event
from dialognav.queries import minutes as queries
from dialognav.queries import shared_items

bp = Blueprint("meeting_page", __name__)

MEETING = "/events/<public_id>/meetings/<string(length=12):booking_id>"

_DONE: dict[str, Any] = {
    "noted": (lazy("Your notes are saved"), lazy("Only you see them.")),
    "came": (lazy("Who came is noted"), ""),
    "nobody": (lazy("It is noted that nobody came"), ""),
    "undone": (lazy("What was said of who came is taken back"), ""),
    "changed": (
        lazy("Nothing was done"),
        lazy("Something has changed since this page was made. Look once more."),
    ),
}


def done_of() -> tuple[str, str] | None:
    said = _DONE.get(request.args.get("done", ""))
    return (str(said[0]), str(said[1])) if said else None


def own_meeting(public_id: str, booking_id: str) -> tuple[Event, Booking]:
    event = meeting_event(public_id)
    return event, queries.access_meeting(db.session(), event, booking_id)


@bp.get(MEETING)
def show(public_id: str, booking_id: str) -> ResponseReturnValue:
    event, booking = own_meeting(public_id, booking_id)
    return _show(event, booking, _fresh(event, booking))


def _fresh(event: Event, booking: Booking) -> NotesForm:
    note = queries.note_of(db.session(), booking.id, current_user().id)
    return notes_form(lines_of(db.session(), event, booking, note), note, formdata=None)


def _show(event: Event, booking: Booking, form: NotesForm, **more: Any) -> str:
    session, now = db.session(), utcnow()
    lines = meeting_lines(event, booking, now)
    minutes = queries.minutes_of(session, booking.id)
    is_over = minutes is not None and minutes.state == MinutesState.APPROVED
    return render_template(
        "manage/meetings/meeting.html",
        form=form,
        plain=ActionForm(formdata=None),
        meeting=lines,
        back=board_trail(event, lines.day),
        minutes=minutes,
        minutes_word=str(MINUTES[minutes.state]) if minutes else "",
        may_minute=is_minuted(booking.state, booking.slot.starts_at, now),
        may_note=allows(MEETING_NOTES) and not lines.is_off and not is_over,
        may_mark=allows(MEETING_NOTES) and not is_over,
        may_move=allows(MEETINGS),
        shared=shared_items.from_meeting(session, booking.id),
        may_share=allows(MEETING_NOTES) or allows(MINUTES_APPROVAL),
        **event_page(event, "meetings", done=done_of()),
        **{"both": None, **more},
    )


@bp.post(MEETING + "/notes")
def save_notes(public_id: str, booking_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETING_NOTES)
    booking = queries.access_meeting(db.session(), event, booking_id)
    number, user_id = booking.id, current_user().id
    note = queries.note_of(db.session(), number, user_id)
    lines = lines_of(db.session(), event, booking, note, request.form.getlist("question"))
    form = notes_form(lines, note)
    if not form.validate():
        return _show(event, booking, form), 422
    answers, text = answers_of(lines, form.values), form.values[ELSE]
    revision = form.revision
    try:
        with unit_of_work() as session:
            meeting_notes.save_notes(
                session,
                number,
                answers,
                text,
                expected_revision=revision,
                writer_id=user_id,
                now=utcnow(),
            )
    except (EditedMeanwhile, NotAllowedNow) as refused:
        return _refuse(public_id, booking_id, form, refused)
    return _back(public_id, booking_id, "noted")


def _refuse(
    public_id: str, booking_id: str, form: NotesForm, refused: Exception
) -> ResponseReturnValue:
    """Saved on another device meanwhile: both are shown. Else the form says why, still filled."""
    event, booking = own_meeting(public_id, booking_id)
    if isinstance(refused, NotAllowedNow):
        form.form_errors.append(
            _("The minutes are approved, or the meeting is called off: notes are kept no more.")
        )
        return _show(event, booking, form), 409
    note = queries.note_of(db.session(), booking.id, current_user().id)
    stored = lines_of(db.session(), event, booking, note, [line.question for line in form.lines])
    theirs = values_of(stored, note.text if note else "")
    who = _("You, in another window,")
    both = form.take_over(theirs, note.revision if note else 0, who)
    return _show(event, booking, form, both=both), 409


class PresenceForm(BaseForm):
    """Ticks and buttons; the page names them."""


@bp.post(MEETING + "/presence")
def mark(public_id: str, booking_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETING_NOTES)
    booking = queries.access_meeting(db.session(), event, booking_id)
    ticked, form, said = set(request.form.getlist("person")), PresenceForm(), _said()
    came = [one.participant_id for one in booking.people if one.participant.public_id in ticked]
    if said == "came" and not came:
        form.form_errors.append(_("Tick who came, or choose that nobody did."))
    if not form.validate() or form.form_errors:
        page = _fresh(event, booking)
        page.form_errors.extend(form.form_errors)
        return _show(event, booking, page), 422
    number, who = booking.id, actor()
    here = {"came": came, "nobody": []}.get(said)
    try:
        with unit_of_work() as session:
            meeting_presence.mark_meeting(session, number, here, now=utcnow(), actor=who)
    except NotAllowedNow:
        said = "changed"
    return _back(public_id, booking_id, said)


def _said() -> str:
    said = request.form.get("mark", "came")
    return said if said in ("nobody", "undone") else "came"


def _back(public_id: str, booking_id: str, done: str) -> ResponseReturnValue:
    return redirect(url_for(".show", public_id=public_id, booking_id=booking_id, done=done), 303)
