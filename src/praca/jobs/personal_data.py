"""What the job centre keeps about an account: the candidate it is linked to, and all about him."""

from typing import Any, Final

from pydantic import JsonValue
from sqlalchemy import text

from praca.jobs.accounts import candidate_of
from praca.jobs.erasure import erase_candidate, erase_reviews_of
from praca.platform.database import ReadSession
from praca.platform.resources import Resources

__all__ = ["JobsHolder"]

# Who among the staff wrote something is left out: a member of staff is a person, too.
_CANDIDATE: Final = """
SELECT jsonb_build_object(
    'codigo_profissional', codigo_profissional,
    'infos_basicas', infos_basicas - 'inserido_por',
    'informacoes_pessoais', informacoes_pessoais,
    'informacoes_profissionais', informacoes_profissionais,
    'formacao_e_idiomas', formacao_e_idiomas,
    'cargo_atual', cargo_atual,
    'outros_campos', extras,
    'cv_pt', cv_pt,
    'cv_en', cv_en,
    'atualizado_em', updated_at)
FROM jobs.candidates WHERE codigo_profissional = :codigo
"""
_APPLICATIONS: Final = """
SELECT jsonb_build_object(
    'codigo_vaga', codigo_vaga,
    'titulo_vaga', titulo_vaga,
    'nome', nome,
    'situacao_candidato', situacao_candidato,
    'data_candidatura', data_candidatura,
    'ultima_atualizacao', ultima_atualizacao,
    'comentario', comentario,
    'outros_campos', extras)
FROM jobs.prospects WHERE codigo_candidato = :codigo ORDER BY id
"""
_SCORES: Final = """
SELECT jsonb_build_object(
    'codigo_vaga', codigo_vaga,
    'versao_do_modelo', version,
    'candidato', candidate,
    'vaga', vacancy,
    'log_da_chance', logit,
    'calculado_em', created_at)
FROM jobs.score_snapshots WHERE codigo_candidato = :codigo ORDER BY created_at, hash
"""
_REVIEWS: Final = """
SELECT jsonb_build_object(
    'id', id,
    'codigo_vaga', codigo_vaga,
    'motivo', motivo,
    'status', status,
    'prazo', prazo,
    'pedida_em', requested_at,
    'decisao', decisao,
    'justificativa', justificativa,
    'decidida_em', decided_at)
FROM jobs.reviews WHERE codigo_candidato = :codigo OR account_id = :account_id
ORDER BY requested_at, id
"""
_READINGS: Final = """
SELECT jsonb_build_object('quando', at, 'acao', action)
FROM platform.audit_log
WHERE resource_type = 'candidate' AND resource_id IN (:candidate, :link) ORDER BY id
"""
_NOBODY: Final = -1  # codes begin at 1


class JobsHolder:
    """The candidate's record, applications, kept scores and reviews."""

    name = "empregos"

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._database = resources.databases.city

    async def export(self, account_id: int) -> JsonValue:
        """Return all about the linked candidate, and who looked at him when."""
        async with self._database.read() as session:
            codigo = await candidate_of(session, account_id)
            code: dict[str, Any] = {"codigo": _NOBODY if codigo is None else codigo}
            noted = {"candidate": str(codigo), "link": f"{codigo}/{account_id}"}
            candidate = await _rows(session, _CANDIDATE, code)
            return {
                "candidato": candidate[0] if candidate else None,
                "candidaturas": await _rows(session, _APPLICATIONS, code),
                "compatibilidades": await _rows(session, _SCORES, code),
                "revisoes": await _rows(session, _REVIEWS, code | {"account_id": account_id}),
                "consultas": [] if codigo is None else await _rows(session, _READINGS, noted),
            }

    async def erase(self, account_id: int) -> None:
        """Erase the linked candidate, and what the account wrote about one linked before.

        The rows go at once and together; files and saved indexes follow by a task that is
        enqueued with them.
        """
        async with self._database.write() as session:
            codigo = await candidate_of(session, account_id)
            if codigo is not None:
                await erase_candidate(self._resources, session, codigo, actor_id=account_id)
            await erase_reviews_of(session, account_id)


async def _rows(session: ReadSession, query: str, values: dict[str, Any]) -> list[JsonValue]:
    return list((await session.scalars(text(query), values)).all())
