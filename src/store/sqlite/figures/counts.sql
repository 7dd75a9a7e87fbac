,
-- Every stay, with what is asked of the counted alone as false or nothing in the others.
asked AS (
    SELECT
        *,
        fate NOT IN ('booked', 'unreliable', 'open') AS is_counted,
        fate NOT IN ('booked', 'unreliable', 'open') AND was_called AS is_called,
        fate NOT IN ('booked', 'unreliable', 'open') AND was_called AND is_first AND expected IS NOT NULL AS is_foretold
    FROM stay
)
SELECT
    part,
    count(*) AS stays,
    sum(is_first) AS tickets,
    sum(fate = 'booked') AS booked,
    sum(fate = 'unreliable') AS unreliable,
    sum(fate = 'open') AS open,
    sum(is_counted) AS counted,
    sum(fate = 'finished') AS finished,
    sum(fate = 'transferred') AS transferred,
    sum(fate = 'missed') AS missed,
    sum(fate = 'left') AS left,
    sum(fate = 'cancelled') AS cancelled,
    sum(fate = 'expired') AS expired,
    sum(is_called) AS called,
    -- Called in time, of all that were called or that went away uncalled after that time.
    sum(is_called AND wait <= ?limit) AS in_time,
    sum(is_called OR (NOT was_called AND fate IN ('left', 'expired') AND lasted > ?limit)) AS answerable,
    sum(is_called AND fate = 'missed') AS no_show,
    sum(fate IN ('left', 'missed') OR (fate = 'expired' AND NOT at_desk)) AS abandoned,
    sum(is_foretold) AS foretold,
    sum(iif(is_foretold, abs(expected - first_wait), 0)) AS errors,
    -- The wait and 0.8 and 1.3 times the estimate, each rounded up to five minutes, the end at least five.
    sum(
        is_foretold
        AND (10 * first_wait + 2999999) / 3000000 BETWEEN (8 * expected + 2999999) / 3000000 AND max((13 * expected + 2999999) / 3000000, 1)
    ) AS inside,
    sum(iif(is_called AND at_desk AND fate <> 'expired', at_work, 0)) AS busy
FROM asked
GROUP BY part
