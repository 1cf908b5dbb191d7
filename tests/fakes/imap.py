"""A mailbox behind a real socket that speaks as much IMAP as a reader of returned mail needs."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class FakeIMAP:
    """Messages by their identifier, those that were read, and the commands that came."""

    port: int = 0
    messages: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    commands: list[str] = field(default_factory=list)
    hang_up_at: str = ""
    """The connection ends at the first command that holds this."""

    @property
    def url(self) -> str:
        return f"imap://so%40tinh:p%22w@127.0.0.1:{self.port}/INBOX"

    def put(self, content: bytes) -> int:
        uid = len(self.messages) + 1
        self.messages[uid] = content
        return uid

    def answer(self, command: str) -> tuple[list[bytes], str]:  # noqa: PLR0911 - one for each command
        """Untagged lines, and how the command ended."""
        if command.startswith("LOGIN"):
            return [], "OK" if command == 'LOGIN so@tinh "p\\"w"' else "NO"
        if command.startswith("CAPABILITY"):
            return [b"* CAPABILITY IMAP4rev1\r\n"], "OK"
        if command.startswith("SELECT"):
            known = command == 'SELECT "INBOX"'
            return [b"* %d EXISTS\r\n" % len(self.messages)] if known else [], "OK" if known else "NO"
        if command.startswith("UID SEARCH UNSEEN"):
            unseen = " ".join(str(uid) for uid in sorted(self.messages) if uid not in self.seen)
            return [f"* SEARCH {unseen}".rstrip().encode() + b"\r\n"], "OK"
        if matched := re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
            uid, limit = map(int, matched.groups())
            if uid not in self.messages:
                return [], "OK"
            content = self.messages[uid][:limit]
            return [b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n" % (uid, uid, len(content)), content, b")\r\n"], "OK"
        if matched := re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\Seen\)", command):
            self.seen.add(int(matched.group(1)))
            return [], "OK"
        if command == "LOGOUT":
            return [b"* BYE\r\n"], "OK"
        return [], "BAD"


@contextmanager
def imap_server() -> Iterator[FakeIMAP]:
    """A mailbox on a free port of the loopback interface."""
    mailbox = FakeIMAP()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            for raw in self.rfile:
                tag, _, command = raw.decode().strip().partition(" ")
                mailbox.commands.append(command)
                if mailbox.hang_up_at and mailbox.hang_up_at in command:
                    return
                lines, state = mailbox.answer(command)
                self.wfile.write(b"".join(lines) + f"{tag} {state} said\r\n".encode())
                if command == "LOGOUT":
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        mailbox.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            thread.join()
