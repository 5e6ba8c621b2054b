"""What invented books of every category share: places, people, sentences."""

__all__ = [
    "ASIDES",
    "CLOSINGS",
    "FIRST_NAMES",
    "LAST_NAMES",
    "MIDDLES",
    "OPENINGS",
    "PLACES",
    "SIGNED_OPENINGS",
]

PLACES = (
    *("de Ouro Velho", "de Santa Rita", "do Cosme Velho", "de Paranaguá", "do Recôncavo"),
    *("da Ladeira", "do Beco do Rosário", "de Vila Bela", "do Largo da Matriz", "de Itaguaí"),
    *("do Porto Novo", "de Barra Mansa", "da Serra do Mar", "do Arraial", "de Sabará"),
)
"""Ends of titles that suit any category."""

FIRST_NAMES = (
    *("Adelaide", "Belmiro", "Celina", "Dimas", "Emília", "Fausto", "Glória", "Horácio", "Iracy"),
    *("Jurandir", "Leonor", "Moacir", "Noêmia", "Otília", "Péricles", "Rosália", "Sebastião"),
    *("Teodora", "Ubirajara", "Zulmira"),
)
LAST_NAMES = (
    *("Abrantes", "Bittencourt", "Carvalhal", "Drumond", "Espinheira", "Figueirôa", "Guaraciaba"),
    *("Holanda", "Itapema", "Jordão", "Lacerda", "Mascarenhas", "Nóbrega", "Oiticica", "Paranhos"),
    *("Quaresma", "Rabelo", "Saldanha", "Taveira", "Vasconcelos"),
)

OPENINGS = (
    "Um livro sobre {a} e {b}.",
    "Quem se interessa por {a} vai encontrar aqui também {b} e {c}.",
    "O ponto de partida: {a}. O de chegada: {b}.",
    "Nestas páginas cabem {a}, {b} e, quando menos se espera, {c}.",
    "Três assuntos e um só livro: {a}, {b}, {c}.",
)
SIGNED_OPENINGS = (
    "Entre {a} e {b}, {author} encontra o seu assunto.",
    "{author} escreve sobre {a} com a calma de quem conhece {b}.",
    "Em vinte capítulos, {author} reúne {a}, {b} e {c}.",
    "{author} juntou por dez anos notas sobre {a}; este livro nasceu delas.",
)
MIDDLES = (
    "Há lugar ainda para {d} e {e}.",
    "Um capítulo inteiro mostra {d}.",
    "Não faltam exemplos: {d}, {e}.",
    "As melhores páginas são sobre {d}.",
    "Sobre {d}, o livro diz o que poucos disseram.",
    "Na segunda parte, {d}; na terceira, {e}.",
)
ASIDES = (
    "Pelo caminho aparecem {x} e {y}.",
    "Leitores de livros sobre {x} não se sentirão estranhos.",
    "Um apêndice compara tudo isso com {x}.",
)
"""About something else: what a description says is not always of its category."""

CLOSINGS = (
    "Edição revista, com índice e notas.",
    "Leitura para uma tarde de chuva.",
    "Primeira edição, em papel pólen.",
    "Com um posfácio de quem o leu primeiro.",
    "Segunda tiragem.",
    "Recomendado pelo clube de leitura da praça.",
    "Ilustrado.",
    "Texto integral.",
    "Para ler devagar.",
    "",
)
