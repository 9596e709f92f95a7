"""The forms of co_await that g++ 12 miscompiles: none may stand in the code, whichever compiler builds it.

clang-query finds them in the syntax tree; the list was proven form by form against g++ 12.2 under ASan."""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

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


def matches(unit):
    arguments = [part for query in QUERIES for part in ("-c", f"match {query}")]
    # No plugin of ccache, no flag that only clang 16 knows.
    result = subprocess.run(["clang-query-14", "-p", str(build), "-c", "set output diag", *arguments, str(unit)], capture_output=True, text=True)
    if "0 matches" not in result.stdout:
        return [f"{unit}: clang-query could not read it: {result.stderr[-400:]}"]
    return [line for line in result.stdout.splitlines() if '"root" binds here' in line and "/usr/" not in line]


with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    found = sorted({line for lines in pool.map(matches, units) for line in lines})
print("\n".join(found) or f"{len(units)} sources with co_await are sound")
sys.exit(1 if found else 0)
