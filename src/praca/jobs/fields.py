"""The field names of the job centre's records, in the order the API answers them.

Stored JSON carries these names (and whatever else came); the files of the old system misspell
three of them, and :func:`api_spelling` turns those into ours. Codes are columns, not members.
"""

from collections.abc import Mapping
from typing import Any, Final

__all__ = [
    "CANDIDATE_ALIASES",
    "CANDIDATE_BASIC",
    "CANDIDATE_EDUCATION",
    "CANDIDATE_PERSONAL",
    "CANDIDATE_PROFESSIONAL",
    "CANDIDATE_SECTIONS",
    "LONGEST_FIELD",
    "LONGEST_STATUS",
    "LONGEST_TITLE",
    "PROSPECT_ALIASES",
    "PROSPECT_FIELDS",
    "VACANCY_ALIASES",
    "VACANCY_BASIC",
    "VACANCY_BENEFITS",
    "VACANCY_PROFILE",
    "VACANCY_SECTIONS",
    "api_spelling",
]

LONGEST_FIELD: Final = 200_000
"""Characters one field may have."""

LONGEST_TITLE: Final = 500
"""Characters of a prospect group's title, which is part of a key."""

LONGEST_STATUS: Final = 200
"""Characters of an application's state."""

CANDIDATE_BASIC: Final = (
    "nome",
    "email",
    "telefone",
    "telefone_recado",
    "objetivo_profissional",
    "data_criacao",
    "data_atualizacao",
    "inserido_por",
    "local",
    "sabendo_de_nos_por",
)
CANDIDATE_PERSONAL: Final = (
    "nome",
    "cpf",
    "telefone_celular",
    "telefone_recado",
    "data_nascimento",
    "sexo",
    "estado_civil",
    "pcd",
    "endereco",
    "skype",
    "url_linkedin",
    "facebook",
    "fonte_indicacao",
    "email",
    "email_secundario",
    "data_aceite",
    "download_cv",
)
CANDIDATE_PROFESSIONAL: Final = (
    "titulo_profissional",
    "area_atuacao",
    "conhecimentos_tecnicos",
    "certificacoes",
    "outras_certificacoes",
    "remuneracao",
    "nivel_profissional",
    "qualificacoes",
    "experiencias",
)
CANDIDATE_EDUCATION: Final = (
    "nivel_academico",
    "nivel_ingles",
    "nivel_espanhol",
    "outro_idioma",
    "instituicao_ensino_superior",
    "cursos",
    "ano_conclusao",
    "outro_curso",
)
CANDIDATE_SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "infos_basicas": CANDIDATE_BASIC,
    "informacoes_pessoais": CANDIDATE_PERSONAL,
    "informacoes_profissionais": CANDIDATE_PROFESSIONAL,
    "formacao_e_idiomas": CANDIDATE_EDUCATION,
}
"""Sections of a candidate that the details show, by column; ``cargo_atual`` is only kept."""

VACANCY_BASIC: Final = (
    "data_requisicao",
    "limite_esperado_para_contratacao",
    "titulo_vaga",
    "vaga_sap",
    "cliente",
    "solicitante_cliente",
    "empresa_divisao",
    "requisitante",
    "analista_responsavel",
    "tipo_contratacao",
    "prazo_contratacao",
    "objetivo_vaga",
    "prioridade_vaga",
    "origem_vaga",
    "superior_imediato",
    "nome",
    "telefone",
    "data_inicial",
    "data_final",
    "nome_substituto",
)
VACANCY_PROFILE: Final = (
    "pais",
    "estado",
    "cidade",
    "bairro",
    "regiao",
    "local_trabalho",
    "vaga_especifica_para_pcd",
    "faixa_etaria",
    "horario_trabalho",
    "nivel_profissional",
    "nivel_academico",
    "nivel_ingles",
    "nivel_espanhol",
    "outro_idioma",
    "areas_atuacao",
    "principais_atividades",
    "competencia_tecnicas_e_comportamentais",
    "demais_observacoes",
    "viagens_requeridas",
    "equipamentos_necessarios",
    "habilidades_comportamentais_necessarias",
)
VACANCY_BENEFITS: Final = ("valor_venda", "valor_compra_1", "valor_compra_2")
VACANCY_SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "infos_basicas": VACANCY_BASIC,
    "perfil_vaga": VACANCY_PROFILE,
    "beneficios": VACANCY_BENEFITS,
}

PROSPECT_FIELDS: Final = (
    "id",
    "codigo_vaga",
    "titulo_vaga",
    "nome",
    "codigo_candidato",
    "situacao_candidato",
    "data_candidatura",
    "ultima_atualizacao",
    "comentario",
    "recrutador",
)
"""Columns of an application, as answered; ``comentario`` alone may be null."""

# File spelling -> API spelling, per kind of record.
CANDIDATE_ALIASES: Final[Mapping[str, str]] = {"nivel profissional": "nivel_profissional"}
VACANCY_ALIASES: Final[Mapping[str, str]] = {
    "nivel profissional": "nivel_profissional",
    "data_requicisao": "data_requisicao",
}
PROSPECT_ALIASES: Final[Mapping[str, str]] = {"situacao_candidado": "situacao_candidato"}


def api_spelling(section: Mapping[str, Any], aliases: Mapping[str, str]) -> dict[str, Any]:
    """Return ``section`` with the names of the files replaced by those of the API.

    Where both spellings came, the API's own counts, unless it is empty.
    """
    renamed = dict(section)
    for theirs, ours in aliases.items():
        if theirs in renamed:
            value = renamed.pop(theirs)
            if not renamed.get(ours):
                renamed[ours] = value
    return renamed
