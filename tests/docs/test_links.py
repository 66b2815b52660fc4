"""Links of the documents lead somewhere: to a file of the repository, and to a heading in it. Nothing is
fetched."""

import json
import re

import pytest

from pages import ROOT, anchors, links, matches, name_of, pages, snippets

MAX_README_LINES = 250


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_links_lead_somewhere(page):
    broken = []
    for target in links(page):
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.is_relative_to(ROOT) or not there.exists():
            broken.append(target)
        elif anchor and anchor not in anchors(there):
            broken.append(target)
    assert broken == []


def test_every_page_can_be_reached_from_the_readme():
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        waiting += [there for target in links(page) if target.partition("#")[0].endswith(".md")
                    and (there := (page.parent / target.partition("#")[0]).resolve()).exists()]
    assert [name_of(page) for page in pages() if page not in seen and page.parent.name != "js"] == []


def test_the_readme_stays_short():
    assert (ROOT / "README.md").read_text().count("\n") < MAX_README_LINES


def test_the_readme_counts_operations_as_the_program_does():
    """What docs/operations.md says is held against the program by tests/e2e."""
    page = (ROOT / "docs" / "operations.md").read_text()
    readme = (ROOT / "README.md").read_text()
    services = re.findall(r"^## (\w+)\n\n(\d+) of (\d+) operations", page, re.MULTILINE)
    assert len(services) >= 4
    assert [f"{name} {done} of {all_}" for name, done, all_ in services
            if not re.search(rf"{name}\W[^\n]*\b{done} of {all_}\b", readme)] == []


def test_the_frameworks_that_the_tests_run_stand_with_their_versions():
    """Those whose version is pinned, and no others: what they bring along is not the page's."""
    tests = ROOT / "tests" / "e2e"
    pinned = re.findall(r"^(\S+)==(\S+)$", (tests / "frameworks" / "requirements.txt").read_text(), re.MULTILINE)
    packages = json.loads((tests / "js" / "package.json").read_text())["dependencies"]
    pinned += [(name, version) for name, version in packages.items() if version[0].isdigit()]
    pinned += re.findall(r"^\t\S+?/([\w-]+)(?:/v\d+)? v(\S+)$", (tests / "languages/go/go.mod").read_text(),
                         re.MULTILINE)
    pinned += re.findall(r"<artifactId>(jedis|lettuce-core|redisson|spring-\w*-?data-redis)</artifactId>\s*"
                         r"<version>(.+)</version>", (tests / "languages/java/pom.xml").read_text())
    page = (ROOT / "docs" / "services.md").read_text()
    assert len(pinned) > 25
    assert [f"{name} {version}" for name, version in pinned if f"{name} {version}" not in page] == []


def test_what_is_run_and_where_headings_are_is_read_rightly(tmp_path):
    page = ROOT / "docs" / "made-up.md"
    text = "# One `two`: [three](x)\n# One\n# One\n\n<!-- run -->\n```sh\necho a\n```\n\n" \
           "<!-- prints -->\n```\na...\n```\n\n```sh\n# not a heading\n[a](b)\n```\n[c](d#e) `[f](g)`\n" \
           "<!-- file a/b.py -->\n```python\npass\n```\n"

    class Page:
        def read_text(self):
            return text

        def relative_to(self, root):
            return page.relative_to(root)

    assert anchors(Page()) == {"one-two-three", "one", "one-1"}
    assert links(Page()) == ["x", "d#e"]
    first, second = snippets(Page())
    assert first[1:] == (6, "sh", "echo a\n", "", "a...\n")
    assert second[2:] == ("python", "pass\n", "a/b.py", None)
    assert matches("a...d\n", "abcd") and matches("...", "") and not matches("a...d", "abc")
