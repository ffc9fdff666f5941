"""Two who write one mailing at once: what only one of them changed is kept, whoever that was."""

from dialognav.domain.audience import Audience
from dialognav.domain.message_drafts import MessageDraft, changed_keys, fingerprints, merge

BASE = MessageDraft({"sv": "Inför dialogen"}, {"sv": "Hej!", "en": "Hello!"})


def draft(**given):
    return MessageDraft(**{"subject": BASE.subject, "body": BASE.body, **given})


def test_what_only_one_changed_is_taken_and_what_both_changed_is_mine_and_named():
    mine = draft(body={"sv": "Min text", "en": "Hello!"}, is_urgent=True)
    theirs = draft(
        subject={"sv": "Nytt ämne"},
        body={"sv": "Hennes text", "en": "Welcome!"},
        audience=Audience(events=(1,), states=frozenset({"confirmed"})),
    )
    merged = merge(mine, theirs, fingerprints(BASE))
    assert merged.draft == MessageDraft(
        {"sv": "Nytt ämne"}, {"sv": "Min text", "en": "Welcome!"}, theirs.audience, is_urgent=True
    )
    assert merged.conflicts == ("body.sv",)
    assert set(merged.taken) == {"subject.sv", "body.en", "audience"}


def test_a_translation_that_only_they_took_away_is_gone():
    merged = merge(BASE, draft(body={"sv": "Hej!"}), fingerprints(BASE))
    assert merged.draft.body == {"sv": "Hej!"}
    assert merged.conflicts == ()


def test_without_marks_everything_that_differs_is_named():
    mine, theirs = draft(body={"sv": "Min"}), draft(body={"sv": "Hennes"})
    merged = merge(mine, theirs, {})
    assert merged.draft == mine
    assert merged.conflicts == ("body.sv",)


def test_the_order_of_what_was_ticked_changes_nothing():
    one = Audience(events=(1,), states=frozenset(("confirmed", "waiting")))
    other = Audience(events=(1,), states=frozenset(("waiting", "confirmed")))
    assert changed_keys(draft(audience=one), draft(audience=other)) == ()
