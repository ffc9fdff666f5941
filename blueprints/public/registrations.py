"""Sign up for an event. What one does with a registration afterwards is in own.py."""

from dataclasses import dataclass, replace

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post, settings
from blueprints.errors import words_of
from blueprints.public import staging
from blueprints.public.answer_fields import asks_files, submitted
from blueprints.public.event_rows import event_url, place_of
from blueprints.public.meta import alternates_of, organiser_of
from blueprints.public.other_events import for_sellers
from blueprints.public.own_links import own_secret
from blueprints.public.registration_form import RegistrationForm
from blueprints.public.rules import read_rules
from blueprints.public.said import say
from blueprints.public.sessions import by_id, refusal, session_views, to_choose, whens_of
from blueprints.public.sign_up import Counted, SignUpView, sign_up_view
from dialognav.actions import answers, links, registrations
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import (
    AlreadyRegistered,
    EventFull,
    InvitationNeeded,
    InvitationUsed,
    LimitReached,
    NotAllowedNow,
    RegistrationClosed,
    RuleBroken,
    TooMany,
)
from dialognav.domain.terms import EventState
from dialognav.i18n import current_language
from dialognav.i18n import gettext as _
from dialognav.models import Event, EventInvitation
from dialognav.queries.form_fields import questions_of
from dialognav.queries.registrations import event_to_join, links_of, occupancy
from dialognav.rates import count_use, rate_key

bp = Blueprint("registrations", __name__)

LANG = "/<any(sv,en,nb):lang>"
LARGEST = 500_000  # bytes of a sign-up; twenty people with everything filled in are 100 000
WINDOW = 600  # seconds in which sign-ups from one address are counted
_SAID_ON_THE_FORM = (
    RegistrationClosed,
    EventFull,
    NotAllowedNow,
    InvitationNeeded,
    InvitationUsed,
    TooMany,
)


@bp.after_request
def keep_private(response: Response) -> Response:
    """Addresses with a secret are not told to other sites, not kept by proxies, not indexed."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@dataclass(frozen=True, slots=True)
class Door:
    """How somebody comes to the form: from the event's page, or by a personal invitation."""

    event: Event
    invitation: EventInvitation | None = None
    secret: str = ""  # of the invitation

    @property
    def action(self) -> str:
        """Where the form is sent."""
        lang = current_language()
        if self.invitation is not None:
            return url_for("public.registrations.create_invited", lang=lang, secret=self.secret)
        return url_for("public.registrations.create", lang=lang, slug=self.event.slug)

    @property
    def alternates(self) -> dict[str, str]:
        if self.invitation is not None:
            return alternates_of("public.registrations.invited", secret=self.secret)
        return alternates_of("public.registrations.new", slug=self.event.slug)

    def view(self, held: Counted) -> SignUpView:
        view = sign_up_view(self.event, held, utcnow())
        return view if self.invitation is not None else view.for_strangers()


@bp.get(LANG + "/events/<slug>/register")
def new(lang: str, slug: str) -> ResponseReturnValue:
    door = Door(event_to_join(db.session(), slug))
    return show_form(door, blank_form(door.event))


@bp.post(LANG + "/events/<slug>/register")
def create(lang: str, slug: str) -> ResponseReturnValue:
    request.max_content_length = LARGEST
    return take_form(Door(event_to_join(db.session(), slug)))


def blank_form(event: Event) -> RegistrationForm:
    return RegistrationForm.blank(event, questions_of(db.session(), event))


def show_form(door: Door, form: RegistrationForm) -> ResponseReturnValue:
    """A fresh form, or why there is none now."""
    held = occupancy(db.session(), [door.event.id])
    view = door.view(held)
    page = _page(door, view, held)
    if not view.takes:
        return render_template("public/registrations/closed.html", **page)
    return render_template("public/registrations/new.html", form=form, asks=False, **page)


def take_form(door: Door) -> ResponseReturnValue:
    """What became of a form that was sent."""
    form = sent_form(door.event)
    action = request.form.get("action", "")
    if action and action != "send":
        form.rearrange(action)
        return _form_again(door, form, 200)
    if not form.validate():
        return _form_again(door, form, 422)
    if form.looks_automatic:
        form.ask_a_human()
        return _form_again(door, form, 422, asks=True)
    lang = current_language()
    try:
        secret = _register(door, form)
    except AlreadyRegistered:
        mail_what_is_there(str(form.contact.email.data))
        return redirect(url_for("public.registrations.look_in_mail", lang=lang), 303)
    except LimitReached as broken:
        form.say_limit(broken.allowed - broken.already, words_of(broken))
        return _form_again(door, form, 409)
    except _SAID_ON_THE_FORM as broken:
        form.form_errors.append(_sentence(broken, door.event))
        return _form_again(door, form, 429 if isinstance(broken, TooMany) else 409)
    return redirect(url_for("public.registrations.show", lang=lang, secret=secret, new=1), 303)


