"""What was said to one supplier and is told to all: drafts, and what is public."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from blueprints.context import post
from blueprints.forms import ActionForm, clean_line, demand_token
from blueprints.guard import actor, allows, current_user
from blueprints.manage.meeting_lines import meeting_event
from blueprints.manage.shared_form import (
    DRAFT,
    NONE,
    NOW,
    ItemFormBase,
    PublishForm,
    as_values,
    item_form,
    message_about,
)
from blueprints.manage.workspace import event_page, languages_of, own_event
from dialognav.actions import shared_items as actions
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotReady
from dialognav.domain.permissions import MEETING_NOTES, MESSAGES, MINUTES_APPROVAL
from dialognav.domain.terms import EventState, MessageState
from dialognav.i18n import NAMES, lazy, moment_text
from dialognav.i18n import gettext as _
from dialognav.markup import html_from_markdown
from dialognav.models import Event, SharedItem
from dialognav.queries import shared_items as queries
from dialognav.queries.minutes import access_meeting

bp = Blueprint("shared_items", __name__)

SHARED = "/events/<public_id>/shared"
ITEM = SHARED + "/<string(length=12):item_id>"

_DONE: dict[str, Any] = {
    "written": (lazy("The draft is saved"), lazy("It is told to nobody before it is published.")),
    "deleted": (lazy("The draft is thrown away"), ""),
    "published": (
        lazy("It is published"),
        lazy("Everybody reads it on the event's page from this moment."),
    ),
    "sending": (
        lazy("It is published, and the message leaves"),
        lazy("Everybody reads it on the event's page from this moment."),
    ),
    "changed": (
        lazy("Nothing was done"),
        lazy("Something has changed since this page was made. Look once more."),
    ),
}


@dataclass(frozen=True, slots=True)
class ItemLine:
    """`texts` are (language, its own name, words as HTML). `said` is for the organiser alone."""

    id: str
    number: int | None
    revision: int
    texts: tuple[tuple[str, str, Markup], ...]
    lacks: str
    said: str
    published: str
    booking_id: str


def _lines(event: Event, items: list[SharedItem]) -> list[ItemLine]:
    meetings = queries.meetings_behind(db.session(), items)
    return [_line(event, item, meetings.get(item.booking_id or 0, "")) for item in items]


def _line(event: Event, item: SharedItem, booking_id: str) -> ItemLine:
    codes = [code for code in languages_of(event) if item.text.get(code)]
    said = moment_text(item.said_at, event.zone, "medium") if item.said_at else ""
    missing = [NAMES[code][0] for code in languages_of(event) if not item.text.get(code)]
    public = moment_text(item.published_at, event.zone, "medium") if item.published_at else ""
    return ItemLine(
        id=item.public_id,
        number=item.number,
        revision=item.revision,
        texts=tuple((c, NAMES[c][0], html_from_markdown(item.text[c])) for c in codes),
        lacks=", ".join(missing),
        said=said,
        published=public,
        booking_id=booking_id,
    )


@bp.get(SHARED)
def index(public_id: str) -> ResponseReturnValue:
    return _index(meeting_event(public_id), PublishForm(formdata=None))


def _index(event: Event, form: PublishForm) -> str:
    _offer(event, form)
    session, said = db.session(), _DONE.get(request.args.get("done", ""))
    ticked = request.form.getlist("item") if request.method == "POST" else None
    return render_template(
        "manage/shared/index.html",
        form=form,
        drafts=_lines(event, queries.drafts(session, event.id)),
        published=_lines(event, queries.published(session, event.id)[::-1]),
        ticked=ticked,
        may_publish=allows(MINUTES_APPROVAL),
        is_public=event.state not in (EventState.DRAFT, EventState.SCHEDULED),
        may_see_meetings=allows(MEETING_NOTES),
        **event_page(event, "meetings", done=(str(said[0]), str(said[1])) if said else None),
    )


def _offer(event: Event, form: PublishForm) -> None:
    at_once = allows(MESSAGES) and not event.organisation.message_approval
    form.offer(at_once=at_once)


# --- writing -----------------------------------------------------------------------------------


@bp.get(SHARED + "/new")
def new(public_id: str) -> ResponseReturnValue:
    event = meeting_event(public_id)
    form = item_form(languages_of(event))(formdata=None)
    form.show({}, 0)
    return _edit(event, form, booking_id=clean_line(request.args.get("booking", "")))


@bp.post(SHARED + "/new")
def create(public_id: str) -> ResponseReturnValue:
    event = meeting_event(public_id)
    form, booking_id = item_form(languages_of(event))(), clean_line(request.form.get("booking", ""))
    source = _source(event, booking_id)
    if not form.check():
        return _edit(event, form, booking_id=booking_id), 422
    event_id, text, user_id, who = event.id, form.words, current_user().id, actor()
    with unit_of_work() as session:
        actions.write_item(
            session, event_id, text, source, user_id=user_id, now=utcnow(), actor=who
        )
    return redirect(url_for(".index", public_id=public_id, done="written"), 303)


def _source(event: Event, booking_id: str) -> actions.Source:
    """The meeting it was said in; NotFound for another event's."""
    if not booking_id:
        return actions.Source()
    booking = access_meeting(db.session(), event, booking_id)
    return actions.Source(booking.id, booking.slot.starts_at)


