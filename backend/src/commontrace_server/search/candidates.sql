-- Everything one search needs to know, in one row: {total, terms, candidates}.
-- Three independent ways in (signature, full text, vectors), each bounded; then the same facts for every candidate.
-- The two parts in braces are filled in by candidates.py: with or without a query vector.
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
    -- exact while that is cheap, the planner's estimate above it (-1 before the first ANALYZE)
    SELECT CASE WHEN counted < :count_limit THEN counted ELSE greatest(counted, estimated) END AS total
    FROM (SELECT count(*) AS counted FROM (SELECT FROM traces LIMIT :count_limit) AS first) AS exact,
         (SELECT reltuples::bigint AS estimated FROM pg_class WHERE oid = 'traces'::regclass) AS estimate
),
-- ANALYZE already keeps a document frequency for every common lexeme: no table of our own to maintain
common AS (
    SELECT lexeme, share
    FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS stats (lexeme, share)
    -- in a small store every lexeme is counted exactly, below
    WHERE (SELECT total FROM size) >= :posting_limit AND schemaname = current_schema() AND tablename = 'traces' AND attname = 'lexemes' AND lexeme IS NOT NULL
),
terms AS MATERIALIZED (
    SELECT lexeme, focus, share,
           ('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''')::tsquery AS term
    FROM query LEFT JOIN common USING (lexeme)
    ORDER BY focus DESC, share NULLS FIRST, length(lexeme) DESC, lexeme
    LIMIT :term_limit
),
postings AS MATERIALIZED (
    SELECT terms.lexeme, found.id
    FROM terms CROSS JOIN size
    CROSS JOIN LATERAL (
        SELECT id FROM traces
        WHERE lexemes @@ terms.term AND space_id = ANY (CAST(:spaces AS uuid[])) AND status = ANY (CAST(:statuses AS text[])) AND tags @> CAST(:tags AS text[])
        LIMIT :posting_limit
    ) AS found
    -- a lexeme that is everywhere chooses nothing: its frequency is known, its rows are not read
    WHERE coalesce(terms.share, 0) * size.total < :posting_limit
),
frequencies AS MATERIALIZED (
    SELECT terms.lexeme, terms.focus,
           greatest(coalesce(counted.df, 0), round(coalesce(terms.share, 0) * size.total)::bigint) AS df,
           ln(1 + size.total / (coalesce(counted.df, 0) + CAST(0.5 AS float8)))
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
    WHERE signatures && CAST(:signatures AS text[]) AND space_id = ANY (CAST(:spaces AS uuid[])) AND status = ANY (CAST(:statuses AS text[])) AND tags @> CAST(:tags AS text[])
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
    SELECT traces.id, title, tags, kind, status, origin, environment, wilson,
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
    CROSS JOIN LATERAL (
        SELECT array_agg(word.lexeme) AS lexemes, array_agg(array_to_string(word.weights, '')) AS fields
        FROM unnest(traces.lexemes) AS word WHERE word.lexeme IN (SELECT lexeme FROM terms)
    ) AS matched
    CROSS JOIN LATERAL ({cosines}) AS cosines
)
SELECT (SELECT total FROM size) AS total,
       (SELECT json_agg(json_build_object('lexeme', lexeme, 'focus', focus, 'df', df)) FROM frequencies) AS terms,
       (SELECT json_agg(facts) FROM facts) AS candidates
