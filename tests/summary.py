"""Counts what ran, from the JUnit files in the given folders: says why each skipped test was skipped, names each that failed, and
prints "N passed, M failed, S skipped" as its last line. Fails when a test failed or when none ran.

ctest.xml has a test for each program that ctest started. An integration test is a whole file for ctest: its own XML file, which
pytest wrote, is counted instead."""

import pathlib
import re
import sys
import xml.etree.ElementTree as xml

passed, failed, skipped = 0, [], []


def why_skipped(case, skip):
    """ctest says only that a program skipped a test; the program said why."""
    said = re.search(r": Skipped\n(.+)", case.findtext("system-out") or "")
    message = skip.get("message") if skip is not None else ""
    return said.group(1) if said else message or "no reason given"


def count(case, name):
    global passed
    skip, broken = case.find("skipped"), [child for child in case if child.tag in ("failure", "error")]
    if broken or case.get("status") == "fail":
        failed.append(name)
    elif skip is not None or case.get("status") in ("notrun", "disabled"):
        skipped.append(f"{name}: {why_skipped(case, skip)}")
    else:
        passed += 1


for folder in map(pathlib.Path, sys.argv[1:]):
    files = {file.stem: file for file in sorted(folder.glob("*.xml"))}
    if not files.keys() & {"ctest", "unit"}:
        failed.append(f"{folder}: the test runner did not come to its end")
    by_ctest = files.pop("ctest", None)
    for stem, file in files.items():
        for case in xml.parse(file).getroot().iter("testcase"):
            count(case, f"{stem} {case.get('name')}")
    for case in xml.parse(by_ctest).getroot().iter("testcase") if by_ctest else ():
        name = case.get("name")
        if name not in files:
            count(case, name)
        elif case.get("status") == "fail" and not any(line.startswith(name + " ") for line in failed):
            failed.append(f"{name}: it did not come to its end")

for line in skipped:
    print(f"skipped: {line}")
for line in failed:
    print(f"FAILED: {line}")
print(f"\n{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
sys.exit(1 if failed or passed == 0 else 0)
