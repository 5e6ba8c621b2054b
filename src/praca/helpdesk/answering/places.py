"""Other cities and states, by which a question is about a service that is not ours to explain.

"Como agendo vacina em Porto Alegre?" has all the words of our article about vaccination. Names
that are also words (Natal, Vitória, Palmas, Santos, Serra) or common names of districts (Campo
Grande, Boa Vista) are left out.
"""

import re
from collections.abc import Iterable
from typing import Final

from praca.kit.text import fold

__all__ = ["places_in"]

_NAMES: Final = """
acre, alagoas, amapá, amazonas, ananindeua, angra dos reis, aparecida de goiânia, aracaju,
araçatuba, araraquara, bahia, barueri, bauru, belém, belo horizonte, betim, blumenau, brasília,
buenos aires, cabo frio, campina grande, campinas, campos dos goytacazes, canoas, cariacica,
caruaru, cascavel, caucaia, caxias do sul, ceará, chapecó, cuiabá, curitiba, diadema,
distrito federal, duque de caxias, espírito santo, feira de santana, florianópolis, fortaleza,
foz do iguaçu, goiânia, goiás, governador valadares, gravataí, guarujá, guarulhos, ipatinga,
itabuna, itajaí, itaquaquecetuba, jaboatão, joão pessoa, joinville, juazeiro do norte,
juiz de fora, jundiaí, limeira, lisboa, londrina, macaé, macapá, maceió, manaus, marabá,
maranhão, maringá, mato grosso, minas gerais, mogi das cruzes, montes claros, mossoró,
niterói, nova iguaçu, novo hamburgo, olinda, osasco, paraíba, paraná, parauapebas,
pelotas, pernambuco, petrolina, petrópolis, piauí, piracicaba, ponta grossa, porto alegre,
porto velho, portugal, praia grande, presidente prudente, recife, ribeirão preto, rio branco,
rio de janeiro, rio grande do norte, rio grande do sul, rondônia, rondonópolis, roraima, salvador,
santa catarina, santarém, santo andré, são bernardo, são gonçalo, são josé do rio preto,
são josé dos campos, são luís, são paulo, sergipe, sorocaba, taboão da serra, taubaté,
teresina, tocantins, uberaba, uberlândia, vila velha, volta redonda
"""
_PLACES: Final = {
    name: re.compile(rf"\b{re.escape(name)}\b")
    for name in sorted(fold(" ".join(name.split())) for name in _NAMES.split(","))
}


def places_in(texts: Iterable[str]) -> frozenset[str]:
    """Return the places of the table that ``texts`` name, folded."""
    folded = "\n".join(map(fold, texts))
    # Looking for a text is much faster than trying all names at each character.
    return frozenset(
        name for name, word in _PLACES.items() if name in folded and word.search(folded)
    )
