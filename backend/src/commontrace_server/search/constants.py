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
# write. benchmarks/fitting.py fits it and prints these tables. Three weights are set there by hand, because
# hardly an error of the data recurs in its corpus: a shared signature counts as all the words and makes the
# answer all but certain; a differing one says that another error was meant, unless the words insist; and what
# is missing is the problem, so that a trace about another module is no answer however alike it reads.
WEIGHTS = {
    "error": {
        "bias": -7.70,
        "coverage": 1.61,
        "focus_coverage": 1.61,
        "title_coverage": 1.09,
        "problem": 2.11,
        "solution": 0.93,
        "code_title": 2.27,
        "code_aside": -0.86,
        "code_missing": -2.57,
        "words_lead": 4.04,
        "title_lead": 3.47,
        "meaning_lead": 4.25,
        "tool_fit": 1.15,
        "language_fit": 0.05,
        "told": 0.49,
        "signature": 6.00,
        "other_signature": -1.00,
        "needed_missing": -4.00,
    },
    "question": {
        "bias": -8.04,
        "coverage": 2.13,
        "focus_coverage": 2.21,
        "title_coverage": 0.28,
        "problem": 3.63,
        "solution": 3.56,
        "code_title": 0.63,
        "code_aside": 0.00,
        "code_missing": -0.54,
        "words_lead": 2.70,
        "title_lead": 1.11,
        "meaning_lead": 4.87,
        "tool_fit": 1.70,
        "language_fit": 0.21,
        "told": 0.01,
        "signature": 6.00,
        "other_signature": -1.00,
        "needed_missing": -4.00,
    },
}
# For a trace or a query without a vector.
WEIGHTS_WITHOUT_VECTORS = {
    "error": {
        "bias": -9.64,
        "coverage": 2.07,
        "focus_coverage": 2.07,
        "title_coverage": 2.18,
        "code_title": 2.32,
        "code_aside": -0.84,
        "code_missing": -2.41,
        "words_lead": 4.34,
        "title_lead": 4.27,
        "tool_fit": 1.33,
        "language_fit": 0.21,
        "told": 1.03,
        "signature": 6.00,
        "other_signature": -1.00,
        "needed_missing": -4.00,
    },
    "question": {
        "bias": -6.59,
        "coverage": 2.21,
        "focus_coverage": 2.48,
        "title_coverage": 2.52,
        "code_title": 0.70,
        "code_aside": 0.00,
        "code_missing": -0.55,
        "words_lead": 4.52,
        "title_lead": 2.71,
        "tool_fit": 1.09,
        "language_fit": 0.82,
        "told": 0.25,
        "signature": 6.00,
        "other_signature": -1.00,
        "needed_missing": -4.00,
    },
}
# Shown without being asked for. Held out, 2 % of the queries without an answer, or with their answers taken
# away, reach 0.645 (errors) and 0.675 (questions); for session context there is too little data to go lower.
INJECTION_THRESHOLDS = {"error": 0.66, "question": 0.7, "session_context": 0.7}
# When words decide alone, 2 % of such questions reach 0.813: without a vector a trace must be surer.
WITHOUT_VECTORS_MARGIN = 0.12
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

# A trace of one of these is held against a caller who uses others; tools are never known completely.
LANGUAGES = frozenset((
    "bash", "c", "c#", "c++", "cpp", "csharp", "css", "dart", "elixir", "go", "haskell", "html", "java",
    "javascript", "kotlin", "lua", "perl", "php", "python", "r", "ruby", "rust", "scala", "shell", "sql",
    "swift", "typescript", "zig",
))  # fmt: skip
