"""The help desk's articles, every version that they had, and the revision of them all."""

from praca.migrations.environment import run_script

revision = "0014_knowledge"
down_revision = "0013_journal"
branch_labels = None
depends_on = None

_UP = """
CREATE SCHEMA helpdesk;
CREATE TABLE helpdesk.articles (
    id bigint GENERATED ALWAYS AS IDENTITY,
    key text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    title text NOT NULL,
    summary text NOT NULL DEFAULT '',
    brief text NOT NULL DEFAULT '',
    body text NOT NULL DEFAULT '',
    steps text NOT NULL DEFAULT '',
    more text NOT NULL DEFAULT '',
    cost text NOT NULL DEFAULT '',
    deadline text NOT NULL DEFAULT '',
    agency text NOT NULL DEFAULT '',
    category text[] NOT NULL DEFAULT '{}',
    links text[] NOT NULL DEFAULT '{}',
    keywords text[] NOT NULL DEFAULT '{}',
    valid_from date,
    valid_until date,
    layout text NOT NULL DEFAULT 'own',
    extras json NOT NULL DEFAULT '{}',
    title_search text NOT NULL,
    category_search text[] NOT NULL DEFAULT '{}',
    search text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_articles PRIMARY KEY (id),
    CONSTRAINT uq_articles_key UNIQUE (key),
    CONSTRAINT ck_articles_version CHECK (version > 0),
    CONSTRAINT ck_articles_period CHECK (valid_from <= valid_until),
    CONSTRAINT ck_articles_layout CHECK (layout IN ('own', 'municipal'))
);
COMMENT ON COLUMN helpdesk.articles.extras IS
    'members of the file that are no content; of the municipal layout the record as it came';
COMMENT ON COLUMN helpdesk.articles.title_search IS 'lower case, without accents';
COMMENT ON COLUMN helpdesk.articles.category_search IS 'lower case, without accents';
COMMENT ON COLUMN helpdesk.articles.search IS 'all its texts, lower case, without accents';
CREATE INDEX ix_articles_valid_from ON helpdesk.articles (valid_from)
    WHERE valid_from IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX ix_articles_valid_until ON helpdesk.articles (valid_until)
    WHERE valid_until IS NOT NULL AND deleted_at IS NULL;
CREATE TABLE helpdesk.article_versions (
    article_id bigint NOT NULL,
    version integer NOT NULL,
    action text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    actor_id bigint,
    content jsonb NOT NULL,
    CONSTRAINT pk_article_versions PRIMARY KEY (article_id, version),
    CONSTRAINT fk_article_versions_article_id_articles
        FOREIGN KEY (article_id) REFERENCES helpdesk.articles (id),
    CONSTRAINT ck_article_versions_action
        CHECK (action IN ('criado', 'alterado', 'removido', 'restaurado'))
);
COMMENT ON COLUMN helpdesk.article_versions.actor_id IS 'account that wrote it; null: nobody''s';
CREATE TABLE helpdesk.knowledge (
    id boolean NOT NULL DEFAULT true,
    revision bigint NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_knowledge PRIMARY KEY (id),
    CONSTRAINT ck_knowledge_one_row CHECK (id)
);
COMMENT ON COLUMN helpdesk.knowledge.revision IS 'grows with every change of an article';
"""

_DOWN = """
DROP TABLE helpdesk.knowledge;
DROP TABLE helpdesk.article_versions;
DROP TABLE helpdesk.articles;
DROP SCHEMA helpdesk;
"""


def upgrade() -> None:
    run_script(_UP)


def downgrade() -> None:
    run_script(_DOWN)
