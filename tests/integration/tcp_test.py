"""The tcp kind: Redis, a mail server with STARTTLS, OpenSSH, UDP, UNIX sockets, closed ports, and servers that misbehave."""

import base64
import socket
import threading

import http_test
import pytest
import rig
import servers

OK = '{expect: "^\\\\+OK\\r\\n"}'


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    server = servers.Redis(tmp_path_factory.mktemp("redis"), password="redis-password-1")
    yield server
    server.stop()


def ask_redis(folder, redis, dialogue, more=""):
    return rig.run_check(folder, f"tcp: {{address: '127.0.0.1:{redis.port}', dialogue: [{dialogue}]{more}}}",
                    more='secrets: {redis: {env: REDIS_PASSWORD}, wrong: {env: WRONG_PASSWORD}}',
                    env={"REDIS_PASSWORD": "redis-password-1", "WRONG_PASSWORD": "not-the-password"})


def test_redis_ping_auth_and_info(redis, tmp_path):
    seen = ask_redis(tmp_path, redis, f'{{send: "AUTH ${{secrets.redis}}\\r\\n"}}, {OK}, {{send: "PING\\r\\n"}}, '
                     '{expect: "^\\\\+PONG\\r\\n"}, {send: "INFO\\r\\n"}, {expect: "redis_version:(?P<major>[0-9]+)[^$]*used_memory:(?P<used>[0-9]+)\\r\\n"}',
                     ', values: {version: {capture: major, min: 7}, memory: {capture: used, unit: bytes, max: 1000000000}}')
    assert seen.outcome == "pass", seen
    assert seen.values["version"] >= 7 and seen.values["memory"] > 0


def test_a_wrong_password_is_told_and_never_shown(redis, tmp_path):
    seen = ask_redis(tmp_path, redis, f'{{send: "AUTH ${{secrets.wrong}}\\r\\n"}}, {OK}')
    assert seen.outcome == "fail" and "step 2" in seen.summary and "WRONGPASS" in seen.summary, seen
    assert "not-the-password" not in seen.all


def test_a_value_out_of_its_bounds(redis, tmp_path):
    seen = ask_redis(tmp_path, redis, f'{{send: "AUTH ${{secrets.redis}}\\r\\nINFO\\r\\n"}}, {{expect: "used_memory:(?P<used>[0-9]+)"}}',
                     ", values: {used: {unit: bytes, max: 10}}")
    assert (seen.outcome, seen.reason) == ("fail", "threshold"), seen


@pytest.fixture(scope="module")
def mail(tmp_path_factory):
    if not servers.is_root():
        pytest.skip("exim starts as root alone")
    folder = tmp_path_factory.mktemp("mail")
    authority = rig.Authority(folder)
    certificate, key = authority.issue("mail", ["mail.example.org"])
    server = servers.Exim(folder, certificate, key, "mail-password-1")
    server.ca = authority.path
    yield server
    server.stop()


EHLO = '{send: "EHLO gonogo.example.org\\r\\n"}, {expect: "250-STARTTLS\\r\\n(250-.*\\r\\n)*250 .*\\r\\n"}'
STARTTLS = '{send: "STARTTLS\\r\\n"}, {expect: "^220 .*\\r\\n"}, {starttls: true}'


def test_mail_with_starttls_and_auth_offered(mail, tmp_path):
    seen = rig.run_check(tmp_path, f"tcp: {{address: '127.0.0.1:{mail.port}', server_name: mail.example.org, ca: {mail.ca}, min_left: 7d, "
                    f"dialogue: [{{expect: '^220 '}}, {EHLO}, {STARTTLS}, {{send: \"EHLO gonogo.example.org\\r\\n\"}}, "
                    '{expect: "250-AUTH PLAIN\\r\\n(250-.*\\r\\n)*250 .*\\r\\n"}, {send: "AUTH PLAIN ${secrets.login}\\r\\n"}, {expect: "^235 "}, '
                    '{send: "QUIT\\r\\n"}, {expect: "221 "}]}', more="secrets: {login: {env: LOGIN}}",
                    env={"LOGIN": base64.b64encode(b"\0monitor\0mail-password-1").decode()})
    assert seen.outcome == "pass", seen
    assert seen.values["days_left"] > 7


