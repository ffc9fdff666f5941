"""Going to somebody else's server: what is refused, followed, cut short, and how long it takes."""

import gzip
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import pytest

from dialognav import fetch
from dialognav.domain.web_targets import is_public, read_target
from dialognav.fetch import Fetched, FetchFailed, Network
from tests.scripted_server import ICS, Server, http, scripted_server


@contextmanager
def failing(code: str) -> Iterator[None]:
    with pytest.raises(FetchFailed) as failed:
        yield
    assert failed.value.code == code


@pytest.fixture
def server() -> Iterator[Server]:
    with scripted_server() as made:
        yield made


def test_brings_the_calendar_and_says_who_asks(server: Server) -> None:
    server.says(http(ICS, 'ETag: "abc"', "Last-Modified: Tue, 12 Jan 2027 09:00:00 GMT"))
    assert server.get("/kalender/å.ics?år=1") == Fetched(
        ICS, '"abc"', "Tue, 12 Jan 2027 09:00:00 GMT"
    )
    [asked] = server.asked
    assert asked.startswith("GET /kalender/%C3%A5.ics?%C3%A5r=1 HTTP/1.1\r\n")
    assert f"Host: kalender.example:{server.port}\r\n" in asked
    assert "User-Agent: Dialognav\r\n" in asked
    assert "cookie" not in asked.lower()
    assert "authorization" not in asked.lower()
    assert "If-None-Match" not in asked


def test_what_has_not_changed_is_not_sent_again(server: Server) -> None:
    server.says(http(b"", 'ETag: "abc"', status="304 Not Modified"))
    got = server.get(etag='"abc"', last_modified="Tue, 12 Jan 2027 09:00:00 GMT")
    assert got.content is None
    assert 'If-None-Match: "abc"\r\n' in server.asked[0]
    assert "If-Modified-Since: Tue, 12 Jan 2027 09:00:00 GMT\r\n" in server.asked[0]


def test_nothing_can_be_smuggled_into_the_headers(server: Server) -> None:
    server.says(http(ICS, 'ETag: "a\x01b"', "Last-Modified: <script>"))
    got = server.get(etag='"a"\r\nX-Evil: 1', last_modified="x\r\nX-Evil: 1")
    assert "X-Evil" not in server.asked[0]
    assert (got.etag, got.last_modified) == ("", "")


def test_packed_content_is_unpacked_within_the_limit(server: Server) -> None:
    server.says(http(gzip.compress(ICS), "Content-Encoding: gzip"))
    assert server.get().content == ICS
    server.says(http(ICS, "Content-Encoding: br"))
    with failing("garbled"):
        server.get()


def test_a_bomb_is_not_unpacked(server: Server) -> None:
    bomb = gzip.compress(b"0" * 30_000_000)
    server.says(http(bomb, "Content-Encoding: gzip"))
    tracemalloc.start()
    try:
        with failing("large"):
            server.get(most=1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000  # bytes at the most
    finally:
        tracemalloc.stop()


def test_more_than_the_limit_is_not_taken(server: Server) -> None:
    server.says(http(b"x" * 101), b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 101)
    for _each in range(2):
        with failing("large"):
            server.get(most=100)
    server.says(http(b"x" * 100))
    assert server.get(most=100).content == b"x" * 100


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("404 Not Found", "gone"),
        ("410 Gone", "gone"),
        ("401 Unauthorized", "locked"),
        ("403 Forbidden", "locked"),
        ("500 Oops", "status"),
        ("204 No Content", "status"),
        ("304 Not Modified", "status"),  # nobody asked for that
    ],
)
def test_other_answers(server: Server, status: str, code: str) -> None:
    server.says(http(b"", status=status))
    with failing(code):
        server.get()


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_web_server(server: Server, answer: bytes) -> None:
    server.says(answer)
    with failing("unreachable" if not answer else "garbled"):
        server.get()


# --- where it may go ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "",
        "kalender.example/a.ics",
        "ftp://kalender.example/a.ics",
        "file:///etc/passwd",
        "gopher://kalender.example/",
        "javascript:alert(1)",
        "https://user:secret@kalender.example/",
        "https://@kalender.example/",
        "https:///a.ics",
        "https://kalender.example:0/",
        "https://kalender.example:99999/",
        "https://kalender.example\\@127.0.0.1/",
        "https://kal ender.example/",
        "https://kalender.example/\r\nX: 1",
        "https://[fe80::1%25eth0]/",
        "https://[::1",
        "https://a..b/",
        "https://" + "a" * 300 + ".example/",
        "https://kalender.example/" + "a" * 1000,
    ],
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ValueError):
        read_target(address)
    with failing("address"):
        fetch.fetch(address, agent="x", network=Network(resolve=lambda *_: pytest.fail("asked")))


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("webcal://kalender.example/a.ics", "https://kalender.example/a.ics"),
        (" HTTPS://Kalender.Example ", "https://kalender.example/"),
        (
            "http://räksmörgås.example:8080/å?ä=1#x",
            "http://xn--rksmrgs-5wao1o.example:8080/%C3%A5?%C3%A4=1",
        ),
        ("https://[2A00:1450::1]/", "https://[2a00:1450::1]/"),
        ("https://kalender.example./a%20b", "https://kalender.example/a%20b"),
    ],
)
def test_addresses_in_one_form(address: str, url: str) -> None:
    assert read_target(address).url == url


PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "192.0.0.8", "198.18.0.1", "203.0.113.1", "192.88.99.1"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "fe80::1", "fec0::1"),
    *("fd00::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::808:808"),
    *("2002:7f00:1::1", "2001:0:1::1", "2001:db8::1", "3fff::1", "4000::1"),
]
OPEN = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2a00:1450:400f::1", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    with failing("private"):
        fetch.fetch("https://x.example/", agent="x", network=Network(resolve=lambda *_: [address]))


