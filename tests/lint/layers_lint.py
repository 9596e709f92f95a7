"""Who may include whom: arrows only point down. And OpenSSL and Beast stay in their few files.

Each storey is a folder with one rule (daemon/README.md explains them). A file belongs to the longest prefix that names it."""

import pathlib
import re
import sys

# Room -> the rooms it may include beside itself.
ROOMS = {
    "daemon/core": (),
    "daemon/formats": ("daemon/core",),
    "daemon/io": ("daemon/core", "daemon/formats"),
    "probes": ("daemon/core", "daemon/formats", "daemon/io"),
    "exporters": ("daemon/core", "daemon/formats"),
    "daemon": ("daemon/core", "daemon/formats", "daemon/io", "probes", "exporters"),
}
BEAST = {"daemon/io/http/http1.cpp", "daemon/http/exchange.cpp"}
SSL = {"daemon/io/tls.cpp", "daemon/io/certificate_chain.cpp", "daemon/io/asio.cpp", "daemon/http/listener_tls.cpp",
       "daemon/http/client_verification.cpp"}
# What only the storeys above `io` know: a finding is judged by a probe, a probe is run by the daemon.
OF_CHECKS = r"\b(Finding|Observation|Probe|RunEnded|Check|CheckRecord)\b"
# What touches the world; the core and the formats do not.
WORLD = r"#include <(sys/(?!types)|unistd|fcntl|netdb|poll|fstream|filesystem|thread|mutex|atomic|iostream|spdlog|ares|systemd|boost/asio/(?!awaitable|ip/|error))\S*"
# Compiled expressions are shared between checks, and they are compiled on the pool.
# Messages are made, and so cleaned, on the threads of the pool as well.
EXCEPTIONS = {("daemon/formats/jq.cpp", "#include <mutex>"), ("daemon/core/text_cleaner.cpp", "#include <mutex>"),
              ("daemon/formats/redactor.cpp", "#include <mutex>")}


def room_of(path):
    return max((room for room in ROOMS if path.startswith(room + "/")), key=len, default=None)


def code_of(text):
    return re.sub(r"//[^\n]*", "", text)


def problems_of(name, text):
    room = room_of(name)
    for include in re.findall(r'#include "([^"]+)"', text):
        if "/" not in include:
            yield f"{name}: includes {include} without its full path"
            continue
        if include in ("daemon/version.h",):
            continue
        target = room_of(include)
        if target != room and target not in ROOMS[room]:
            yield f"{name}: includes {include}, which is in a storey above it ({room} may include {', '.join(ROOMS[room]) or 'nothing else'})"
    if "boost/beast/http" in text and name not in BEAST:
        yield f"{name}: includes Beast's HTTP (only {', '.join(sorted(BEAST))} may)"
    if re.search(r"boost/asio/ssl|openssl/(ssl|x509|pem)", text) and name not in SSL:
        yield f"{name}: includes OpenSSL (only {', '.join(sorted(SSL))} may)"
    if room in ("daemon/core", "daemon/formats"):
        for include in [match[0] for match in re.finditer(WORLD, text)]:
            if (name, include) in EXCEPTIONS:
                continue
            yield f"{name}: includes {include}: {room} touches no socket, file, thread or log"
    if room in ("daemon/formats", "daemon/io"):
        for word in sorted(set(re.findall(OF_CHECKS, code_of(text)))):
            yield f"{name}: names {word}: {room} knows no check"
    if re.search(r"(system|steady|high_resolution)_clock::now\(\)", text):
        yield f"{name}: only SystemClock tells time"
    if "std::regex" in text:
        yield f"{name}: std::regex can crash on what others send; RE2 cannot"
    if name.endswith(".h") and "#pragma once" not in text:
        yield f"{name}: lacks #pragma once"


def sources(root):
    return [f for room in ("daemon", "probes", "exporters") for f in sorted((root / room).rglob("*")) if f.suffix in (".h", ".cpp")]


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    files = sources(root)
    assert len(files) > 60, "the lint must see the files it is about"
    problems = [problem for file in files for problem in problems_of(str(file.relative_to(root)), file.read_text())]
    print("\n".join(problems) or f"{len(files)} files keep to their rooms")
    sys.exit(1 if problems else 0)
