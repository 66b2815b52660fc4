"""The documents as the tests of this folder read them: links, headings, and the snippets that are run.

A fenced block below the comment `<!-- run -->` is run. One below `<!-- file NAME -->` is written to a file
of that name, for what is run later. One below `<!-- prints -->` is what the block above it must have
printed; `...` in it stands for anything."""

import collections
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]

# `file` is the name of the file to write, or empty: the text is to be run.
Snippet = collections.namedtuple("Snippet", "page line language text file prints")

FENCE = re.compile(r"^(?:<!-- (?P<marker>run|prints|file) ?(?P<file>[\w./-]*) -->\n\s*)?"
                   r"^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def pages():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
                            cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return sorted(ROOT / name for name in listed if name and (ROOT / name).exists())


def name_of(page):
    return page.relative_to(ROOT).as_posix()


def snippets(page):
    """What is to be run, in the order of the page."""
    found = []
    source = page.read_text()
    for block in FENCE.finditer(source):
        if block["marker"] in ("run", "file"):
            line = source.count("\n", 0, block.start("text"))
            found.append(Snippet(name_of(page), line, block["language"], block["text"],
                                 block["file"] or "", None))
        elif block["marker"] == "prints":
            found[-1] = found[-1]._replace(prints=block["text"])
    return found


def matches(expected, printed):
    """Whether the text is what the page says; `...` stands for anything, the rest for itself."""
    pattern = ".*".join(re.escape(piece) for piece in expected.strip().split("..."))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def without_code(text):
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


def links(page):
    """Targets of links and pictures; those that need a network are left out."""
    targets = re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text()))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors(page):
    """The anchors that headings have on the usual code hosts."""
    counts = collections.Counter()
    found = set()
    for heading in re.findall(r"^#+ +(.+?)\s*$", FENCE.sub("", page.read_text()), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        found.add(slug if counts[slug] == 0 else f"{slug}-{counts[slug]}")
        counts[slug] += 1
    return found
