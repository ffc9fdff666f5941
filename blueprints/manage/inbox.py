"""The inbox: mail that came in, what became of it, and what waits for a person.

What a sender wrote is shown as plain text; the whole mail is only ever saved, never opened here.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import Length

from blueprints.context import post
from blueprints.forms import ActionForm, BaseForm
from blueprints.guard import actor, current_membership, current_user, require
from blueprints.manage.event_words import done_note
from blueprints.manage.inbox_words import ANSWERS, KINDS, REASONS, STATES
from blueprints.manage.paging import offset_of, pager_of
from blueprints.manage.workspace import event_page, own_event, title_of
from dialognav.actions import bounces
from dialognav.actions import inbox as actions
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.terms import EventState, InboundKind, InboundState
from dialognav.i18n import lazy as _
from dialognav.i18n import moment_text, when_text
from dialognav.mail.meeting_replies import proposed_for
from dialognav.models import InboundMail
from dialognav.queries import inbox
from dialognav.queries.access import access_letter, access_mail

bp = Blueprint("inbox", __name__)

_NAMES = {"open": _("To look at"), "handled": _("Dealt with"), "left": _("Nothing to do")}


@dataclass(frozen=True, slots=True)
class MailLine:
    public_id: str
    sender: str
    address: str
    subject: str
    kind: str
    answer: str
    reason: str
    state: str
    tone: str
    when: str
    event_id: str
    event_title: str


class DeclineForm(BaseForm):
    text = TextAreaField(
        _("Message to the person"), validators=[Length(max=1000, message=_("Write less"))]
    )


@bp.get("/inbox")
def index() -> ResponseReturnValue:
    require("letters")
    organisation = current_membership().organisation
    return render_template(
        "manage/inbox/index.html",
        rail="inbox",
        done=done_note(request.args.get("done", "")),
        **_list(organisation.id, None, organisation.zone, endpoint=".index"),
    )


@bp.get("/events/<public_id>/inbox")
def of_event(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "letters")
    listed = _list(
        event.organisation_id, event.id, event.zone, endpoint=".of_event", public_id=public_id
    )
    return render_template("manage/inbox/of_event.html", **listed, **event_page(event, "letters"))


def _list(organisation_id: int, event_id: int | None, zone: str, **where: Any) -> dict[str, Any]:
    asked = request.args.get("view", "")
    view = asked if asked in inbox.VIEWS else "open"
    session = db.session()
    page = inbox.mails_of(session, organisation_id, event_id, view, offset_of(request.args))
    counts = inbox.mail_counts(session, organisation_id, event_id)
    return {
        "lines": [_line(mail, zone) for mail in page.rows],
        "view": view,
        "views": [
            (
                url_for(**where, view=None if name == "open" else name),
                str(word),
                counts[name],
                name == view,
            )
            for name, word in _NAMES.items()
        ],
        "pages": pager_of(page, view=view),
    }


def _line(mail: InboundMail, zone: str) -> MailLine:
    word, tone = STATES[mail.state]
    return MailLine(
        public_id=mail.public_id,
        sender=mail.sender_name or mail.sender,
        address=mail.sender,
        subject=mail.subject,
        kind=str(KINDS[mail.kind]),
        answer=str(ANSWERS.get(mail.partstat, "")) if mail.kind == InboundKind.REPLY else "",
        reason=str(REASONS.get(mail.reason, "")),
        state=str(word),
        tone=tone,
        when=moment_text(mail.received_at, zone),
        event_id=mail.event.public_id if mail.event else "",
        event_title=title_of(mail.event) if mail.event else "",
    )


@bp.get("/inbox/<mail_id>")
def show(mail_id: str) -> ResponseReturnValue:
    return _page(_mail(mail_id), DeclineForm(formdata=None))


def _mail(mail_id: str) -> InboundMail:
    return access_mail(db.session(), current_membership(), mail_id, "letters")


def _page(mail: InboundMail, form: DeclineForm, status: int = 200) -> ResponseReturnValue:
    organisation = current_membership().organisation
    zone = mail.event.zone if mail.event else organisation.zone
    person = mail.participant
    is_open = mail.state == InboundState.OPEN
    page = render_template(
        "manage/inbox/show.html",
        rail="inbox",
        mail=mail,
        line=_line(mail, zone),
        proposed=_proposed(mail, zone),
        registration=person.registration if person else None,
        may_close=is_open,
        may_decline=is_open and _may_decline(mail),
        handled=moment_text(mail.handled_at, zone) if mail.handled_at else "",
        form=form,
    )
    return page, status


def _may_decline(mail: InboundMail) -> bool:
    """Whether it proposes another time, and whoever proposes it can be told that it stays."""
    if not actions.is_proposal(mail) or mail.event is None:
        return False
    if mail.booking_id is not None:
        is_known = proposed_for(db.session(), mail) is not None
    else:
        is_known = mail.attendance_id is not None
    return is_known and mail.event.state == EventState.PUBLISHED


def _proposed(mail: InboundMail, zone: str) -> str:
    starts_at, ends_at = mail.proposed_starts_at, mail.proposed_ends_at
    if starts_at is None:
        return ""
    if ends_at is None or ends_at <= starts_at:
        return moment_text(starts_at, zone, "medium")
    return when_text(starts_at, ends_at, zone)


@bp.get("/inbox/<mail_id>/source")
def source(mail_id: str) -> ResponseReturnValue:
    """The whole mail, attachments too, as a file: a browser must not open what a stranger wrote."""
    mail = access_mail(db.session(), current_membership(), mail_id, "letters", whole=True)
    response = make_response(bytes(mail.raw))
    response.headers["Content-Type"] = "message/rfc822"
    response.headers["Content-Disposition"] = f'attachment; filename="{mail.public_id}.eml"'
    return response


@bp.post("/inbox/<mail_id>/done")
def set_aside(mail_id: str) -> ResponseReturnValue:
    mail, user_id = _mail(mail_id), current_user().id
    row_id = mail.id
    if not ActionForm().validate():
        return redirect(url_for(".show", mail_id=mail_id), 303)
    done = "mail_done"
    try:
        with unit_of_work() as session:
            actions.set_aside(session, row_id, user_id=user_id, now=utcnow())
    except NotAllowedNow:  # a colleague was first
        done = ""
    return redirect(url_for(".index", done=done or None), 303)


@bp.post("/inbox/<mail_id>/decline")
def decline_time(mail_id: str) -> ResponseReturnValue:
    mail, user_id = _mail(mail_id), current_user().id
    form = DeclineForm()
    if not form.validate():
        return _page(mail, form, 422)
    row_id, text = mail.id, (form.text.data or "").strip()
    with unit_of_work() as session:
        actions.decline_time(session, row_id, text, user_id=user_id, now=utcnow(), post=post())
    return redirect(url_for(".index", done="time_declined"), 303)


@bp.post("/letters/<letter_id>/clear-address")
def clear_address(letter_id: str) -> ResponseReturnValue:
    """The address is right after all."""
    letter = access_letter(db.session(), current_membership(), letter_id, "letters")
    row_id, who = letter.id, actor()
    if not ActionForm().validate():
        return redirect(url_for("manage.letters.index"), 303)
    with unit_of_work() as session:
        bounces.clear_address(session, row_id, now=utcnow(), actor=who)
    return redirect(url_for("manage.letters.index", done="address_cleared"), 303)
