"""Which words of a query are gone by, and what is kept of them."""

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.search.lexicon import (
    POSTING_LIMIT,
    READING_LIMIT,
    TERM_LIMIT,
    Lexicon,
    Statistics,
)
from commontrace_server.search.reading import read

LARGE = 10_000  # traces


def test_the_telling_and_rare_words_come_first() -> None:
    """Where a query has more words than are used, the common ones of its rest are left out."""
    statistics = Statistics(LARGE, {"error": 0.5, "fail": 0.1})
    filling = [(f"word{number}", False) for number in range(TERM_LIMIT)]
    chosen = statistics.choose([("error", False), ("fail", True), *filling, ("yaml", True)]).chosen
    assert [word.lexeme for word in chosen[:2]] == ["yaml", "fail"]
    assert len(chosen) == TERM_LIMIT
    assert "error" not in {word.lexeme for word in chosen}


def test_words_are_read_as_long_as_there_are_few_traces_with_them() -> None:
    """What all of them would bring is bounded; the frequency of the others is known without."""
    share = READING_LIMIT / LARGE / 2
    statistics = Statistics(LARGE, {"alpha": share, "beta": share, "gamma": share})
    chosen = statistics.choose([(lexeme, True) for lexeme in ("alpha", "beta", "gamma", "rare")]).chosen
    assert [word.lexeme for word in chosen if word.read] == ["rare", "alpha", "gamma"]
    assert {word.lexeme: word.expected for word in chosen}["beta"] == READING_LIMIT / 2


def test_a_word_too_many_does_not_keep_a_rare_one_from_being_read() -> None:
    """What stands outside the telling part comes last, and may bring less than what was left out."""
    most = (READING_LIMIT - 10) / LARGE
    statistics = Statistics(LARGE, {"alpha": most, "beta": 0.05, "seldom": 5 / LARGE})
    chosen = statistics.choose([("alpha", True), ("beta", True), ("seldom", False)]).chosen
    assert [word.lexeme for word in chosen if word.read] == ["beta", "seldom"]


def test_a_word_that_is_too_common_is_not_read_and_keeps_none_from_it() -> None:
    """Its frequency is that of the statistics."""
    statistics = Statistics(LARGE, {"error": POSTING_LIMIT / LARGE, "yaml": 0.001})
    words = {word.lexeme: word for word in statistics.choose([("error", True), ("yaml", False)]).chosen}
    assert not words["error"].read
    assert words["error"].expected == POSTING_LIMIT
    assert words["yaml"].read


async def test_a_query_is_taken_apart_once(engine: AsyncEngine) -> None:
    """Of a query that comes again nothing is asked of the database."""
    statements: list[str] = []
    event.listen(
        engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _cur, statement, *_: statements.append(statement),
    )
    lexicon, reading = Lexicon(), read("question", "Which wolves parse 12 yaml files?\nand a parser")
    async with engine.connect() as connection:
        first = await lexicon.words(connection, reading)
        asked = len(statements)
        assert await lexicon.words(connection, reading) == first
    assert len(statements) == asked
    assert {(word.lexeme, word.focus) for word in first.chosen} == {
        ("wolv", True),
        ("pars", True),
        ("yaml", True),
        ("file", True),
        ("parser", False),
    }
