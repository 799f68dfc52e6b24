"""Checks the links between the Markdown files of this repository: the file is there, and so is the heading.

Links to the web are not followed: this runs offline. Exits 1 and names each broken link.
"""

import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]]*\]\(([^)\s]+)\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")


def anchors(text):
    """GitHub's: lower case, punctuation gone, blanks to hyphens, repeats numbered."""
    found = set()
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", FENCE.sub("", text), re.MULTILINE):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        name, number = slug, 0
        while name in found:
            number += 1
            name = f"{slug}-{number}"
        found.add(name)
    return found | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


def main():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], text=True, capture_output=True, check=True)
    files = [pathlib.Path(name) for name in listed.stdout.splitlines() if pathlib.Path(name).is_file()]
    checked, broken = 0, []
    for file in files:
        text = file.read_text(encoding="utf-8")
        for groups in LINK.findall(CODE.sub("", FENCE.sub("", text))):
            target = next(group for group in groups if group)
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            checked += 1
            path, _, anchor = target.partition("#")
            place = (file.parent / path) if path and not path.startswith("/") else pathlib.Path(path.lstrip("/")) if path else file
            if not place.exists():
                broken.append(f"{file}: {target}: no such file")
            elif anchor and place.suffix == ".md" and anchor not in anchors(place.read_text(encoding="utf-8")):
                broken.append(f"{file}: {target}: no such heading")
    print("\n".join([*broken, f"{checked} links in {len(files)} files, {len(broken)} broken"]))
    return 1 if broken else 0


sys.exit(main())
