"""doorbell.py register URL SECRET, doorbell.py listen PORT SECRET STATE CASES: be rung instead of asking all the time.

``register`` makes a webhook and keeps its signing secret in the file SECRET; ``listen`` takes rings and, after each,
does what nightly_sync.py does with STATE and CASES. A ring says "ask your feed" and nothing else. It may come twice
(the same webhook-id) and, after an outage of yours of more than a day, not at all: go on asking every night as well.
Put TLS in front of it: outside a sandbox only https URLs on port 443 are rung.
"""

import base64
import hashlib
import hmac
import os
import sys
import time
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

from nightly_sync import sync
from session import Refused, Session

TOLERANCE = 300
"""Seconds by which the two clocks may differ. An older ring is a copy that somebody kept."""
LARGEST = 1024


def verified(secret: str, headers: dict[str, str], body: bytes, now: float) -> bool:
    """Whether this is a ring of the service, of now (Standard Webhooks, v1)."""
    identifier, at, told = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (at.isascii() and at.isdecimal() and len(at) < 12 and abs(now - int(at)) <= TOLERANCE):
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{identifier}.{at}.".encode() + body, hashlib.sha256).digest()
    expected = ("v1," + base64.b64encode(mac).decode()).encode()
    # Several signatures stand there while a secret is being changed.
    return any(hmac.compare_digest(expected, one.encode()) for one in told.split(" "))


def listen(port: int, secret: str, rings: "Queue[str]") -> ThreadingHTTPServer:
    """Answer at once, and put each new ring into the queue: the service waits for eight seconds, not for your work."""
    seen: OrderedDict[str, None] = OrderedDict()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = self.headers.get("content-length", "")
            body = self.rfile.read(int(size)) if size.isdecimal() and int(size) <= LARGEST else b""
            headers = {name.lower(): value for name, value in self.headers.items()}
            good = verified(secret, headers, body, time.time())
            self.send_response(204 if good else 400)
            self.end_headers()
            if good and headers["webhook-id"] not in seen:
                seen[headers["webhook-id"]] = None
                if len(seen) > 1000:
                    seen.popitem(last=False)
                rings.put(headers["webhook-id"])

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: a log of requests is no place for addresses."""

    return ThreadingHTTPServer(("127.0.0.1", port), Door)


def main() -> None:
    command, *rest = sys.argv[1:] or [""]
    if command == "register" and len(rest) == 2:
        made = Session().send("POST", "/v1/webhooks", {"url": rest[0]})
        with open(os.open(rest[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(made["secret"])
        print(made["id"])
    elif command == "listen" and len(rest) == 4:
        rings: Queue[str] = Queue()
        door = listen(int(rest[0]), Path(rest[1]).read_text().strip(), rings)
        Thread(target=door.serve_forever, daemon=True).start()
        print("listening", file=sys.stderr, flush=True)
        session = Session()
        while True:
            rings.get()
            sync(session, Path(rest[2]), Path(rest[3]))
            sys.stdout.flush()
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        raise SystemExit(str(refused)) from None
