"""A mail server that misbehaves in every way, in a process of its own that may be killed.

    python -m tests.delivery.server PORT JOURNAL SEED [reliable]

Each letter that it takes is a line in the journal, written before the answer: what was taken is
known also when the answer never left. Lines: `ok|silent <recipient> <Message-ID> <SHA-256>`, and
`later`, `never`, `cut` for what it refused, and where it hung up in the middle of a letter.
"""

import asyncio
import hashlib
import random
import re
import sys
from pathlib import Path

NOBODY = "nobody"
"""The beginning of recipients whom the server refuses for ever."""

LATER, CUT, SILENT = 0.10, 0.01, 0.01
"""How often it answers 4xx, hangs up in the middle of DATA, and takes a letter without a word."""

SLOW = 0.01  # seconds at the most before it answers to a letter


class Server:
    def __init__(self, journal: Path, seed: int, *, reliable: bool) -> None:
        self._journal = journal.open("a", buffering=1)
        self._chance = random.Random(seed)
        self._reliable = reliable

    def _happens(self, probability: float) -> bool:
        return not self._reliable and self._chance.random() < probability

    def _note(self, line: str) -> None:
        self._journal.write(line + "\n")

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = ""
        writer.write(b"220 trial ESMTP\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                answer = "250-trial\r\n250 8BITMIME"
            elif verb == b"RCPT":
                recipient = line.partition(b"<")[2].partition(b">")[0].decode()
                answer = self._refusal(recipient) or "250 2.1.5 OK"
                recipient = "" if answer[0] != "2" else recipient
            elif verb == b"DATA" and recipient:
                writer.write(b"354 go on\r\n")
                if not await self._letter(reader, writer, recipient):
                    return
                continue
            elif verb == b"DATA":
                answer = "503 5.5.1 nobody to write to"
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                answer = "250 OK"
            writer.write(answer.encode() + b"\r\n")

    def _refusal(self, recipient: str) -> str:
        if recipient.startswith(NOBODY):
            self._note("never")
            return "550 5.1.1 No such mailbox"
        if self._happens(LATER):
            self._note("later")
            return "451 4.7.1 Greylisted, try again later"
        return ""

    async def _letter(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, recipient: str
    ) -> bool:
        """False once it has hung up."""
        if self._happens(CUT):
            await reader.readexactly(2000)
            self._note("cut")
            writer.transport.abort()
            return False
        mail = await reader.readuntil(b"\r\n.\r\n")
        await asyncio.sleep(0 if self._reliable else self._chance.uniform(0, SLOW))
        found = re.search(rb"^Message-ID: (\S+)", mail, re.MULTILINE)
        assert found
        silent = self._happens(SILENT)
        digest = hashlib.sha256(mail).hexdigest()
        word = "silent" if silent else "ok"
        self._note(f"{word} {recipient} {found[1].decode()} {digest}")
        if silent:
            writer.transport.abort()
            return False
        writer.write(b"250 2.0.0 OK\r\n")
        return True


async def main() -> None:
    port, journal, seed, *more = sys.argv[1:]
    made = Server(Path(journal), int(seed), reliable="reliable" in more)
    listening = await asyncio.start_server(made.converse, "127.0.0.1", int(port), limit=2**24)
    await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
