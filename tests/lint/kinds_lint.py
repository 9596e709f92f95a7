"""A probe kind is: its trio in probes/, its line in kinds.cpp and in the CMake list, its example, its test. Names what was
forgotten, and proves that page, example, schema and code agree: the page documents each option that the code reads and no other,
the schema has just those of the page, and the example is understood by the program and by the schema."""

import json
import os
import pathlib
import re
import subprocess
import sys

import jsonschema
import yaml

root = pathlib.Path(sys.argv[1])
build = pathlib.Path(sys.argv[2])
problems = []
table = re.findall(r'Kind\{"(\w+)"', (root / "probes/kinds.cpp").read_text())
files = {file.stem for file in (root / "probes").glob("*.cpp")} - {"kinds"}
cmake = (root / "CMakeLists.txt").read_text()
tests = "\n".join(file.read_text() for file in (root / "tests").rglob("*") if file.suffix in (".cpp", ".py") and "lint" not in file.parts)
schema = json.loads((root / "etc/schema/gonogo.schema.json").read_text())
validator = jsonschema.Draft202012Validator(schema)
jsonschema.Draft202012Validator.check_schema(schema)

if sorted(table) != sorted(files):
    problems.append(f"probes/kinds.cpp lists {sorted(table)}, probes/ holds {sorted(files)}")

ACCESSORS = "text|text_or|required_text|secret|flag|flag_or|integer|number|duration|size|one_of|texts|text_map|section|sections|has|raw"
READERS = re.compile(rf'(?:(?:\.(?:{ACCESSORS})|\bcolumn)\(|\b(?:read_\w+|compile_pattern)\(\w+(?:\.\w+)?, )"([a-z]\w*)"')


FUNCTIONS = re.compile(r"^(?:inline )?[\w:<>,&* ]+?\b(\w+)\([^;{]*?\)[^;{]*?\{(.*?)^\}", re.M | re.S)


def support_readers():
    """Every function below the kinds that reads options: its name, its body."""
    bodies = {}
    rooms = ("daemon/formats", "daemon/io", "probes/shared")
    for source in [file for room in rooms for file in (root / room).rglob("*") if file.suffix in (".cpp", ".h")]:
        for name, body in FUNCTIONS.findall(source.read_text()):
            bodies[name] = bodies.get(name, "") + body
    return bodies


SUPPORT = support_readers()


def options_in(text, seen):
    """The options that a text reads, itself and through the functions below the kinds that it calls to read them."""
    asked = set(READERS.findall(text)) | {name for pair in re.findall(r'\brenamed\("(\w+)", "(\w+)"\)', text) for name in pair}
    for name in set(re.findall(r"\b(read_\w+)\(", text)) & set(SUPPORT) - seen:
        seen.add(name)
        asked |= options_in(SUPPORT[name], seen)
    return asked


def names_in(part):
    """All property names of a part of the schema, at any depth."""
    names = set()
    if isinstance(part, dict):
        if isinstance(part.get("properties"), dict):
            names |= set(part["properties"])
        for value in part.values():
            names |= names_in(value)
    elif isinstance(part, list):
        for value in part:
            names |= names_in(value)
    return names


def compare(kind, what, left, right, text):
    for option in sorted(left - right):
        problems.append(f"{kind}: {what} {text} `{option}`")


for kind in table:
    for path in (f"probes/{kind}.h", f"probes/{kind}.md", f"etc/examples/{kind}.yaml"):
        if not (root / path).exists():
            problems.append(f"{kind}: {path} is missing")
    if f"probes/{kind}.cpp" not in cmake:
        problems.append(f"{kind}: not in CMakeLists.txt")
    if not re.search(rf'\b{kind}: ?{{|"{kind}"', tests):
        problems.append(f"{kind}: no test uses it")
    asked = options_in((root / f"probes/{kind}.cpp").read_text(), set())
    page = root / f"probes/{kind}.md"
    if page.exists():
        rows = re.findall(r"^\| `((?:\w+\.)*)(\w+)` \|", page.read_text(), re.M)
        documented = {name for _, name in rows}
        compare(kind, f"probes/{kind}.md", asked, documented, "does not document")
        compare(kind, f"probes/{kind}.md", documented, asked, "documents what the code does not read,")
        in_schema = names_in(schema["$defs"]["kinds"].get(kind, {}))
        compare(kind, "the schema", documented, in_schema, "lacks")
        compare(kind, "the schema", in_schema, documented, "has what the page does not document,")
        if "```yaml" not in page.read_text():
            problems.append(f"{kind}: probes/{kind}.md has no example")
    if kind not in schema["$defs"]["check"]["properties"]:
        problems.append(f"{kind}: the schema knows no such kind")
    example = root / f"etc/examples/{kind}.yaml"
    if example.exists():
        check = subprocess.run([build / "gonogo", "config", "check", "-c", example], capture_output=True, text=True,
                               env={**os.environ, "GONOGO_EXAMPLE_SECRET": "only-an-example-1234"})
        if check.returncode != 0:
            problems.append(f"{kind}: {check.stderr.strip()}")
    if f"probes/{kind}.md" not in (root / "README.md").read_text():
        problems.append(f"README.md: has no link to probes/{kind}.md")

for file in [*(root / "etc").rglob("*.yaml")]:
    for error in validator.iter_errors(yaml.safe_load(file.read_text())):
        problems.append(f"{file.relative_to(root)}: the schema refuses {'.'.join(map(str, error.absolute_path))}: {error.message[:160]}")

# What the program refuses, the schema has to refuse as well where it can: unknown keys.
for text in ("gates: {g: {checks: {a: {disk: {path: /, min_fre: 1GiB}}}}}", "gate: {}", "gates: {g: {checks: {a: {intervall: 3s, disk: {path: /}}}}}"):
    if not list(validator.iter_errors(yaml.safe_load(text))):
        problems.append(f"the schema takes {text}")

# The keys of every check: code, schema and README.
keys = set(READERS.findall((root / "daemon/config/checks.cpp").read_text()))
of_checks = {name for name in schema["$defs"]["check"]["properties"] if name not in table}
readme = (root / "README.md").read_text()
for key in sorted(of_checks - keys - {"each"}):
    problems.append(f"the schema has the check key `{key}`, which daemon/config/checks.cpp does not read")
for key in sorted(of_checks):
    if f"`{key}`" not in readme:
        problems.append(f"README.md: does not document the check key `{key}`")

print("\n".join(problems) or f"{len(table)} kinds are whole")
sys.exit(1 if problems else 0)
