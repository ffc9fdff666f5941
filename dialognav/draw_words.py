"""What came of a draw for one supplier, in the language spoken: the same sentences in the letter,
on the own page and in the organiser's preview. They name nobody else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialognav.domain.allocation import Left, Why
from dialognav.domain.draw_runs import Differs, differs
from dialognav.domain.meeting_terms import HandOut
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, list_text, moment_text, ngettext
from dialognav.models import Event

_ORDINALS = (
    lazy("first"),
    *(lazy("second"), lazy("third"), lazy("fourth"), lazy("fifth"), lazy("sixth")),
    *(lazy("seventh"), lazy("eighth"), lazy("ninth"), lazy("tenth")),
)


def explanation(facts: Mapping[str, Any]) -> list[str]:
    """`facts` as domain/draw_files.explanations() gives them."""
    return list(_got(facts) if facts["slot"] is not None else _left(facts))


def _got(facts: Mapping[str, Any]) -> Iterator[str]:
    if facts["hand_out"] == HandOut.LOT:
        yield _("The lot gave you this time.")
    elif facts["wish"] is not None:
        yield _("This is your %(ordinal)s wish.", ordinal=ordinal(facts["wish"]))
    elif facts["missed"]:
        yield _("None of the times you wished for could be yours. You got another one.")
    else:
        yield _("You wished for no time in particular.")
    yield from _missed(facts["missed"])


def _missed(missed: list[Mapping[str, Any]]) -> Iterator[str]:
    for why, sentence in (
        (Why.LOT, _lost_to_lot),
        (Why.OTHERS, _lost_to_others),
        (Why.CANNOT, _struck),
    ):
        wishes = [each["wish"] for each in missed if each["why"] == why]
        if wishes:
            yield sentence(list_text([ordinal(each) for each in wishes]), len(wishes))


def _lost_to_lot(which: str, number: int) -> str:
    return ngettext(
        "The %(which)s went to another supplier by lot.",
        "The %(which)s went to other suppliers by lot.",
        number,
        which=which,
    )


def _lost_to_others(which: str, number: int) -> str:
    return ngettext(
        "The %(which)s went to another supplier: it would have cost others more of their wishes to"
        " give it to you.",
        "The %(which)s went to other suppliers: it would have cost others more of their wishes to"
        " give them to you.",
        number,
        which=which,
    )


def _struck(which: str, number: int) -> str:
    return ngettext(
        "The %(which)s was not possible for you, or no longer handed out.",
        "The %(which)s were not possible for you, or no longer handed out.",
        number,
        which=which,
    )


def _left(facts: Mapping[str, Any]) -> Iterator[str]:
    if facts["left"] == Left.LOT:
        yield _(
            "The times that were possible for you went to others. Where there are too few, the lot"
            " alone decides who gets one, whatever each has wished for."
        )
    elif facts["left"] == Left.NO_SLOT:
        yield _("None of the times was possible for you.")
    else:
        yield _(
            "Your organisation has asked more often than it may have meetings. Which of its"
            " registrations take part was drawn."
        )
    if facts["place"] is not None:
        yield _("You are number %(place)s on the waiting list, by the lot.", place=facts["place"])


def ordinal(number: int) -> str:
    """In words as far as wishes go, then as a number."""
    return str(_ORDINALS[number - 1]) if number <= len(_ORDINALS) else str(number)


@dataclass(frozen=True, slots=True)
class Run:
    """One calculation of a draw; `differs` from what the one before was given, () if nothing."""

    made: str
    reason: str
    differs: tuple[str, ...]


def read_run(event: Event, run: Mapping[str, Any]) -> Run:
    at = datetime.fromisoformat(run["drawn_at"])
    made = moment_text(at, event.zone, "medium")
    return Run(made, run["reason"], tuple(_differences(differs(run))))


def _differences(found: Differs) -> Iterator[str]:
    if found.slots_gone:
        yield ngettext("%(num)s time less.", "%(num)s times less.", found.slots_gone)
    if found.slots_added:
        yield ngettext("%(num)s time more.", "%(num)s times more.", found.slots_added)
    if found.suppliers_gone:
        yield ngettext("%(num)s supplier less.", "%(num)s suppliers less.", found.suppliers_gone)
    if found.suppliers_added:
        yield ngettext("%(num)s supplier more.", "%(num)s suppliers more.", found.suppliers_added)
    if found.suppliers_changed:
        yield ngettext(
            "For %(num)s supplier other wishes, other times that it cannot have, or another turn"
            " among the registrations of its organisation.",
            "For %(num)s suppliers other wishes, other times that they cannot have, or another turn"
            " among the registrations of their organisation.",
            found.suppliers_changed,
        )