def test_a_mail_servers_wrong_name_ends_the_dialogue(mail, tmp_path):
    seen = rig.run_check(tmp_path, f"tcp: {{address: '127.0.0.1:{mail.port}', server_name: other.example.org, ca: {mail.ca}, "
                    f"dialogue: [{{expect: '^220 '}}, {EHLO}, {STARTTLS}, {{send: \"never sent\"}}]}}")
    assert seen.reason == "cert_name", seen


def test_openssh_says_who_it_is(tmp_path):
    server = servers.Sshd(tmp_path)
    try:
        seen = rig.run_check(tmp_path, f"tcp: {{address: '127.0.0.1:{server.port}', dialogue: [{{expect: '^SSH-2\\.0-OpenSSH_(?P<v>[0-9]+)'}}], values: {{v: }}}}")
        assert seen.outcome == "pass" and seen.values["v"] >= 9, seen
    finally:
        server.stop()


def test_udp_is_asked_and_answers(tmp_path):
    server = rig.Dnsmasq(tmp_path / "dns", {"a.test": "192.0.2.1"})
    question = "1234 0100 0001 0000 0000 0000 0161 0474657374 00 0001 0001"
    options = f"transport: udp, bytes: true, dialogue: [{{send_hex: '{question}'}}, {{expect: '^\\x12\\x34.*\\xc0\\x00\\x02\\x01$'}}]"
    try:
        assert rig.run_check(tmp_path, f"tcp: {{address: '127.0.0.1:{server.port}', {options}}}").outcome == "pass"
    finally:
        server.stop()
    seen = rig.run_check(tmp_path, f"tcp: {{address: '127.0.0.1:{server.port}', {options}}}", timeout="2s")
    assert seen.outcome == "fail", seen


def test_a_unix_socket(tmp_path):
    path = tmp_path / "s"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve():
        peer, _ = listener.accept()
        peer.sendall(b"ready\n")
        peer.close()

    threading.Thread(target=serve, daemon=True).start()
    assert rig.run_check(tmp_path, f"tcp: {{address: 'unix:{path}', dialogue: [{{expect: '^ready'}}]}}").outcome == "pass"
    listener.close()
    assert rig.run_check(tmp_path, "tcp: {address: 'unix:/no/such/socket'}").reason == "connect"


def test_a_port_that_has_to_be_closed(tmp_path, redis):
    assert rig.run_check(tmp_path, f"tcp: {{address: '127.0.0.1:{rig.free_port()}', refused: true}}").outcome == "pass"
    seen = rig.run_check(tmp_path, f"tcp: {{address: '127.0.0.1:{redis.port}', refused: true}}")
    assert seen.outcome == "fail" and "accepts connections" in seen.summary, seen


@pytest.mark.parametrize("pieces, reason", [
    (["hang"], "timeout"), ([b"half of it", "hang"], "timeout"), ([b"no\r\n"], "protocol"), (["flood"], "threshold"), (["drip"], "timeout")])
def test_servers_that_misbehave(pieces, reason, tmp_path):
    server = http_test.Hostile(*pieces)
    try:
        seen = rig.run_check(tmp_path, f"tcp: {{address: '127.0.0.1:{server.port}', dialogue: [{{send: x}}, {{expect: 'ready'}}]}}", timeout="2s")
        assert (seen.outcome, seen.reason) == ("fail", reason), seen
        assert "step 2" in seen.summary and "ready" in seen.summary, seen
    finally:
        server.close()


def test_words_slipped_in_before_the_handshake_are_refused(tmp_path):
    server = http_test.Hostile(b"220 go ahead\r\n250 injected\r\n", "hang")
    try:
        seen = rig.run_check(tmp_path, f"tcp: {{address: '127.0.0.1:{server.port}', server_name: a.test, dialogue: [{{send: x}}, "
                        '{expect: "^220 .*\\r\\n"}, {starttls: true}]}')
        assert seen.reason == "protocol" and "before the handshake" in seen.summary, seen
    finally:
        server.close()
