"""What the repository promises of itself: packages named everywhere, links that lead somewhere, nothing of this machine."""

import pathlib
import re
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
problems = []
listing = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True).stdout.split("\n")
files = [root / name for name in listing if name and (root / name).is_file()]
assert files, "git lists no file"

readme = (root / "README.md").read_text()
packages = []
for script in ("daemon/run", "tests/run"):
    block = re.search(r"packages=\((.*?)\)", (root / script).read_text(), re.S)[1]
    packages += block.split()
for package in packages:
    if f"`{package}`" not in readme:
        problems.append(f"README.md: the dependency table lacks `{package}`")

TOP = {"CMakeLists.txt", "CMakePresets.json", "README.md", "CHANGELOG.md", "LICENSE", "daemon", "probes", "exporters", "systemd", "etc", "tests"}
for name in {file.relative_to(root).parts[0] for file in files}:
    if name not in TOP and not name.startswith("."):
        problems.append(f"{name}: no such name at the top")

for file in files:
    text = file.read_bytes().decode(errors="replace")
    relative = file.relative_to(root)
    if relative.parts[:2] != ("tests", "lint"):
        for word in ("/wo" + "rk/", "/fa" + "rm/", "." + "library"):
            if word in text:
                problems.append(f"{relative}: names a path of one machine ({word})")
    if file.suffix == ".md":
        for link in re.findall(r"\]\((?!http|#)([^)#]+)", text):
            if not (file.parent / link).exists():
                problems.append(f"{relative}: leads to {link}, which is not there")
    if file.suffix in (".cpp", ".h", ".py") and len(text.splitlines()) > 560:
        problems.append(f"{relative}: {len(text.splitlines())} lines hold more than one idea")

reasons = re.search(r"reason_names\{(.*?)\};", (root / "daemon/core/reason.h").read_text(), re.S)[1]
for reason in re.findall(r'"(\w+)"', reasons):
    if f"`{reason}`" not in readme and reason != "none":
        problems.append(f"README.md: reason `{reason}` is not documented")
for metric in set(re.findall(r'"((?:gonogo|process)_\w+)"', (root / "exporters/metrics.cpp").read_text())):
    if metric.startswith("gonogo") and f"`{metric}" not in readme:
        problems.append(f"README.md: metric `{metric}` is not documented")

print("\n".join(problems) or f"{len(files)} files, nothing to say")
sys.exit(1 if problems else 0)
