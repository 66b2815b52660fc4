"""Reads C++ as far as the house's rules need it: which functions a file defines or declares, and where.
Follows the braces; what stands in comments, strings and macros does not count."""

import collections
import re

# A function with a body: `first` and `last` line, and what stands before the body.
Function = collections.namedtuple("Function", "first last head")

SKIPPED = re.compile(r'R"(\w*)\(.*?\)\1"'            # raw strings
                     r'|"(?:\\.|[^"\\\n])*"'         # strings
                     r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"   # characters, not digit separators
                     r"|//[^\n]*|/\*.*?\*/"          # comments
                     r"|^[ \t]*#(?:\\\n|[^\n])*",    # preprocessor lines
                     re.DOTALL | re.MULTILINE)
# What engines/base/mutex.h adds to a declaration for clang.
LOCK_WORDS = re.compile(r"\b(?:GUARDED_BY|REQUIRES_LOCK|REQUIRES_SHARED_LOCK|LOCKED_AFTER|BODEGA_LOCKS)"
                        r"\((?:[^()]|\([^()]*\))*\)")
TYPE = re.compile(r"^(?:template\s*<.*?>\s*)?(?:typedef\s+)?(?:class|struct|union|enum)\b(?!.*\()", re.DOTALL)
# Before a body: what may follow the closing parenthesis of the parameters.
BODY = re.compile(r"\)\s*(?:const|noexcept|override|final|mutable|&&?|->.*|try|requires.*|\s)*$", re.DOTALL)
INITIALISERS = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:)", re.DOTALL)
DECLARED = re.compile(r"(?:^|[\s*&~:>])(?:~?[A-Za-z_]\w*|operator\s*\S+|operator\s+[\w:]+)\s*\((?P<rest>.*)\)"
                      r"\s*(?:const|noexcept|override|final|&&?|\s)*$", re.DOTALL)


def without_skipped(text):
    """The same text with blanks for what does not count; lines and columns stay."""
    def blank(found):
        return re.sub(r"[^\n]", " ", found[0])

    return LOCK_WORDS.sub(blank, SKIPPED.sub(blank, text))


def kind_of(head):
    """What the '{' behind these words opens."""
    words = re.sub(r"\[\[.*?\]\]", "", head).strip()
    if re.match(r"(?:inline\s+)?namespace\b|extern\b\s*$", words):
        return "scope"
    if TYPE.match(words):
        return "scope" if not re.match(r"(?:typedef\s+)?enum\b", words) else "value"
    if re.search(r"(?<![=!<>])=(?!=)", re.sub(r"\([^()]*\)|operator\s*\S+", "", words)):
        return "value"
    if BODY.search(words):
        return "body"
    if INITIALISERS.search(words):
        return "member" if re.search(r"[\w>]\s*$", words) else "body"
    return "value"


def scan(text):
    """Yields ("body", Function) and ("declaration", (line, words)) in the order of the file."""
    text = without_skipped(text)
    depth_of_value = 0    # within a body or an initialiser: nothing but its end counts
    inside = []           # kinds of the open braces
    head, line, head_line, function = "", 1, 1, None
    for char in text:
        if char == "\n":
            line += 1
        if depth_of_value:
            depth_of_value += {"{": 1, "}": -1}.get(char, 0)
            if depth_of_value == 0 and function is not None:
                yield "body", Function(function[0], line, function[1])
                head, function = "", None
            continue
        if char == "{":
            kind = kind_of(head)
            if kind == "scope":
                inside.append(kind)
                head = ""
            else:
                depth_of_value = 1
                if kind == "body":
                    function = (head_line, head.strip())
                elif kind == "member":
                    head += "}"
                else:
                    head += " = "
        elif char == "}":
            if inside:
                inside.pop()
            head = ""
        elif char == ";":
            if head.strip():
                yield "declaration", (head_line, head.strip())
            head = ""
        elif char == ":" and re.search(r"\b(?:public|private|protected)\s*$", head):
            head = ""
        else:
            if not head.strip() and not char.isspace():
                head, head_line = "", line
            head += char


def functions(text):
    return [what for kind, what in scan(text) if kind == "body"]


def is_function_without_body(words):
    """Whether a declaration leaves a body to be looked for: not pure, deleted, defaulted or a friend's."""
    words = re.sub(r"\[\[.*?\]\]", "", words).strip()
    if re.match(r"(?:using|typedef|friend|static_assert|extern\s+template|class|struct|enum)\b", words):
        return False
    while re.search(r"<[^<>;]*>", words):
        words = re.sub(r"<[^<>;]*>", "", words, count=1)
    if re.search(r"=", re.sub(r"\(.*\)|operator\s*\S+", "", words, flags=re.DOTALL)):
        return False
    return DECLARED.search(words) is not None


def functions_without_body(text):
    return [(line, words) for kind, (line, words) in
            ((kind, what) for kind, what in scan(text) if kind == "declaration")
            if is_function_without_body(words)]
