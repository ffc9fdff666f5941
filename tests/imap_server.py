"""As much of an IMAP server (RFC 9051) as one folder needs, in a thread of the test."""

import base64
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Folder:
    """What the server keeps, and what it answers to a sign-in."""

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.seen: set[int] = set()
        self.password = "hemligt ord"
        self.token = ""
        self.name = "Dialognav"
        self.port = 0
        self.commands: list[str] = []

    def add(self, raw: bytes) -> int:
        uid = len(self.mails) + 1
        self.mails[uid] = raw
        return uid


class _Conversation(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        self._say("* OK ready")
        while line := self.rfile.readline().decode():
            tag, _, command = line.strip().partition(" ")
            self.server.folder.commands.append(command)
            verb = command.upper().removeprefix("UID ").partition(" ")[0].lower()
            getattr(self, f"_{verb}", self._unknown)(tag, command)
            if verb == "logout":
                return

    def _unknown(self, tag: str, _command: str) -> None:
        self._say(f"{tag} BAD what")

    def _capability(self, tag: str, _command: str) -> None:
        self._say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2", f"{tag} OK done")

    def _login(self, tag: str, command: str) -> None:
        folder = self.server.folder
        is_right = command == f'LOGIN "dialog@dialog.example" "{folder.password}"'
        self._say(f"{tag} OK in" if is_right else f"{tag} NO [AUTHENTICATIONFAILED] Login failed.")

    def _authenticate(self, tag: str, command: str) -> None:
        self._say("+ ")
        said = base64.b64decode(self.rfile.readline()).decode()
        wanted = f"user=dialog@dialog.example\x01auth=Bearer {self.server.folder.token}\x01\x01"
        if command.endswith("PLAIN"):
            wanted = f"\0dialog@dialog.example\0{self.server.folder.password}"
        if said == wanted:
            self._say(f"{tag} OK in")
            return
        self._say("+ " + base64.b64encode(b'{"status":"401"}').decode())
        self.rfile.readline()
        self._say(f"{tag} NO AUTHENTICATE failed.")

    def _select(self, tag: str, command: str) -> None:
        is_ours = command.endswith(f'"{self.server.folder.name}"')
        self._say(f"{tag} OK open" if is_ours else f"{tag} NO no such folder")

    def _search(self, tag: str, _command: str) -> None:
        folder = self.server.folder
        uids = [str(uid) for uid in folder.mails if uid not in folder.seen]
        self._say("* SEARCH " + " ".join(uids), f"{tag} OK done")

    def _fetch(self, tag: str, command: str) -> None:
        uid, limit = map(int, re.findall(r"\d+", command.replace("<0.", "<"))[:2])
        raw = self.server.folder.mails[uid][:limit]
        if not raw:  # removed in the meantime
            self._say(f"{tag} OK done")
            return
        self._say(f"* {uid} FETCH (UID {uid} BODY[]<0> {{{len(raw)}}}")
        self.wfile.write(raw)
        self._say(")", f"{tag} OK done")

    def _store(self, tag: str, command: str) -> None:
        self.server.folder.seen.add(int(command.split()[2]))
        self._say(f"{tag} OK done")

    def _logout(self, tag: str, _command: str) -> None:
        self._say("* BYE", f"{tag} OK bye")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        super().__init__(("127.0.0.1", 0), _Conversation)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests are about."""


@contextmanager
def imap_server() -> Iterator[Folder]:
    folder = Folder()
    with _Server(folder) as server:
        folder.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield folder
        finally:
            server.shutdown()
            thread.join()
