"""As much of C++ as the house rules need: what is comment, what is text, where a statement begins and ends."""
import re

# In this order: a raw string may hold anything, a digit separator is not the start of a character.
TOKENS = re.compile(r'''R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"'''
                    r"""|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'""", re.DOTALL)

CONTROL = re.compile(r"^(else\s+)?(if|while|for)\s*(constexpr\s*)?\(")
# A declaration (`auto x =`, `const T<U>& x =`, `auto [a, b] =`), never an assignment.
RESULT = re.compile(r"^((const\s+)?[\w:]+(<[\w:<>,\s*]*>)?(\s*[&]{1,2}\s*|\s+)(\w+|\[[\w\s,]+\])\s*=|\(void\))?$")


def without_comments_and_texts(text):
    """The code with every comment, string and character blanked; each line stays where it is."""
    return TOKENS.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)


def without_control(prefix):
    """`if (x) auto y = ` without its `if (x)`; a condition that is still open is left as it is."""
    if prefix == "else":
        return ""
    match = CONTROL.match(prefix)
    if not match:
        return prefix
    depth = 1
    for index in range(match.end(), len(prefix)):
        depth += {"(": 1, ")": -1}.get(prefix[index], 0)
        if depth == 0:
            return prefix[index + 1:].strip()
    return prefix


def ends_as_statement(code, position):
    """Whether a semicolon ends what begins here, before any bracket that was opened earlier is closed."""
    depth = 0
    for character in code[position:]:
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        if depth < 0:
            return False
        if depth == 0 and character == ";":
            return True
    return False


def is_whole_statement(code, position):
    """Whether the co_await at this position is `co_await f();`, `auto x = co_await f();` or `(void)co_await f();`."""
    start = max(code.rfind(character, 0, position) for character in ";{}") + 1
    prefix = without_control(code[start:position].strip())
    return bool(RESULT.match(prefix)) and ends_as_statement(code, position)