def preview_form(event: Event, back: str, alternates: dict[str, str]) -> str:
    """The form as a visitor would meet it, of a draft too; `back` is where its editor is."""
    view = sign_up_view(event, {}, utcnow(), state=EventState.PUBLISHED)
    page = _page(Door(event), view, {}) | {"url": back, "alternates": alternates, "preview": True}
    return render_template(
        "public/registrations/new.html", form=blank_form(event), asks=False, **page
    )


def sent_form(event: Event) -> RegistrationForm:
    """The form as it was posted; a larger post is read only where files are asked for."""
    questions = questions_of(db.session(), event)
    if asks_files(questions):
        request.max_content_length = LARGEST + staging.LARGEST
    form = RegistrationForm(event, submitted(), questions)
    staging.bring_back(event.id, form.answer_forms)
    return form


@bp.get(LANG + "/look-in-your-mail")
def look_in_mail(lang: str) -> ResponseReturnValue:
    """The answer to an address that signs up twice: neutral (decisions.md 22)."""
    alternates = alternates_of("public.registrations.look_in_mail")
    return render_template("public/registrations/look_in_mail.html", alternates=alternates)


def _register(door: Door, form: RegistrationForm) -> str:
    """The secret of the new registration."""
    now, command, given = utcnow(), form.command(), settings()
    event_id, staged = door.event.id, staging.staged_in(form.answer_forms)
    if door.invitation is not None:
        command = replace(command, invitation_id=door.invitation.id)
    with unit_of_work() as session:
        if given.signup_limit:
            key = rate_key("sign-up", given.secret_key, request.remote_addr or "")
            count_use(session, key, limit=given.signup_limit, window_seconds=WINDOW, now=now)
        made = registrations.register(session, event_id, command, now=now, post=post())
        answers.forget_staged(session, event_id, staged)
        return own_secret(made)


def mail_what_is_there(email: str) -> None:
    """To that address only, a few times a day at most; what the page says does not depend on it."""
    now, given = utcnow(), settings()
    key = rate_key("already", given.secret_key, email)
    try:
        with unit_of_work() as session:
            count_use(session, key, limit=3, window_seconds=6 * 3600, now=now)
            found, people = links_of(session, email, now=now)
            links.mail_links(
                session,
                email,
                found,
                people,
                language=current_language(),
                now=now,
                post=post(),
                kind="already_registered",
            )
    except TooMany:
        return


def _form_again(
    door: Door, form: RegistrationForm, status: int, *, asks: bool = False
) -> ResponseReturnValue:
    """The form as it was filled in, files too, whatever became of the event meanwhile."""
    staging.stage(door.event.id, form.answer_forms)
    held = occupancy(db.session(), [door.event.id])
    page = _page(door, door.view(held), held)
    return render_template("public/registrations/new.html", form=form, asks=asks, **page), status


def _sentence(broken: RuleBroken, event: Event) -> str:
    if isinstance(broken, EventFull) and len(event.occasions) == 1:
        return _("There are not enough places for all of you, and the event keeps no waiting list.")
    if isinstance(broken, RegistrationClosed):
        return _("Registration has closed since you opened this page.")
    return refusal(event, broken)


def _page(door: Door, view: SignUpView, held: Counted) -> dict[str, object]:
    """What the form and the closed page both show of the event."""
    event, now = door.event, utcnow()
    primary = event.primary_language
    return {
        "event": event,
        "door": door,
        "title": say(event.title, primary),
        "organiser": organiser_of(event.organisation),
        "reason": say(event.reason, primary),
        "place": place_of(event),
        "when": whens_of(event),
        "view": view,
        "sessions": by_id(session_views(event, held, now)),
        "open_days": len(to_choose(event, now)),
        "rules": read_rules(event),
        "others": for_sellers(event, now),
        "url": event_url(event.slug),
        "alternates": door.alternates,
    }
