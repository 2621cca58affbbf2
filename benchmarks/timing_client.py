"""One kept-alive connection in a tight loop: what a request takes, on a bare socket, without any HTTP library.

A library's own noise is greater than what is looked for. The loop allocates nothing but the samples.
"""

import gc
import http.client
import json
import os
import random
import socket
import time
import urllib.parse
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from app.sandbox.party import assertion

_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "
_ROOM: Final = 262_144
ROUND_SECONDS: Final = 120.0
"""For so long one token is used; it lives for 300 s."""

Prepare = Callable[[], Mapping[str, Sequence[bytes]]]
"""The requests of each class, one a subject, with tokens that are good for two minutes."""


def pin(core: int, *processes: int) -> None:
    """Keep these processes (0: this one) on one core of several, where the system can."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    every = range(os.cpu_count() or 1)
    if len(cores) > 1 or len(every) > 1:
        for process in processes:
            os.sched_setaffinity(process, {every[core % len(every)]})


def token(port: int, entry: Mapping[str, Any], issuer: str) -> str:
    """An access token, by ``private_key_jwt``: this is no sandbox."""
    url = f"{issuer}/oauth/token"
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion(entry["private_jwk"], entry["client_id"], url),
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/oauth/token", urllib.parse.urlencode(form), headers)
    answered = connection.getresponse()
    content = json.load(answered)
    connection.close()
    if answered.status != 200:
        raise AssertionError(f"/oauth/token: {answered.status} {content}")
    issued: str = content["access_token"]
    return issued


def request(method: str, path: str, authorization: str, body: bytes = b"") -> bytes:
    """One request, as bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {authorization}"]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def sample(port: int, prepare: Prepare, count: int, *, seed: int = 1) -> dict[str, "array[int]"]:
    """So many nanoseconds of each class, the classes and their subjects in random order."""
    order = random.Random(seed)
    taken: dict[str, array[int]] = {}
    while not taken or len(next(iter(taken.values()))) < count:
        requests = prepare()
        taken = taken or {name: array("q") for name in requests}
        with _connected(port) as connection:
            _round(connection, requests, taken, count, order)
    return taken


def _connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _round(
    connection: socket.socket,
    requests: Mapping[str, Sequence[bytes]],
    taken: Mapping[str, "array[int]"],
    count: int,
    order: random.Random,
) -> None:
    buffer = memoryview(bytearray(_ROOM))
    for one in requests.values():  # each subject once before anything counts: pages, plans, signatures, tokens
        for asked in one:
            _timed(connection, asked, buffer)
    ends = time.monotonic() + ROUND_SECONDS
    names = list(requests)
    gc.collect()
    gc.disable()
    try:
        while time.monotonic() < ends and len(taken[names[0]]) < count:
            block = [(name, one) for name in names for one in requests[name]]  # as many of each class in each block
            order.shuffle(block)
            for name, asked in block:
                taken[name].append(_timed(connection, asked, buffer))
    finally:
        gc.enable()


def _timed(connection: socket.socket, asked: bytes, buffer: memoryview) -> int:
    """Nanoseconds from the first byte sent to the last received; anything but 200 is an error of the measurement."""
    begun = time.perf_counter_ns()
    connection.sendall(asked)
    have, needed = 0, _ROOM
    while have < needed:
        got = connection.recv_into(buffer[have:])
        if not got:
            raise ConnectionError("the server closed a kept-alive connection")
        have += got
        if needed == _ROOM:
            needed = _whole(bytes(buffer[:have]))
    taken = time.perf_counter_ns() - begun
    if bytes(buffer[9:12]) != b"200":
        raise AssertionError(bytes(buffer[:have]).decode("latin-1")[:600])
    return taken


def _whole(head: bytes) -> int:
    """Bytes of the whole response; the whole buffer while its head is incomplete."""
    end = head.find(_END_OF_HEAD)
    if end < 0:
        return _ROOM
    at = head.lower().find(_LENGTH)
    length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if 0 <= at < end else 0
    return end + len(_END_OF_HEAD) + length
