"""Every kind, route, verb and format is in a file of its name in its room, and has a test there. Reads the tables of the program."""

import pathlib
import re
import sys

# Formats without a source, and why.
HEADERS_ONLY = {"pattern": "two short inline functions around RE2"}


def code_of(path):
    return re.sub(r"//[^\n]*", "", path.read_text()) if path.exists() else ""


def kinds(root):
    table = re.findall(r'Kind\{"(\w+)"', code_of(root / "probes/kinds.cpp"))
    assert len(table) > 20, "probes/kinds.cpp holds no table of kinds"
    tests = [file for file in (root / "tests").rglob("*_test.*") if "lint" not in file.parts]
    texts = {file: file.read_text() for file in tests}
    for kind in table:
        for suffix in (".h", ".cpp", ".md"):
            if not (root / f"probes/{kind}{suffix}").exists():
                yield f"kind {kind}: probes/{kind}{suffix} is missing"
        if f"make_{kind}(" not in code_of(root / f"probes/{kind}.cpp"):
            yield f"kind {kind}: probes/{kind}.cpp does not define make_{kind}"
        # Kinds of one host share a test against that host: then it has to use the kind.
        named = [file for file in tests if file.stem == f"{kind}_test"]
        if not named and not any(re.search(rf'\b{kind}: ?{{|"{kind}"', text) for text in texts.values()):
            yield f"kind {kind}: there is no {kind}_test, and no other test uses it"
    for file in (root / "probes").glob("*.cpp"):
        if file.stem != "kinds" and file.stem not in table:
            yield f"{file.relative_to(root)}: probes/kinds.cpp has no such kind"


def routes(root):
    rows = re.findall(r'\{"(?:GET|POST|DELETE|PUT|PATCH)", "([^"]+)", \w+, \w+, "(\w+)".*?, (\w+)(?:, \w+_body)?\},', code_of(root / "daemon/api/routes.cpp"), re.S)
    assert len(rows) > 20, "daemon/api/routes.cpp holds no table of routes"
    for path, topic, handler in rows:
        header, source = root / f"daemon/api/{topic}.h", root / f"daemon/api/{topic}.cpp"
        if not re.search(rf"\b{handler}\(", code_of(header)):
            yield f"route {path}: daemon/api/{topic}.h does not declare {handler}"
        if not re.search(rf"\b{handler}\(", code_of(source)):
            yield f"route {path}: daemon/api/{topic}.cpp does not define {handler}"


def verbs(root):
    table = code_of(root / "daemon/cli/verb_table.cpp")
    names = [name for body in re.findall(r"_verbs\(\) \{(.*?)^\}", table, re.M | re.S) for name in re.findall(r'^ {6}\{"([a-z ]+)",', body, re.M)]
    assert len(names) > 15, "daemon/cli/verb_table.cpp holds no table of verbs"
    for name in names:
        function = name.replace(" ", "_")
        sources = [root / f"daemon/cli/{function}.cpp", root / f"daemon/cli/{name.split()[0]}.cpp"]
        if not any(re.search(rf"^int {function}\(", code_of(source), re.M) for source in sources):
            yield f"verb {name}: {' and '.join(dict.fromkeys(str(s.relative_to(root)) for s in sources))} do not define {function}"


def formats(root):
    headers = sorted((root / "daemon/formats").glob("*.h"))
    assert len(headers) > 15, "daemon/formats holds no formats"
    for header in headers:
        name = header.stem
        if not header.with_suffix(".cpp").exists() and name not in HEADERS_ONLY:
            yield f"format {name}: daemon/formats/{name}.cpp is missing"
        if not (root / f"tests/unit/daemon/formats/{name}_test.cpp").exists():
            yield f"format {name}: tests/unit/daemon/formats/{name}_test.cpp is missing"
    for source in (root / "daemon/formats").glob("*.cpp"):
        if not source.with_suffix(".h").exists():
            yield f"{source.relative_to(root)}: there is no header of its name"


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    problems = [problem for part in (kinds, routes, verbs, formats) for problem in part(root)]
    print("\n".join(problems) or "every kind, route, verb and format is in a file of its name")
    sys.exit(1 if problems else 0)
