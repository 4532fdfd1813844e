-- Who may sign in. Secrets are kept as digests only: SHA-256 of random tokens,
-- argon2id of passwords.

-- +goose Up
CREATE TABLE pasaj.account (
    name text PRIMARY KEY CHECK (octet_length(name) BETWEEN 1 AND 100),
    role text NOT NULL CHECK (role IN ('reader', 'editor', 'administrator')),
    audience text NOT NULL CHECK (audience IN ('public', 'hum', 'sec', 'ops')),
    password_hash text NOT NULL DEFAULT '' CHECK (octet_length(password_hash) <= 500),
    disabled boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE pasaj.account IS 'Somebody who may sign in, by function or handle.';
COMMENT ON COLUMN pasaj.account.password_hash IS 'argon2id in PHC form; empty: no password set, none is accepted.';

CREATE TABLE pasaj.session (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    account text NOT NULL REFERENCES pasaj.account ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX ON pasaj.session (account);
CREATE INDEX ON pasaj.session (expires_at);
COMMENT ON TABLE pasaj.session IS 'Signed-in browsers, by the digest of their cookie.';

CREATE TABLE pasaj.token (
    id uuid PRIMARY KEY,
    digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    name text NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 100),
    role text NOT NULL CHECK (role IN ('reader', 'editor', 'administrator')),
    audience text NOT NULL CHECK (audience IN ('public', 'hum', 'sec', 'ops')),
    layers text[] CHECK (cardinality(layers) <= 100),
    created_by text NOT NULL CHECK (octet_length(created_by) <= 100),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
COMMENT ON TABLE pasaj.token IS 'Access of machines: audience, layers and end date.';
COMMENT ON COLUMN pasaj.token.layers IS 'Names of layers it is narrowed to; null for all of the audience.';

CREATE TABLE pasaj.sign_in_link (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    account text NOT NULL REFERENCES pasaj.account ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
COMMENT ON TABLE pasaj.sign_in_link IS 'One-time links by which an account signs in and may set its password.';
