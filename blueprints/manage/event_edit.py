"""The editor of an event: one long form, and what happens when two have it open."""

import re
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.guard import actor
from blueprints.manage.draft_words import field_name, said_value
from blueprints.manage.event_binding import read_draft, typed_of
from blueprints.manage.event_form import EventBase, event_form
from blueprints.manage.event_overview import checks_of
from blueprints.manage.event_rows import changed_rows, clean_names, focus
from blueprints.manage.event_words import LACKING, PARTS
from blueprints.manage.events import bp
from blueprints.manage.occasion_binding import repeated_hours
from blueprints.manage.occasion_rows import changed_occasions
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, languages_of, own_event
from dialognav import words
from dialognav.actions import events
from dialognav.actions.event_text import draft_of
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.drafts import EventDraft, Merged, fingerprints, merge
from dialognav.domain.errors import (
    AttendingInUse,
    EditedMeanwhile,
    EventFull,
    ModeInUse,
    NotASeries,
    NotReady,
    RuleBroken,
)
from dialognav.domain.publishing import lacking
from dialognav.domain.terms import EventState, Phase
from dialognav.i18n import gettext as _
from dialognav.i18n import ngettext, pick
from dialognav.models import Event
from dialognav.occasion_names import occasion_name
from dialognav.queries import manage

_MARK = re.compile(r"([a-z_]{1,40}(?:\.[0-9]{1,12}\.[a-z_]{1,20})?(?:\.[a-z]{2})?):([0-9a-f]{10})")

_MOST_MARKS = 80_000  # characters: 60 occasions have about 1,000 keys


