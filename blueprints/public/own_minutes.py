"""Minutes of one's own meeting: read them, say what is wrong, mark what may be a trade secret."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session
from wtforms import HiddenField, RadioField

from blueprints.errors import words_of
from blueprints.forms import (
    ActionForm,
    AtMost,
    BaseForm,
    Required,
    TextField,
    demand_token,
    options,
)
from blueprints.minutes_paper import answer_paper
from blueprints.public.own import OWN
from blueprints.public.own_links import open_link
from blueprints.public.own_page import frame_of
from blueprints.public.registrations import bp
from dialognav.actions import minutes_checks as actions
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotFound, TooMany
from dialognav.domain.meeting_terms import MinutesState
from dialognav.domain.minutes import CHECK, LONGEST_CORRECTION, may_now, stands_in
from dialognav.i18n import current_language, lazy, list_text, moment_text, when_text
from dialognav.i18n import gettext as _
from dialognav.markup import html_from_markdown
from dialognav.minutes_words import language_of
from dialognav.models import Minutes, MinutesVersion
from dialognav.queries.minutes import own_minutes_of
from dialognav.queries.registrations import Own

MINUTES = OWN + "/minutes/<string(length=12):minutes_id>"
RIGHT, WRONG = "right", "wrong"


class CheckForm(BaseForm):
    """`number` is the version that was read."""

    number = HiddenField()
    verdict = RadioField(
        lazy("Is it what was said?"),
        choices=options([(RIGHT, lazy("Yes, it is right")), (WRONG, lazy("Something is wrong"))]),
        validate_choice=False,
    )
    correction = TextField(lazy("What is wrong, and how it was"), [AtMost(LONGEST_CORRECTION)])

    def check(self, *, has_answered: bool) -> bool:
        is_fine = bool(self.validate())
        if has_answered:
            self.verdict.data = WRONG
        if self.verdict.data not in (RIGHT, WRONG):
            self.verdict.errors = [_("Choose whether it is right")]
            return False
        if self.verdict.data == WRONG and not self.correction.data:
            self.correction.errors = [_("Write what is wrong, and how it was")]
            return False
        return is_fine

    @property
    def said(self) -> str:
        return self.correction.data or "" if self.verdict.data == WRONG else ""


class MarkForm(BaseForm):
    number = HiddenField()
    passage = TextField(
        lazy("The passage, as it stands in the minutes"),
        [Required(lazy("Copy the passage from the minutes")), AtMost(2000)],
    )
    reason = TextField(
        lazy("Why you could be harmed if others read it"),
        [Required(lazy("Write why you could be harmed")), AtMost(2000)],
    )

    def check(self, text: str) -> bool:
        is_fine = bool(self.validate())
        if is_fine and not stands_in(self.passage.data or "", text):
            sentence = _("These words do not stand in the minutes. Copy them from it.")
            self.passage.errors = [sentence]
            return False
        return is_fine


@dataclass(frozen=True, slots=True)
class MinutesView:
    """`number` is the version shown: the last that was sent, or the approved one. `is_changed`: the
    approved one is not what the supplier was sent last."""

    id: str
    number: int
    when: str
    people: str
    html: Markup
    lang: str
    state: str
    approved: str
    is_changed: bool
    until: str
    is_late: bool
    answered: str
    is_being_changed: bool
    may_check: bool
    has_paper: bool


def view_of(own: Own, minutes: Minutes) -> MinutesView:
    event, booking, shown = own.event, minutes.booking, minutes.versions[-1]
    zone, until = event.organisation.zone, minutes.check_until
    language = language_of(event, booking)
    names = [one.participant.name for one in booking.people if one.came is not False]
    slot = booking.slot

    def moment(at: Any) -> str:
        return moment_text(at, zone, "medium") if at else ""

    return MinutesView(
        id=minutes.public_id,
        number=shown.number,
        when=when_text(slot.starts_at, slot.ends_at, event.zone),
        people=list_text(sorted(names)),
        html=html_from_markdown(shown.text),
        lang="" if language == current_language() else language,
        state=minutes.state,
        approved=_approved(minutes.versions, zone),
        is_changed=_is_changed(minutes.versions),
        until=moment(until),
        is_late=until is not None and until <= utcnow(),
        answered=moment(minutes.checked_at),
        is_being_changed=minutes.state == MinutesState.DRAFT,
        may_check=may_now(CHECK, minutes.state),
        has_paper=any(one.is_approved for one in minutes.versions),
    )


def _approved(versions: list[MinutesVersion], zone: str) -> str:
    """When the version shown was approved, "" when it was not."""
    return moment_text(versions[-1].at, zone, "medium") if versions[-1].is_approved else ""


def _is_changed(versions: list[MinutesVersion]) -> bool:
    """Whether the approved text is another than the supplier was sent last."""
    sent = [one.text for one in versions if not one.is_approved]
    return versions[-1].is_approved and sent[-1:] != [versions[-1].text]


@bp.get(MINUTES)
def minutes(lang: str, secret: str, minutes_id: str) -> ResponseReturnValue:
    own = open_link(secret)
    return _page(own, secret, own_minutes_of(db.session(), own, minutes_id))


@bp.get(MINUTES + ".pdf")
def minutes_paper(lang: str, secret: str, minutes_id: str) -> ResponseReturnValue:
    """The version that was approved last; NotFound before there is one."""
    own = open_link(secret)
    found = own_minutes_of(db.session(), own, minutes_id)
    approved = [one.number for one in found.versions if one.is_approved]
    if not approved:
        raise NotFound
    return answer_paper(db.session(), own.event, found.booking, found, approved[-1])


def _page(own: Own, secret: str, found: Minutes, form: BaseForm | None = None) -> str:
    view = view_of(own, found)
    check = form if isinstance(form, CheckForm) else CheckForm(formdata=None)
    mark = form if isinstance(form, MarkForm) else MarkForm(formdata=None)
    check.number.data = mark.number.data = str(view.number)
    return render_template(
        "public/registrations/minutes.html",
        form=form or check,
        check_form=check,
        mark_form=mark,
        plain=ActionForm(formdata=None),
        view=view,
        minutes=found,
        done="" if form else request.args.get("done", ""),
        law=own.event.organisation.country,
        **frame_of(own, secret),
    )


@bp.post(MINUTES)
def check_minutes(lang: str, secret: str, minutes_id: str) -> ResponseReturnValue:
    own, form = open_link(secret), CheckForm()
    found = own_minutes_of(db.session(), own, minutes_id)
    if not form.check(has_answered=bool(found.correction)):
        return _page(own, secret, found, form), 422
    number, said, read, actor = found.id, form.said, _number(form), own.actor

    def work(session: Session) -> None:
        actions.answer_check(session, number, said, number=read, now=utcnow(), actor=actor)

    return _try(work, form, secret, minutes_id, done="corrected" if said else "confirmed")


@bp.post(MINUTES + "/marks")
def mark_minutes(lang: str, secret: str, minutes_id: str) -> ResponseReturnValue:
    own, form = open_link(secret), MarkForm()
    found = own_minutes_of(db.session(), own, minutes_id)
    if not form.check(found.versions[-1].text):
        return _page(own, secret, found, form), 422
    number, read, actor = found.id, _number(form), own.actor
    passage, reason = str(form.passage.data), str(form.reason.data)

    def work(session: Session) -> None:
        actions.mark_passage(
            session, number, passage, reason, number=read, now=utcnow(), actor=actor
        )

    return _try(work, form, secret, minutes_id, done="marked")


@bp.post(MINUTES + "/marks/<int(max=2147483647):mark_id>/remove")
def unmark_minutes(lang: str, secret: str, minutes_id: str, mark_id: int) -> ResponseReturnValue:
    own = open_link(secret)
    number, actor = own_minutes_of(db.session(), own, minutes_id).id, own.actor
    demand_token()
    form = ActionForm()

    def work(session: Session) -> None:
        actions.remove_mark(session, number, mark_id, now=utcnow(), actor=actor)

    return _try(work, form, secret, minutes_id, done="unmarked")


def _number(form: CheckForm | MarkForm) -> int:
    """The version that the page showed; -1, which nothing has, when it cannot be read."""
    typed = form.number.data or ""
    return int(typed) if typed.isdecimal() and len(typed) < 10 else -1


def _try(
    work: Callable[[Session], None], form: BaseForm, secret: str, minutes_id: str, *, done: str
) -> ResponseReturnValue:
    """Do it and show the page; a broken rule is said on the form, which stays filled."""
    lang = str((request.view_args or {})["lang"])
    try:
        with unit_of_work() as session:
            work(session)
    except (EditedMeanwhile, NotAllowedNow, TooMany) as broken:
        own = open_link(secret)
        form.form_errors.append(_sentence(broken))
        return _page(own, secret, own_minutes_of(db.session(), own, minutes_id), form), 409
    address = url_for(".minutes", lang=lang, secret=secret, minutes_id=minutes_id, done=done)
    return redirect(address, 303)


def _sentence(broken: EditedMeanwhile | NotAllowedNow | TooMany) -> str:
    if isinstance(broken, EditedMeanwhile):
        return _("A newer version has been sent to you since. Read it and answer once more.")
    if isinstance(broken, NotAllowedNow):
        return _("The minutes are approved, or being changed. Write to the organiser instead.")
    return words_of(broken)
