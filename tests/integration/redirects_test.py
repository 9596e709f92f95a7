"""Where redirects lead, and what goes there: as `curl --location` has it, but for secrets, which never leave the origin."""

import base64
import http.server
import ssl
import subprocess
import threading

import pytest
import rig

PASSWORD, KEY, COOKIE, TOKEN = "pw-of-the-origin", "key-of-the-origin", "session=of-the-origin", "token-of-the-origin"
BASIC = "Basic " + base64.b64encode(f"user:{PASSWORD}".encode()).decode()


class Site:
    """Records each request; `to` gives the answer by path: a status and where it leads."""

    def __init__(self, certificate=None, authority=None):
        self.seen, self.to = [], {}
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size).decode()
                client = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
                site.seen.append({"method": self.command, "path": self.path, "body": body, "client": bool(client),
                                  "headers": {name.lower(): value for name, value in self.headers.items()}})
                status, location = site.to.get(self.path, (200, None))
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.send_header("Connection", "close")
                self.end_headers()
                self.close_connection = True

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            context.load_verify_locations(authority)
            context.verify_mode = ssl.CERT_OPTIONAL
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def begin(self, to):
        self.seen.clear()
        self.to = to


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sites")
    authority = rig.Authority(folder)
    server = authority.issue("server", ["localhost", "127.0.0.1"])
    client = authority.issue("client", ["client.test"])
    made = {"a": Site(), "b": Site(), "ta": Site(server, authority.path), "tb": Site(server, authority.path)}
    yield made, authority.path, client
    for site in made.values():
        site.server.shutdown()


def begin(sites, **to):
    for name, site in sites[0].items():
        site.begin(to.get(name, {}))


def seen_by(sites, *names):
    """What came after the first request."""
    requests = [request for name in names for request in sites[0][name].seen]
    return [request for request in requests if request["path"] != "/start"]


