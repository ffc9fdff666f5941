"""Broken rules. Each says what was broken as a code; blueprints/errors.py owns status and words."""


class RuleBroken(Exception):
    code = "rule_broken"


class NotFound(RuleBroken):
    """Missing, or not yours to see: the caller cannot tell which."""

    code = "not_found"


class NoSuchTime(RuleBroken):
    """A wall time that the spring change of clocks skips."""

    code = "no_such_time"


class RegistrationClosed(RuleBroken):
    """Sign-up has not opened, is over, or the event does not take any."""

    code = "registration_closed"


class EventFull(RuleBroken):
    """No place in that mode, and no waiting list; the arguments are the ids of the occasions."""

    code = "event_full"


class AlreadyRegistered(RuleBroken):
    """A live registration with this contact address exists (decisions.md 22)."""

    code = "already_registered"


class LimitReached(RuleBroken):
    """More people than one organisation may send: `allowed` in all, of whom `already` are there."""

    code = "limit_reached"

    def __init__(self, allowed: int, already: int) -> None:
        super().__init__(allowed, already)
        self.allowed = allowed
        self.already = already


class OfferOver(RuleBroken):
    """The offer of a place ran out, or somebody answered it before."""

    code = "offer_over"


class TooLate(RuleBroken):
    """The event has begun or is over."""

    code = "too_late"


class EditedMeanwhile(RuleBroken):
    """Somebody else saved since this form was opened."""

    code = "edited_meanwhile"


class NotAllowedNow(RuleBroken):
    """The verb does not fit the state: a draft is deleted, not cancelled."""

    code = "not_allowed_now"


class AlreadyTold(RuleBroken):
    """Letters about the change have left: it can be undone by another edit alone."""

    code = "already_told"


class NotReady(RuleBroken):
    """An event misses something it needs before anyone may see it. `fields` names what."""

    code = "not_ready"

    def __init__(self, *fields: str) -> None:
        super().__init__(*fields)
        self.fields = fields


class AlreadyInvited(RuleBroken):
    """Some of those addresses have an invitation that holds; the arguments are which."""

    code = "already_invited"


class InvitationNeeded(RuleBroken):
    """The event takes only those who come with a personal link that still holds."""

    code = "invitation_needed"


class InvitationUsed(RuleBroken):
    """The invited organisation has registered with this link already."""

    code = "invitation_used"


class RulesCannotBe(RuleBroken):
    """Rules of admission that contradict each other; `wrong` holds domain.rules.Impossible."""

    code = "rules_cannot_be"

    def __init__(self, wrong: tuple[object, ...]) -> None:
        super().__init__(*wrong)
        self.wrong = wrong


class ModeInUse(RuleBroken):
    """A form of attendance cannot go while people are registered in it."""

    code = "mode_in_use"

    def __init__(self, mode: str, number: int) -> None:
        super().__init__(mode, number)
        self.mode = mode
        self.number = number


class AttendingInUse(RuleBroken):
    """How one takes part in several occasions stays while `number` people are registered."""

    code = "attending_in_use"

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class NotASeries(RuleBroken):
    """The dates do not come back by a rule that calendars know."""

    code = "not_a_series"


class LastAdministrator(RuleBroken):
    """Nobody else could look after the organisation's staff and settings."""

    code = "last_administrator"


class AlreadyStaff(RuleBroken):
    """Works for the organisation already."""

    code = "already_staff"


class AlreadyAsked(RuleBroken):
    """The same wish about own data waits for its answer."""

    code = "already_asked"


class AlreadyFollowed(RuleBroken):
    """The address follows the very same already."""

    code = "already_followed"


class StillHeld(RuleBroken):
    """Somebody has asked for the documents of the matter: nothing of it may go."""

    code = "still_held"


class StillTakesPart(RuleBroken):
    """Whoever has a place is needed on the list; withdraw first, or hand the contact over."""

    code = "still_takes_part"


class SecondPerson(RuleBroken):
    """Two have to look: whoever proposed something does not approve it."""

    code = "second_person"


class TooMany(RuleBroken):
    """A rate limit is used up; `retry_after` is in seconds."""

    code = "too_many"

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class OverTheLimit(RuleBroken):
    """The room, or one organisation's share, is full; `limits` are "capacity" and "party"."""

    code = "over_the_limit"

    def __init__(self, *limits: str) -> None:
        super().__init__(*limits)
        self.limits = limits


class CannotMeet(RuleBroken):
    """A one-to-one meeting cannot be had; `stops` are domain.bookings.Stop, the weightiest first.

    `allowed` is how many meetings one party may have.
    """

    code = "cannot_meet"

    def __init__(self, stops: tuple[str, ...], allowed: int = 1) -> None:
        super().__init__(*stops)
        self.stops = stops
        self.allowed = allowed


class HoldOver(RuleBroken):
    """The time to fill the form in ran out, or may not be extended once more."""

    code = "hold_over"


class HeldEnough(HoldOver):
    """The same supplier has held the slot so long lately that others are to have a chance."""

    code = "held_enough"


class WrongPeople(RuleBroken):
    """Who would come: nobody (`allowed` 0), more than `allowed`, or somebody who is in another
    meeting then or not of the registration (None)."""

    code = "wrong_people"

    def __init__(self, allowed: int | None) -> None:
        super().__init__(allowed)
        self.allowed = allowed


class ReasonNeeded(RuleBroken):
    """The record wants to know why."""

    code = "reason_needed"


class WishesCannotBe(RuleBroken):
    """Slots wished for that nobody can get, one twice, or more than one may rank."""

    code = "wishes_cannot_be"


class TwoPlaces(RuleBroken):
    """Members of the team would be in two meetings at once; the arguments are their ids."""

    code = "two_places"


class EngagedElsewhere(RuleBroken):
    """Members of the team are in meetings of other events then; the arguments are (id of the
    member, id of the other event)."""

    code = "engaged_elsewhere"


class DrawOutdated(RuleBroken):
    """Something has changed since the draw: the arguments are ids of registrations that can no
    longer have what they drew."""

    code = "draw_outdated"


class AlreadyInTeam(RuleBroken):
    """Somebody with that address is in the event's team for one-to-one meetings."""

    code = "already_in_team"


class SlotInUse(RuleBroken):
    """A supplier holds, is offered or has that time, or has wished for it."""

    code = "slot_in_use"


class TimesOverlap(RuleBroken):
    """Another meeting or a break is at that table then."""

    code = "times_overlap"


class LinkInUse(RuleBroken):
    """Another meeting has that link: whoever opens it could walk in on a competitor."""

    code = "link_in_use"
