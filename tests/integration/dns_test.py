"""The dns kind against dnsmasq and BIND: every type, codes, several servers, and servers that are silent or lie."""

import socket
import threading

import pytest
import rig
import servers

ZONE = """$TTL 300
@ IN SOA ns.example.org. admin.example.org. ({serial} 3600 600 86400 60)
@ IN NS ns.example.org.
@ IN A 192.0.2.10
@ IN A 192.0.2.11
@ IN AAAA 2001:db8::10
@ IN MX 10 Mail.example.org.
@ IN MX 20 backup.example.org.
@ IN TXT "v=spf1 include:_spf.example.net " "-all"
@ IN CAA 0 issue "letsencrypt.org"
ns IN A 127.0.0.1
www IN CNAME example.org.
short 5 IN A 192.0.2.12
_sip._tcp IN SRV 1 2 5060 sip.example.org.
big IN TXT {big}
"""
BIG = " ".join(f'"{i:03d}{"x" * 240}"' for i in range(12))


@pytest.fixture(scope="module")
def bind(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bind")
    one = servers.Named(folder / "one", {"example.org": ZONE.format(serial=2026010101, big=BIG),
                                         "2.0.192.in-addr.arpa": "$TTL 60\n@ IN SOA ns. a. (1 1 1 1 1)\n@ IN NS ns.example.org.\n10 IN PTR host.example.org.\n"})
    two = servers.Named(folder / "two", {"example.org": ZONE.format(serial=2026010102, big=BIG).replace("192.0.2.11", "192.0.2.99")})
    yield one, two
    one.stop()
    two.stop()


def ask(folder, server, options, timeout="5s"):
    listed = ", ".join(f"'127.0.0.1:{each.port}'" for each in (server if isinstance(server, tuple) else (server,)))
    return rig.run_check(folder, f"dns: {{servers: [{listed}], {options}}}", timeout=timeout)


CASES = [
    ("name: example.org, equals: [192.0.2.11, 192.0.2.10]", "pass", ""),
    ("name: EXAMPLE.org, contains: 192.0.2.10", "pass", ""),
    ("name: example.org, equals: 192.0.2.10", "fail", "192.0.2.10, 192.0.2.11, wanted 192.0.2.10"),
    ("name: example.org, type: AAAA, equals: '2001:db8::10'", "pass", ""),
    ("name: example.org, type: MX, contains: [10 mail.example.org, 20 BACKUP.example.org.]", "pass", ""),
    ("name: example.org, type: TXT, equals: 'v=spf1 include:_spf.example.net -all'", "pass", ""),
    ("name: example.org, type: TXT, matches: '\\+all'", "fail", "wanted a match of"),
    ("name: example.org, type: NS, equals: ns.example.org", "pass", ""),
    ("name: example.org, type: SOA, matches: ' 2026010101 '", "pass", ""),
    ("name: example.org, type: CAA, equals: 0 issue letsencrypt.org", "pass", ""),
    ("name: _sip._tcp.example.org, type: SRV, equals: 1 2 5060 sip.example.org", "pass", ""),
    ("name: www.example.org, type: CNAME, equals: example.org", "pass", ""),
    ("name: www.example.org, type: A, min_answers: 2", "pass", ""),
    ("name: 192.0.2.10, type: PTR, equals: host.example.org", "pass", ""),
    ("name: gone.example.org, rcode: NXDOMAIN", "pass", ""),
    ("name: gone.example.org", "fail", "answers NXDOMAIN, wanted NOERROR"),
    ("name: example.net, rcode: REFUSED", "pass", ""),
    ("name: ns.example.org, type: MX", "fail", "wanted at least 1"),
    ("name: example.org, max_answers: 1", "fail", "wanted at most 1"),
    ("name: short.example.org, min_ttl: 1m", "fail", "TTL of 5s"),
    ("name: example.org, min_ttl: 1m, max_ttl: 10m", "pass", ""),
    ("name: example.org, max_ttl: 1m", "fail", "TTL of 5m"),
    ("name: example.org, authoritative: true", "pass", ""),
    ("name: big.example.org, type: TXT, matches: '011x+$'", "pass", ""),
    ("name: example.org, transport: tcp, min_answers: 2", "pass", ""),
]


@pytest.mark.parametrize("options, outcome, words", CASES)
def test_answers(options, outcome, words, bind, tmp_path):
    seen = ask(tmp_path, bind[0], options)
    assert seen.outcome == outcome and words in seen.summary, seen


def test_servers_that_differ(bind, tmp_path):
    seen = ask(tmp_path, bind, "name: example.org")
    assert seen.outcome == "fail" and "wanted the same" in seen.summary, seen
    assert ask(tmp_path, bind, "name: example.org, agree: false, contains: 192.0.2.10").outcome == "pass"
    assert ask(tmp_path, bind, "name: example.org, contains: 192.0.2.11, min_servers: 1, agree: false").outcome == "pass"
    seen = ask(tmp_path, bind, "name: example.org, type: SOA, same_serial: true")
    assert "2026010101" in seen.summary and "2026010102" in seen.summary and seen.outcome == "fail", seen
    assert ask(tmp_path, (bind[0], bind[0]), "name: example.org, type: SOA, same_serial: true").outcome == "pass"


def test_dnsmasq_answers_too(tmp_path):
    server = rig.Dnsmasq(tmp_path / "dns", {"a.test": "192.0.2.7"})
    try:
        seen = ask(tmp_path, server, "name: a.test, equals: 192.0.2.7")
        assert seen.outcome == "pass", seen
        assert ask(tmp_path, server, "name: a.test, authoritative: true, min_ttl: 1d").outcome == "fail"
    finally:
        server.stop()


class Liar:
    """Answers each question over UDP with whatever `reply` makes of it."""

    def __init__(self, reply):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.reply = reply
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                question, peer = self.socket.recvfrom(4096)
                answer = self.reply(question)
                if answer is not None:
                    self.socket.sendto(answer, peer)
            except OSError:
                return

    def stop(self):
        self.socket.close()


def answer_with(question, identifier=None, flags=b"\x81\x80", rest=b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x01\x02\x03\x04"):
    return (identifier or question[:2]) + flags + b"\x00\x01\x00\x01\x00\x00\x00\x00" + question[12:].split(b"\x00\x00\x29")[0] + rest


@pytest.mark.parametrize("reply, words", [
    (lambda q: None, ""),                                                           # silent
    (lambda q: answer_with(q, identifier=b"\x00\x00"), ""),                         # another question's answer
    (lambda q: answer_with(q)[:20], ""),                                            # cut in the question
    (lambda q: answer_with(q, rest=b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\xff\xff\x01"), ""),  # longer than it is
    (lambda q: answer_with(q, rest=b"\xc0\xff\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x01\x02\x03\x04"), ""),  # a pointer to nowhere
    (lambda q: answer_with(q), "1.2.3.4"),                                          # a lie
    (lambda q: q[:2] + b"\x81\x82" + q[4:], "SERVFAIL"),
])
def test_servers_that_are_silent_or_lie(reply, words, tmp_path):
    server = Liar(reply)
    try:
        seen = ask(tmp_path, server, "name: example.org, equals: 192.0.2.10", timeout="2s")
        assert seen.outcome == "fail" and words in seen.summary, seen
    finally:
        server.stop()


def test_one_dead_server_of_two(bind, tmp_path):
    dead = Liar(lambda q: None)
    try:
        seen = ask(tmp_path, (bind[0], dead), "name: example.org, contains: 192.0.2.10", timeout="2s")
        assert (seen.outcome, seen.reason) == ("fail", "dns"), seen
        assert f"127.0.0.1:{dead.port}" in seen.summary
        seen = ask(tmp_path, (bind[0], dead), "name: example.org, contains: 192.0.2.10, min_servers: 1", timeout="2s")
        assert seen.outcome == "pass", seen
    finally:
        dead.stop()
