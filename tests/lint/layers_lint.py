"""Who may include whom: arrows only point down. And OpenSSL and Beast stay in their few files."""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
problems = []
ALLOWED = {
    "daemon/core": ("daemon/core",),
    "daemon/formats": ("daemon/core", "daemon/formats", "daemon/io"),
    "daemon/io": ("daemon/core", "daemon/formats", "daemon/io", "probes/shared"),
    "probes": ("daemon/core", "daemon/formats", "daemon/io", "probes"),
    "exporters": ("daemon/core", "daemon/formats", "exporters"),
    "daemon": ("daemon", "probes", "exporters"),
}
BEAST = {"daemon/io/http/http1.cpp", "daemon/http/server.cpp"}
SSL = {"daemon/io/tls.cpp", "daemon/io/certificate_chain.cpp", "daemon/http/server.cpp"}


def room_of(path):
    return max((room for room in ALLOWED if path.startswith(room + "/")), key=len)


files = [f for room in ("daemon", "probes", "exporters") for f in (root / room).rglob("*") if f.suffix in (".h", ".cpp")]
for file in files:
    name = str(file.relative_to(root))
    text = file.read_text()
    for include in re.findall(r'#include "([^"]+)"', text):
        if not any(include.startswith(allowed + "/") for allowed in ALLOWED[room_of(name)]):
            problems.append(f"{name}: includes {include}, which stands above it")
        if "/" not in include:
            problems.append(f"{name}: includes {include} without its full path")
    if "boost/beast/http" in text and name not in BEAST:
        problems.append(f"{name}: includes Beast's HTTP (only {', '.join(sorted(BEAST))} may)")
    if re.search(r"boost/asio/ssl|openssl/(ssl|x509|pem)", text) and name not in SSL:
        problems.append(f"{name}: includes OpenSSL (only {', '.join(sorted(SSL))} may)")
    if room_of(name) == "daemon/core" and re.search(r"#include <(sys/|unistd|fstream|thread|mutex|iostream|spdlog)", text):
        problems.append(f"{name}: the core knows no socket, file, thread or log")
    if re.search(r"(system|steady|high_resolution)_clock::now\(\)", text):
        problems.append(f"{name}: only SystemClock tells time")
    if "std::regex" in text:
        problems.append(f"{name}: std::regex can crash on what others send; RE2 cannot")
    if file.suffix == ".h" and "#pragma once" not in text:
        problems.append(f"{name}: lacks #pragma once")

assert len(files) > 60, "the lint must see the files it is about"
print("\n".join(problems) or f"{len(files)} files keep to their rooms")
sys.exit(1 if problems else 0)
