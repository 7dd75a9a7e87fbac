-- The segments of these days, day by day. Tickets first: those of a day lie together, and so do their segments. The `+` keeps the planner from
-- reading all segments of the day for each ticket.
SELECT
    ticket.day,
    /* group */ AS part,
    /* chosen */ AS is_chosen,
    CASE
        WHEN ticket.booked_for IS NOT NULL AND segment.segment = 1 AND segment.queued_at = ticket.issued_at THEN 'booked'
        WHEN NOT segment.reliable THEN 'unreliable'
        WHEN segment.ending IS NULL OR segment.ended_at IS NULL THEN 'open'
        ELSE segment.ending
    END AS fate,
    segment.segment = 1 AS is_first,
    segment.service,
    segment.desk,
    segment.queued_at,
    segment.first_called_at,
    segment.last_called_at,
    segment.started_at,
    segment.ended_at,
    segment.held,
    ticket.issued_at,
    -- Nobody can foretell when a visitor comes back.
    iif(segment.deferred_first = 0, ticket.expected, NULL) AS expected,
    segment.deferred,
    segment.deferred_first
FROM ticket
CROSS JOIN segment ON segment.branch = ticket.branch AND segment.day = +ticket.day AND segment.arrival = ticket.issued_rev
WHERE ticket.branch = ?1 AND ticket.day BETWEEN ?2 AND ?3/* filters */
ORDER BY ticket.day
