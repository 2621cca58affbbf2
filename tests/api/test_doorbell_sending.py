"""Whatever a receiver, its network and its names do: one request is sent, to the address that was looked at."""

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from app.delivery.addresses import AddressRefused, addresses_of, is_public, parse
from app.delivery.backoff import TICK_US, TRIES, WAITS, next_tick, try_again_at
from app.delivery.sender import SECONDS, Ring, Sender
from app.delivery.signature import headers, written
from tests.api.receiver import Receiver, receiver
from tests.service import run

SECRET = written(bytes(range(32)))
PUBLIC = "93.184.216.34"
REFUSED_TEXTS = [
    *("", "doorbell", "https://", "https:///x", "//court.example/x", "ftp://court.example/", "file:///etc/passwd"),
    *("http://court.example/", "https://court.example:8443/", "https://court.example:80/", "https://court.example:/"),
    *("https://a:b@court.example/", "https://a@court.example/", "https://@court.example/", "https://court.example/#x"),
    *("https://court.example/a b", "https://court.example/\r\nx: y", "https://court.example\\@evil.example/"),
    *(
        "https://court.example/\u00e9",
        "https://\u0441ourt.example/",
        "https://[fe80::1%25eth0]/",
        "https://[::1",
        "https://-/",
    ),
    *("HTTPS://court.example/", "https://court.example:99999/", "https://court.example/" + "a" * 1024),
]
PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1"),
    *(
        "fd00:ec2::254",
        "ff02::1",
        "2001:db8::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ),
    *("2001:0:a00:1::", "::10.0.0.1", "fec0::1"),
]


def ring(url: str) -> Ring:
    """A ring of a fixed id."""
    return Ring(url, SECRET, "0" * 32, 1_790_000_000)


async def send(one: Receiver, url: str | None = None, *, sandbox: bool = True, seconds: float = SECONDS) -> str:
    """What comes of one try."""
    sender = Sender(sandbox=sandbox, seconds=seconds)
    try:
        return await sender.send(ring(url or one.url))
    finally:
        await sender.close()


@pytest.mark.parametrize("url", REFUSED_TEXTS)
def test_a_url_that_two_readers_could_take_differently_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        parse(url, sandbox=False)


@pytest.mark.parametrize("text", PRIVATE)
def test_an_address_that_is_not_everybodys_is_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", [PUBLIC, "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_an_address_of_the_internet_is_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "017700000001", "localhost", "[::ffff:7f00:1]"])
@run
async def test_loopback_by_another_spelling_is_loopback(host: str) -> None:
    with pytest.raises(AddressRefused):
        await addresses_of(parse(f"https://{host}/", sandbox=False), sandbox=False)


@run
async def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    async def both(host: str, port: int) -> Sequence[str]:
        return [PUBLIC, "10.0.0.1"]

    for sandbox in (False, True):
        with pytest.raises(AddressRefused):
            await addresses_of(parse("https://court.example/", sandbox=False), sandbox=sandbox, resolve=both)


@run
async def test_a_sandbox_rings_loopback_and_no_other_network_of_its_own() -> None:
    loopback = parse("http://127.0.0.1:9000/x?y=1", sandbox=True)
    assert [loopback.at(address) for address in await addresses_of(loopback, sandbox=True)] == [
        "http://127.0.0.1:9000/x?y=1"
    ]
    for url in ("http://10.0.0.1/", "https://10.0.0.1/", "http://169.254.169.254/latest/", f"http://{PUBLIC}/"):
        with pytest.raises(AddressRefused):
            await addresses_of(parse(url, sandbox=True), sandbox=True)


@run
async def test_a_name_that_means_another_address_when_it_is_rung_gains_nothing() -> None:
    """DNS rebinding: public when it was registered, ours a moment later."""
    asked = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

    async with receiver() as door:
        url = "https://court.example/doorbell"
        await addresses_of(parse(url, sandbox=False), sandbox=False, resolve=rebinding)
        sender = Sender(sandbox=False, resolve=rebinding)
        assert await sender.send(ring(url)) == "address_refused"
        await sender.close()
        assert asked == ["court.example"] * 2 and door.rung == []


