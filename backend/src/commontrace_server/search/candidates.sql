-- Everything one search needs to know, in one statement.
-- Three independent ways in (signature, full text, vectors), each bounded; then the same facts for every candidate.
-- The parts in braces are filled in by candidates.py: with or without a query vector, with or without tags.
WITH
query AS (
    SELECT lexeme, bool_or(focus) AS focus
    FROM (
        SELECT lexeme, true AS focus FROM unnest(to_tsvector('english', CAST(:focus AS text)))
        UNION ALL
        SELECT lexeme, false FROM unnest(to_tsvector('english', CAST(:rest AS text)))
    ) AS words
    -- bare numbers and single letters point at nothing; very long lexemes are paths and encoded data
    WHERE length(lexeme) BETWEEN 2 AND 60 AND lexeme !~ '^[-+.,:/0-9]+$'
    GROUP BY lexeme
),
size AS MATERIALIZED (
    -- the planner's estimate where it is large enough to be near the truth, else counted
    SELECT CASE WHEN estimated >= :count_limit THEN estimated
                ELSE (SELECT count(*) FROM (SELECT FROM traces LIMIT :count_limit) AS first) END AS total
    FROM (SELECT reltuples::bigint AS estimated FROM pg_class WHERE oid = 'traces'::regclass) AS estimate
),
-- ANALYZE already keeps a document frequency for every common lexeme: no table of our own to maintain
common AS (
    SELECT lexeme, share
    FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS stats (lexeme, share)
    -- in a small store every lexeme is counted exactly, below
    WHERE (SELECT total FROM size) >= :posting_limit AND schemaname = current_schema() AND tablename = 'traces' AND attname = 'lexemes' AND lexeme IS NOT NULL
),
terms AS MATERIALIZED (
    SELECT lexeme, focus, expected,
           -- rows that have been read when this lexeme's are: the telling and rare ones come first
           sum(expected) FILTER (WHERE expected < :posting_limit) OVER (ORDER BY place) AS reading,
           ('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''')::tsquery AS term
    FROM (
        SELECT lexeme, focus, round(coalesce(share, 0) * total)::bigint AS expected,
               row_number() OVER (ORDER BY focus DESC, share NULLS FIRST, length(lexeme) DESC, lexeme) AS place
        FROM query LEFT JOIN common USING (lexeme) CROSS JOIN size
    ) AS placed
    WHERE place <= :term_limit
),
postings AS MATERIALIZED (
    SELECT terms.lexeme, found.id
    FROM terms
    CROSS JOIN LATERAL (
        SELECT id FROM traces
        WHERE lexemes @@ terms.term AND {filter}
        LIMIT :posting_limit
    ) AS found
    -- the frequency of those that are not read is known without
    WHERE terms.expected < :posting_limit AND terms.reading <= :reading_limit
),
frequencies AS MATERIALIZED (
    SELECT terms.lexeme, terms.focus, greatest(coalesce(counted.df, 0), terms.expected) AS df,
           ln(1 + size.total / (greatest(coalesce(counted.df, 0), terms.expected) + CAST(0.5 AS float8)))
               * CASE WHEN terms.focus THEN 1 ELSE CAST(:rest_weight AS float8) END AS weight
    FROM terms CROSS JOIN size
    LEFT JOIN (SELECT lexeme, count(*) AS df FROM postings GROUP BY lexeme) AS counted USING (lexeme)
),
lexical AS (
    SELECT postings.id
    FROM postings JOIN frequencies USING (lexeme)
    GROUP BY postings.id
    ORDER BY sum(weight) DESC, postings.id
    LIMIT :lexical_limit
),
exact AS (
    SELECT id FROM traces
    WHERE signatures && CAST(:signatures AS text[]) AND {filter}
    ORDER BY updated_at DESC
    LIMIT :signature_limit
),
near AS (
    {near}
),
chosen AS (
    SELECT id FROM exact UNION SELECT id FROM lexical UNION SELECT id FROM near
),
facts AS (
    SELECT traces.id, title, tags, kind, status, origin, CAST(environment AS text) AS environment, wilson,
           CAST(extract(epoch FROM now() - last_verified_at) / 86400 AS float8) AS verified_days,
           signatures && CAST(:signatures AS text[]) AS signature,
           cardinality(signatures) > 0 AS signed, length(traces.lexemes) AS length,
           matched.lexemes AS matched, matched.fields,
           ARRAY(
               SELECT code FROM unnest(CAST(:codes AS text[])) AS code
               WHERE strpos(lower(title), code) > 0 OR strpos(lower(context_text), code) > 0
                  OR strpos(lower(solution_text), code) > 0
           ) AS mentions,
           cosines.problem, cosines.solution
    FROM chosen JOIN traces USING (id)
    CROSS JOIN (SELECT coalesce(array_agg(lexeme), '{}') AS lexemes FROM terms) AS asked
    CROSS JOIN LATERAL (
        SELECT array_agg(word.lexeme) AS lexemes, array_agg(array_to_string(word.weights, '')) AS fields
        -- a tsvector has no intersection: taking away all the others is it, at half the cost of looking at each
        FROM unnest(ts_delete(traces.lexemes, tsvector_to_array(ts_delete(traces.lexemes, asked.lexemes)))) AS word
    ) AS matched
    CROSS JOIN LATERAL ({cosines}) AS cosines
)
-- the first row tells of the query, each of the others of a candidate
SELECT about.total, about.lexemes, about.focus, about.dfs, facts.*
FROM (
    SELECT (SELECT total FROM size) AS total, coalesce(array_agg(lexeme), '{}') AS lexemes,
           coalesce(array_agg(focus), '{}') AS focus, coalesce(array_agg(df), '{}') AS dfs
    FROM frequencies
) AS about
FULL JOIN facts ON false
ORDER BY about.total
