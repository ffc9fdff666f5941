"""Letters to those who follow what is published: the question, what they follow, the news."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dialognav.domain.terms import Frequency
from dialognav.i18n import pick
from dialognav.mail.letters import BULK, URGENT, Facts, Letter, sender_facts
from dialognav.mail.post import Post
from dialognav.mail.seat_letters import envelope
from dialognav.models import Event, Organisation, Subscription
from dialognav.tokens import SUBSCRIPTION, WEEKLY, fingerprint

CONFIRM, LINKS, NEWS = KINDS = ("follow_confirm", "follow_links", "follow_news")
MOST_EVENTS = 40
"""In one letter; the list on the web has the rest."""


def follow_link(subscription: Subscription) -> Facts:
    return {"purpose": SUBSCRIPTION, "public_id": subscription.public_id, "generation": 0}


def leave_link(subscription: Subscription) -> Facts:
    """Ends one that is told at once, or all weekly ones of its address."""
    is_weekly = subscription.frequency == Frequency.WEEKLY
    return follow_link(subscription) | {"purpose": WEEKLY if is_weekly else SUBSCRIPTION}


def confirm_letter(subscription: Subscription, *, post: Post) -> Letter:
    """Asks the address whether it is true."""
    return _letter(
        subscription,
        CONFIRM,
        f"follow:{subscription.public_id}",
        {"subscriptions": [followed_facts(subscription, subscription.language)]},
        owner=subscription.organisation,
        post=post,
        priority=URGENT,
    )


def known_letter(asked: Subscription, known: Sequence[Subscription], *, post: Post) -> Letter:
    """What the address follows already; from whom the one asked for is."""
    return _letter(
        asked,
        LINKS,
        f"follow_links:{fingerprint(asked.email)}",
        {"subscriptions": [followed_facts(each, asked.language) for each in known]},
        owner=asked.organisation,
        post=post,
        priority=URGENT,
    )


@dataclass(slots=True)
class NewsWriter:
    """Writes many letters; what several of them say is gathered once."""

    post: Post
    _said: dict[tuple[int, str], Facts] = field(default_factory=dict)

    def letter(self, subscriptions: Sequence[Subscription], events: Sequence[Event]) -> Letter:
        """To one address by one that is told at once, or by all its weekly ones, oldest first: in
        the language of the newest. Its one click ends what it is for.

        At most MOST_EVENTS, the first to begin first; organisations and occasions loaded.
        """
        newest = subscriptions[-1]
        shown = sorted(events, key=lambda event: (event.starts_at, event.id))[:MOST_EVENTS]
        first = min(event.id for event in events)
        said = {
            "subscriptions": [followed_facts(each, newest.language) for each in subscriptions],
            "events": [self._event(event, newest.language) for event in shown],
            "more": len(events) - len(shown),
            "frequency": str(newest.frequency),
        }
        stream = f"{NEWS}:{newest.public_id}:{first}"
        letter = _letter(
            newest,
            NEWS,
            stream,
            said,
            owner=_only_owner(subscriptions),
            post=self.post,
            priority=BULK,
        )
        letter.facts["leave"] = leave_link(newest)
        return letter

    def _event(self, event: Event, language: str) -> Facts:
        key = event.id, language
        if key not in self._said:
            self._said[key] = event_facts(event, language)
        return self._said[key]


def _only_owner(subscriptions: Sequence[Subscription]) -> Organisation | None:
    """The organiser that is followed, where it is a single one."""
    first = subscriptions[0].organisation
    return first if all(each.organisation is first for each in subscriptions) else None


def _letter(
    subscription: Subscription,
    kind: str,
    stream: str,
    said: Facts,
    *,
    owner: Organisation | None,
    post: Post,
    priority: int,
) -> Letter:
    """From the organiser `owner`, who sees what it says; from the installation if there is none."""
    return Letter(
        kind=kind,
        stream=stream,
        recipient=subscription.email,
        recipient_name="",
        language=subscription.language,
        facts=sender_facts(owner, subscription.language, post) | {"follow": said},
        organisation_id=owner.id if owner else None,
        priority=priority,
    )


def followed_facts(subscription: Subscription, language: str) -> Facts:
    """What is followed as codes, and the link's makings."""
    owner = subscription.organisation
    organiser = pick(owner.name, language, owner.primary_language) if owner else None
    return {
        "link": follow_link(subscription),
        "organiser": list(organiser) if organiser else None,
        "slug": owner.slug if owner else "",
        "kinds": list(subscription.kinds),
        "phases": list(subscription.phases),
        "cpv": subscription.cpv,
        "region": subscription.region,
    }


def event_facts(event: Event, language: str) -> Facts:
    owner, occasion = event.organisation, (event.live_occasions or event.occasions)[0]
    venue = pick(occasion.venue, language, event.primary_language)[0] or occasion.address
    return {
        "id": event.id,
        "title": list(pick(event.title, language, event.primary_language)),
        "summary": list(pick(event.summary, language, event.primary_language)),
        "organiser": list(pick(owner.name, language, owner.primary_language)),
        "path": f"/{language}/events/{event.slug}",
        "kind": str(event.kind),
        "phase": str(event.phase or ""),
        "format": str(event.format),
        "audience": str(event.audience),
        "venue": venue,
        "when": envelope(event),
        "closes_at": event.registration_closes_at.isoformat()
        if event.registration_closes_at
        else "",
    }
