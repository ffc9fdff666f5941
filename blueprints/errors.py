"""RuleBroken codes and HTTP errors -> status and a page that says what to do, in one place."""

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from dialognav.domain.errors import LimitReached, NotFound, RuleBroken, TooMany
from dialognav.i18n import lazy as _
from dialognav.i18n import ngettext

STATUS = {"not_found": 404, "too_many": 429, "registration_closed": 409, "event_full": 409}

WORDS = {
    "registration_closed": _("Registration is not open."),
    "event_full": _("The event is full and keeps no waiting list."),
    "already_registered": _("There is already a registration with this e-mail address."),
    "already_invited": _("Somebody with this address is invited already."),
    "invitation_needed": _(
        "Only those who are invited can register, by the link in their invitation. Ask the"
        " organiser if yours does not work."
    ),
    "invitation_used": _("Your organisation has already registered by this invitation."),
    "offer_over": _("The offer has run out or is answered already."),
    "too_late": _("The event has begun, so this can no longer be changed here."),
    "edited_meanwhile": _("Somebody else saved while you were writing."),
    "changed_meanwhile": _("Something has changed since this page was made. Look once more."),
    "not_allowed_now": _("This cannot be done in the event's present state."),
    "already_told": _(
        "Some have been told of the change already. Change it back by hand, and they hear of it."
    ),
    "not_ready": _("Something is missing before this can be published."),
    "no_such_time": _("That time does not exist: the clocks go forward that night."),
    "last_administrator": _("An organisation keeps one administrator at least."),
    "already_staff": _("This person works for the organisation already."),
    "already_in_team": _("Somebody with this address is in the team already."),
    "slot_in_use": _("A supplier has that time, or has asked for it."),
    "times_overlap": _("Another meeting or a break is at that table then."),
    "link_in_use": _(
        "Another meeting has this link, or had it. Whoever opens it could walk in on a competitor."
    ),
    "already_asked": _("You have asked for this already. The answer comes by e-mail."),
    "already_followed": _("This address follows the very same already."),
    "still_held": _("Somebody has asked for the documents of this matter, so nothing may go now."),
    "still_takes_part": _(
        "The person still has a place, or is the contact of somebody who has. Withdraw first, or"
        " hand the contact over."
    ),
    "cannot_meet": _("This meeting is not to be had."),
    "hold_over": _("The time is no longer held for you."),
    "held_enough": _(
        "You have held this time as long as one may, and now others can take it. Choose another, or"
        " this one again in an hour."
    ),
    "wrong_people": _("These people cannot come to the meeting."),
    "wishes_cannot_be": _("Some of these times are no longer to be had. Choose anew."),
    "two_places": _("Somebody of the team would be in two meetings at the same time."),
    "engaged_elsewhere": _("Somebody of the team is in a meeting of another event then."),
    "reason_needed": _("Say why: the reason goes into the record."),
    "draw_outdated": _("Somebody withdrew, or a time went. Draw again and look once more."),
    "second_person": _("Somebody else than who proposed it has to approve it."),
    "too_many": _("Too many attempts in a short time. Wait a little and try again."),
}
PAGES = (400, 404, 405, 413, 422, 429, 503)


def words_of(broken: RuleBroken) -> str:
    if isinstance(broken, LimitReached):
        return _limit_words(broken)
    return str(WORDS.get(broken.code, _("This could not be done.")))


def _limit_words(broken: LimitReached) -> str:
    """Why there is a cap, what it is and how much of it is used; never by whom."""
    said = [
        ngettext(
            "At most %(num)s person per organisation may take part, to leave room for others.",
            "At most %(num)s people per organisation may take part, to leave room for others.",
            broken.allowed,
        )
    ]
    if broken.already:
        said.append(
            ngettext(
                "%(num)s person from your organisation is registered already.",
                "%(num)s people from your organisation are registered already.",
                broken.already,
            )
        )
    return " ".join(said)


def register(app: Flask) -> None:
    app.register_error_handler(RuleBroken, show_broken_rule)
    app.register_error_handler(HTTPException, show_http_error)
    if not app.testing:
        app.register_error_handler(500, show_failure)


def show_broken_rule(broken: RuleBroken) -> ResponseReturnValue:
    status = STATUS.get(broken.code, 409)
    if isinstance(broken, NotFound):
        return render_template("errors/404.html"), 404
    headers = {"Retry-After": str(broken.retry_after)} if isinstance(broken, TooMany) else {}
    page = render_template("errors/rule.html", sentence=words_of(broken), status=status)
    return page, status, headers


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error
    if status in (401, 403):  # missing and forbidden look the same
        status = 404
    name = f"errors/{status if status in PAGES else 400}.html"
    return render_template(name), status


def show_failure(_error: Exception) -> ResponseReturnValue:
    return render_template("errors/500.html"), 500