def _edit(
    event: Event,
    form: ItemFormBase,
    item: SharedItem | None = None,
    *,
    booking_id: str = "",
    both: Any = None,
) -> str:
    meeting = access_meeting(db.session(), event, booking_id) if booking_id else None
    return render_template(
        "manage/shared/edit.html",
        form=form,
        item=item,
        line=_lines(event, [item])[0] if item else None,
        plain=ActionForm(formdata=None),
        meeting=meeting,
        both=both,
        **event_page(event, "meetings"),
    )


@bp.get(ITEM + "/edit")
def edit(public_id: str, item_id: str) -> ResponseReturnValue:
    event = meeting_event(public_id)
    item = queries.access_item(db.session(), event, item_id)
    form = item_form(languages_of(event))(formdata=None)
    form.show(item.text, item.revision)
    return _edit(event, form, item)


@bp.post(ITEM + "/edit")
def update(public_id: str, item_id: str) -> ResponseReturnValue:
    event = meeting_event(public_id)
    item = queries.access_item(db.session(), event, item_id)
    form = item_form(languages_of(event))()
    if not form.check():
        return _edit(event, form, item), 422
    number, text, revision, who = item.id, form.words, form.revision, actor()
    try:
        with unit_of_work() as session:
            actions.save_item(
                session, number, text, expected_revision=revision, now=utcnow(), actor=who
            )
    except (EditedMeanwhile, NotAllowedNow) as refused:
        return _refuse(public_id, item_id, form, refused)
    return redirect(url_for(".index", public_id=public_id, done="written"), 303)


def _refuse(
    public_id: str, item_id: str, form: ItemFormBase, refused: Exception
) -> ResponseReturnValue:
    event = meeting_event(public_id)
    item = queries.access_item(db.session(), event, item_id)
    if isinstance(refused, NotAllowedNow):
        form.form_errors.append(
            _("It has been published, and stays as it is. Your text is still here.")
        )
        return _edit(event, form, item), 409
    both = form.take_over(as_values(item.text), item.revision, _("A colleague"))
    return _edit(event, form, item, both=both), 409


@bp.post(ITEM + "/delete")
def destroy(public_id: str, item_id: str) -> ResponseReturnValue:
    event = meeting_event(public_id)
    number, who = queries.access_item(db.session(), event, item_id).id, actor()
    demand_token()
    done = "deleted"
    try:
        with unit_of_work() as session:
            actions.delete_item(session, number, now=utcnow(), actor=who)
    except NotAllowedNow:
        done = "changed"
    return redirect(url_for(".index", public_id=public_id, done=done), 303)


# --- publishing --------------------------------------------------------------------------------


@bp.post(SHARED + "/publish")
def publish(public_id: str) -> ResponseReturnValue:
    event, form = own_event(public_id, MINUTES_APPROVAL), PublishForm()
    _offer(event, form)
    seen = _seen()
    if not seen:
        form.form_errors.append(_("Tick what is to be published."))
    if not form.check() or form.form_errors:
        return _index(event, form), 422
    telling, news = form.telling.data, None
    if telling != NONE:
        chosen = [one for one in queries.drafts(db.session(), event.id) if one.public_id in seen]
        news = actions.News(message_about(event, chosen), at_once=telling == NOW)
    event_id, user_id, who, mail = event.id, current_user().id, actor(), post()
    by: dict[str, Any] = {"user_id": user_id, "now": utcnow(), "actor": who, "post": mail}
    try:
        with unit_of_work() as session:
            message = actions.publish_items(session, event_id, seen, news, **by)
            message_id = message.public_id if message else ""
            leaves = message is not None and message.state != MessageState.DRAFT
    except (EditedMeanwhile, NotAllowedNow, NotReady):
        return redirect(url_for(".index", public_id=public_id, done="changed"), 303)
    if telling == DRAFT and allows(MESSAGES):
        return redirect(url_for("manage.message_show.show", message_id=message_id), 303)
    done = "sending" if leaves else "published"
    return redirect(url_for(".index", public_id=public_id, done=done), 303)


def _seen() -> dict[str, int]:
    """{public id of what is ticked: the revision that the page showed}"""
    revisions = dict(typed.partition(":")[::2] for typed in request.form.getlist("seen")[:500])
    return {
        one: int(revisions[one])
        for one in map(clean_line, request.form.getlist("item")[:500])
        if revisions.get(one, "").isdecimal() and len(revisions[one]) < 10
    }
