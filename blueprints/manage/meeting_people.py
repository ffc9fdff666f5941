"""Choosing who of the team is at a table or in a meeting: a select for each of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wtforms import SelectField

from blueprints.forms import options
from blueprints.manage.event_form import WRONG
from dialognav.db import db
from dialognav.domain.errors import EngagedElsewhere
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, list_text
from dialognav.meeting_words import TABLE_ROLES
from dialognav.models import TeamMember
from dialognav.queries.meeting_plans import engaged

_ROLES = [("", lazy("Does not take part")), *TABLE_ROLES.items()]


class PeopleFields:
    """The part of a form that says who is there. `team`: ids, each with a field of its own."""

    team: tuple[int, ...] = ()

    def role_of(self, member_id: int) -> Any:
        """A member's field."""
        return self[f"role_{member_id}"]  # type: ignore[index]  # a form finds fields by name

    @property
    def people(self) -> dict[int, str]:
        """{member id: role} of those who are there."""
        roles = {member: self.role_of(member).data for member in self.team}
        return {member: role for member, role in roles.items() if role}


def people_fields(team: Iterable[int]) -> dict[str, Any]:
    """Class attributes of a form with PeopleFields."""
    ids = tuple(team)
    made = {f"role_{each}": SelectField(choices=options(_ROLES), **WRONG) for each in ids}
    return {**made, "team": ids}


def typed_people(people: Mapping[int, str]) -> dict[str, str]:
    """The form's data."""
    return {f"role_{member}": role for member, role in people.items()}


def elsewhere_words(refused: EngagedElsewhere) -> dict[int, str]:
    """{member: in which other event's meeting they are}, for staff of the organisation alone."""
    names, titles = engaged(db.session(), refused.args)
    by_member: dict[int, list[str]] = {}
    for member_id, event_id in refused.args:
        by_member.setdefault(member_id, []).append(titles[event_id])
    return {
        member_id: _("%(who)s is in a meeting of %(event)s then", who=names[member_id], event=said)
        for member_id, said in ((one, list_text(each)) for one, each in by_member.items())
    }


def rows_of(form: PeopleFields, team: Sequence[TeamMember]) -> list[tuple[TeamMember, Any]]:
    """[(member, field)] for the page."""
    return [(member, form.role_of(member.id)) for member in team]
