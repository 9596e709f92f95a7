"""A probe kind is: its trio in probes/, its line in kinds.cpp and in the CMake list, its example, its test. Names what was
forgotten, and proves that page and code name the same options and that the example is understood."""

import os
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
build = pathlib.Path(sys.argv[2])
problems = []
table = re.findall(r'Kind\{"(\w+)"', (root / "probes/kinds.cpp").read_text())
files = {file.stem for file in (root / "probes").glob("*.cpp")} - {"kinds"}
cmake = (root / "CMakeLists.txt").read_text()
tests = "\n".join(file.read_text() for file in (root / "tests").rglob("*") if file.suffix in (".cpp", ".py") and "lint" not in file.parts)

if sorted(table) != sorted(files):
    problems.append(f"probes/kinds.cpp lists {sorted(table)}, probes/ holds {sorted(files)}")

READERS = r'(?:text|text_or|required_text|secret|flag|flag_or|integer|number|duration|size|one_of|texts|text_map|section|sections|has|raw|column|read_mode|read_patterns|read_grants)\((?:settings, |section, )?"(\w+)"'
shared_tls = set(re.findall(READERS, (root / "probes/support/tls.cpp").read_text()))
shared_expectation = set(re.findall(READERS, (root / "probes/support/http_expectation.cpp").read_text()))

for kind in table:
    for path in (f"probes/{kind}.h", f"probes/{kind}.md", f"etc/examples/{kind}.yaml"):
        if not (root / path).exists():
            problems.append(f"{kind}: {path} is missing")
    if f"probes/{kind}.cpp" not in cmake:
        problems.append(f"{kind}: not in CMakeLists.txt")
    if not re.search(rf'\b{kind}: ?{{|"{kind}"', tests):
        problems.append(f"{kind}: no test uses it")
    code = (root / f"probes/{kind}.cpp").read_text()
    asked = set(re.findall(READERS, code))
    if "read_tls_context" in code:
        asked |= shared_tls
    if "read_http_expectation" in code:
        asked |= shared_expectation
    page = root / f"probes/{kind}.md"
    if page.exists():
        told = set(re.findall(r"^\| `(?:\w+\.)*(\w+)`", page.read_text(), re.M))
        for option in sorted(asked - told):
            problems.append(f"{kind}: probes/{kind}.md does not tell of `{option}`")
        for option in sorted(told - asked):
            problems.append(f"{kind}: probes/{kind}.md tells of `{option}`, which the code does not read")
    example = root / f"etc/examples/{kind}.yaml"
    if example.exists():
        check = subprocess.run([build / "gonogo", "config", "check", "-c", example], capture_output=True, text=True,
                               env={**os.environ, "GONOGO_EXAMPLE_SECRET": "only-an-example-1234"})
        if check.returncode != 0:
            problems.append(f"{kind}: {check.stderr.strip()}")

print("\n".join(problems) or f"{len(table)} kinds are whole")
sys.exit(1 if problems else 0)
