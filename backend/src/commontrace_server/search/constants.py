"""Every number of the ranking, each with its reason."""

# A store of this size is trusted half: in a smaller one "error" may well stand in one trace only.
PRIOR_DOCUMENTS = 300.0
# A word that developers' English lacks is a name, rarer than the rarest that it lists (0.003).
UNLISTED_SHARE = 0.001
# Named as a reason from here on: nine of ten candidates that do not answer are less similar than 0.49.
SIMILAR_COSINE = 0.5

# Leads are counted from here at least. In a store of thousands the next best candidate is usually near these
# (medians 0.46 to 0.51 for words, 0.49 to 0.55 for meaning); in a store of a dozen nobody else is, which
# proves nothing.
WORDS_FLOOR = 0.4
MEANING_FLOOR = 0.5

# Confidence is a logistic model over evidence.Features, one for errors and one for everything that people
# write. benchmarks/fitting.py fits it and prints these tables. A few weights are set there by hand, because
# hardly an error of the data recurs in its corpus: a shared signature counts as all the words and makes the
# answer all but certain; a differing one says that another error was meant, unless the words insist; what
# is missing is the problem, so that a trace about another module is no answer however alike it reads. And no
# question of the data names a code: there one counts less than in an error.
WEIGHTS = {
    "error": {
        "bias": -5.23,
        "coverage": 1.77,
        "title_coverage": 0.57,
        "problem": 2.48,
        "solution": 1.13,
        "code_title": 2.58,
        "code_aside": -1.66,
        "code_missing": -3.34,
        "words_lead": 4.64,
        "title_lead": 3.30,
        "meaning_lead": 4.36,
        "tool_fit": 1.27,
        "signature": 6.00,
        "other_signature": -1.00,
        "needed_missing": -4.00,
    },
    "question": {
        "bias": -7.42,
        "coverage": 3.15,
        "title_coverage": 0.84,
        "problem": 3.58,
        "solution": 3.68,
        "words_lead": 3.53,
        "title_lead": 1.10,
        "meaning_lead": 4.90,
        "tool_fit": 1.65,
        "signature": 6.00,
        "other_signature": -1.00,
        "needed_missing": -4.00,
        "code_title": 1.00,
        "code_aside": 0.00,
        "code_missing": -0.50,
    },
}
# For a trace or a query without a vector.
WEIGHTS_WITHOUT_VECTORS = {
    "error": {
        "bias": -4.87,
        "coverage": 2.08,
        "title_coverage": 1.23,
        "code_title": 2.90,
        "code_aside": -1.70,
        "code_missing": -3.15,
        "words_lead": 5.38,
        "title_lead": 4.62,
        "tool_fit": 1.66,
        "signature": 6.00,
        "other_signature": -1.00,
        "needed_missing": -4.00,
    },
    "question": {
        "bias": -4.76,
        "coverage": 3.34,
        "title_coverage": 2.85,
        "words_lead": 5.35,
        "title_lead": 2.91,
        "tool_fit": 1.48,
        "signature": 6.00,
        "other_signature": -1.00,
        "needed_missing": -4.00,
        "code_title": 1.00,
        "code_aside": 0.00,
        "code_missing": -0.50,
    },
}
# Shown without being asked for. Held out, none of 41 real errors without an answer reaches 0.73, and 1 % of
# those whose answers were taken away; of the errors of linters that nothing was learned from 2 % do, and of
# 12 questions one, which has a near duplicate. Words alone do no worse. Session context has too little data.
INJECTION_THRESHOLDS = {"error": 0.73, "question": 0.73, "session_context": 0.73}
# An error whose signature one trace alone has is answered without a vector from here on. Of 1,500 errors made
# of what traces quote 783 reach 0.9: all of them rightly, with the same best trace as with the vector and
# all that is shown with it. From 0.73 on two of 823 get another best trace, and one loses a second one.
RECOGNISED = 0.9
# Between traces that answer about equally well, what is proven and fresh goes first: at most this much in
# logits, as between 0.5 and 0.67. Chosen, not fitted: the data has no votes. Confidence stays what it is, and
# what does not reach the answer threshold is not moved at all.
TRUST_NUDGE = 0.5
FRESH_NUDGE = 0.2
FRESH_DAYS = 365.0
# Below this a search abstains. Chosen, not fitted: on the benchmark 6 % of the hits below it answer. Half of
# what was fitted on has no answer, so confidence is cautious: there 0.2 is right in half the cases.
ANSWER_THRESHOLDS = {"error": 0.15, "question": 0.15, "session_context": 0.15}
# Hits less likely than this are not worth a line, even when asked for.
NOISE = 0.005

# Labels that are no tools. That of a language tells hardly more than the words do.
LANGUAGES = frozenset((
    "bash", "c", "c#", "c++", "cpp", "csharp", "css", "dart", "elixir", "go", "haskell", "html", "java",
    "javascript", "kotlin", "lua", "perl", "php", "python", "r", "ruby", "rust", "scala", "shell", "sql",
    "swift", "typescript", "zig",
))  # fmt: skip
