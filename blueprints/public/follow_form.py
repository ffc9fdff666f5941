"""The form of what one follows by mail: first with an address, later by the mailed link."""

from collections.abc import Iterable
from typing import Any

from wtforms import RadioField, SelectField

from blueprints.context import settings
from blueprints.forms import AddressField, AtMost, BaseForm, LineField, Required, options
from blueprints.public.bot_check import OpenedField
from blueprints.public.filters import Asked
from blueprints.public.person_form import Choices
from dialognav.actions.following import Follow
from dialognav.cpv import divisions
from dialognav.db import db
from dialognav.domain.following import Followed, some_of
from dialognav.domain.terms import LANGUAGES, Frequency, Kind, Phase
from dialognav.followed_words import cpv_words
from dialognav.i18n import NAMES, current_language, lazy, pick
from dialognav.i18n import gettext as _
from dialognav.models import Organisation, Subscription
from dialognav.queries import following
from dialognav.queries.event_sets import EventFilter
from dialognav.regions import region_choices, region_name
from dialognav.words import KINDS, PHASES

_FREQUENCIES = {
    Frequency.WEEKLY: lazy("On Mondays, what was published in the week"),
    Frequency.AT_ONCE: lazy("As soon as something is published"),
}


class WhatFields:
    """What is followed and how often. Nothing chosen is everything."""

    organisation = SelectField(lazy("Organiser"))
    kinds = Choices(lazy("Kind"), validate_choice=False)
    phases = Choices(lazy("Phase"), validate_choice=False)
    cpv = SelectField(lazy("Area (CPV)"))
    region = SelectField(lazy("Region"))
    frequency = RadioField(lazy("How often"), default=str(Frequency.WEEKLY))

    def offer(self, start: Followed) -> None:
        """The choices, among them what `start` holds, however it came there."""
        form: Any = self
        self.organisers = list(following.organisers(db.session()))
        names = [(each.slug, _name(each)) for each in self.organisers]
        form.organisation.choices = options(
            [("", _("All organisers")), *sorted(names, key=lambda pair: pair[1].casefold())]
        )
        form.kinds.choices = [(str(kind), KINDS[kind]) for kind in Kind]
        form.phases.choices = [(str(phase), PHASES[phase]) for phase in Phase]
        areas = _with(divisions(), start.cpv)
        form.cpv.choices = options([("", _("All areas")), *((c, cpv_words(c)) for c in areas)])
        regions = _with(region_choices(), start.region)
        form.region.choices = options(
            [("", _("All regions")), *((code, region_name(code)) for code in regions)]
        )
        form.frequency.choices = options((str(f), words) for f, words in _FREQUENCIES.items())

    @property
    def followed(self) -> Followed:
        form: Any = self
        slug = form.organisation.data
        owner = next((each.id for each in self.organisers if each.slug == slug), None)
        return Followed(
            organisation_id=owner,
            kinds=some_of(Kind, form.kinds.data or ()),
            phases=some_of(Phase, form.phases.data or ()),
            cpv=form.cpv.data or "",
            region=form.region.data or "",
        )


def _name(owner: Organisation) -> str:
    return pick(owner.name, current_language(), owner.primary_language)[0]


def _with(offered: Iterable[str], chosen: str) -> list[str]:
    """A longer code than we offer stays a choice."""
    every = list(offered)
    return every if not chosen or chosen in every else [chosen, *every]


class FollowForm(WhatFields, BaseForm):
    """Asked of an address, which answers by its mail."""

    email = AddressField(
        lazy("E-mail"),
        [Required(lazy("Enter an e-mail address, like name@company.com")), AtMost(254)],
    )
    website = LineField(lazy("Leave this empty"))
    opened = OpenedField()

    def __init__(self, asked: Asked, **given: Any) -> None:
        chosen = asked.chosen
        super().__init__(
            **given,
            data={
                "organisation": chosen.organisation,
                "kinds": list(chosen.kinds),
                "phases": list(chosen.phases),
                "cpv": chosen.cpv,
                "region": chosen.region,
            },
        )
        self.offer(Followed(cpv=chosen.cpv, region=chosen.region))

    @property
    def is_suspect(self) -> bool:
        return self.opened.is_suspect(settings().signup_minimum, bool(self.website.data))

    def ask_first(self) -> None:
        """Whoever looks like a robot gets the form back, and sends it once more."""
        self.website.data = ""
        self.opened.mark_asked()

    def command(self) -> Follow:
        return Follow(self.followed, str(self.frequency.data), current_language())


class ChangeForm(WhatFields, BaseForm):
    language = RadioField(lazy("Language of the mail"))

    def __init__(self, subscription: Subscription, **given: Any) -> None:
        owner = subscription.organisation
        super().__init__(
            **given,
            data={
                "organisation": owner.slug if owner else "",
                "kinds": list(subscription.kinds),
                "phases": list(subscription.phases),
                "cpv": subscription.cpv,
                "region": subscription.region,
                "frequency": str(subscription.frequency),
                "language": subscription.language,
            },
        )
        self.offer(Followed(cpv=subscription.cpv, region=subscription.region))
        self.language.choices = options((code, NAMES[code][0]) for code in LANGUAGES)

    def command(self) -> Follow:
        return Follow(self.followed, str(self.frequency.data), str(self.language.data))


def asked_of(subscription: Subscription) -> Asked:
    """The same as a filter of the list, for the calendar and the feed beside the mail."""
    owner = subscription.organisation
    return Asked(
        chosen=EventFilter(
            kinds=tuple(subscription.kinds),
            phases=tuple(subscription.phases),
            region=subscription.region,
            cpv=subscription.cpv,
            organisation=owner.slug if owner else "",
        )
    )