def curl(*arguments):
    result = subprocess.run(["curl", "--silent", "--show-error", "--location", *arguments], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result


def run(folder, url, options, **more):
    return rig.run_check(folder, f"http: {{url: '{url}', follow: 5, expect: {{status: 200}}, {options}}}", **more)


# What curl 7.88.1 (Debian 12) follows with: by method and status the next method, and whether the body is sent again. POST is asked
# with --data, the others with --request as well, which curl repeats whatever the status: there, after a 303, RFC 9110 decides.
FOLLOWED = {
    ("GET", 301): ("GET", False), ("GET", 302): ("GET", False), ("GET", 303): ("GET", False), ("GET", 307): ("GET", False), ("GET", 308): ("GET", False),
    ("POST", 301): ("GET", False), ("POST", 302): ("GET", False), ("POST", 303): ("GET", False), ("POST", 307): ("POST", True), ("POST", 308): ("POST", True),
    ("PUT", 301): ("PUT", True), ("PUT", 302): ("PUT", True), ("PUT", 303): ("GET", False), ("PUT", 307): ("PUT", True), ("PUT", 308): ("PUT", True),
    ("DELETE", 302): ("DELETE", False), ("DELETE", 303): ("GET", False), ("DELETE", 307): ("DELETE", False),
    ("HEAD", 302): ("HEAD", False), ("HEAD", 303): ("HEAD", False), ("HEAD", 308): ("HEAD", False),
}
HAS_BODY = ("POST", "PUT")


@pytest.mark.parametrize("method, status", FOLLOWED)
def test_methods(method, status, sites, tmp_path):
    expected = FOLLOWED[method, status]
    begin(sites, a={"/start": (status, "/end")})
    body = ", body: 'b=1'" if method in HAS_BODY else ""
    assert run(tmp_path, f"http://localhost:{sites[0]['a'].port}/start", f"method: {method}{body}").outcome == "pass"
    assert [(request["method"], request["body"] == "b=1") for request in seen_by(sites, "a")] == [expected]


@pytest.mark.parametrize("method, status", [case for case in FOLLOWED if case[0] in ("GET", "POST", "HEAD")])
def test_the_table_is_curls(method, status, sites):
    if not rig.has("curl"):
        pytest.skip("curl is not installed")
    begin(sites, a={"/start": (status, "/end")})
    curl(*{"GET": [], "POST": ["--data", "b=1"], "HEAD": ["--head"]}[method], f"http://localhost:{sites[0]['a'].port}/start")
    assert [(request["method"], request["body"] == "b=1") for request in seen_by(sites, "a")] == [FOLLOWED[method, status]]


@pytest.mark.parametrize("first", [301, 302, 303])
@pytest.mark.parametrize("second", [301, 302, 303, 307, 308])
def test_what_has_become_a_get_stays_one(first, second, sites, tmp_path):
    start = f"http://localhost:{sites[0]['a'].port}/start"
    seen = {}
    for who in ("curl", "gonogo"):
        begin(sites, a={"/start": (first, "/middle"), "/middle": (second, "/end")})
        if who == "gonogo":
            assert run(tmp_path, start, "method: POST, body: 'b=1'").outcome == "pass"
        elif rig.has("curl"):
            curl("--data", "b=1", start)
        seen[who] = [(request["method"], request["path"], request["body"]) for request in seen_by(sites, "a")]
    assert seen["gonogo"] == [("GET", "/middle", ""), ("GET", "/end", "")]
    assert seen["gonogo"] == seen["curl"] or not rig.has("curl")


PLACES = {
    "the same": ("a", "http://localhost:{a}/end", True),
    "the same in other letters": ("a", "http://LOCALHOST:{a}/end", True),
    "another port": ("b", "http://localhost:{b}/end", False),
    "another host": ("b", "http://127.0.0.1:{b}/end", False),
    "another host, same port": ("a", "http://127.0.0.1:{a}/end", False),
    "another scheme": ("ta", "https://localhost:{ta}/end", False),
}
SECRET_HEADERS = {"authorization": "Bearer " + TOKEN, "cookie": COOKIE, "x-api-key": KEY, "x-auth-token": TOKEN, "client-secret": KEY, "x-held": f"a {KEY} b",
                  "proxy-authorization": "Basic " + TOKEN}
PLAIN_HEADERS = {"x-plain": "plain", "accept": "text/x", "content-type": "text/plain"}


def yaml_headers(headers):
    return "headers: {" + ", ".join(f"{name}: '{value.replace(KEY, '${secrets.key}')}'" for name, value in headers.items()) + "}"


def run_with_secret(sites, folder, url, options):
    _, ca, _ = sites
    return run(folder, url, f"leave_host: true, ca: {ca}, {options}", more="secrets: {key: {env: KEY}}", env={"KEY": KEY})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("status", [302, 303, 307])
def test_headers(place, status, sites, tmp_path):
    made, ca, _ = sites
    name, location, is_same = PLACES[place]
    ports = {each: site.port for each, site in made.items()}
    start = f"http://localhost:{ports['a']}/start"
    begin(sites, a={"/start": (status, location.format(**ports))})
    assert run_with_secret(sites, tmp_path, start, yaml_headers({**SECRET_HEADERS, **PLAIN_HEADERS})).outcome == "pass"
    (first,) = [request for request in made["a"].seen if request["path"] == "/start"]
    assert all(first["headers"][header] == value for header, value in {**SECRET_HEADERS, **PLAIN_HEADERS}.items()), first
    (request,) = seen_by(sites, name)
    expected = {**PLAIN_HEADERS, **(SECRET_HEADERS if is_same else {})}
    assert {header: request["headers"].get(header) for header in {**SECRET_HEADERS, **PLAIN_HEADERS}} == \
        {header: expected.get(header) for header in {**SECRET_HEADERS, **PLAIN_HEADERS}}
    if not rig.has("curl"):
        return
    # The control: with curl the same plain headers go along, and Authorization and Cookie stay behind as well.
    begin(sites, a={"/start": (status, location.format(**ports))})
    curl("--cacert", ca, *[part for header, value in {**SECRET_HEADERS, **PLAIN_HEADERS}.items() for part in ("--header", f"{header}: {value}")], start)
    (request,) = seen_by(sites, name)
    assert all(request["headers"][header] == value for header, value in PLAIN_HEADERS.items())
    assert all((header in request["headers"]) == is_same for header in ("authorization", "cookie"))


CREDENTIALS = {
    "basic_auth": (f"basic_auth: {{username: user, password: '{PASSWORD}'}}", ["--user", f"user:{PASSWORD}"]),
    "bearer": (f"bearer: '{TOKEN}'", ["--oauth2-bearer", TOKEN]),
    "aws": (f"aws: {{access_key: AKIAEXAMPLE, secret_key: '{KEY}', session_token: '{TOKEN}'}}", None),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", CREDENTIALS)
def test_credentials(way, place, sites, tmp_path):
    made, ca, _ = sites
    name, location, is_same = PLACES[place]
    ports = {each: site.port for each, site in made.items()}
    options, by_curl = CREDENTIALS[way]
    start = f"http://localhost:{ports['a']}/start"
    begin(sites, a={"/start": (302, location.format(**ports))})
    assert run_with_secret(sites, tmp_path, start, options).outcome == "pass"
    (request,) = seen_by(sites, name)
    assert ("authorization" in request["headers"]) == is_same, request
    assert ("x-amz-security-token" in request["headers"]) == (is_same and way == "aws"), request
    if by_curl and rig.has("curl"):
        begin(sites, a={"/start": (302, location.format(**ports))})
        curl("--cacert", ca, *by_curl, start)
        (request,) = seen_by(sites, name)
        assert ("authorization" in request["headers"]) == is_same, request


def test_once_away_no_secret_is_sent_even_back_at_the_origin(sites, tmp_path):
    made = sites[0]
    start = f"http://localhost:{made['a'].port}/start"
    to = {"a": {"/start": (302, f"http://localhost:{made['b'].port}/middle")}, "b": {"/middle": (302, f"http://localhost:{made['a'].port}/end")}}
    begin(sites, **to)
    assert run_with_secret(sites, tmp_path, start, f"basic_auth: {{username: user, password: '{PASSWORD}'}}, headers: {{X-Api-Key: '{KEY}'}}").outcome == "pass"
    (end,) = seen_by(sites, "a")
    assert end["path"] == "/end" and "authorization" not in end["headers"] and "x-api-key" not in end["headers"]
    if rig.has("curl"):
        begin(sites, **to)
        curl("--user", f"user:{PASSWORD}", start)
        assert "authorization" not in seen_by(sites, "a")[0]["headers"]


def test_credentials_in_the_target_of_a_redirect_are_not_used(sites, tmp_path):
    made = sites[0]
    begin(sites, a={"/start": (302, f"http://them:theirs@localhost:{made['a'].port}/end")})
    seen = run(tmp_path, f"http://localhost:{made['a'].port}/start", "method: GET")
    assert seen.outcome == "pass" and "authorization" not in seen_by(sites, "a")[0]["headers"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("status", [307, 308, 302])
def test_bodies(place, status, sites, tmp_path):
    """With 302 the method is PUT, which is kept as well."""
    made, _, _ = sites
    name, location, is_same = PLACES[place]
    ports = {each: site.port for each, site in made.items()}
    start = f"http://localhost:{ports['a']}/start"
    method = "PUT" if status == 302 else "POST"
    for body, holds_secret in (("key=${secrets.key}", True), (f"written={KEY}", True), ("key=plain", False)):
        begin(sites, a={"/start": (status, location.format(**ports))})
        seen = run_with_secret(sites, tmp_path, start, f"method: {method}, body: '{body}'")
        requests = seen_by(sites, name)
        if holds_secret and not is_same:
            assert seen.outcome == "fail" and seen.reason == "redirect" and "secret" in seen.summary and not requests, (seen, requests)
            assert KEY not in seen.all
        else:
            assert seen.outcome == "pass" and [(request["method"], request["body"]) for request in requests] == \
                [(method, body.replace("${secrets.key}", KEY))], (seen, requests)


def test_a_303_needs_no_body_elsewhere(sites, tmp_path):
    made = sites[0]
    begin(sites, a={"/start": (303, f"http://127.0.0.1:{made['b'].port}/end")})
    seen = run_with_secret(sites, tmp_path, f"http://localhost:{made['a'].port}/start", "method: POST, body: 'key=${secrets.key}'")
    assert seen.outcome == "pass" and [(request["method"], request["body"]) for request in seen_by(sites, "b")] == [("GET", "")]


@pytest.mark.parametrize("place", ["same", "port", "host"])
def test_a_client_certificate_is_offered_to_the_origin_alone(place, sites, tmp_path):
    made, ca, (certificate, key) = sites
    location = {"same": f"https://localhost:{made['ta'].port}/end", "port": f"https://localhost:{made['tb'].port}/end",
                "host": f"https://127.0.0.1:{made['tb'].port}/end"}[place]
    begin(sites, ta={"/start": (302, location)})
    seen = run_with_secret(sites, tmp_path, f"https://localhost:{made['ta'].port}/start", f"client_certificate: {certificate}, client_key: {key}")
    assert seen.outcome == "pass", seen
    assert [request["client"] for request in made["ta"].seen if request["path"] == "/start"] == [True]
    assert [request["client"] for request in seen_by(sites, "ta", "tb")] == [place == "same"]


def test_another_host_still_needs_leave_host(sites, tmp_path):
    made = sites[0]
    begin(sites, a={"/start": (302, f"http://127.0.0.1:{made['b'].port}/end")})
    seen = run(tmp_path, f"http://localhost:{made['a'].port}/start", "method: GET")
    assert seen.reason == "redirect" and "another host" in seen.summary and not seen_by(sites, "b"), seen


def test_a_host_header_of_ones_own_stays_with_its_host(sites, tmp_path):
    made = sites[0]
    for location, expected in ((f"http://localhost:{made['b'].port}/end", "given.test"), (f"http://127.0.0.1:{made['b'].port}/end", f"127.0.0.1:{made['b'].port}")):
        for who in ("curl", "gonogo"):
            begin(sites, a={"/start": (302, location)})
            if who == "gonogo":
                assert run_with_secret(sites, tmp_path, f"http://localhost:{made['a'].port}/start", "headers: {Host: given.test}").outcome == "pass"
            elif rig.has("curl"):
                curl("--header", "Host: given.test", f"http://localhost:{made['a'].port}/start")
            else:
                continue
            assert seen_by(sites, "b")[0]["headers"]["host"] == expected, who


def test_a_proxys_password_goes_to_the_proxy_alone(sites, tmp_path):
    """The proxy of a plain URL is asked with the whole URL; through CONNECT the target sees nothing of it."""
    made = sites[0]
    begin(sites, a={f"http://localhost:{made['b'].port}/start": (302, f"http://127.0.0.1:{made['b'].port}/end")})
    seen = run_with_secret(sites, tmp_path, f"http://localhost:{made['b'].port}/start", f"proxy: 'http://user:{PASSWORD}@127.0.0.1:{made['a'].port}', headers: {{X-Api-Key: '{KEY}'}}")
    assert seen.outcome == "pass", seen
    asked = [(request["path"], request["headers"].get("proxy-authorization"), request["headers"].get("x-api-key")) for request in made["a"].seen]
    assert asked == [(f"http://localhost:{made['b'].port}/start", BASIC, KEY), (f"http://127.0.0.1:{made['b'].port}/end", BASIC, None)] and not made["b"].seen


def scenario(folder, base, steps, options=""):
    return rig.run_check(folder, f"scenario: {{base: '{base}', {options} steps: [{', '.join(steps)}]}}", more="secrets: {key: {env: KEY}}", env={"KEY": KEY})


@pytest.mark.parametrize("where", ["b", "other host"])
def test_a_scenario_keeps_its_secrets_at_its_base(where, sites, tmp_path):
    made = sites[0]
    link = f"http://localhost:{made['b'].port}/end" if where == "b" else f"http://127.0.0.1:{made['b'].port}/end"
    begin(sites, a={"/link": (201, link)})
    take = "{name: one, url: /link, capture: {link: {header: Location}, status: {status: true}}}"
    go = "{name: two, url: '{{link}}', headers: {X-Plain: p, X-Api-Key: k, X-Taken: 'a {{status}}', X-Held: '${secrets.key}', Cookie: 's={{status}}'}%s}"
    seen = scenario(tmp_path, f"http://localhost:{made['a'].port}", [take, go % ""], f"bearer: '{TOKEN}',")
    assert seen.outcome == "pass", seen
    (request,) = seen_by(sites, "b")
    assert request["headers"]["x-plain"] == "p"
    assert not {"authorization", "x-api-key", "x-taken", "x-held", "cookie"} & set(request["headers"]), request
    for body, goes in (("'plain'", True), ("'a {{status}}'", False), ("'${secrets.key}'", False)):
        begin(sites, a={"/link": (201, link)})
        seen = scenario(tmp_path, f"http://localhost:{made['a'].port}", [take, go % f", body: {body}"])
        assert (seen.outcome == "pass") == goes and bool(seen_by(sites, "b")) == goes and (goes or seen.reason == "redirect"), (body, seen)
        # Where the configuration itself says where the body goes, it goes there.
        begin(sites, a={"/link": (201, link)})
        seen = scenario(tmp_path, f"http://localhost:{made['a'].port}", [take, (go % f", body: {body}").replace("{{link}}", link)])
        assert seen.outcome == "pass" and len(seen_by(sites, "b")) == 1, (body, seen)


def test_a_scenario_sends_its_secrets_to_its_base(sites, tmp_path):
    """The control."""
    made = sites[0]
    begin(sites, a={"/link": (201, "/end")})
    steps = ["{name: one, url: /link, capture: {link: {header: Location}, status: {status: true}}}",
             "{name: two, url: '{{link}}', method: POST, body: 'a {{status}} ${secrets.key}', headers: {X-Api-Key: k, X-Taken: 'a {{status}}', Cookie: 's={{status}}'}}"]
    assert scenario(tmp_path, f"http://localhost:{made['a'].port}", steps, f"bearer: '{TOKEN}',").outcome == "pass"
    request = made["a"].seen[-1]
    assert request["body"] == f"a 201 {KEY}" and request["headers"]["authorization"] == "Bearer " + TOKEN
    assert (request["headers"]["x-api-key"], request["headers"]["x-taken"], request["headers"]["cookie"]) == ("k", "a 201", "s=201")
