"""The scraper's crawls and their frontier: what is to be read, what was, and what could not be."""

from praca.migrations.environment import run_script

revision = "0012_scraper"
down_revision = "0011_library"
branch_labels = None
depends_on = None

_UP = """
CREATE TABLE library.crawls (
    id uuid NOT NULL,
    shop text NOT NULL,
    state text NOT NULL DEFAULT 'running',
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    paused_until timestamptz,
    known integer NOT NULL DEFAULT 0,
    settled integer NOT NULL DEFAULT 0,
    starts integer NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0,
    new integer NOT NULL DEFAULT 0,
    changed integer NOT NULL DEFAULT 0,
    is_clipped boolean NOT NULL DEFAULT false,
    notes text[] NOT NULL DEFAULT '{}',
    result jsonb,
    error text,
    CONSTRAINT pk_crawls PRIMARY KEY (id),
    CONSTRAINT ck_crawls_state CHECK (state IN ('running', 'succeeded', 'failed', 'cancelled'))
);
COMMENT ON COLUMN library.crawls.id IS 'that of its task';
COMMENT ON COLUMN library.crawls.paused_until IS 'the shop asked to be left alone until then';
COMMENT ON COLUMN library.crawls.known IS 'pages found so far';
COMMENT ON COLUMN library.crawls.settled IS 'pages that need no further look';
COMMENT ON COLUMN library.crawls.starts IS
    'how often it was taken up since a page was last settled';
COMMENT ON COLUMN library.crawls.is_clipped IS 'there were more pages than it may read';
CREATE TABLE library.pages (
    id bigint GENERATED ALWAYS AS IDENTITY,
    shop text NOT NULL,
    path text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL DEFAULT 'discovered',
    crawl_id uuid NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    not_before timestamptz,
    lease_owner uuid,
    lease_until timestamptz,
    etag text,
    last_modified text,
    content_hash bytea,
    parser_version integer,
    links text[] NOT NULL DEFAULT '{}',
    next_path text,
    upc text,
    status integer,
    error text,
    field text,
    reason text,
    discovered_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    CONSTRAINT pk_pages PRIMARY KEY (id),
    CONSTRAINT uq_pages_shop_path UNIQUE (shop, path),
    CONSTRAINT fk_pages_crawl_id_crawls FOREIGN KEY (crawl_id) REFERENCES library.crawls (id),
    CONSTRAINT ck_pages_kind CHECK (kind IN ('listing', 'book')),
    CONSTRAINT ck_pages_state
        CHECK (state IN ('discovered', 'in_flight', 'done', 'failed', 'quarantined')),
    CONSTRAINT ck_pages_lease CHECK (
        (state = 'in_flight') = (lease_owner IS NOT NULL)
        AND (lease_owner IS NULL) = (lease_until IS NULL))
);
COMMENT ON COLUMN library.pages.crawl_id IS 'the crawl that found it last';
COMMENT ON COLUMN library.pages.not_before IS 'not asked for again before then';
COMMENT ON COLUMN library.pages.links IS 'of a listing: the paths of its books';
COMMENT ON COLUMN library.pages.next_path IS 'of a listing: the one after it';
COMMENT ON COLUMN library.pages.field IS 'what could not be read of it, until it can';
CREATE INDEX ix_pages_due ON library.pages (crawl_id, kind DESC, id)
    WHERE state IN ('discovered', 'in_flight');
CREATE INDEX ix_pages_upc ON library.pages (upc);
CREATE INDEX ix_pages_quarantine ON library.pages (settled_at) WHERE field IS NOT NULL;
"""

_DOWN = """
DROP TABLE library.pages;
DROP TABLE library.crawls;
"""


def upgrade() -> None:
    run_script(_UP)


def downgrade() -> None:
    run_script(_DOWN)
