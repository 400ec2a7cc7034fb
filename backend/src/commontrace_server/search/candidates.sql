-- Everything one search needs to know, in one statement.
-- Three independent ways in (signature, full text, vectors), each bounded; then the same facts for every candidate.
-- The parts in braces are filled in by candidates.py: with or without a query vector, with or without tags. Limits
-- are literals, so that the planner knows them.
WITH
terms AS MATERIALIZED (
    SELECT lexeme, CAST(term AS tsquery) AS term, expected, boost
    FROM unnest(
        CAST(:lexemes AS text[]), CAST(:terms AS text[]), CAST(:expected AS bigint[]), CAST(:boosts AS float8[])
    ) AS given (lexeme, term, expected, boost)
),
postings AS MATERIALIZED (
    SELECT lexeme, ids, cardinality(ids) AS df,
           ln(1 + CAST(:total AS float8) / (greatest(cardinality(ids), expected) + 0.5)) * boost AS weight
    FROM terms
    CROSS JOIN LATERAL (
        SELECT array_agg(id) AS ids
        FROM (SELECT id FROM traces WHERE lexemes @@ term AND {filter} LIMIT {posting_limit}) AS found
    ) AS read
),
lexical AS (
    SELECT id FROM postings, unnest(ids) AS id GROUP BY id ORDER BY sum(weight) DESC, id LIMIT {lexical_limit}
),
exact AS (
    SELECT id FROM traces
    WHERE signatures && CAST(:signatures AS text[]) AND {filter}
    ORDER BY updated_at DESC
    LIMIT {signature_limit}
),
near AS (
    {near}
),
chosen AS MATERIALIZED (
    SELECT id FROM exact UNION SELECT id FROM lexical UNION SELECT id FROM near
),
cosines AS MATERIALIZED (
    {cosines}
),
facts AS (
    SELECT traces.id, title, tags, kind, status, origin, CAST(environment AS text) AS environment, wilson,
           CAST(extract(epoch FROM now() - last_verified_at) / 86400 AS float8) AS verified_days,
           signatures && CAST(:signatures AS text[]) AS signature,
           cardinality(signatures) > 0 AS signed,
           -- A tsvector has no intersection. Nothing stored has the weight D: it marks the words of the query.
           tsvector_to_array(ts_filter(setweight(lexemes, 'D', CAST(:asked AS text[])), '{{d}}')) AS matched,
           tsvector_to_array(ts_filter(setweight(ts_filter(lexemes, '{{a}}'), 'D', CAST(:asked AS text[])), '{{d}}'))
               AS titled,
           ARRAY(
               SELECT code FROM unnest(CAST(:codes AS text[])) AS code
               WHERE strpos(lower(title), code) > 0 OR strpos(lower(context_text), code) > 0
                  OR strpos(lower(solution_text), code) > 0
           ) AS mentions,
           cosines.problem, cosines.solution
    FROM chosen JOIN traces USING (id) LEFT JOIN cosines USING (id)
)
-- the first row tells of the words that were read, each of the others of a candidate
SELECT about.lexemes, about.dfs, facts.*
FROM (
    SELECT coalesce(array_agg(lexeme), '{{}}') AS lexemes, coalesce(array_agg(df), '{{}}') AS dfs
    FROM postings
) AS about
FULL JOIN facts ON false
ORDER BY about.lexemes
