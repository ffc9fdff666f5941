"""Own words in the standard letters: of the organisation, and before those of one event."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from blueprints.context import post, settings
from blueprints.forms import ActionForm
from blueprints.guard import actor, current_membership, current_user, require
from blueprints.manage.letter_words_form import (
    LABELS,
    WordsFormBase,
    fresh_words_form,
    parts_of,
    words_form,
)
from blueprints.manage.letter_words_text import GROUPS, LETTERS
from blueprints.manage.message_form import languages_from
from blueprints.manage.message_words import PLACES
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions.letter_words import reset_words, save_words, words_of
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EditedMeanwhile, NotFound
from dialognav.domain.permissions import MESSAGES, SETTINGS
from dialognav.domain.placeholders import spelling
from dialognav.domain.standard_letters import KINDS, WITH_SUBJECT, OwnWords, of_no_use
from dialognav.domain.terms import LANGUAGES
from dialognav.i18n import NAMES, current_language
from dialognav.i18n import gettext as _
from dialognav.mail.letters import sender_facts
from dialognav.mail.render import Said, said
from dialognav.mail.sample_letters import sample_letter
from dialognav.mail.stationery import Stationery
from dialognav.models import Event, LetterText, Organisation
from dialognav.queries.letter_words import Levels, own_words
from dialognav.queries.manage import names_of_actors

bp = Blueprint("letter_words", __name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the words are for: one event, or (None) the whole organisation; of one letter."""

    event: Event | None
    kind: str = ""

    @property
    def organisation(self) -> Organisation:
        return current_membership().organisation

    @property
    def event_id(self) -> int | None:
        return self.event.id if self.event else None

    @property
    def languages(self) -> tuple[str, ...]:
        return languages_from((self.event or self.organisation).primary_language)

    def address(self, view: str, **more: Any) -> str:
        """Of the list ("index"), of a letter ("edit") or of a button."""
        if self.event:
            return url_for(f".{view}_of_event", public_id=self.event.public_id, **more)
        return url_for(f".{view}", **more)

    def levels(self) -> Levels:
        found = own_words(db.session(), self.organisation.id, self.event_id, self.kind)
        return found.get(self.kind, Levels())

    def stored(self) -> LetterText | None:
        """What is written here, and would be replaced."""
        return self.levels().event if self.event else self.levels().organisation


def _of_organisation(kind: str = "") -> Place:
    require(SETTINGS)
    return _known(Place(None, kind))


def _of_event(public_id: str, kind: str = "") -> Place:
    return _known(Place(own_event(public_id, MESSAGES), kind))


def _wanted() -> str:
    """Which letter, by its kind."""
    return request.args.get("kind", "place_confirmed")


def _known(place: Place) -> Place:
    if place.kind and place.kind not in LETTERS:
        raise NotFound
    return place


# --- the list -----------------------------------------------------------------------------------


@bp.get("/words")
def index() -> ResponseReturnValue:
    return _list(_of_organisation())


@bp.get("/events/<public_id>/words")
def index_of_event(public_id: str) -> ResponseReturnValue:
    return _list(_of_event(public_id))


def _list(place: Place) -> ResponseReturnValue:
    found = own_words(db.session(), place.organisation.id, place.event_id)
    groups = [
        (str(GROUPS[group]), [_line(place, kind, found.get(kind, Levels())) for kind in kinds])
        for group, kinds in KINDS.items()
    ]
    return render_template(
        "manage/messages/words.html", groups=groups, place=place, **_frame(place)
    )


def _line(place: Place, kind: str, levels: Levels) -> dict[str, str]:
    name, when = LETTERS[kind]
    state = ""
    if levels.event:
        state = _("This event's words")
    elif levels.organisation:
        state = _("The organisation's words") if place.event else _("Own words")
    return {
        "name": str(name),
        "when": str(when),
        "state": state,
        "url": place.address("edit", kind=kind),
    }


def _frame(place: Place) -> dict[str, Any]:
    done = _done_words(request.args.get("done", ""))
    if place.event:
        return event_page(place.event, "messages", done=done)
    return {"rail": "messages", "page": None, "done": done}


def _done_words(code: str) -> tuple[str, str] | None:
    if code == "saved":
        return _("The words are saved"), _("Letters that are written from now on have them.")
    if code == "reset":
        return _("Back to what it was"), _("Your own words are gone from letters to come.")
    return None


# --- one letter ---------------------------------------------------------------------------------


@bp.get("/words/letter")
def edit() -> ResponseReturnValue:
    return _begin(_of_organisation(_wanted()))


@bp.get("/events/<public_id>/words/letter")
def edit_of_event(public_id: str) -> ResponseReturnValue:
    return _begin(_of_event(public_id, _wanted()))


