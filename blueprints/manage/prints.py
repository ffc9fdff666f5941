"""Paper for the day: pages to print, and the same as tagged PDF. Reading them changes nothing."""

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.guard import allows
from blueprints.manage import paper
from blueprints.manage.workspace import own_event, title_of
from dialognav.clock import utcnow
from dialognav.domain.errors import NotFound
from dialognav.domain.publishing import slug_of
from dialognav.domain.terms import Mode
from dialognav.i18n import gettext as _
from dialognav.models import Event
from dialognav.pdf import PdfFailed, make_pdf
from dialognav.queries.presence import occasion_of

bp = Blueprint("prints", __name__)


def _event(public_id: str) -> Event:
    """Names on paper are for those at the door and those who look after registrations."""
    if not (allows("check_in") or allows("registrations")):
        raise NotFound
    return own_event(public_id)


def _choice(event: Event, kind: str) -> paper.Choice:
    """From the address; what does not fit is left out."""
    mode, order = request.args.get("mode", ""), request.args.get("order", "")
    usual = Mode.ON_SITE if event.format == "hybrid" else ""
    return paper.Choice(
        occasion=occasion_of(event, request.args.get("occasion", ""), utcnow()),
        kind=kind,
        order="party" if order == "party" else "name",
        mode=mode if mode in tuple(Mode) and event.format == "hybrid" else usual,
    )


def _people_choice(event: Event) -> paper.Choice:
    wanted = request.args.get("kind", "")
    return _choice(event, "participants" if wanted == "participants" else "attendance")


@bp.get("/events/<public_id>/print/people")
def people(public_id: str) -> ResponseReturnValue:
    event = _event(public_id)
    choice = _people_choice(event)
    sheet = paper.people_data(event, choice)
    return render_template(
        "manage/prints/people.html", event=event, choice=choice, sheet=sheet, title=title_of(event)
    )


@bp.get("/events/<public_id>/print/people.pdf")
def people_pdf(public_id: str) -> ResponseReturnValue:
    event = _event(public_id)
    choice = _people_choice(event)
    return _pdf("people", event, choice, paper.people_data(event, choice))


@bp.get("/events/<public_id>/print/badges")
def badges(public_id: str) -> ResponseReturnValue:
    event = _event(public_id)
    choice = _choice(event, "badges")
    sheet = paper.badge_data(event, choice)
    return render_template(
        "manage/prints/badges.html", event=event, choice=choice, sheet=sheet, title=title_of(event)
    )


@bp.get("/events/<public_id>/print/badges.pdf")
def badges_pdf(public_id: str) -> ResponseReturnValue:
    event = _event(public_id)
    choice = _choice(event, "badges")
    return _pdf("badges", event, choice, paper.badge_data(event, choice))


@bp.get("/events/<public_id>/print/catering")
def catering(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "registrations")
    choice = _choice(event, "catering")
    sheet = paper.catering_data(event, choice)
    return render_template(
        "manage/prints/catering.html",
        event=event,
        choice=choice,
        sheet=sheet,
        title=title_of(event),
    )


@bp.get("/events/<public_id>/print/catering.pdf")
def catering_pdf(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "registrations")
    choice = _choice(event, "catering")
    return _pdf("catering", event, choice, paper.catering_data(event, choice))


def _pdf(
    template: str, event: Event, choice: paper.Choice, sheet: dict[str, object]
) -> ResponseReturnValue:
    try:
        body = make_pdf(template, sheet)
    except PdfFailed:
        abort(503)
    names = {
        "attendance": _("attendance list"),
        "participants": _("participants"),
        "badges": _("name badges"),
        "catering": _("catering"),
    }
    filename = f"{slug_of(title_of(event))}-{slug_of(names[choice.kind])}.pdf"
    answer = Response(body, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    return answer
