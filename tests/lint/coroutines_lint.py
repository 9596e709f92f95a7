"""The forms of co_await that g++ 12 miscompiles: none may stand in the code, whichever compiler builds it.

clang-query finds them in the syntax tree; the list was proven form by form against g++ 12.2 under ASan."""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

root = pathlib.Path(sys.argv[1])
build = pathlib.Path(sys.argv[2])
here = "unless(isExpansionInSystemHeader())"
QUERIES = [
    f"conditionalOperator(hasDescendant(coawaitExpr()), {here})",
    f'binaryOperator(anyOf(hasOperatorName("&&"), hasOperatorName("||")), hasDescendant(coawaitExpr()), {here})',
    f"ifStmt(hasCondition(anyOf(coawaitExpr(), hasDescendant(coawaitExpr()))), {here})",
    f"whileStmt(hasCondition(anyOf(coawaitExpr(), hasDescendant(coawaitExpr()))), {here})",
    f"switchStmt(hasCondition(anyOf(coawaitExpr(), hasDescendant(coawaitExpr()))), {here})",
    f"coawaitExpr(hasDescendant(lambdaExpr(hasAnyCapture(lambdaCapture(unless(capturesThis()))))), {here})",
    f"coawaitExpr(hasDescendant(initListExpr()), {here})",
]

sources = [file for room in ("daemon", "probes", "tests") for file in (root / room).rglob("*") if file.suffix in (".cpp", ".h") and "co_await" in file.read_text()]
units = [file for file in sources if file.suffix == ".cpp"]
assert len(units) > 8, "the lint must see the files it is about"


def commands_without_precompiled_header():
    """A folder with the build's commands as clang-query 14 can follow them: clang 16's precompiled header it cannot read."""
    commands = json.loads((build / "compile_commands.json").read_text())
    for command in commands:
        command["command"] = re.sub(r" -Winvalid-pch| -fpch-instantiate-templates| -Xclang -fno-pch-timestamp| -Xclang -include(-pch)? -Xclang \S+", "", command["command"])
    folder = tempfile.TemporaryDirectory()
    (pathlib.Path(folder.name) / "compile_commands.json").write_text(json.dumps(commands))
    return folder


COMMANDS = commands_without_precompiled_header()


def matches(unit):
    arguments = [part for query in QUERIES for part in ("-c", f"match {query}")]
    # No plugin of ccache, no flag that only clang 16 knows.
    result = subprocess.run(["clang-query-14", "-p", COMMANDS.name, "-c", "set output diag", *arguments, str(unit)], capture_output=True, text=True)
    if "0 matches" not in result.stdout:
        return [f"{unit}: clang-query could not read it: {result.stderr[-400:]}"]
    return [line for line in result.stdout.splitlines() if '"root" binds here' in line and "/usr/" not in line]


with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    found = sorted({line for lines in pool.map(matches, units) for line in lines})
print("\n".join(found) or f"{len(units)} sources with co_await are sound")
sys.exit(1 if found else 0)
