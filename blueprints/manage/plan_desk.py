"""The page on which a message is written that an event sends by itself, with its preview."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.manage.message_preview import OFFERED, chosen_reader, gaps, preview, tongues
from blueprints.manage.message_reach import reached
from blueprints.manage.message_words import PLACES
from blueprints.manage.plan_form import PlanFormBase
from blueprints.manage.plan_words import KINDS, READERS, name_of
from blueprints.manage.workspace import event_page
from dialognav.actions.plan_runs import audience_of
from dialognav.db import db
from dialognav.domain.message_drafts import MessageDraft
from dialognav.domain.placeholders import spelling
from dialognav.domain.plans import BEFORE
from dialognav.domain.terms import MessagePurpose, PlanKind
from dialognav.i18n import current_language
from dialognav.mail.plan_words import words_in
from dialognav.mail.recipients import Recipient
from dialognav.models import Event, MessagePlan
from dialognav.models.planned import slots_of


def show_editor(
    event: Event,
    plan: MessagePlan,
    form: PlanFormBase,
    status: int = 200,
    *,
    both: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    """The editor with a form as it stands, beside it whom it would reach today and how it looks."""
    said = _message(event, plan, form)
    reach = reached(event.organisation_id, said.audience, said.purpose)
    about = (event.organisation, said, event.primary_language, reach.people)
    page = render_template(
        "manage/plans/edit.html",
        plan=plan,
        plan_name=name_of(plan) if plan.public_id else "",
        kind_name=str(KINDS[plan.kind]),
        who=str(READERS[plan.kind]),
        is_before=plan.kind in BEFORE,
        has_evaluation=plan.kind == PlanKind.THANKS,
        form=form,
        both=both,
        address=_address(event, plan),
        back=url_for("manage.plans.index", public_id=event.public_id),
        reach=reach,
        readers=reach.people[:OFFERED],
        look=preview(*about, _wanted(reach.people)),
        tongues=tongues(*about[1:]),
        gaps=gaps(*about),
        placeholders=[
            (spelling(name, current_language()), str(words)) for name, words in PLACES.items()
        ],
        **event_page(event, "messages"),
    )
    return page, status


def _message(event: Event, plan: MessagePlan, form: PlanFormBase) -> MessageDraft:
    """What would be sent as the form stands."""
    typed = MessagePlan(
        event=event,
        kind=plan.kind,
        days=plan.days,
        subject={code: field.data or "" for code, _name, field, _body in form.texts},
        body={code: field.data or "" for code, _name, _subject, field in form.texts},
        evaluation_url="" if form.evaluation_url.errors else form.evaluation_url.data or "",
    )
    said = {code: words_in(typed, code, post().base_url) for code in form.languages}
    audience = audience_of(db.session(), event, plan.kind, slots_of(event))
    return MessageDraft(
        subject={code: one.subject for code, one in said.items()},
        body={code: one.body for code, one in said.items()},
        audience=audience,
        purpose=MessagePurpose.NEWS if plan.kind == PlanKind.NEXT else MessagePurpose.REGISTRATION,
    )


def _address(event: Event, plan: MessagePlan) -> str:
    """Where the form is posted."""
    if not plan.public_id:
        return url_for("manage.plans.create", public_id=event.public_id)
    return url_for("manage.plans.update", public_id=event.public_id, plan_id=plan.public_id)


def _wanted(readers: list[Recipient]) -> str:
    """As whom to preview: the one asked for, or the one after."""
    asked = request.values.get("as", "")
    if request.form.get("then") == "next" and readers:
        at, _reader = chosen_reader(readers, asked)
        return str(readers[(at + 1) % len(readers)].number)
    return asked
