"""Minutes on paper, the same for the organiser's register and for the supplier.

Nothing is left out of the text and nothing promised: what the supplier has marked as possible trade
secrets stands on a page of its own at the end, to be tested whenever somebody asks for the minutes
(OSL 31 kap. 16 §; domain.md 2.3).
"""

from typing import Any

from flask import Response, abort
from sqlalchemy.orm import Session

from dialognav.domain.meeting_terms import MinutesState
from dialognav.domain.minutes import stands_in
from dialognav.domain.publishing import slug_of
from dialognav.i18n import gettext as _
from dialognav.i18n import moment_text, ngettext, pick, speaking, zone_text
from dialognav.markup import blocks_from_markdown
from dialognav.minutes_words import checked_words, facts_of, language_of, round_of
from dialognav.models import Booking, Event, Minutes, MinutesVersion
from dialognav.pdf import PdfFailed, make_pdf
from dialognav.queries.minutes import names_of

Data = dict[str, Any]


def answer_paper(
    session: Session, event: Event, booking: Booking, minutes: Minutes, number: int
) -> Response:
    """Version `number` as PDF, 0 being what is written now; in the language of the minutes."""
    who = names_of(session, {one.by_id for one in minutes.versions if one.by_id})
    with speaking(language_of(event, booking)):
        data = paper_data(event, booking, minutes, number, who)
        name = (
            f"{slug_of(data['title'])}-{number}.pdf" if number else f"{slug_of(data['title'])}.pdf"
        )
    try:
        body = make_pdf("minutes", data)
    except PdfFailed:
        abort(503)
    answer = Response(body, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def paper_data(
    event: Event, booking: Booking, minutes: Minutes, number: int, who: dict[int, str]
) -> Data:
    """What the template sets; `who` are the names of those who sent or approved."""
    language, primary = language_of(event, booking), event.primary_language
    shown = minutes.versions[number - 1] if number else None
    text, zone = shown.text if shown else minutes.text, event.organisation.zone
    party = booking.registration.party_name
    said = [(term, words) for term, words in facts_of(event, booking)]
    facts = [fact for fact in said[1:] if not stands_in(": ".join(fact), text)]
    table = pick(booking.slot.table.name, language, primary)[0]
    return {
        "lang": language,
        "title": _("Minutes: %(party)s", party=party),
        "organiser": pick(event.organisation.name, language, primary)[0],
        "kind": _("Minutes of a one-to-one meeting"),
        "heading": party,
        "lines": [said[0][1], f"{table}, {zone_text(booking.slot.starts_at, event.zone)}"],
        "remark": ". ".join(filter(None, (event.diary_number, _standing(shown, zone, who)))) + ".",
        "footer": f"{party}, {_standing(shown, zone, {})}",
        "facts": [list(fact) for fact in facts],
        "blocks": blocks_from_markdown(text),
        "checks": [_check(minutes, one, zone, who) for one in minutes.versions[:number]],
        "marks": [[mark.passage, mark.reason] for mark in minutes.marks],
        "asked": [[booking.secret_marks, booking.secret_reason]] if booking.secret_marks else [],
        "words": _words(len(minutes.marks)),
    }


def _standing(shown: MinutesVersion | None, zone: str, who: dict[int, str]) -> str:
    """What this paper is: a record, what was sent, or a draft."""
    if shown is None:
        return _("Draft, shown to nobody outside")
    when, by = moment_text(shown.at, zone, "medium"), who.get(shown.by_id or 0, "")
    if not shown.is_approved:
        said = _("Version %(number)s, sent for a fact check %(moment)s, not approved")
    elif by:
        said = _("Version %(number)s, approved %(moment)s by %(name)s")
    else:
        said = _("Version %(number)s, approved %(moment)s")
    return said % {"number": shown.number, "moment": when, "name": by}


def _check(minutes: Minutes, one: MinutesVersion, zone: str, who: dict[int, str]) -> Data:
    """A version: what was done with it, and what the supplier answered. What is answered to that is
    nobody's to read before the minutes are approved."""
    held = None if one.is_approved else round_of(minutes, one)
    is_said = held is not minutes or minutes.state == MinutesState.APPROVED
    reason = _("Why it took the place of another: %(reason)s", reason=one.reason)
    return {
        "title": f"{_standing(one, zone, who)}.",
        "outcome": checked_words(held, zone) if held else reason if one.reason else "",
        "correction": held.correction if held else "",
        "answer": held.correction_answer if held and is_said else "",
    }


def _words(marks: int) -> Data:
    return {
        "text": _("The minutes"),
        "checks": _("Versions and fact check"),
        "answer": _("The organiser's answer"),
        "marks": _("Marked as possible trade secrets"),
        "number": ngettext(
            "The supplier has marked %(num)s passage as a possible trade secret. It stands on a"
            " page of its own at the end.",
            "The supplier has marked %(num)s passages as possible trade secrets. They stand on a"
            " page of their own at the end.",
            marks,
        ),
        "law": _(
            "A mark is what the supplier says, and decides nothing. Whether a passage is secret is"
            " tested whenever somebody asks for the minutes, and nothing is left out before that."
        ),
        "asked": _("Marked beforehand, in what the supplier wanted to raise"),
        "passage": _("Passage"),
        "why": _("Why, in the supplier's words"),
    }
