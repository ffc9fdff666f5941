"""Are you coming? On the own page the answer is as good as in the calendar (calendar.md 2.8).

The page a letter leads to changes nothing; each answer is a POST (decisions.md 11). The contact
answers for everybody, a colleague for the own place only.
"""

from collections.abc import Callable

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.forms import ActionForm, demand_token
from blueprints.public.own import OWN
from blueprints.public.own_coming import coming_views
from blueprints.public.own_links import open_link
from blueprints.public.own_page import frame_of
from blueprints.public.registrations import bp
from dialognav.actions import answering
from dialognav.clock import utcnow
from dialognav.db import unit_of_work
from dialognav.domain.errors import NotAllowedNow, TooLate

Verb = Callable[..., object]


@bp.get(OWN + "/coming")
def coming(lang: str, secret: str) -> ResponseReturnValue:
    own = open_link(secret)
    views = coming_views(own)
    if not views:
        return redirect(url_for(".show", lang=lang, secret=secret), 303)
    return render_template(
        "public/registrations/coming.html",
        form=ActionForm(formdata=None),
        coming=views,
        **frame_of(own, secret),
    )


@bp.post(OWN + "/<participant>/coming")
def say_yes(lang: str, secret: str, participant: str) -> ResponseReturnValue:
    return _answer(lang, secret, participant, answering.say_yes, "coming")


@bp.post(OWN + "/<participant>/not-coming")
def confirm_no(lang: str, secret: str, participant: str) -> ResponseReturnValue:
    """Gives up what was declined in the calendar; everything else is withdrawn elsewhere."""
    return _answer(lang, secret, participant, answering.confirm_no, "not-coming")


def _answer(lang: str, secret: str, participant: str, verb: Verb, done: str) -> ResponseReturnValue:
    own = open_link(secret)
    demand_token()
    person_id, actor = own.person(participant).id, own.actor
    try:
        with unit_of_work() as session:
            verb(session, person_id, now=utcnow(), actor=actor, post=post())
    except (NotAllowedNow, TooLate):
        done = "nothing-to-answer"
    return redirect(url_for(".show", lang=lang, secret=secret, done=done), 303)
