-- Notices are said, too.
DROP INDEX event_said;
CREATE INDEX event_said ON event (room, seq) WHERE type IN ('said', 'acted', 'noticed', 'whispered') AND text <> '';
