"""Choosing who of the team is at a table or in a meeting: a select for each of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wtforms import SelectField

from blueprints.forms import options
from blueprints.manage.event_form import WRONG
from dialognav.i18n import lazy
from dialognav.meeting_words import TABLE_ROLES
from dialognav.models import TeamMember

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


def rows_of(form: PeopleFields, team: Sequence[TeamMember]) -> list[tuple[TeamMember, Any]]:
    """[(member, field)] for the page."""
    return [(member, form.role_of(member.id)) for member in team]