@run
async def test_what_was_looked_at_is_what_is_connected_to() -> None:
    """The name is looked up once for a try; the request goes to that address and says the name."""
    asked = []

    async def once(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    async with receiver() as door:
        port = door.url.rpartition(":")[2].partition("/")[0]
        sender = Sender(sandbox=True, resolve=once)
        assert await sender.send(ring(f"http://court.invalid:{port}/doorbell?a=1")) == "taken"
        await sender.close()
        (rung,) = door.rung
        assert asked == ["court.invalid"]
        assert (rung.line, rung.headers["host"]) == ("POST /doorbell?a=1 HTTP/1.1", f"court.invalid:{port}")


@run
async def test_a_proxy_of_the_environment_is_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver() as door, receiver() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/doorbell"))
        assert await send(door) == "taken"
        assert (len(door.rung), len(proxy.rung)) == (1, 0)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@run
async def test_a_redirect_is_followed_nowhere(status: int) -> None:
    async with receiver() as door, receiver() as elsewhere:
        door.answer = f"HTTP/1.1 {status} X\r\nLocation: {elsewhere.url}\r\nContent-Length: 0\r\n\r\n".encode()
        assert await send(door) == "refused"
        assert (len(door.rung), elsewhere.rung) == (1, [])


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, "taken"), (202, "taken"), (204, "taken"), (400, "refused"), (410, "refused")]
)
@run
async def test_two_hundred_and_nothing_else_is_taken(status: int, outcome: str) -> None:
    async with receiver() as door:
        door.answer = f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()
        assert await send(door) == outcome


@pytest.mark.parametrize("answer", [b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n", b"not HTTP at all\r\n\r\n", b""])
@run
async def test_a_broken_receiver_breaks_nothing(answer: bytes) -> None:
    async with receiver() as door:
        door.answer = answer
        assert await send(door) in {"refused", "unreachable"}


@run
async def test_a_slow_receiver_has_its_time_and_no_more() -> None:
    async with receiver() as door:
        door.held = True
        begun = asyncio.get_running_loop().time()
        assert await send(door, seconds=0.5) in {"timeout", "unreachable"}
        assert asyncio.get_running_loop().time() - begun < 3


@run
async def test_a_receiver_that_drips_is_no_better_than_a_slow_one() -> None:
    """Each byte in time, the whole never: the time is of the whole."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(b"H")
                await writer.drain()
                await asyncio.sleep(0.1)
        except ConnectionError:
            writer.transport.abort()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    begun = asyncio.get_running_loop().time()
    assert await send(Receiver(), f"http://127.0.0.1:{port}/", seconds=0.5) in {"timeout", "unreachable"}
    assert asyncio.get_running_loop().time() - begun < 3
    server.close()
    await asyncio.sleep(0.3)  # for the receiver to notice


@run
async def test_of_a_huge_answer_nothing_is_read() -> None:
    size = 64_000_000
    async with receiver() as door:
        door.answer = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + bytes(size)
        assert await send(door) == "taken"
        await asyncio.sleep(0.2)
        assert door.sent < size // 4


@run
async def test_of_endless_headers_little_is_read() -> None:
    async with receiver() as door:
        door.answer = b"HTTP/1.1 200 OK\r\n" + b"x: " + b"a" * 32_000_000 + b"\r\n\r\n"
        assert await send(door) == "unreachable"
        await asyncio.sleep(0.2)
        assert door.sent < 16_000_000


def _certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate of its own for a name, and the file of that certificate."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
    built = built.not_valid_after(now + datetime.timedelta(days=1))
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    made, private = built.sign(key, hashes.SHA256()), folder / f"{name}.key"
    shown = folder / f"{name}.crt"
    shown.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, private)
    return context, shown


@pytest.mark.parametrize(
    ("name", "trusted", "outcome"),
    [("localhost", True, "taken"), ("localhost", False, "unreachable"), ("other.example", True, "unreachable")],
)
@run
async def test_a_certificate_is_of_the_name_that_was_given_and_trusted(
    name: str, trusted: bool, outcome: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, shown = _certificate(tmp_path, name)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(shown))
    async with receiver(context) as door:
        assert await send(door) == outcome
        assert len(door.rung) == (outcome == "taken")


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of the specification's own libraries."""
    told = headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert told["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.integers(0, 2**60), st.uuids(), st.integers(1, TRIES + 3))
def test_the_schedule_follows_from_the_ring_alone(now: int, identity: object, tries: int) -> None:
    ring_id = str(identity)
    at = try_again_at(ring_id, tries, now)
    wait = WAITS[min(tries, len(WAITS)) - 1] if tries < TRIES else WAITS[0]
    assert at == try_again_at(ring_id, tries, now) and at % TICK_US == 0
    assert wait * 1_000_000 < at - now <= wait * 1_100_000 + TICK_US
    assert next_tick(now) > now and next_tick(now) - now <= TICK_US


def test_a_ring_is_tried_for_about_a_day_and_no_two_tries_at_once() -> None:
    assert 20 * 3600 < sum(WAITS) < 25 * 3600
    assert list(WAITS) == sorted(WAITS) and WAITS[0] > SECONDS
    assert len({try_again_at(str(number), 3, 0) for number in range(50)}) > 5, "rings of one moment spread"
