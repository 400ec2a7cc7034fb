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

# Confidence is a logistic model over evidence.Features. benchmarks/fitting.py fits it and prints these
# tables. The two weights of signatures are set there by hand, because hardly an error of the data recurs in
# its corpus: a shared signature counts as all the words and makes the answer all but certain; a differing one
# says that another error was meant, unless the words insist.
WEIGHTS = {
    "bias": -7.54,
    "coverage": 1.38,
    "focus_coverage": 1.54,
    "title_coverage": 0.81,
    "problem": 3.62,
    "solution": 3.21,
    "code_title": 2.20,
    "code_missing": -1.96,
    "words_lead": 4.22,
    "meaning_lead": 5.62,
    "label_fit": 0.81,
    "signature": 6.00,
    "other_signature": -1.00,
}
# For a trace or a query without a vector.
WEIGHTS_WITHOUT_VECTORS = {
    "bias": -5.04,
    "coverage": 0.31,
    "focus_coverage": 1.16,
    "title_coverage": 3.38,
    "code_title": 2.33,
    "code_missing": -1.98,
    "words_lead": 7.27,
    "label_fit": 1.14,
    "signature": 6.00,
    "other_signature": -1.00,
}
# Shown without being asked for. Held out, 2 % of the queries whose answers were taken away reach 0.617
# (errors) and 0.670 (questions); for session context there is too little data to go lower.
INJECTION_THRESHOLDS = {"error": 0.62, "question": 0.68, "session_context": 0.68}
# When words decide alone, 2 % of such error queries reach 0.725: without a vector a trace must be surer.
WITHOUT_VECTORS_MARGIN = 0.11
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
