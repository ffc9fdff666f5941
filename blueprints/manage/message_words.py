"""What was just done to a mailing in the editor or a list, in plain words."""

from typing import Any

from blueprints.manage import message_state_words
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy

_DONE: dict[str, tuple[Any, Any]] = {
    "saved": (lazy("The message is saved"), lazy("Nothing is sent until you say so.")),
    "saved_planned": (
        lazy("The message is saved"),
        lazy("It still goes by itself at its time, with what you have saved."),
    ),
    "tested": (
        lazy("A test is on its way to you"),
        lazy("It looks as it will to the reader in the preview, but its link leads to no one."),
    ),
    "copied": (
        lazy("This is a copy"),
        lazy("Same words, readers and files. Nothing is sent until you say so."),
    ),
    "deleted": (lazy("The draft is deleted"), ""),
    "template_saved": (lazy("The template is saved"), lazy("Messages can begin with it.")),
    "template_deleted": (
        lazy("The template is deleted"),
        lazy("Messages that began with it keep their words."),
    ),
    "template_kept": (
        lazy("The words are a template now"),
        lazy("Take out what belonged to that message alone, and give it a name to find it by."),
    ),
    "too_many_templates": (
        lazy("Nothing was kept"),
        lazy("There are too many templates. Delete some first."),
    ),
    "too_late": (
        lazy("Nothing was changed"),
        lazy("It is being sent, or has been. Make a copy to say something more."),
    ),
}

KEYS: dict[str, Any] = {
    "subject": lazy("Subject"),
    "body": lazy("Text"),
    "audience": lazy("Who gets it"),
    "purpose": lazy("It is about"),
    "is_urgent": lazy("Urgent"),
}

PLACES: dict[str, Any] = {
    "name": lazy("The reader's name"),
    "first_name": lazy("First name"),
    "organisation": lazy("The reader's organisation"),
    "event": lazy("Title of the event"),
    "date": lazy("Day of the reader's session"),
    "time": lazy("Time of the reader's session"),
    "place": lazy("Place, or “online”"),
    "link": lazy("The meeting link: only for the confirmed who take part online"),
    "my_page": lazy("Link to the reader's own registration"),
    "event_page": lazy("Link to the event's public page"),
    "organiser": lazy("Your organisation"),
}
"""{placeholder: what it stands for}"""

VIEWS: dict[str, Any] = {
    "drafts": lazy("Drafts"),
    "planned": lazy("Planned"),
    "sent": lazy("Sent"),
    "templates": lazy("Templates"),
}

EMPTY: dict[str, tuple[Any, Any]] = {
    "drafts": (
        lazy("No drafts"),
        lazy("A message is a draft until it is sent. Nobody but your colleagues sees it."),
    ),
    "planned": (lazy("Nothing is planned"), lazy("Messages with a time to leave are here.")),
    "sent": (
        lazy("Nothing has been sent"),
        lazy("What was sent is here, with how it arrived."),
    ),
    "templates": (
        lazy("No templates"),
        lazy("Keep words that you use again, for one event or for all."),
    ),
}


def done_words(code: str) -> tuple[str, str] | None:
    """(title, sentence) of what the previous page did, for `?done=`; None for anything else."""
    said = _DONE.get(code)
    return (str(said[0]), str(said[1])) if said else message_state_words.done_note(code)


def subject_or_none(subject: str) -> str:
    return subject or _("Without a subject")
