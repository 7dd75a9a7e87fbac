WITH
-- Which desk serves which service; without one it serves all.
served (desk, service) AS MATERIALIZED (
    SELECT value ->> 0, value ->> 1 FROM json_each(?5)
),
-- The desk times of the scope.
opened AS MATERIALIZED (
    SELECT day, rev, desk, agent, opened_at, coalesce(closed_at, ?4) AS closed_at
    FROM desk_time
    WHERE branch = ?1 AND day BETWEEN ?2 AND ?3/* filters */
),
paused AS MATERIALIZED (
    SELECT opened.day, opened.rev, pause.began_at, coalesce(pause.ended_at, opened.closed_at) AS ended_at
    FROM opened
    JOIN pause ON pause.branch = ?1 AND pause.day = opened.day AND pause.opened = opened.rev
),
-- When each ticket of these days waited: until its first call, or its end without one, and not as an appointment.
stay AS MATERIALIZED (
    SELECT
        segment.day, segment.service, segment.desk, segment.queued_at, segment.first_called_at, segment.held,
        segment.deferred, segment.deferred_first,
        coalesce(segment.ended_at, ?4) AS ended_at
    FROM ticket
    CROSS JOIN segment ON segment.branch = ticket.branch AND segment.day = +ticket.day AND segment.arrival = ticket.issued_rev
    WHERE ticket.branch = ?1 AND ticket.day BETWEEN ?2 AND ?3
        AND NOT (ticket.booked_for IS NOT NULL AND segment.segment = 1 AND segment.queued_at = ticket.issued_at)
),
waited AS (
    SELECT day, service, queued_at AS begins, coalesce(first_called_at - deferred_first, ended_at - deferred) AS ends FROM stay
),
-- When anybody waited for a service: stretches that touch or overlap are one.
begun AS (
    SELECT
        *,
        begins > max(ends) OVER (PARTITION BY day, service ORDER BY begins, ends ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS is_new
    FROM waited
    WHERE begins < ends
),
numbered AS (
    SELECT *, sum(coalesce(is_new, 1)) OVER (PARTITION BY day, service ORDER BY begins, ends ROWS UNBOUNDED PRECEDING) AS island FROM begun
),
wanted AS MATERIALIZED (
    SELECT day, service, min(begins) AS begins, max(ends) AS ends FROM numbered GROUP BY day, service, island
),
-- What concerns a desk while it is open: somebody waits whom it serves, or it is not free.
concerns (day, rev, wants, takes, begins, ends) AS MATERIALIZED (
    SELECT opened.day, opened.rev, 1, 0, max(wanted.begins, opened.opened_at), min(wanted.ends, opened.closed_at)
    FROM opened
    JOIN wanted ON wanted.day = opened.day
    WHERE EXISTS (
        SELECT 1 FROM served WHERE served.desk = opened.desk AND (served.service IS NULL OR served.service = wanted.service)
    )
    UNION ALL
    SELECT opened.day, opened.rev, 0, 1, max(stay.first_called_at, opened.opened_at), min(stay.ended_at - stay.held, opened.closed_at)
    FROM opened
    JOIN stay ON stay.day = opened.day AND stay.desk = opened.desk
    WHERE stay.first_called_at IS NOT NULL
    UNION ALL
    SELECT paused.day, paused.rev, 0, 1, max(paused.began_at, opened.opened_at), min(paused.ended_at, opened.closed_at)
    FROM paused
    JOIN opened ON opened.day = paused.day AND opened.rev = paused.rev
),
-- The same as steps up and down, in order of time.
step (day, rev, at, wants, takes) AS (
    SELECT day, rev, begins, wants, takes FROM concerns WHERE begins < ends
    UNION ALL
    SELECT day, rev, ends, -wants, -takes FROM concerns WHERE begins < ends
),
moment AS (
    SELECT
        day, rev, at,
        sum(wants) OVER desk_time AS waiting,
        sum(takes) OVER desk_time AS busy,
        lead(at) OVER (PARTITION BY day, rev ORDER BY at ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS until
    FROM (SELECT day, rev, at, sum(wants) AS wants, sum(takes) AS takes FROM step GROUP BY day, rev, at)
    WINDOW desk_time AS (PARTITION BY day, rev ORDER BY at ROWS UNBOUNDED PRECEDING)
),
idle AS MATERIALIZED (
    SELECT day, rev, sum(until - at) AS ms FROM moment WHERE waiting > 0 AND busy = 0 GROUP BY day, rev
),
resting AS MATERIALIZED (
    SELECT day, rev, sum(max(ended_at - began_at, 0)) AS ms FROM paused GROUP BY day, rev
)
SELECT
    /* group */ AS part,
    sum(max(closed_at - opened_at, 0)) AS open,
    sum(coalesce(resting.ms, 0)) AS paused,
    sum(coalesce(idle.ms, 0)) AS idle
FROM opened
LEFT JOIN idle ON idle.day = opened.day AND idle.rev = opened.rev
LEFT JOIN resting ON resting.day = opened.day AND resting.rev = opened.rev
GROUP BY part