@bp.post("/words/letter")
def update() -> ResponseReturnValue:
    return _receive(_of_organisation(_wanted()))


@bp.post("/events/<public_id>/words/letter")
def update_of_event(public_id: str) -> ResponseReturnValue:
    return _receive(_of_event(public_id, _wanted()))


@bp.post("/words/reset")
def reset() -> ResponseReturnValue:
    return _reset(_of_organisation(_wanted()))


@bp.post("/events/<public_id>/words/reset")
def reset_of_event(public_id: str) -> ResponseReturnValue:
    return _reset(_of_event(public_id, _wanted()))


def _begin(place: Place) -> ResponseReturnValue:
    """An event's own begin with the organisation's, which they are to replace."""
    levels, stored = place.levels(), place.stored()
    revision = stored.revision if stored else 0
    words = words_of(levels.in_force)
    return _show(place, fresh_words_form(place.kind, place.languages, words, revision))


def _receive(place: Place) -> ResponseReturnValue:
    form = words_form(place.kind, place.languages)()
    if request.form.get("then") == "update":
        return _show(place, form)
    if not form.check():
        return _show(place, form, 422)
    where, words, revision = (place.organisation.id, place.event_id), form.words(), form.revision
    back, kind = place.address("index", done="saved"), place.kind
    by: dict[str, Any] = {"user_id": current_user().id, "actor": actor(), "now": utcnow()}
    try:
        with unit_of_work() as session:
            save_words(session, *where, kind, words, expected_revision=revision, **by)
    except EditedMeanwhile:
        return _show_both(place, words)
    return redirect(back, 303)


def _reset(place: Place) -> ResponseReturnValue:
    back, kind = place.address("index"), place.kind
    if not ActionForm().validate():
        return redirect(back, 303)
    where, who = (place.organisation.id, place.event_id), actor()
    done = place.address("index", done="reset")
    with unit_of_work() as session:
        reset_words(session, *where, kind, now=utcnow(), actor=who)
    return redirect(done, 303)


def _show_both(place: Place, mine: OwnWords) -> ResponseReturnValue:
    """Somebody saved meanwhile: both texts; the next save is a knowing one (decisions.md 23)."""
    stored = place.stored()
    theirs = words_of(stored)
    conflicts = [
        (f"{LABELS[part]} ({NAMES[code][0]})", here.get(code, ""), own.get(code, ""))
        for part in parts_of(place.kind)
        for here, own in [(getattr(theirs, part), getattr(mine, part))]
        for code in place.languages
        if here.get(code, "") != own.get(code, "")
    ]
    both = {"who": _writer(stored), "conflicts": conflicts, "taken": []}
    revision = stored.revision if stored else 0
    form = fresh_words_form(place.kind, place.languages, mine, revision)
    return _show(place, form, 409, both=both)


def _writer(text: LetterText | None) -> str:
    """Who saved it last, by name; whoever took it away is not asked for."""
    actors = [f"user:{text.changed_by_id}"] if text else []
    return next(iter(names_of_actors(db.session(), actors).values()), _("A colleague"))


def _show(
    place: Place, form: WordsFormBase, status: int = 200, *, both: dict[str, Any] | None = None
) -> ResponseReturnValue:
    name, when = LETTERS[place.kind]
    wanted = request.form.get("look_in", "")
    language = wanted if wanted in LANGUAGES else place.languages[0]
    look = _look(place, form.words(), language)
    page = render_template(
        "manage/messages/words_edit.html",
        place=place,
        form=form,
        both=both,
        name=str(name),
        when=str(when),
        levels=place.levels(),
        has_own=place.stored() is not None,
        has_subject=place.kind in WITH_SUBJECT,
        language=language,
        look=look,
        look_html=Markup(look.html),  # noqa: S704 (autoescaped by mail/render.py)
        sender=sender_facts(place.organisation, language, post())["from_name"],
        names={code: NAMES[code][0] for code in place.languages},
        placeholders=_placeholders(place.kind),
        plain=ActionForm(formdata=None),
        **_frame(place),
    )
    return page, status


def _look(place: Place, words: OwnWords, language: str) -> Said:
    sample = sample_letter(
        place.kind, language, place.organisation, place.event, words, now=utcnow(), post=post()
    )
    return said(sample, Stationery.of(settings()), "page")


def _placeholders(kind: str) -> list[tuple[str, str]]:
    """Those that stand for something in this letter, as one writes them, with what that is."""
    return [
        (spelling(name, current_language()), str(words))
        for name, words in PLACES.items()
        if name not in of_no_use(kind)
    ]
