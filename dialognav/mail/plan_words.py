"""The words of a message that writes itself: the standard ones, or in their place an organiser's.

They are those of any message: Markdown, with each reader's own in braces.
"""

from typing import NamedTuple
from urllib.parse import quote

from dialognav import i18n
from dialognav.db import Text
from dialognav.domain.placeholders import spelling
from dialognav.domain.terms import LANGUAGES, PlanKind
from dialognav.i18n import gettext as _
from dialognav.models import MessagePlan


class PlanWords(NamedTuple):
    subject: str
    body: str


def texts_of(plan: MessagePlan, base_url: str) -> tuple[Text, Text]:
    """Subject and body for every language; where a plan has no words of its own, the standard."""
    said = {code: words_in(plan, code, base_url) for code in LANGUAGES}
    return {c: one.subject for c, one in said.items()}, {c: one.body for c, one in said.items()}


def words_in(plan: MessagePlan, language: str, base_url: str) -> PlanWords:
    """What it says in one language. The evaluation that a plan names is never left out."""
    usual = standard_words(plan.kind, plan.days, plan.event.organisation.slug, language, base_url)
    subject = plan.subject.get(language) or usual.subject
    body = plan.body.get(language) or usual.body
    if plan.evaluation_url and plan.evaluation_url not in body:
        with i18n.speaking(language):
            body = f"{body}\n\n{_evaluation(plan.evaluation_url)}"
    return PlanWords(subject, body)


def standard_words(kind: str, days: int, slug: str, language: str, base_url: str) -> PlanWords:
    """What its kind says when nobody has written anything else, without the evaluation.

    `slug` is the organisation's.
    """
    with i18n.speaking(language):
        if kind == PlanKind.LINK:
            return _link(days, language)
        if kind == PlanKind.THANKS:
            return _thanks(language)
        if kind == PlanKind.NEXT:
            return _next(language, base_url, slug)
        return _reminder(-days, language)


def _reminder(days: int, language: str) -> PlanWords:
    event = spelling("event", language)
    if days == 0:
        subject = _("Today: %(event)s", event=event)
    elif days == 1:
        subject = _("Tomorrow: %(event)s", event=event)
    else:
        subject = i18n.ngettext(
            "In %(num)s day: %(event)s", "In %(num)s days: %(event)s", days, event=event
        )
    return PlanWords(
        subject,
        _paragraphs(
            _hello(language),
            _("You have a place at %(event)s.", event=event),
            _when_and_where(language),
            _("If you cannot come, withdraw on your own page. Somebody else then gets the place."),
        ),
    )


def _link(days: int, language: str) -> PlanWords:
    event = spelling("event", language)
    if days == 0:
        subject = _("The link to %(event)s today", event=event)
    else:
        subject = _("The link to %(event)s", event=event)
    return PlanWords(
        subject,
        _paragraphs(
            _hello(language),
            _(
                "You take part online in %(event)s on %(date)s, %(time)s.",
                event=event,
                date=spelling("date", language),
                time=spelling("time", language),
            ),
            spelling("link", language),
            _("If the link does not work, reply to this e-mail."),
        ),
    )


def _thanks(language: str) -> PlanWords:
    event = spelling("event", language)
    return PlanWords(
        _("Thank you for taking part in %(event)s", event=event),
        _paragraphs(
            _hello(language),
            _("Thank you for taking part in %(event)s.", event=event),
            _("What comes of it is published on the page of the event:"),
            spelling("event_page", language),
        ),
    )


def _next(language: str, base_url: str, slug: str) -> PlanWords:
    organiser = spelling("organiser", language)
    url = f"{base_url}/{language}/follow?organisation={quote(slug)}"
    return PlanWords(
        _("What %(organiser)s arranges next", organiser=organiser),
        _paragraphs(
            _hello(language),
            _("You have taken part in %(event)s.", event=spelling("event", language)),
            _(
                "You can get an e-mail when %(organiser)s publishes something new.",
                organiser=organiser,
            ),
            f"[{_('Choose what you want to hear of')}]({url})",
        ),
    )


def _hello(language: str) -> str:
    return _("Hello %(name)s!", name=spelling("name", language))


def _when_and_where(language: str) -> str:
    date, time, place = (spelling(name, language) for name in ("date", "time", "place"))
    return f"- **{_('When')}:** {date}, {time}\n- **{_('Where')}:** {place}"


def _evaluation(url: str) -> str:
    asked = _("Tell us what you thought")
    return f"[{asked}](<{url}>)"


def _paragraphs(*some: str) -> str:
    return "\n\n".join(some)
