"""Asking for a one-to-one meeting: ranked wishes, a lot, the organiser's hand, or the waiting list.

Which of them it is, the published rule says; the form is the same but for what can be ranked.
"""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import ActionForm, demand_token
from blueprints.public.meeting_form import RequestForm, request_form
from blueprints.public.meeting_page import frame_of_meetings, rules_to_show, seen_by
from blueprints.public.meeting_views import Seen
from blueprints.public.meeting_wishes import askable_of, asked_of, standing
from blueprints.public.meeting_words import meeting_refusal, people_words, why_not
from blueprints.public.own import as_contact
from blueprints.public.own_links import count_mail, mail_key
from blueprints.public.own_meetings import MEETINGS
from blueprints.public.registrations import bp
from dialognav.actions import meeting_requests
from dialognav.actions.own_zones import keep_zone
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import CannotMeet, NotAllowedNow, NotFound, WishesCannotBe, WrongPeople
from dialognav.domain.meeting_rules import DRAWN
from dialognav.domain.meeting_terms import HandOut, RequestState
from dialognav.models import MeetingRequest, MeetingRules
from dialognav.models.meeting_queues import is_drawn
from dialognav.queries import bookings

REQUEST = MEETINGS + "/request"


@bp.get(REQUEST)
def meeting_request(lang: str, secret: str) -> ResponseReturnValue:
    seen, rules, asked = _open(secret)
    return _page(seen, rules, asked, _form(seen, rules, asked))


@bp.post(REQUEST)
def ask_for_meeting(lang: str, secret: str) -> ResponseReturnValue:
    seen, rules, asked = _open(secret)
    form = _form(seen, rules, asked)
    if not form.validate():
        return _page(seen, rules, asked, form), 422
    command = asked_of(form, seen)
    registration_id, actor, key = seen.own.registration.id, seen.own.actor, mail_key(seen.own)
    is_first_come = rules.hand_out == HandOut.FIRST_COME
    try:
        with unit_of_work() as session:
            count_mail(session, key)
            keep_zone(session, registration_id, request.form.get("zone", ""))
            meeting_requests.ask(
                session, registration_id, command, now=utcnow(), actor=actor, post=post()
            )
    except (CannotMeet, WrongPeople, WishesCannotBe) as broken:
        seen, rules, asked = _open(secret)
        form = _form(seen, rules, asked)
        if isinstance(broken, WrongPeople):
            form.people.errors = [people_words(broken)]
        else:
            form.form_errors.append(meeting_refusal(broken, words_of(broken)))
        return _page(seen, rules, asked, form), 409
    done = "asked" if is_first_come else "wished"
    return redirect(url_for(".meetings", lang=lang, secret=secret, done=done), 303)


@bp.post(REQUEST + "/leave")
def leave_meeting_queue(lang: str, secret: str) -> ResponseReturnValue:
    own = as_contact(secret)
    demand_token()
    asked = bookings.request_of(db.session(), own.registration.id)
    if asked is None:
        raise NotFound
    asked_id, actor, done = asked.id, own.actor, "left"
    try:
        with unit_of_work() as session:
            meeting_requests.leave(session, asked_id, now=utcnow(), actor=actor, post=post())
    except NotAllowedNow:
        done = "left-before"
    return redirect(url_for(".meetings", lang=lang, secret=secret, done=done), 303)


# --- what they share ------------------------------------------------------------------------------


def _open(secret: str) -> tuple[Seen, MeetingRules, MeetingRequest | None]:
    """NotFound for a colleague's link. One who has left the queue begins with what was said."""
    own = as_contact(secret)
    asked = bookings.request_of(db.session(), own.registration.id)
    return seen_by(own, secret), rules_to_show(own), asked


def _form(seen: Seen, rules: MeetingRules, asked: MeetingRequest | None) -> RequestForm:
    askable = askable_of(seen, rules)
    return request_form(askable, data=standing(askable, asked))


def _page(seen: Seen, rules: MeetingRules, asked: MeetingRequest | None, form: RequestForm) -> str:
    is_in = asked is not None and asked.state in (RequestState.WAITING, RequestState.OFFERED)
    stops = bookings.stops_of_asking(
        db.session(), seen.event, seen.own.registration.id, now=seen.now
    )
    return render_template(
        "public/meetings/request.html",
        form=form,
        action=ActionForm(formdata=None),
        is_in=is_in,
        for_draw=rules.hand_out in DRAWN and not is_drawn(db.session(), seen.event.id),
        why_not=why_not(stops[0], seen.event, rules, seen.now) if stops else "",
        **frame_of_meetings(seen, rules),
    )