@pytest.mark.parametrize("address", OPEN)
def test_the_open_internet_is_not(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "127.1", "017700000001", "[::1]"]
)
def test_this_machine_by_any_name(server: Server, host: str) -> None:
    """By the system's own resolver, which knows odd ways to write an address."""
    network = Network(ports=frozenset({server.port}))
    with pytest.raises(FetchFailed) as failed:
        fetch.fetch(f"http://{host}:{server.port}/", agent="x", network=network)
    assert failed.value.code in ("private", "unknown_host")
    assert server.asked == []


def test_one_private_address_among_public_ones_is_enough(server: Server) -> None:
    network = Network(resolve=lambda *_: ["8.8.8.8", "10.0.0.1"])
    with failing("private"):
        fetch.fetch("https://x.example/", agent="x", network=network)


def test_a_name_is_asked_for_once_and_the_connection_keeps_to_the_answer(server: Server) -> None:
    """The name would lead elsewhere at a second look (DNS rebinding)."""
    answers = [["127.0.0.1"], ["127.0.0.2"]]
    server.says(http())
    server.get(network=server.network(resolve=lambda *_: answers.pop(0)))
    assert len(answers) == 1


def test_other_ports_are_not_knocked_at() -> None:
    never = Network(resolve=lambda *_: pytest.fail("asked"))
    for port in (22, 25, 3306, 6379, 11211):
        with failing("port"):
            fetch.fetch(f"http://x.example:{port}/", agent="x", network=never)


def test_a_host_that_does_not_exist(server: Server) -> None:
    def unknown(*_: object) -> list[str]:
        raise socket.gaierror

    with failing("unknown_host"):
        server.get(network=server.network(resolve=unknown))
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
    network = server.network(ports=frozenset({port}))
    with failing("unreachable"):
        fetch.fetch(f"http://x.example:{port}/", agent="x", network=network)


# --- redirects ----------------------------------------------------------------------------------


def moved(where: str, status: str = "302 Found") -> bytes:
    return http(b"", f"Location: {where}", status=status)


def test_redirects_are_followed(server: Server) -> None:
    server.says(moved("/b.ics"), moved(f"http://annan.example:{server.port}/c.ics"), http())
    assert server.get().content == ICS
    assert [line.split()[1] for line in server.asked] == ["/a.ics", "/b.ics", "/c.ics"]
    assert server.resolved == ["kalender.example", "kalender.example", "annan.example"]


def test_each_redirect_is_checked(server: Server) -> None:
    def leads(host: str, _port: int) -> list[str]:
        return ["127.0.0.1"] if host == "kalender.example" else ["169.254.169.254"]

    network = server.network(resolve=leads, is_allowed=lambda ip: ip.is_loopback)
    server.says(moved(f"http://metadata.example:{server.port}/latest/"))
    with failing("private"):
        server.get(network=network)
    server.says(moved("http://kalender.example:22/"))
    with failing("port"):
        server.get(network=network)


@pytest.mark.parametrize("where", ["", "file:///etc/passwd", "http://a:b@x.example/", "//["])
def test_redirects_to_nowhere(server: Server, where: str) -> None:
    server.says(moved(where))
    if not where:  # the same page again
        server.says(*[moved("")] * 4)
    with failing("redirects"):
        server.get()


def test_a_circle_ends(server: Server) -> None:
    server.says(*[moved("/a.ics", "301 Moved")] * 9)
    with failing("redirects"):
        server.get()
    assert len(server.asked) == 5


def test_from_https_there_is_no_way_back(server: Server) -> None:
    with failing("insecure"):
        fetch._redirected(read_target("https://x.example/"), "http://x.example/")


def test_https_without_a_certificate_that_holds(server: Server) -> None:
    server.says(b"HTTP/1.1 400 This is not TLS\r\n\r\n")
    url = f"https://kalender.example:{server.port}/"
    with failing("insecure"):
        fetch.fetch(url, agent="x", network=server.network(trust=ssl.create_default_context))


# --- time ---------------------------------------------------------------------------------------


def drip(before: bytes, after: bytes) -> Callable[[socket.socket], None]:
    def run(sock: socket.socket) -> None:
        sock.sendall(before)
        for byte in after:
            time.sleep(0.05)
            sock.sendall(bytes([byte]))

    return run


@pytest.mark.parametrize(
    "script",
    [
        drip(b"", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 40),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x" * 1000),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 50, b"HTTP/1.1 100 Continue\r\n\r\n" * 20),
    ],
    ids=["headers", "body", "continue"],
)
def test_drop_by_drop_takes_no_longer(
    server: Server, script: Callable[[socket.socket], None]
) -> None:
    server.scripts.append(script)
    began = time.monotonic()
    with failing("slow"):
        server.get(seconds=0.2)
    assert time.monotonic() - began < 2


def test_a_resolver_that_hangs(server: Server) -> None:
    done = threading.Event()

    def hang(*_: object) -> list[str]:
        done.wait(5)
        return ["127.0.0.1"]

    began = time.monotonic()
    with failing("slow"):
        server.get(network=server.network(resolve=hang), seconds=0.2)
    assert time.monotonic() - began < 2
    done.set()


def test_an_address_that_leads_nowhere_is_not_the_end(server: Server) -> None:
    """IPv6 first, as resolvers say it, on a machine that has none."""
    server.says(http())
    assert server.get(network=server.network(resolve=lambda *_: ["::1", "127.0.0.1"])).content
