"""Two workers, one letter: claims, leases and what settles them; each race with its twin."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.db import db, unit_of_work
from dialognav.domain.terms import LetterStatus
from dialognav.mail import claims, health, outbox
from dialognav.mail.letters import Letter as Promise
from dialognav.mail.second_tries import try_again
from dialognav.models import Letter
from tests.conftest import NOW

SECOND = timedelta(seconds=1)


def make_letter(session, **given):
    standard = {
        "public_id": uuid4().hex,
        "kind": "links",
        "stream": f"links:{uuid4().hex}",
        "recipient": "a@b.example",
        "language": "sv",
        "facts": {},
        "status": LetterStatus.PENDING,
        "created_at": NOW,
        "due_at": NOW,
    }
    row = Letter(**standard | given)
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def letter(work) -> int:
    with work() as session:
        return make_letter(session).id


def row_of(look, letter_id):
    with look() as session:
        row = session.get_one(Letter, letter_id)
        session.refresh(row)
        session.expunge(row)
        return row


def claim(work, now=NOW, **how):
    with work() as session:
        return claims.claim(session, now=now, **how)


def test_urgent_letters_overtake_and_the_rest_leave_in_turn(work):
    with work() as session:
        late = make_letter(session, priority=2)
        ordinary = make_letter(session, due_at=NOW - SECOND)
        first = make_letter(session, due_at=NOW - 2 * SECOND)
        urgent = make_letter(session, priority=0)
        make_letter(session, due_at=NOW + SECOND)
        expected = [urgent.id, first.id, ordinary.id, late.id]
    assert [one.id for one in claim(work)] == expected


def test_a_batch_has_a_limit(work):
    with work() as session:
        for _ in range(5):
            make_letter(session)
    assert [len(claim(work, limit=3)) for _ in range(3)] == [3, 2, 0]


def test_a_dead_workers_letter_is_due_when_its_lease_ran_out(letter, work):
    [first] = claim(work)
    assert claim(work, now=NOW + claims.LEASE - SECOND) == []
    [second] = claim(work, now=NOW + claims.LEASE)
    assert (second.id, second.lease != first.lease) == (letter, True)


def test_a_worker_that_was_too_slow_changes_nothing(letter, work, look):
    [slow] = claim(work)
    [quick] = claim(work, now=NOW + claims.LEASE)
    with work() as session:
        assert not claims.renew(session, slow, now=NOW)
        assert not claims.give_up(session, slow, "550 gone")
        assert claims.settle_sent(session, quick, now=NOW)
        assert not claims.settle_sent(session, slow, now=NOW)
    assert (row_of(look, letter).status, row_of(look, letter).attempts) == (LetterStatus.SENT, 1)


@pytest.mark.parametrize("is_dropped", [True, False])
def test_what_has_left_is_sent_however_slow_the_worker_was(letter, work, look, is_dropped):
    """Another took it meanwhile, and dropped it as overtaken or is about to send it."""
    [slow] = claim(work)
    [quick] = claim(work, now=NOW + claims.LEASE)
    with work() as session:
        if is_dropped:
            assert claims.drop(session, quick, "the event is over")
        assert claims.settle_sent(session, slow, now=NOW)
        assert not claims.renew(session, quick, now=NOW)
        assert not claims.drop(session, quick, "the event is over")
    assert row_of(look, letter).status == LetterStatus.SENT


def test_a_failed_send_does_not_revive_a_letter_that_was_superseded(letter, work, look):
    [held] = claim(work)
    with work() as session:
        session.execute(sa.update(Letter).values(status=LetterStatus.SUPERSEDED))
    with work() as session:
        claims.settle_failed(session, held, "451 later", perhaps_sent=False, now=NOW)
    assert row_of(look, letter).status == LetterStatus.SUPERSEDED


def test_without_the_guard_it_does(letter, work, look, monkeypatch):
    monkeypatch.setattr(claims, "_still_ours", lambda: ())
    monkeypatch.setattr(claims, "_guarded", claims._guarded.__wrapped__)
    [held] = claim(work)
    with work() as session:
        session.execute(sa.update(Letter).values(status=LetterStatus.SUPERSEDED))
    with work() as session:
        claims.give_up(session, held, "550 gone")
    assert row_of(look, letter).status == LetterStatus.GIVEN_UP


def test_backoff_and_the_end_of_it(letter, work, look):
    now, waits = NOW, []
    for _ in range(len(claims.BACKOFF)):
        [held] = claim(work, now=now)
        with work() as session:
            claims.settle_failed(session, held, "451 later", perhaps_sent=False, now=now)
        waits.append(row_of(look, letter).due_at - now)
        assert claim(work, now=row_of(look, letter).due_at - SECOND) == []
        now = row_of(look, letter).due_at
    assert tuple(waits) == claims.BACKOFF
    [held] = claim(work, now=now)
    with work() as session:
        claims.settle_failed(session, held, "451 still later", perhaps_sent=False, now=now)
    row = row_of(look, letter)
    assert (row.status, row.last_error) == (LetterStatus.GIVEN_UP, "451 still later")


@pytest.mark.parametrize("before", [0, 3, 6])
def test_what_is_about_us_costs_no_letter_its_last_try(before, work, look):
    """A relay that knows us no more from Friday evening to Monday; but not for ever."""
    with work() as session:
        letter = make_letter(session, attempts=before).id
    now = NOW
    for day in range(6):
        now = max(row_of(look, letter).due_at, NOW + timedelta(days=day))
        [held] = claim(work, now=now)
        with work() as session:
            why = {"perhaps_sent": False, "is_ours": True, "now": now}
            claims.settle_failed(session, held, "554 relay", **why)
        row = row_of(look, letter)
        if day < 5:
            assert (row.status, row.attempts) == (
                LetterStatus.PENDING,
                max(before, min(day + 1, 3)),
            )
            assert row.due_at - now <= timedelta(minutes=30)
    assert (row.status == LetterStatus.GIVEN_UP) == (before == 6)


def test_a_newer_letter_makes_another_try_pointless(letter, work, look):
    [held] = claim(work)
    with work() as session:
        make_letter(session, stream=held.stream)
    with work() as session:
        claims.settle_failed(session, held, "451 later", perhaps_sent=False, now=NOW)
    assert row_of(look, letter).status == LetterStatus.SUPERSEDED


def test_a_letter_that_only_tells_a_difference_does_not(letter, work, look):
    [held] = claim(work)
    with work() as session:
        newer = make_letter(session, stream=held.stream, kind="changed").id
    with work() as session:
        claims.settle_failed(session, held, "451 later", perhaps_sent=False, now=NOW)
    assert claim(work) == []
    [again] = claim(work, now=row_of(look, letter).due_at)
    assert again.id == letter
    with work() as session:
        claims.settle_sent(session, again, now=NOW)
    assert [one.id for one in claim(work)] == [newer]


def test_a_newer_letter_waits_for_the_one_in_hand(letter, work):
    [held] = claim(work)
    with work() as session:
        newer = make_letter(session, stream=held.stream).id
    assert claim(work) == []
    with work() as session:
        claims.settle_sent(session, held, now=NOW)
    assert [one.id for one in claim(work)] == [newer]


def test_a_letter_whose_answer_was_lost_counts_as_sent(letter, work, look):
    [held] = claim(work)
    with work() as session:
        claims.settle_failed(session, held, "gone", perhaps_sent=True, now=NOW)
        newer = Promise(
            kind="links",
            stream=held.stream,
            recipient="a@b.example",
            recipient_name="",
            language="sv",
            facts={},
        )
        outbox.promise(session, [newer], now=NOW)
    assert row_of(look, letter).status == LetterStatus.PENDING
    assert [one.id for one in claim(work, now=NOW + claims.BACKOFF[0])] == [letter]


def test_put_back_costs_no_attempt(letter, work, look):
    [held] = claim(work)
    with work() as session:
        claims.put_back(session, [held])
    assert (row_of(look, letter).attempts, row_of(look, letter).lease) == (0, None)
    assert len(claim(work)) == 1


def test_a_given_up_letter_is_sent_again_when_somebody_asks(letter, work, look):
    [held] = claim(work)
    with work() as session:
        claims.give_up(session, held, "550 gone")
    with work() as session:
        row = session.get_one(Letter, letter)
        assert try_again(session, row, now=NOW + SECOND)
        assert not try_again(session, row, now=NOW)
    [again] = claim(work, now=NOW + SECOND)
    assert (again.public_id, again.attempts) == (held.public_id, 0)  # the same Message-ID


@pytest.mark.parametrize(
    "given", [{"status": LetterStatus.SENT}, {"status": LetterStatus.GIVEN_UP, "facts": None}]
)
def test_what_cannot_be_sent_again(given, work):
    with work() as session:
        assert not try_again(session, make_letter(session, **given), now=NOW)


def test_a_given_up_letter_gives_way_to_a_newer_one(work):
    with work() as session:
        old = make_letter(session, status=LetterStatus.GIVEN_UP, stream="links:x")
        make_letter(session, stream="links:x", status=LetterStatus.SENT)
        assert not try_again(session, old, now=NOW)


def test_health(work, look):
    with look() as session:
        assert health.mail_health(session, NOW) == health.MailHealth(0.0, 0, 0)
    with work() as session:
        make_letter(session, due_at=NOW - timedelta(minutes=3))
        make_letter(session, due_at=NOW + timedelta(minutes=3))
        make_letter(session, status=LetterStatus.GIVEN_UP)
        make_letter(session, status=LetterStatus.SENT)
    with look() as session:
        assert health.mail_health(session, NOW) == health.MailHealth(180.0, 2, 1)


def test_what_is_being_replaced_is_out_of_every_workers_reach(
    letter, work, app, database_url, monkeypatch
):
    """Else it leaves, and is written down as if it had not."""
    if not database_url.startswith("postgres"):
        pytest.skip("SQLite has one writer")
    taken = []
    unsent = outbox._unsent

    def then_a_worker_comes(session, letters):
        found = unsent(session, letters)
        with Session(session.get_bind().engine) as other:
            taken.extend(claims.claim(other, now=NOW))
            other.commit()
        return found

    monkeypatch.setattr(outbox, "_unsent", then_a_worker_comes)
    with work() as session:
        stream = session.get_one(Letter, letter).stream
        given = {"recipient": "a@b.example", "recipient_name": "", "language": "sv", "facts": {}}
        outbox.promise(session, [Promise(kind="links", stream=stream, **given)], now=NOW)
    assert taken == []
    assert [one.id > letter for one in claim(work)] == [True]


def race(app, workers=2):
    """Both look for due letters, meet, and only then take; who got which."""
    meeting = threading.Barrier(workers)
    taken: list[list[int]] = []

    def worker() -> None:
        with app.app_context():
            assert claims.is_something_due(db.session(), now=NOW)
            db.session.rollback()
            meeting.wait(10)
            with unit_of_work() as session:
                got = claims.claim(session, now=NOW)
            taken.append([one.id for one in got])

    threads = [threading.Thread(target=worker) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return taken


def test_of_two_workers_one_gets_the_letter(letter, app):
    assert sorted(race(app)) == [[], [letter]]


def test_the_race_is_real_without_the_guard(letter, app, monkeypatch):
    """The same two workers when a claim does not ask whether somebody holds the letter."""
    monkeypatch.setattr(
        claims, "_due", lambda now: (Letter.status == LetterStatus.PENDING, Letter.due_at <= now)
    )
    found = race(app)
    assert sum(len(ids) for ids in found) >= 1
    with app.app_context(), unit_of_work() as session:
        again = claims.claim(session, now=NOW)
    assert [one.id for one in again] == [letter]  # held, and taken all the same


def test_many_workers_share_many_letters_and_none_goes_twice(app, work):
    with work() as session:
        ids = {make_letter(session).id for _ in range(60)}
    taken = [one for batch in race(app, workers=4) for one in batch]
    assert len(taken) == len(set(taken))
    assert set(taken) <= ids
