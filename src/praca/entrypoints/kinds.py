"""Every kind of background work that this release knows."""

from praca.entrypoints.personal_data import ERASE_ALL_ACCOUNTS, FINISH_ERASURES
from praca.helpdesk.chatbot import FORGET_CONVERSATIONS
from praca.helpdesk.desk.tasks import DESK_KINDS
from praca.helpdesk.knowledge.importing import IMPORT_ARTICLES
from praca.helpdesk.questions.tasks import FORGET_QUESTIONS
from praca.identity.recovery.tasks import MAIL_KINDS
from praca.identity.social import CLEAN_SOCIAL
from praca.jobs.erasure import CLEAN_ERASED
from praca.jobs.hiring import TRAIN_HIRING
from praca.jobs.matching import INDEX_MATCH, TRAIN_MATCH
from praca.jobs.matching.drift import CHECK_DRIFT
from praca.jobs.transfer import TRANSFER_KINDS
from praca.library.ml import TRAIN_BOOKS
from praca.library.scraper.tasks import SCRAPE_LIBRARY
from praca.platform.retention import RETENTION
from praca.platform.tasks import TaskKind
from praca.wallet import FORGET_ANSWERS
from praca.wallet.documents.tasks import REMIND_OF_DOCUMENTS, SWEEP_DOCUMENTS
from praca.wallet.pix.tasks import PIX_KINDS

__all__ = ["TASK_KINDS"]

TASK_KINDS: tuple[TaskKind, ...] = (
    *MAIL_KINDS,
    *TRANSFER_KINDS,
    TRAIN_MATCH,
    INDEX_MATCH,
    CHECK_DRIFT,
    TRAIN_HIRING,
    FORGET_ANSWERS,
    *PIX_KINDS,
    CLEAN_SOCIAL,
    REMIND_OF_DOCUMENTS,
    SWEEP_DOCUMENTS,
    CLEAN_ERASED,
    FINISH_ERASURES,
    TRAIN_BOOKS,
    ERASE_ALL_ACCOUNTS,
    SCRAPE_LIBRARY,
    RETENTION,
    FORGET_QUESTIONS,
    *DESK_KINDS,
    FORGET_CONVERSATIONS,
    IMPORT_ARTICLES,
)
