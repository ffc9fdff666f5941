from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a letter carries; name and type are domain/uploads.py's."""

    filename: str
    media_type: str
    content: bytes
