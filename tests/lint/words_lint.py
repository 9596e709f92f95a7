"""Private words: sources, configurations and documents use the field's words. Prints a count for each folder, then every line."""

import collections
import pathlib
import re
import subprocess
import sys

# What is forbidden, and what to write instead.
EVERYWHERE = [
    (r"(?i)\b(looks?|looked|looking)\b", "run, last run, next run; or check, test, read"),
    (r"(?i)\bturned\b", "changed"),
    (r"(?i)\b(tells?|told)\b", "report, show, say"),
    (r"\bstands? (in|beside|above|behind|on)\b", "is in, is next to, overrides"),
    (r"\bas soon as it can\b", "at once"),
    (r"\bin their order\b", "in configuration order"),
    (r"\breviv(e|es|ed)\b", "stays ended, stays expired"),
    (r"(^|// |# )Of (each|every|a|an|the|several) [^.:]*:", "a sentence with a subject and a verb"),
    (r"(//|#) Who [a-z ]+ (is|comes|gets|has)\b", "a sentence; `who` is for people"),
]
IN_DOCUMENTS = [(r"\bwanted\b", "expected, required")]

# A file (or the beginning of its name), what may stay in its lines, and why.
ALLOWED = [
    ("etc/profiles/cleanwithsnapshot/sections/04-3-web.yaml", "web-page-looks", "an id: another one would drop its sign-offs"),
    ("etc/profiles/cleanwithsnapshot/sections/14-2-after.yaml", "support-told", "an id: another one would drop its sign-offs"),
]


def files_of(root):
    names = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "--", "daemon", "probes", "exporters", "etc", "systemd", "*.md"],
                           capture_output=True, text=True, check=True).stdout.split("\n")
    return [name for name in names if name and (root / name).is_file()]


def problems_of(name, text):
    """Each forbidden word of a file, as (line number, what was found, what to write)."""
    allowed = [fragment for prefix, fragment, _ in ALLOWED if name.startswith(prefix)]
    rules = EVERYWHERE + (IN_DOCUMENTS if name.endswith(".md") else [])
    for number, line in enumerate(text.splitlines(), 1):
        for fragment in allowed:
            line = line.replace(fragment, "")
        for pattern, instead in rules:
            if found := re.search(pattern, line):
                yield number, found[0], instead


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1]).resolve()
    files = files_of(root)
    assert len(files) > 200, "the lint must see the files it is about"
    found = [(name, *problem) for name in files for problem in problems_of(name, (root / name).read_text(errors="replace"))]
    unused = [(prefix, fragment) for prefix, fragment, _ in ALLOWED
              if not any(name.startswith(prefix) and fragment in (root / name).read_text(errors="replace") for name in files)]
    for folder, count in sorted(collections.Counter(str(pathlib.PurePath(name).parent) for name, *_ in found).items()):
        print(f"{folder}: {count}")
    for name, number, word, instead in found:
        print(f"{name}:{number}: \"{word.strip()}\" (write: {instead})")
    for prefix, fragment in unused:
        print(f"the list of exceptions names {fragment} of {prefix}, which is not there")
    if not found and not unused:
        print(f"{len(files)} files use the field's words")
    sys.exit(1 if found or unused else 0)
