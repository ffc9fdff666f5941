"""The page of an event's rules of admission, beside what the public will read of them."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.guard import actor
from blueprints.manage.rules_form import RulesForm, fresh_form, repeated_hours, rules_form
from blueprints.manage.rules_words import rule_name, said_rule
from blueprints.manage.workspace import event_page, languages_of, own_event
from blueprints.public.rules import ReadRules, read_rules
from dialognav import words
from dialognav.actions import rules as actions
from dialognav.actions.rules import rules_of
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.admission import Occupancy, occupancy_of
from dialognav.domain.errors import EditedMeanwhile, RulesCannotBe
from dialognav.domain.rules import (
    AdmissionRules,
    Impossible,
    flatten,
    merge_rules,
    what_cannot_be,
)
from dialognav.domain.terms import MODES_OF, EventState
from dialognav.i18n import NAMES as LANGUAGE_NAMES
from dialognav.i18n import gettext as _
from dialognav.i18n import ngettext, speaking
from dialognav.models import Event, Occasion
from dialognav.occasion_names import occasion_name
from dialognav.queries import manage
from dialognav.queries.registrations import occupancy
from dialognav.queries.rules import parties_over_limit, undecided

bp = Blueprint("rules", __name__)


@bp.get("/events/<public_id>/rules")
def edit(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    rules = rules_of(event)
    return _show(event, fresh_form(event, rules), rules)


@bp.post("/events/<public_id>/rules")
def update(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    form = rules_form(event)()
    form.validate()
    rules = form.read(event.zone)
    if rules is not None:
        _complain_of_what_cannot_be(form, event, rules)
    if rules is None or any(field.errors for field in form):
        return _show(event, form, rules_of(event), 422)
    if request.form.get("then") == "preview":
        return _show(event, form, rules, previewed=True)
    return _save(event, form, rules)


def _complain_of_what_cannot_be(form: RulesForm, event: Event, rules: AdmissionRules) -> None:
    assert event.last_start
    is_seen = event.state not in (EventState.DRAFT, EventState.SCHEDULED)
    for wrong in what_cannot_be(rules, event.format, event.last_start, is_seen=is_seen):
        form.complain(wrong)


def _save(event: Event, form: RulesForm, rules: AdmissionRules) -> ResponseReturnValue:
    public_id, event_id = event.public_id, event.id
    who, mail, now, expected = actor(), post(), utcnow(), form.began_with
    try:
        with unit_of_work() as session:
            changed = actions.save_rules(
                session, event_id, rules, expected=expected, now=now, actor=who, post=mail
            )
    except EditedMeanwhile:
        return _show_both(own_event(public_id, "edit"), rules, expected)
    except RulesCannotBe as refused:  # the event moved meanwhile
        for wrong in refused.wrong:
            assert isinstance(wrong, Impossible)
            form.complain(wrong)
        return _show(own_event(public_id, "edit"), form, rules, 422)
    done = "rules_saved" if changed else "unchanged"
    return redirect(url_for(".edit", public_id=public_id, done=done), 303)


def _show_both(
    event: Event, mine: AdmissionRules, began_with: dict[str, str]
) -> ResponseReturnValue:
    """Somebody saved meanwhile: both are shown, nothing is overwritten (decisions.md 23)."""
    theirs = rules_of(event)
    merged = merge_rules(mine, theirs, began_with)
    was, is_mine = flatten(theirs), flatten(merged.rules)
    days = {each.id: occasion_name(event, each) for each in event.live_occasions[1:]}
    session = db.session()
    last = manage.trail_of(session, event.organisation_id, event.id, 0, 1).rows
    names = manage.names_of_actors(session, [entry.actor for entry in last])
    both = {
        "who": next(iter(names.values()), _("A colleague")),
        "conflicts": [
            (_named(key, days), *(said_rule(key, each[key], event.zone) for each in (was, is_mine)))
            for key in merged.conflicts
        ],
        "taken": [_named(key, days) for key in merged.taken],
    }
    form = fresh_form(event, merged.rules, theirs)
    return _show(event, form, merged.rules, 409, both=both)


def _named(key: str, days: dict[int, str]) -> str:
    _name, _dot, occasion_id = key.partition(".")
    return rule_name(key, days.get(int(occasion_id or 0), ""))


def _show(
    event: Event,
    form: RulesForm,
    rules: AdmissionRules,
    status: int = 200,
    *,
    previewed: bool = False,
    both: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    """The page; `rules` are those whose sentences stand beside the form."""
    stored = rules_of(event)
    page = render_template(
        "manage/events/rules.html",
        form=form,
        stored=stored,
        modes=MODES_OF[event.format],
        rooms=[(occasion_name(event, each), form.places_of(each.id)) for each in live]
        if len(live := event.live_occasions) > 1
        else [],
        twice=set(repeated_hours(stored, event.zone)),
        said=_in_all_languages(event, rules),
        previewed=previewed,
        both=both,
        beyond=list(_beyond(event)),
        **event_page(event, "rules"),
    )
    return page, status


def _in_all_languages(event: Event, rules: AdmissionRules) -> list[tuple[str, str, ReadRules]]:
    """[(code, the language's own name, what the public reads)], the event's own first."""
    said = []
    for code in dict.fromkeys((*languages_of(event), *LANGUAGE_NAMES)):
        with speaking(code):
            said.append((code, LANGUAGE_NAMES[code][0], read_rules(event, rules)))
    return said


def _overfull(occasion: Occasion, mode: str, seats: Occupancy) -> str:
    event = occasion.event
    several = len(event.live_occasions) > 1
    return _(
        "%(mode)s: %(confirmed)s confirmed, %(places)s places. Nobody loses a place;"
        " nobody new gets one.",
        mode=f"{occasion_name(event, occasion)}, {words.MODES[mode]}"
        if several
        else words.MODES[mode],
        confirmed=seats.confirmed,
        places=seats.capacity,
    )


def _beyond(event: Event) -> Iterator[tuple[str, str]]:
    """[(what, sentence)] where more is there already than the rules now give. Nobody loses it."""
    session = db.session()
    held = occupancy(session, [event.id])
    seats = {
        (occasion, mode): occupancy_of(occasion, mode, held)
        for occasion in event.live_occasions
        for mode in MODES_OF[event.format]
    }
    waiting = sum(each.waiting for each in seats.values())
    for (occasion, mode), each in seats.items():
        if each.capacity is not None and each.confirmed > each.capacity:
            yield (_("More are confirmed than there are places"), _overfull(occasion, mode, each))
    if over := parties_over_limit(session, event):
        yield (
            _("Some have more people than the limit"),
            _("They keep them: %(parties)s.", parties=", ".join(f"{n} ({k})" for n, k in over)),
        )
    if waiting and not event.waiting_list:
        yield (
            _("There is no waiting list for newcomers"),
            ngettext(
                "%(num)s person who waits keeps the place in the queue.",
                "%(num)s people who wait keep their places in the queue.",
                waiting,
            ),
        )
    if not event.registration_review and (left := undecided(session, event.id)):
        yield (
            _("Newcomers need no approval"),
            ngettext(
                "%(num)s registration that came before still waits for your answer.",
                "%(num)s registrations that came before still wait for your answer.",
                left,
            ),
        )