@bp.get("/events/<public_id>/edit")
def edit(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    draft = draft_of(event)
    return show_editor(event, draft, fresh_form(event, draft, draft))


def fresh_form(event: Event, draft: EventDraft, base: EventDraft) -> EventBase:
    """A form that shows the draft and remembers what it began with."""
    languages = languages_of(event)
    data = typed_of(draft, languages)
    marks = " ".join(f"{key}:{mark}" for key, mark in fingerprints(base).items())
    version = f"{event.revision} {marks}"
    return event_form(languages)(formdata=None, data={**data, "version": version})


@bp.post("/events/<public_id>/edit")
def update(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    stored, languages = draft_of(event), languages_of(event)
    form = event_form(languages)(clean_names(request.form), data=typed_of(stored, languages))
    button = request.form.get("rows", "")
    if (rows := changed_rows(form, button) or changed_occasions(form, button)) is not None:
        data, goal = rows
        again = event_form(languages)(formdata=None, data=data)
        focus(again, goal)
        return show_editor(event, stored, again, goal=goal)
    form.validate()
    draft = read_draft(form, stored)
    _refuse_verbs(form, event, stored, draft)
    if draft is None or form_is_bad(form):
        return show_editor(event, stored, form, 422)
    return _save(event, stored, draft, form)


def form_is_bad(form: EventBase) -> bool:
    return any(field.errors for field in (form.phase, form.date, form.format))


def _refuse_verbs(
    form: EventBase, event: Event, stored: EventDraft, draft: EventDraft | None
) -> None:
    """What is done with a button of its own, because it has consequences, not by editing."""
    if draft is None or event.state == EventState.DRAFT:
        return
    if draft.phase == Phase.PROCUREMENT != stored.phase:
        complain(
            form.phase,
            _("Switch to the procurement phase from the overview: it closes registration"),
        )
    is_off = event.state in (EventState.POSTPONED, EventState.CANCELLED)
    if is_off and draft.times != stored.times:
        complain(form.date, _("A postponed event gets its new date from the overview"))


def _save(
    event: Event, stored: EventDraft, draft: EventDraft, form: EventBase
) -> ResponseReturnValue:
    public_id, event_id, revision = event.public_id, event.id, _revision(form)
    who, mail, now = actor(), post(), utcnow()
    try:
        with unit_of_work() as session:
            saved = events.save_event(
                session,
                event_id,
                draft,
                expected_revision=revision,
                fresh=form.fresh.data or (),
                now=now,
                actor=who,
                post=mail,
            )
    except EditedMeanwhile:
        return _show_both(own_event(public_id, "edit"), draft, form)
    except NotReady as refused:
        complain_of_lack(form, refused.fields, draft)
        return show_editor(own_event(public_id, "edit"), stored, form, 422)
    except (ModeInUse, AttendingInUse, NotASeries, EventFull) as refused:
        _complain_of_occasions(form, refused)
        return show_editor(own_event(public_id, "edit"), stored, form, 422)
    done = "told" if saved.told else "saved" if saved.changed else "unchanged"
    then = {"preview": ".preview", "close": ".show"}.get(request.form.get("then", ""), ".edit")
    return redirect(url_for(then, public_id=public_id, done=done), 303)


def _revision(form: EventBase) -> int:
    """The revision the form began with; -1, which none has, when that cannot be read."""
    typed = (form.version.data or "").partition(" ")[0]
    return int(typed) if re.fullmatch(r"[0-9]{1,9}", typed) else -1


def _complain_of_occasions(form: EventBase, refused: RuleBroken) -> None:
    if isinstance(refused, ModeInUse):
        complain(form.format, _mode_in_use(refused))
    elif isinstance(refused, AttendingInUse):
        complain(
            form.attending,
            ngettext(
                "%(num)s person is registered: this stays as it is.",
                "%(num)s people are registered: this stays as it is.",
                refused.number,
            ),
        )
    elif isinstance(refused, NotASeries):
        complain(
            form.attending,
            _(
                "These dates do not come back regularly, at one time of day."
                " Choose one of the others."
            ),
        )
    else:
        complain(form.date, _("The new session has fewer places than people. Give it more first."))


def _mode_in_use(refused: ModeInUse) -> str:
    return ngettext(
        "%(num)s person is registered: %(mode)s. Withdraw or move them before that goes.",
        "%(num)s people are registered: %(mode)s. Withdraw or move them before that goes.",
        refused.number,
        mode=words.MODES[refused.mode],
    )


def complain_of_lack(form: EventBase, fields: tuple[str, ...], draft: EventDraft) -> None:
    """Say at each field what has to be there before the public sees the event."""
    for name in fields:
        key = f"{name}_{draft.primary_language}"
        if key in form or name in form:
            complain(form[key if key in form else name], str(LACKING[name]))
        else:  # a rule of admission, which has a form of its own
            form.form_errors.append(_("%(what)s: see Registration rules", what=LACKING[name]))


# --- two editors -----------------------------------------------------------------------------


def _show_both(event: Event, mine: EventDraft, form: EventBase) -> ResponseReturnValue:
    """Somebody saved meanwhile: both texts, nothing overwritten; the next save is a knowing one."""
    theirs = draft_of(event)
    marks = dict(_MARK.findall((form.version.data or "")[:_MOST_MARKS]))
    merged = merge(mine, theirs, marks)
    shown = fresh_form(event, merged.draft, theirs)
    return show_editor(event, theirs, shown, 409, both=_both(event, merged, mine, theirs))


def _both(event: Event, merged: Merged, mine: EventDraft, theirs: EventDraft) -> dict[str, Any]:
    session = db.session()
    last = manage.trail_of(session, event.organisation_id, event.id, 0, 1).rows
    names = manage.names_of_actors(session, [entry.actor for entry in last])
    return {
        "who": next(iter(names.values()), _("A colleague")),
        "conflicts": [
            (_named(key, theirs, mine), said_value(theirs, key), said_value(mine, key))
            for key in merged.conflicts
        ],
        "taken": [_named(key, theirs, mine) for key in merged.taken],
    }


def _named(key: str, theirs: EventDraft, mine: EventDraft) -> str:
    """What a key is of: of an occasion that only one of the two has, as that one says it."""
    is_mine = key.startswith("occasions.") and all(
        key.split(".")[1] != str(line.id) for line in theirs.occasions
    )
    return field_name(key, mine if is_mine else theirs)


# --- the page --------------------------------------------------------------------------------


def show_editor(
    event: Event,
    draft: EventDraft,
    form: EventBase,
    status: int = 200,
    *,
    goal: str = "",
    both: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    """The editor with a form as it stands; `draft` is what is stored."""
    now = utcnow()
    page = render_template(
        "manage/events/edit.html",
        form=form,
        draft=draft,
        goal=goal,
        both=both,
        parts=_parts(form, draft, set(lacking(draft, now, is_new=_is_unseen(event)))),
        stale=_stale(event),
        twice=set(repeated_hours(draft)),
        saved_ids={str(line.id) for line in draft.occasions},
        called_off=[
            (occasion_name(event, each), pick(each.reason, event.primary_language, "en")[0])
            for each in event.occasions
            if each.cancelled_at
        ],
        is_over=draft.ends_at <= now,
        checks=checks_of(event, draft, now) if _is_unseen(event) else [],
        **event_page(event, ""),
    )
    return page, status


def _is_unseen(event: Event) -> bool:
    return event.state in (EventState.DRAFT, EventState.SCHEDULED)


def _parts(form: EventBase, draft: EventDraft, missing: set[str]) -> list[tuple[str, str, str]]:
    """[(id, heading, "done" | "missing" | "wrong" | "empty")] for the list beside the form."""
    primary = draft.primary_language
    said = []
    for key, (heading, names) in PARTS.items():
        fields = [form[n] for name in names for n in (name, f"{name}_{primary}") if n in form]
        if any(field.errors for field in fields):
            state = "wrong"
        elif missing.intersection(names):
            state = "missing"
        else:
            state = "done" if any(field.data for field in fields) else "empty"
        said.append((key, str(heading), state))
    return said


def _stale(event: Event) -> dict[str, list[str]]:
    """{field: languages whose translation has an older original}"""
    found: dict[str, list[str]] = {}
    for entry in event.stale_texts:
        language, _colon, name = entry.partition(":")
        found.setdefault(name, []).append(language)
    return found
