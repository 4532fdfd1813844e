-- Watches: journeys that their owners asked to be told about. A stored journey
-- endangers who makes it, so: only what an owner asked to store, until a date
-- at most 90 days off, in no view and no world, and deleting deletes.

-- +goose Up
CREATE TABLE pasaj.watch (
    id uuid PRIMARY KEY,
    owner text NOT NULL REFERENCES pasaj.account ON DELETE CASCADE,
    audience text NOT NULL CHECK (audience IN ('public', 'hum', 'sec', 'ops')),
    request jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at AND expires_at <= created_at + interval '90 days'),
    verdict jsonb
) WITH (
    -- What was deleted or replaced is wiped within minutes.
    autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 0, toast.autovacuum_vacuum_scale_factor = 0
);
CREATE INDEX ON pasaj.watch (owner);
CREATE INDEX ON pasaj.watch (expires_at);
COMMENT ON TABLE pasaj.watch IS 'Journeys that are watched for their owners. SEVERE. The only table whose rows are truly deleted. Rows show only to a session that names their owner in pasaj.watch_owner.';
COMMENT ON COLUMN pasaj.watch.owner IS 'Account that asked for it.';
COMMENT ON COLUMN pasaj.watch.audience IS 'What the owner may see: the world that answers.';
COMMENT ON COLUMN pasaj.watch.request IS 'The question, with its places and times.';
COMMENT ON COLUMN pasaj.watch.expires_at IS 'When it is deleted.';
COMMENT ON COLUMN pasaj.watch.verdict IS 'The last answer: advice, revision, when, and features that are its reasons; null before the first.';

ALTER TABLE pasaj.watch ENABLE ROW LEVEL SECURITY;
ALTER TABLE pasaj.watch FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON pasaj.watch
    USING (owner = current_setting('pasaj.watch_owner', true) OR current_setting('pasaj.watch_scope', true) = 'all')
    WITH CHECK (owner = current_setting('pasaj.watch_owner', true) OR current_setting('pasaj.watch_scope', true) = 'all');
