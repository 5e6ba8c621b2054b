"""A CV reads the same in the feminine and in the masculine."""

import re

import pytest

from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.protected import PROTECTED_WORDS
from praca.learning.text import Tokenizer

_WORDS = """
    administrador/administradora advogado/advogada agrônomo/agrônoma
    alfabetizador/alfabetizadora apresentador/apresentadora apontador/apontadora
    arquiteto/arquiteta armador/armadora arrumador/arrumadora assessor/assessora ator/atriz
    auditor/auditora açougueiro/açougueira bancário/bancária barbeiro/barbeira
    bibliotecário/bibliotecária biólogo/bióloga biomédico/biomédica bombeiro/bombeira
    cabeleireiro/cabeleireira camareiro/camareira caminhoneiro/caminhoneira
    carpinteiro/carpinteira carteiro/carteira chapeiro/chapeira cobrador/cobradora
    comprador/compradora comerciário/comerciária comissário/comissária confeiteiro/confeiteira
    conselheiro/conselheira consultor/consultora contador/contadora controlador/controladora
    coordenador/coordenadora copeiro/copeira corretor/corretora costureiro/costureira
    cozinheiro/cozinheira cuidador/cuidadora deputado/deputada desenvolvedor/desenvolvedora
    diagramador/diagramadora digitador/digitadora diretor/diretora editor/editora
    educador/educadora embalador/embaladora empreendedor/empreendedora empregado/empregada
    encanador/encanadora encarregado/encarregada enfermeiro/enfermeira engenheiro/engenheira
    entregador/entregadora escriturário/escriturária escrivão/escrivã estagiário/estagiária
    estatístico/estatística farmacêutico/farmacêutica faxineiro/faxineira
    ferramenteiro/ferramenteira físico/física fonoaudiólogo/fonoaudióloga fotógrafo/fotógrafa
    funcionário/funcionária funileiro/funileira garçom/garçonete geógrafo/geógrafa
    geólogo/geóloga gestor/gestora historiador/historiadora inspetor/inspetora
    instalador/instaladora instrutor/instrutora investigador/investigadora jardineiro/jardineira
    jornaleiro/jornaleira lavador/lavadora lavadeiro/lavadeira locutor/locutora
    maestro/maestrina manicuro/manicure maquiador/maquiadora marceneiro/marceneira
    matemático/matemática mecânico/mecânica médico/médica mensageiro/mensageira mestre/mestra
    moderador/moderadora monitor/monitora montador/montadora motoboy/motogirl
    negociador/negociadora operador/operadora operário/operária orientador/orientadora
    padeiro/padeira pedreiro/pedreira pesquisador/pesquisadora pintor/pintora porteiro/porteira
    prefeito/prefeita produtor/produtora professor/professora programador/programadora
    promotor/promotora psicólogo/psicóloga publicitário/publicitária químico/química
    recreador/recreadora recrutador/recrutadora redator/redatora repositor/repositora
    revisor/revisora sapateiro/sapateira secretário/secretária serralheiro/serralheira
    servidor/servidora sócio/sócia soldador/soldadora supervisor/supervisora técnico/técnica
    tecnólogo/tecnóloga tesoureiro/tesoureira torneiro/torneira trabalhador/trabalhadora
    tradutor/tradutora treinador/treinadora tutor/tutora vendedor/vendedora vereador/vereadora
    veterinário/veterinária voluntário/voluntária zelador/zeladora proativo/proativa
    organizado/organizada dedicado/dedicada comunicativo/comunicativa formado/formada
    graduado/graduada pós-graduado/pós-graduada especializado/especializada
    habilitado/habilitada capacitado/capacitada qualificado/qualificada motivado/motivada
    focado/focada comprometido/comprometida criativo/criativa dinâmico/dinâmica
    determinado/determinada interessado/interessada apaixonado/apaixonada atento/atenta
    cuidadoso/cuidadosa educado/educada esforçado/esforçada honesto/honesta positivo/positiva
    prestativo/prestativa simpático/simpática sério/séria extrovertido/extrovertida
    introvertido/introvertida tímido/tímida contratado/contratada promovido/promovida
    registrado/registrada terceirizado/terceirizada aprovado/aprovada nomeado/nomeada
    indicado/indicada alocado/alocada efetivado/efetivada lotado/lotada licenciado/licenciada
    pós-doutorado/pós-doutorada mestrando/mestranda doutorando/doutoranda graduando/graduanda
    doutor/doutora bacharel/bacharela aluno/aluna universitário/universitária autônomo/autônoma
    desempregado/desempregada nativo/nativa treinado/treinada certificado/certificada
    premiado/premiada convidado/convidada eleito/eleita credenciado/credenciada
    concursado/concursada recém-formado/recém-formada adaptado/adaptada engajado/engajada
    disposto/disposta inovador/inovadora analítico/analítica metódico/metódica
    observador/observadora seguro/segura ambicioso/ambiciosa curioso/curiosa estudioso/estudiosa
    caprichoso/caprichosa batalhador/batalhadora conciliador/conciliadora empático/empática
    assíduo/assídua ético/ética campeão/campeã cidadão/cidadã alemão/alemã obrigado/obrigada
    grato/grata mesmo/mesma próprio/própria primeiro/primeira único/única
"""
PAIRS = [(one, other) for one, _, other in (pair.partition("/") for pair in _WORDS.split())]
TERMS = Tokenizer(drop=PROTECTED_WORDS)
_FEMININE = dict(PAIRS)


def in_the_feminine(text: str) -> str:
    return re.sub(r"\w[\w-]*", lambda match: _FEMININE.get(match.group(), match.group()), text)


def test_there_are_enough_pairs() -> None:
    assert len(PAIRS) >= 150
    assert all(one != other for one, other in PAIRS)


def test_both_forms_are_one_term() -> None:
    assert [pair for pair in PAIRS if TERMS(pair[0]) != TERMS(pair[1])] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("secretários", "secretárias"),
        ("desenvolvedores", "desenvolvedoras"),
        ("SECRETARIO", "Secretaria"),
        ("Sr. Dr.", "Sra. Dra."),
        ("o mesmo dele", "a mesma dela"),
    ],
)
def test_plurals_capitals_and_titles(one: str, other: str) -> None:
    assert TERMS(one) == TERMS(other)


def test_words_that_only_look_feminine_are_not_lost() -> None:
    assert TERMS("demanda agenda engenharia padaria") != TERMS("")
    assert TERMS("cirurgia") != TERMS("cirurgião")


def test_a_cv_in_the_other_gender_has_the_same_score(model: MatchModel) -> None:
    cv = "\n".join(
        f"Trabalhei como {one}, {other}, com java e sql."
        for one, other in zip([p[0] for p in PAIRS[::2]], [p[0] for p in PAIRS[1::2]], strict=False)
    )
    vacancy = VacancyProfile(titulo="Secretário", atividades="Apoio a sócios", competencias="java")
    man = CandidateProfile(titulo="secretário", cv=cv)
    woman = CandidateProfile(titulo="secretária", cv=in_the_feminine(cv))
    assert woman.cv != man.cv
    assert model.probability(man, vacancy) == model.probability(woman, vacancy)
