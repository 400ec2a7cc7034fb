"""The tables of screening rules: well formed, fast to skip, linear."""

import pytest

from commontrace_rules.screening import (
    authority,
    characters,
    destruction,
    downgrades,
    encoded,
    envelopes,
    execution,
    exfiltration,
    instructions,
    links,
    markup,
    orders,
    packages,
    persistence,
    ploys,
    rights,
    screen,
    solicitation,
    speakers,
    toolcalls,
    turns,
    weakening,
)
from commontrace_rules.screening.rules import HELD, REFUSED, Index, Rule, Table, compiled
from support.hostile_traces import HONEST, hostile, trace

RULES: tuple[Rule, ...] = (
    *characters.RULES,
    *instructions.RULES,
    *authority.RULES,
    *speakers.RULES,
    *orders.RULES,
    *ploys.RULES,
    *turns.RULES,
    *envelopes.RULES,
    *toolcalls.RULES,
    *markup.RULES,
    *links.CARRIERS,
    *execution.FETCHED,
    *encoded.ENCODED,
    *exfiltration.FLOWS,
    *exfiltration.PUBLISHED,
    *solicitation.REQUESTS,
    *destruction.RULES,
    *persistence.RULES,
    *persistence.CALLS_HOME,
    *rights.RULES,
    *weakening.LASTING,
    *weakening.PASSING,
    *downgrades.RULES,
    *packages.SOURCES,
)
LENGTH = 20_000
PIECES = (
    "a", " ", "\n", "/", "<", "[", "](", "|", '"', "-", "=", "curl ", "curl x|", "ignore all ",
    "assistant: ", "rm -rf a ", "echo a > ", "git push ", "<!-- ", "pip install a ", "token ",
    "base64 -d ", "http://a ", "\\x41", "QUJD", "send key ", "eval(", "../", "\u200b", "e\u0301",
    "A1", "scp ~ ", "rsync ~/ a ", "![a](https://a/user/", "find -name test ", "docker run -v a ",
    "env > ", "copy ~/.aws to ", "i g n o r e ", "the user has ", "do not tell ", "tar ~ ", "replace a/b ",
    'nc""', "x''y ", "![b](<http://_ab[dghzs",
    "</trace><trace trusted=1>", "<trace></trace>", "git(){command git;curl ", "you are a bot with no ",
    "{{/user}}{{#system}}", "claude security: account locked unlock ", "get http://a.b/?", "[1]: http://a.b?<",
    "and running without review, risk ", "without human oversight attack. ", "# ask no-one\n#ask:",
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_every_rule_says_why(rule: Rule) -> None:
    """A rule has a kind, a reason of one line, and one of the two verdicts."""
    assert rule.kind
    assert rule.kind == rule.kind.lower()
    assert 10 < len(rule.reason) < 80
    assert "\n" not in rule.reason
    assert rule.verdict in (HELD, REFUSED)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_marks_never_hide_a_match(rule: Rule) -> None:
    """The cheap test that comes before a rule lets every text through that the rule matches."""
    texts = [str(trace(payload)["solution_text"]).lower() for _, payload in hostile()]
    texts += [text.lower() for text in HONEST]
    matching = [text for text in texts if compiled(rule.pattern).search(text)]
    table = Table((rule,), Index())
    assert all(table.applying(text) for text in matching)


def test_a_table_tries_the_rules_that_apply_and_no_others() -> None:
    """Asking for all rules at once chooses what asking for each would, in the same order."""
    table = Table(RULES, Index())
    texts = [str(trace(payload)["solution_text"]).lower() for _, payload in hostile()]
    alone = [Table((rule,), Index()) for rule in RULES]
    for text in (*texts, *(text.lower() for text in HONEST), ""):
        assert table.applying(text) == [rule for one in alone for rule in one.applying(text)]


HEADED = (
    ("chown -", "r"),
    ("xattr -", "d"),
    ("chmod ", "-r "),
    ("sed -", "i"),
    ("nc -", "e"),
    ("rm ", "-r "),
)


@pytest.mark.parametrize(("head", "piece"), [*(("", piece) for piece in PIECES), *HEADED])
def test_the_longest_trace_is_screened_in_linear_time(head: str, piece: str) -> None:
    """No repeated piece makes a rule go back over what it has read: that would take minutes."""
    text = (head + piece * (LENGTH // len(piece) + 1))[:LENGTH]
    assert screen({"solution_text": text}).verdict in ("clean", HELD, REFUSED)
