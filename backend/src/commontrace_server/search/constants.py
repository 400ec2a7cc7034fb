"""Every number of the ranking, each with its reason."""

# A store of this size is trusted half: in a smaller one "error" may well stand in one trace only.
PRIOR_DOCUMENTS = 300.0
# A word that developers' English lacks is a name, rarer than the rarest that it lists (0.003).
UNLISTED_SHARE = 0.001
# Named as a reason from here on: nine of ten candidates that do not answer are less similar than 0.49.
SIMILAR_COSINE = 0.5

# Leads are counted from here at least: about the median of the next best candidate in a store of thousands.
# In a store of a dozen nobody else is near, which proves nothing.
WORDS_FLOOR = 0.4
MEANING_FLOOR = 0.5

# Confidence is a logistic model over evidence.Features. benchmarks/fitting.py fits it and prints these
# tables. The weight of a signature is set there by hand, because no error of the data recurs in its corpus:
# beside the words that equal messages share it makes the answer all but certain, alone it does not.
WEIGHTS = {
    "bias": -12.36,
    "coverage": 2.88,
    "focus_coverage": 3.90,
    "title_coverage": 1.18,
    "problem": 6.28,
    "solution": 4.28,
    "code_title": 3.14,
    "code_missing": -1.45,
    "label_fit": 1.12,
    "signature": 6.00,
}
# For a trace or a query without a vector.
WEIGHTS_WITHOUT_VECTORS = {
    "bias": -8.63,
    "coverage": 2.84,
    "focus_coverage": 3.75,
    "title_coverage": 4.40,
    "code_title": 3.20,
    "code_missing": -1.52,
    "label_fit": 1.32,
    "signature": 6.00,
}
# Shown without being asked for. Held out, 2 % of the queries whose answers were taken away reach 0.36
# (errors) and 0.54 (questions); rounded up, and further for session context, of which there is little data.
INJECTION_THRESHOLDS = {"error": 0.42, "question": 0.60, "session_context": 0.60}
# When words decide alone the same 2 % reach 0.55 and 0.60: a trace without a vector must be surer by this.
WITHOUT_VECTORS_MARGIN = 0.16
# Below this a search abstains: fewer than one in seven such hits answers, and none is worth acting on.
ANSWER_THRESHOLDS = {"error": 0.15, "question": 0.15, "session_context": 0.15}
# Hits less likely than this are not worth a line, even when asked for.
NOISE = 0.005

# A trace of one of these is held against a caller who uses others; tools are never known completely.
LANGUAGES = frozenset((
    "bash", "c", "c#", "c++", "cpp", "csharp", "css", "dart", "elixir", "go", "haskell", "html", "java",
    "javascript", "kotlin", "lua", "perl", "php", "python", "r", "ruby", "rust", "scala", "shell", "sql",
    "swift", "typescript", "zig",
))  # fmt: skip
