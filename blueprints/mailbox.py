"""The demo mailbox at /dev/mail, only where mail is kept in the database (MAIL_URL=sink://)."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import islice

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import settings
from blueprints.forms import ActionForm, demand_token
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.intake import Intake
from dialognav.mail import demo_answers
from dialognav.mail.bounce_addresses import bounce_address
from dialognav.queries.kept_mail import PAGE, kept_mail, kept_mails

bp = Blueprint("mailbox", __name__, url_prefix="/dev/mail")

VIEWS = ("html", "text", "source")
NO_SUCH_ADDRESS = "no-such-address"

_MAY = "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
_HIGHEST_ID = 2**31 - 1
_OF_A_LETTER = re.compile(r"<([0-9a-f]{32})@")


@bp.get("")
def index() -> ResponseReturnValue:
    wanted = request.args.get("q", "").strip()[:254]
    before = request.args.get("before", type=int)
    mails = kept_mails(db.session(), wanted, min(before, _HIGHEST_ID) if before else None)
    shown = mails[:PAGE]
    older = ""
    if len(mails) > PAGE:
        older = url_for(".index", q=wanted or None, before=shown[-1].id)
    return render_template("dev/mailbox.html", mails=shown, wanted=wanted, older=older)


@bp.get("/<int:mail_id>")
def show(mail_id: int) -> ResponseReturnValue:
    message, raw = _opened(mail_id)
    asked = request.args.get("view", "html")
    return render_template(
        "dev/mail.html",
        mail_id=mail_id,
        view=asked if asked in VIEWS else "html",
        headers=[(name, str(value)) for name, value in message.items()],
        subject=str(message["Subject"]),
        text=_content(message, "plain"),
        source=raw.decode("utf-8", "replace"),
        parts=[(number, *_described(part)) for number, part in enumerate(_leaves(message))],
        sandbox=_MAY,
        form=ActionForm(),
        is_invitation=demo_answers.invitation_of(message) is not None,
        is_answered="answered" in request.args,
    )


@bp.post("/<int:mail_id>/answer")
def answer(mail_id: int) -> ResponseReturnValue:
    """Come back as the recipient's calendar, or mail server, would answer."""
    demand_token()
    message, _raw = _opened(mail_id)
    wanted, now, recipient = request.form.get("answer", ""), utcnow(), ""
    if wanted == NO_SUCH_ADDRESS:
        mail, recipient = demo_answers.failure(message), _bounce_address(message)
    else:
        invited = demo_answers.invitation_of(message)
        if invited is None or wanted not in (*demo_answers.ANSWERS, demo_answers.COUNTER):
            abort(400)
        mail = demo_answers.calendar_answer(message, invited, wanted, now=now)
    Intake(settings()).take(mail, recipient)
    return redirect(url_for(".show", mail_id=mail_id, answered=1, _anchor="answers"), 303)


def _bounce_address(message: EmailMessage) -> str:
    """What the envelope would have borne: a kept mail has none."""
    letter = _OF_A_LETTER.match(str(message["Message-ID"]))
    given = settings()
    return bounce_address(given.secret_key, letter[1], given.mail_domain) if letter else ""


@bp.get("/<int:mail_id>/html")
def html(mail_id: int) -> ResponseReturnValue:
    """The HTML part alone, for the sandboxed frame; its links open in place of the whole page."""
    message, _raw = _opened(mail_id)
    body = _content(message, "html").replace("<head>", '<head><base target="_top">', 1)
    response = make_response(body)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src {settings().base_url} data:;"
        f" base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox {_MAY}"
    )
    return response


@bp.get("/<int:mail_id>/parts/<int:number>")
def part(mail_id: int, number: int) -> ResponseReturnValue:
    message, _raw = _opened(mail_id)
    found = next(islice(_leaves(message), min(number, 100), None), None)
    if found is None:
        abort(404)
    content = found.get_payload(decode=True)
    response = make_response(content if isinstance(content, bytes) else b"")
    response.headers["Content-Type"] = found.get_content_type()
    name = found.get_filename() or f"part-{number}.{_SUFFIX.get(found.get_content_type(), 'bin')}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@bp.get("/<int:mail_id>.eml")
def raw(mail_id: int) -> ResponseReturnValue:
    """As it would have left, byte for byte."""
    response = make_response(_opened(mail_id)[1])
    response.headers["Content-Type"] = "message/rfc822"
    response.headers.set("Content-Disposition", "attachment", filename=f"mail-{mail_id}.eml")
    return response


_SUFFIX = {"text/plain": "txt", "text/html": "html", "text/calendar": "ics"}


def _opened(mail_id: int) -> tuple[EmailMessage, bytes]:
    raw_bytes = kept_mail(db.session(), min(mail_id, _HIGHEST_ID)).raw
    return message_from_bytes(raw_bytes, policy=default), raw_bytes


def _content(message: EmailMessage, subtype: str) -> str:
    body = message.get_body(preferencelist=(subtype,))
    return str(body.get_content()) if body is not None else ""


def _leaves(message: EmailMessage) -> list[EmailMessage]:
    return [part for part in message.walk() if not part.is_multipart()]


def _described(found: EmailMessage) -> tuple[str, str, int]:
    """(content type with its method, file name or '', size in bytes)"""
    method = found.get_param("method")
    kind = found.get_content_type()
    content = found.get_payload(decode=True)
    size = len(content) if isinstance(content, bytes) else 0
    return f"{kind}; method={method}" if method else kind, found.get_filename() or "", size
