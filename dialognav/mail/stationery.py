"""What makes a letter of this installation out of facts: addresses, keys, the words around."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config import Settings
from dialognav.mail.bounce_addresses import letter_link
from dialognav.mail.post import sender_domains
from dialognav.tokens import ONE_TIME, REFUSAL, make_link


@dataclass(frozen=True, slots=True)
class Stationery:
    base_url: str
    domain: str
    secret_key: str
    sender: str = ""
    sender_domains: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> "Stationery":
        return cls(
            settings.base_url,
            settings.mail_domain,
            settings.secret_key,
            settings.mail_sender,
            sender_domains(settings),
        )

    def from_address(self, facts: Mapping[str, Any]) -> str:
        """From whom a letter comes: of the facts, unless nothing lets us send for that domain by
        now. An entry may be older than the rule, or the domain was taken off the list."""
        sender: str = facts["sender"]
        is_ours = not self.sender or sender.rpartition("@")[2].lower() in self.sender_domains
        return sender if is_ours else self.sender

    def url(self, path: str) -> str:
        return self.base_url + path

    def own_page(self, link: Mapping[str, Any], language: str) -> str:
        """The address of an own page: the only place where a link's secret is made into one."""
        return self.url(f"/{language}/r/{self._secret(link)}")

    def own_calendar(
        self, link: Mapping[str, Any], participant: str, occasion: int | None = None
    ) -> str:
        """The person's own invitation; the contact's secret names whose (decisions.md 10).

        `occasion`: to which one of several.
        """
        whose = f"/{participant}" if link["purpose"] == "r" else ""
        which = f"?occasion={occasion}" if occasion else ""
        return self.url(f"/r/{self._secret(link)}{whose}/invite.ics{which}")

    def own_meeting(self, link: Mapping[str, Any], booking: str, participant: str | None) -> str:
        """The person's own entry of a one-to-one meeting; the contact's secret names whose."""
        whose = f"?person={participant}" if link["purpose"] == "r" and participant else ""
        return self.url(f"/r/{self._secret(link)}/meetings/{booking}.ics{whose}")

    def invitation_page(self, link: Mapping[str, Any], language: str) -> str:
        """The address of an invited organisation's own way in."""
        return self.url(f"/{language}/i/{self._secret(link)}")

    def calendar_page(self, link: Mapping[str, Any], language: str) -> str:
        """Where an address makes its private calendar."""
        return self.url(f"/{language}/my/calendar/{self._secret(link)}")

    def follow_page(self, link: Mapping[str, Any], language: str) -> str:
        """Where a follower confirms, changes and leaves."""
        return self.url(f"/{language}/follow/{self._secret(link)}")

    def staff_page(self, link: Mapping[str, Any], language: str) -> str:
        part = "invitations" if link["purpose"] == "invite" else "passwords"
        secret = make_link(self.secret_key, ONE_TIME, link["public_id"], 0)
        return self.url(f"/account/{part}/{secret}?lang={language}")

    def leave_page(self, link: Mapping[str, Any], language: str, letter_id: str) -> str:
        """Where a letter's reader ends what it is part of: by a button, or by one click of a mail
        program that posts there (RFC 8058). No more news from an organiser is asked for by the
        letter itself, whose public id this is."""
        if link["purpose"] == REFUSAL:
            secret = letter_link(self.secret_key, REFUSAL, letter_id)
        else:
            secret = self._secret(link)
        return self.url(f"/{language}/leave/{secret}")

    def _secret(self, link: Mapping[str, Any]) -> str:
        return make_link(self.secret_key, link["purpose"], link["public_id"], link["generation"])
