"""Words that disclose what may not enter a hiring decision.

Lei 9.029/95 and CLT 373-A forbid weighing sex, origin, race, colour, marital status, family
situation, disability, professional rehabilitation and age. The fields that hold them never enter a
profile (see ``profiles``); these words keep what a CV says of them in passing out of the
vocabulary. The words are folded. Words that mostly mean something else in CVs (``civil``,
``single``, ``natural``) are not listed; ``branco`` is, because ``preto`` and ``pardo`` are.
"""

from typing import Final

__all__ = ["PROTECTED_WORDS"]

_AGE: Final = """
    ano anos age aged idade idoso idosa jovem jovens nascido nascida nascimento birth born
    aniversario aposentado aposentada
"""
_SEX_AND_FAMILY: Final = """
    sexo genero masculino masculina feminino feminina homem homens mulher mulheres male female
    gender mae pai maes pais filho filha filhos filhas gravida gravidez gestante gestacao lactante
    maternidade paternidade amamentacao gay lesbica bissexual homossexual heterossexual transexual
    transgenero travesti lgbt lgbtqia lgbtqiap
"""
_MARITAL: Final = """
    solteiro solteira casado casada divorciado divorciada separado separada desquitado desquitada
    viuvo viuva conjuge esposo esposa marido married divorced widowed amasiado amasiada
    companheiro companheira noivo noiva uniao estavel
"""
_ORIGIN: Final = """
    brasileiro brasileira brasileiros brasileiras nacionalidade naturalidade nationality brazilian
    estrangeiro estrangeira imigrante refugiado refugiada venezuelano venezuelana haitiano haitiana
    boliviano boliviana angolano angolana portuguesa argentino argentina nordestino nordestina
"""
_RACE_AND_RELIGION: Final = """
    raca etnia negro negra preto preta pardo parda branco branca amarelo amarela indigena
    quilombola afrodescendente caucasiano
    religiao catolico catolica evangelico evangelica protestante espirita judeu judia muculmano
    muculmana umbandista candomblecista crista cristao ateu ateia igreja
"""
_DISABILITY: Final = """
    pcd pne deficiente deficientes deficiencia cadeirante surdo surda cego cega autista autismo
    reabilitado reabilitada
"""

PROTECTED_WORDS: Final = frozenset(
    (_AGE + _SEX_AND_FAMILY + _MARITAL + _ORIGIN + _RACE_AND_RELIGION + _DISABILITY).split()
)
"""Folded words that the matcher does not read."""
