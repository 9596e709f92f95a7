"""One byte outside UTF-8 hides no match, in any kind that searches a text."""

import http.server
import socket
import threading

import pytest
import rig

TEXT = b"started\nERROR caf\xe9 payment\n"


@pytest.fixture(scope="module")
def web():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("X-Note", "caf\xe9 payment")
            self.send_header("Content-Length", str(len(TEXT)))
            self.end_headers()
            self.wfile.write(TEXT)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture
def talker():
    """Says each piece when the one before it has been answered, then closes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        pieces = []

        def talk():
            connection, _ = listening.accept()
            with connection:
                for piece in pieces:
                    connection.sendall(piece)
                    if piece is not pieces[-1]:
                        connection.recv(100)

        def say(*more):
            pieces.extend(more)
            threading.Thread(target=talk, daemon=True).start()
            return listening.getsockname()[1]

        yield say


def outcome(folder, check):
    return rig.run_check(folder, check).outcome


def test_files_and_programs(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(TEXT)
    assert outcome(tmp_path, f"file: {{path: {path}, contains_not: 'ERROR.*payment'}}") == "fail"
    assert outcome(tmp_path, f"file: {{path: {path}, contains: 'ERROR.*payment'}}") == "pass"
    assert outcome(tmp_path, f"file: {{path: {path}, contains_not: 'ERROR.*refund'}}") == "pass"
    assert outcome(tmp_path, f"command: {{argv: [/bin/cat, {path}], contains_not: 'ERROR.*payment'}}") == "fail"
    assert outcome(tmp_path, f"command: {{argv: [/bin/cat, {path}], contains: 'ERROR.*payment$'}}") == "fail", "the end of the text is not that of a line"
    assert outcome(tmp_path, f"command: {{argv: [/bin/cat, {path}], contains: '(?m)ERROR.*payment$'}}") == "pass"
    path.write_text("started\nERROR café payment\n")
    assert outcome(tmp_path, f"file: {{path: {path}, contains: 'caf. payment'}}") == "pass"
    assert outcome(tmp_path, f"file: {{path: {path}, contains_not: 'caf.. payment'}}") == "pass", "UTF-8 is matched as characters"


def test_answers_of_a_web_server(tmp_path, web):
    check = f"http: {{url: 'http://127.0.0.1:{web}/', expect: {{%s}}}}"
    assert outcome(tmp_path, check % "body_not: 'ERROR.*payment'") == "fail"
    assert outcome(tmp_path, check % "body: 'ERROR.*payment'") == "pass"
    assert outcome(tmp_path, check % "headers: {X-Note: {matches: '^caf. payment$'}}") == "pass"


def test_dialogues(tmp_path, talker):
    port = talker(b"220 caf\xe9 ready\r\n", b"id=\xff42 ok\r\n", b"bye caf\xe9")
    seen = rig.run_check(tmp_path, f"""tcp: {{address: '127.0.0.1:{port}', dialogue: [{{expect: "^220 .* ready\\\\r\\n"}}, {{send: "a\\r\\n"}},
      {{expect: "id=.(?P<id>[0-9]+) ok\\\\r\\n"}}, {{send: "b\\r\\n"}}, {{expect: "^bye caf.$"}}], values: {{id: {{min: 42, max: 42}}}}}}""")
    assert seen.outcome == "pass" and seen.values["id"] == 42, seen


def test_a_character_that_comes_in_two_pieces_is_one(tmp_path, talker):
    # Each piece is sent when the one before it was answered, so the first one is matched alone.
    port = talker(b"220 caf\xc3", b"\xa9 ready\r\n")
    seen = rig.run_check(tmp_path, f"""tcp: {{address: '127.0.0.1:{port}', dialogue: [{{expect: "^220 caf"}}, {{send: "a\\r\\n"}}, {{expect: "^. ready"}}]}}""")
    assert seen.outcome == "pass", seen
