WITH
-- How far the wall clock is ahead of UTC, from when until when.
zone (begins, ends, ahead) AS MATERIALIZED (
    SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?4)
),
-- The segments of the scope. Tickets first: those of a day lie together, and so do their segments. The `+` keeps the planner from reading
-- all segments of the day for each ticket.
stay AS MATERIALIZED (
    SELECT
        /* group */ AS part,
        segment.segment = 1 AS is_first,
        CASE
            WHEN ticket.booked_for IS NOT NULL AND segment.segment = 1 AND segment.queued_at = ticket.issued_at THEN 'booked'
            WHEN NOT segment.reliable THEN 'unreliable'
            WHEN segment.ending IS NULL OR segment.ended_at IS NULL THEN 'open'
            ELSE segment.ending
        END AS fate,
        segment.first_called_at IS NOT NULL AND segment.last_called_at IS NOT NULL AS was_called,
        segment.desk IS NOT NULL AS at_desk,
        segment.last_called_at - segment.queued_at - segment.deferred AS wait,
        segment.first_called_at - segment.queued_at - segment.deferred_first AS first_wait,
        segment.started_at - segment.last_called_at AS walk,
        segment.ended_at - segment.started_at - segment.held AS service,
        segment.ended_at - ticket.issued_at AS stay,
        segment.ended_at - segment.queued_at - segment.deferred AS lasted,
        segment.ended_at - segment.last_called_at - segment.held AS at_work,
        -- Nobody can foretell when a visitor comes back.
        iif(segment.deferred_first = 0, ticket.expected, NULL) AS expected
    FROM ticket
    CROSS JOIN segment ON segment.branch = ticket.branch AND segment.day = +ticket.day AND segment.arrival = ticket.issued_rev
    WHERE ticket.branch = ?1 AND ticket.day BETWEEN ?2 AND ?3/* filters */
),
-- Those that have ended, with times that say something.
counted AS MATERIALIZED (
    SELECT * FROM stay WHERE fate NOT IN ('booked', 'unreliable', 'open')
)
