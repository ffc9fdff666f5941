"""E-mail addresses as text from outside: parsed once, stored in lower case."""

import unicodedata


def proper_address(text: str) -> str | None:
    """The address in lower case with an ASCII domain, or None when mail cannot go there.

    RFC 5321 mailboxes only: no comments, no quoted or non-ASCII local part (many servers still
    refuse SMTPUTF8), a domain with a dot. Whether it exists is found out by writing to it.
    """
    from email_validator import EmailNotValidError, validate_email  # 30 ms, only where needed

    try:
        found = validate_email(
            unicodedata.normalize("NFC", text).strip(),
            check_deliverability=False,
            allow_smtputf8=False,
            globally_deliverable=False,
        )
    except EmailNotValidError:
        return None
    address = f"{found.local_part}@{found.ascii_domain}".lower()
    return address if "." in found.ascii_domain and len(address) <= 254 else None
