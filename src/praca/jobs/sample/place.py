"""The invented city: its neighbourhoods, streets and employers. None of them exists."""

from praca.kit.draw import Draw

__all__ = [
    "CITY",
    "NEARBY_CITIES",
    "NEIGHBOURHOODS",
    "STATE",
    "employer",
    "school",
    "street",
]

CITY = "Santa Aurora do Cedro"
STATE = "Minas Gerais"
NEARBY_CITIES = ("Pedra Clara do Ipê", "Lagoa das Garças Brancas", "Barra do Sabiá-Una")
NEIGHBOURHOODS = (
    ("Centro Velho", "Centro"),
    ("Praça dos Tropeiros", "Centro"),
    ("Jardim Quaresmeira", "Norte"),
    ("Alto do Mirante Azul", "Norte"),
    ("Vila dos Oleiros", "Norte"),
    ("Parque das Seriemas", "Sul"),
    ("Ribeirão Manso", "Sul"),
    ("Cohab Nova Aurora", "Sul"),
    ("Bairro da Estação", "Leste"),
    ("Recanto do Cedro", "Leste"),
    ("Distrito Industrial Três Pontes", "Oeste"),
    ("Chácaras Bem-te-vi", "Oeste"),
)
_STREETS = (
    "Rua das Quaresmeiras",
    "Rua do Oleiro Velho",
    "Avenida dos Tropeiros",
    "Rua da Caixa d'Água",
    "Rua Sete Lampiões",
    "Travessa do Chafariz",
    "Avenida Beira-Ribeirão",
    "Rua do Moinho Quebrado",
    "Rua das Rendeiras",
    "Alameda dos Bem-te-vis",
    "Rua da Ponte Pênsil",
    "Rua do Coreto",
    "Ladeira do Sino",
    "Rua das Goiabeiras Bravas",
)
_CORES = (
    "Araçá-Mirim",
    "Cedro Novo",
    "Ipê Lilás",
    "Sabiá-Una",
    "Caju Dourado",
    "Três Pontes",
    "Pedra Clara",
    "Maré Serrana",
    "Vento Manso",
    "Jatobá Alto",
    "Aurora Mansa",
    "Garça Branca",
    "Quaresmeira",
    "Lampião Azul",
    "Serra do Sino",
    "Olho-d'Água Bom",
    "Capim-Cidreira",
    "Lua de Barro",
)
_EMPLOYERS = {
    "tech": ("{} Sistemas", "{} Tecnologia", "Fábrica de Software {}", "{} Dados e Nuvem"),
    "office": ("Grupo {}", "Escritório {}", "{} Assessoria", "Cooperativa de Crédito {}"),
    "services": ("{} Serviços", "{} Terceirização", "Condomínio {}", "Hotel {}"),
    "retail": ("Lojas {}", "Supermercado {}", "Casa {}", "Magazine {}"),
    "transport": ("Transportes {}", "{} Logística", "Viação {}", "Atacado {}"),
    "health": ("Clínica {}", "Hospital {}", "Casa de Repouso {}", "Farmácias {}"),
    "school": ("Colégio {}", "Escola {}", "Creche {}", "Centro Educacional {}"),
    "public": (
        "Instituto {}",
        "Associação Comunitária {}",
        "Fundação {}",
        "Prefeitura de Santa Aurora do Cedro - Unidade {}",
    ),
    "food": ("Restaurante {}", "Padaria {}", "{} Refeições Coletivas", "Café {}"),
    "works": ("Construtora {}", "{} Engenharia", "Oficina {}", "Metalúrgica {}"),
}
_SCHOOLS = (
    "Faculdade {}",
    "Centro Universitário {}",
    "Escola Técnica {}",
    "Instituto de Ensino {}",
)


def employer(draw: Draw, sector: str) -> str:
    """Return an invented employer of the sector."""
    return draw.pick(_EMPLOYERS[sector]).format(draw.pick(_CORES))


def school(draw: Draw) -> str:
    """Return an invented school or faculty."""
    return draw.pick(_SCHOOLS).format(draw.pick(_CORES))


def street(draw: Draw) -> str:
    """Return a street with a house number."""
    return f"{draw.pick(_STREETS)}, {draw.between(3, 1890)}"
