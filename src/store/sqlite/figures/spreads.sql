,
time (part, kind, ms) AS MATERIALIZED (
    SELECT part, 'wait', wait FROM counted WHERE was_called
    UNION ALL
    SELECT part, 'first_wait', first_wait FROM counted WHERE was_called
    UNION ALL
    SELECT part, 'walk', walk FROM counted WHERE was_called AND walk IS NOT NULL
    UNION ALL
    SELECT part, 'service', service FROM counted WHERE fate IN ('finished', 'transferred') AND service IS NOT NULL
    UNION ALL
    SELECT part, 'stay', stay FROM counted WHERE fate = 'finished'
),
ranked AS (
    SELECT
        part, kind, ms,
        row_number() OVER (PARTITION BY part, kind ORDER BY ms) AS place,
        count(*) OVER (PARTITION BY part, kind) AS n
    FROM time
)
-- By nearest rank: of n times in order, counted from 1, that at n · 50 ÷ 100, rounded up.
SELECT
    part,
    kind,
    n,
    sum(ms) AS total,
    max(iif(place = (n * 50 + 99) / 100, ms, NULL)) AS p50,
    max(iif(place = (n * 90 + 99) / 100, ms, NULL)) AS p90,
    max(ms) AS longest
FROM ranked
GROUP BY part, kind
