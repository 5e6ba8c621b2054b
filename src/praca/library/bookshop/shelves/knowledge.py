"""Categories of invented books that explain, tell what happened, or teach how to do."""

from praca.library.bookshop.shelves.subject import Subject

__all__ = ["KNOWLEDGE"]

KNOWLEDGE = (
    Subject(
        "Ensaios",
        1,
        ("Ensaio", "Reflexões", "Apontamentos", "Três Ensaios", "Dúvidas"),
        ("sobre a Preguiça", "sobre o Tédio", "sobre a Vida Lenta", "sobre a Cidade"),
        (
            *("argumentos", "dúvida", "a vida moderna", "hábitos", "o tédio", "digressões"),
            *("a condição urbana", "opinião própria", "leituras cruzadas", "ócio", "contradições"),
            *("pensamento livre",),
        ),
    ),
    Subject(
        "Crítica Literária",
        1,
        ("Leituras", "Estudos", "Crítica", "O Narrador", "A Forma"),
        ("do Romance Brasileiro", "de Machado", "do Naturalismo", "da Poesia Simbolista"),
        (
            *("narradores", "escolas literárias", "naturalismo", "parnasianos", "simbolismo"),
            *("análise de romances", "estilo de autor", "cânone", "resenhas", "leitura cerrada"),
            *("personagens e enredos", "história da literatura"),
        ),
    ),
    Subject(
        "Biografias",
        1,
        ("A Vida", "O Homem", "Retrato", "Vida e Obra", "Os Anos"),
        ("de um Engenheiro", "de Chiquinha", "do Barão", "de uma Professora"),
        (
            *("infância e juventude", "vida de uma maestrina", "retrato de um barão", "arquivos"),
            *("cartas inéditas do biografado", "genealogia", "carreira", "últimos anos"),
            *("um inventor esquecido", "amigos e rivais", "vida pública", "depoimentos"),
        ),
    ),
    Subject(
        "Memórias",
        1,
        ("Memórias", "Lembranças", "Minha Infância", "Recordações", "O Quintal"),
        ("de um Boticário", "de Menina", "da Casa Grande", "de Antigamente"),
        (
            *("minha avó", "meu pai", "lembranças de menino", "o quintal da infância"),
            *("fotografias amareladas", "a casa onde nasci", "recordações", "velhos cadernos"),
            *("tios e primos", "o que esqueci", "minha primeira professora", "autobiografia"),
        ),
    ),
    Subject(
        "Correspondência",
        1,
        ("Cartas", "Correspondência", "Bilhetes", "Cartas Trocadas", "Postais"),
        ("a um Amigo", "entre Dois Portos", "de Ida e Volta", "de Além-Mar"),
        (
            *("cartas trocadas", "bilhetes", "selos e carimbos", "remetentes", "destinatários"),
            *("cartões-postais", "correspondência de exílio", "envelopes", "respostas tardias"),
            *("pós-escritos", "o correio", "missivas"),
        ),
    ),
    Subject(
        "Viagens",
        1,
        ("Viagem", "Caminhos", "Diário de Viagem", "Roteiro", "Trilhas"),
        ("ao Alto Amazonas", "pelo Litoral", "de Trem", "às Minas"),
        (
            *("estradas", "estações de trem", "hospedarias", "roteiros", "paisagens", "bagagem"),
            *("travessias de barco", "mapas dobrados", "guias locais", "praias desertas"),
            *("vilarejos", "passaportes"),
        ),
    ),
    Subject(
        "História do Brasil",
        12,
        ("História", "A Revolta", "O Império", "A Independência", "Crônica"),
        ("do Rio Colonial", "dos Malês", "da Regência", "do Café"),
        (
            *("Império", "Regência", "revoltas provinciais", "Proclamação da República"),
            *("ciclo do ouro", "café e ferrovias", "arquivos nacionais", "Dom Pedro II"),
            *("a Independência", "câmaras municipais", "imigração", "a Guerra do Paraguai"),
        ),
    ),
    Subject(
        "História Geral",
        1,
        ("Breve História", "A Queda", "O Século", "As Cidades", "Os Mercadores"),
        ("de Roma", "dos Impérios", "do Mediterrâneo", "da Idade Média"),
        (
            *("Roma", "Grécia", "Idade Média", "cruzadas", "impérios", "rotas da seda"),
            *("revoluções europeias", "dinastias", "fenícios", "Renascimento", "feudos"),
            *("faraós",),
        ),
    ),
    Subject(
        "Política",
        1,
        ("O Poder", "A Eleição", "O Partido", "O Voto", "A Assembleia"),
        ("na Província", "do Povo", "em Debate", "por Dentro"),
        (
            *("eleições", "partidos", "voto", "parlamento", "governo", "oposição", "democracia"),
            *("campanhas", "coalizões", "cidadania", "reforma do Estado", "assembleias"),
        ),
    ),
    Subject(
        "Direito",
        1,
        ("Curso", "O Código", "Os Contratos", "Manual", "Princípios"),
        ("de Direito Civil", "das Sucessões", "do Processo", "das Obrigações"),
        (
            *("contratos", "código civil", "sentenças", "tribunais", "processo", "jurisprudência"),
            *("obrigações", "testamentos", "advogados", "recursos", "leis comentadas", "juízes"),
        ),
    ),
    Subject(
        "Economia",
        1,
        ("A Moeda", "O Preço", "Inflação", "Mercados", "O Imposto"),
        ("no Brasil", "do Café", "e Salário", "para Quem Trabalha"),
        (
            *("inflação", "juros", "moeda", "salários", "impostos", "oferta e procura"),
            *("balança comercial", "bancos", "dívida pública", "preços", "desemprego", "câmbio"),
        ),
    ),
    Subject(
        "Negócios",
        1,
        ("A Loja", "Vender Bem", "O Balcão", "Gestão", "A Pequena Empresa"),
        ("sem Susto", "em Família", "na Prática", "do Zero"),
        (
            *("clientes", "vendas", "fluxo de caixa", "liderança", "equipes", "planejamento"),
            *("empreendedores", "estoques", "marca", "negociação", "metas", "atendimento"),
        ),
    ),
    Subject(
        "Filosofia",
        13,
        ("A Verdade", "O Ser", "Diálogos", "A Virtude", "O Tempo"),
        ("e a Aparência", "segundo os Antigos", "em Questão", "e o Nada"),
        (
            *("ética", "metafísica", "Platão", "Aristóteles", "estoicos", "lógica", "virtude"),
            *("livre-arbítrio", "o ser e o nada", "ceticismo", "razão", "existência"),
        ),
    ),
    Subject(
        "Religião",
        1,
        ("Orações", "Os Santos", "A Fé", "O Peregrino", "Sermões"),
        ("do Povo", "de Cada Dia", "da Quaresma", "do Caminho"),
        (
            *("fé", "orações", "santos", "sermões", "romarias", "evangelhos", "terreiros"),
            *("monges", "salmos", "mosteiros", "peregrinos", "liturgia"),
        ),
    ),
    Subject(
        "Psicologia",
        1,
        ("A Mente", "O Sonho", "Medos", "A Memória", "Emoções"),
        ("e o Outro", "de Todo Dia", "no Divã", "por Dentro"),
        (
            *("emoções", "ansiedade", "inconsciente", "terapia", "comportamento", "traumas"),
            *("sonhos interpretados", "autoestima", "luto", "apego", "cognição", "consultório"),
        ),
    ),
    Subject(
        "Educação",
        1,
        ("A Escola", "Ensinar", "O Professor", "A Lição", "Alfabetizar"),
        ("no Campo", "com Alegria", "de Amanhã", "em Roda"),
        (
            *("sala de aula", "alfabetização", "professores", "currículo", "pedagogia", "alunos"),
            *("avaliação", "cartilhas", "ensino público", "leitura em voz alta", "escola rural"),
            *("aprendizagem",),
        ),
    ),
    Subject(
        "Línguas",
        1,
        ("Gramática", "Dicionário", "A Língua", "Palavras", "Sotaques"),
        ("do Português Falado", "de Regionalismos", "sem Mistério", "de Origem Tupi"),
        (
            *("gramática", "verbos", "ortografia", "sotaques", "etimologia", "dicionários"),
            *("crase", "concordância", "sintaxe", "provérbios explicados", "fonética", "vocábulos"),
        ),
    ),
    Subject(
        "Ciências",
        1,
        ("A Matéria", "O Átomo", "As Leis", "Experiências", "A Química"),
        ("em Casa", "da Física", "do Cotidiano", "e a Luz"),
        (
            *("átomos", "energia", "experimentos", "moléculas", "física", "química", "laboratório"),
            *("evolução", "microscópios", "método científico", "eletricidade", "reações"),
        ),
    ),
    Subject(
        "Matemática",
        1,
        ("Números", "A Geometria", "O Teorema", "Cem Problemas", "O Infinito"),
        ("para Todos", "e Jogos", "sem Medo", "em Papel Quadriculado"),
        (
            *("teoremas", "geometria", "números primos", "equações", "álgebra", "demonstrações"),
            *("probabilidade", "frações", "triângulos", "problemas resolvidos", "cálculo"),
            *("conjuntos",),
        ),
    ),
    Subject(
        "Astronomia",
        1,
        ("O Céu", "As Estrelas", "O Cometa", "A Lua", "Os Planetas"),
        ("do Hemisfério Sul", "a Olho Nu", "de 1910", "no Telescópio"),
        (
            *("constelações", "telescópios", "cometas", "eclipses", "galáxias", "Cruzeiro do Sul"),
            *("órbitas", "fases da Lua", "observatórios", "estrelas variáveis", "meteoros"),
            *("Via Láctea",),
        ),
    ),
    Subject(
        "Natureza",
        1,
        ("Aves", "Árvores", "A Mata", "Bichos", "O Manguezal"),
        ("do Cerrado", "da Mata Atlântica", "do Pantanal", "da Caatinga Florida"),
        (
            *("aves", "Mata Atlântica", "cerrado", "biomas", "onças", "ninhos", "ecologia"),
            *("nascentes", "espécies ameaçadas", "manguezais", "primatas", "observação de aves"),
        ),
    ),
    Subject(
        "Saúde",
        1,
        ("O Corpo", "Sono", "O Coração", "Postura", "Bem-Estar"),
        ("Depois dos Quarenta", "sem Milagre", "e Movimento", "na Medida"),
        (
            *("sono", "pressão arterial", "alimentação equilibrada", "exercícios", "vacinas"),
            *("coluna", "prevenção", "saúde da família", "respiração", "hábitos saudáveis"),
            *("postos de saúde", "primeiros socorros"),
        ),
    ),
    Subject(
        "Culinária",
        14,
        ("Receitas", "Doces", "A Cozinha", "Caldos", "Pães"),
        ("de Fogão a Lenha", "da Bahia", "de Domingo", "de Minas"),
        (
            *("receitas", "doces de tacho", "fogão a lenha", "temperos", "mandioca", "farofas"),
            *("massas", "moquecas", "fermento natural", "compotas", "quitandas", "sobremesas"),
        ),
    ),
    Subject(
        "Música",
        1,
        ("O Choro", "A Viola", "Sambas", "O Violão", "Maxixes"),
        ("da Cidade Nova", "em Partitura", "de Roda", "de Ouvido"),
        (
            *("choro", "partituras", "violão", "modinhas", "samba de roda", "maestros", "acordes"),
            *("gravações antigas", "saraus", "bandas de coreto", "ritmos", "lundus"),
        ),
    ),
    Subject(
        "Artes",
        1,
        ("A Pintura", "Gravuras", "O Ateliê", "Cores", "O Desenho"),
        ("do Oitocentos", "a Buril", "de Parede", "em Barro"),
        (
            *("pinturas", "aquarelas", "gravura em metal", "escultura barroca", "ateliês"),
            *("museus", "cores e pigmentos", "retratistas", "exposições", "naturezas-mortas"),
            *("telas", "mestres do barro"),
        ),
    ),
    Subject(
        "Arquitetura",
        1,
        ("Casas", "Sobrados", "Fachadas", "Plantas", "O Azulejo"),
        ("de Taipa", "do Centro Antigo", "e Pátios", "com Varanda"),
        (
            *("fachadas", "taipa de pilão", "azulejos", "plantas e cortes", "sobrados coloniais"),
            *("varandas", "urbanismo", "restauro", "pátios", "cúpulas", "telhados"),
            *("arquitetos modernos",),
        ),
    ),
    Subject(
        "Fotografia",
        1,
        ("Luz", "Negativos", "Retratos", "A Câmara", "Chapas"),
        ("de Vidro", "em Preto e Branco", "de Praça", "e Sombra"),
        (
            *("câmaras", "negativos de vidro", "revelação", "lambe-lambes", "enquadramento"),
            *("luz natural", "lentes", "álbuns de retratos", "câmara escura", "exposição longa"),
            *("fotógrafos ambulantes", "daguerreótipos"),
        ),
    ),
    Subject(
        "Esportes",
        1,
        ("O Jogo", "A Regata", "O Drible", "A Maratona", "O Tabuleiro"),
        ("da Várzea", "do Segundo Tempo", "de Bola de Meia", "do Campeão"),
        (
            *("futebol de várzea", "regatas", "capoeira", "treinos", "campeonatos", "goleiros"),
            *("maratonas", "torcidas", "natação", "xadrez", "medalhas", "arquibancadas"),
        ),
    ),
    Subject(
        "Jardinagem",
        1,
        ("A Horta", "Orquídeas", "O Jardim", "Mudas", "Vasos"),
        ("na Varanda", "Mês a Mês", "de Sombra", "sem Veneno"),
        (
            *("hortas", "podas", "adubo", "mudas", "orquídeas", "canteiros", "sementes"),
            *("vasos", "rega", "compostagem", "pragas do jardim", "roseiras"),
        ),
    ),
    Subject(
        "Folclore",
        1,
        ("O Saci", "A Iara", "Festas", "Lendas", "O Lobisomem"),
        ("do Vale", "da Lagoa", "de São João", "do Povo Antigo"),
        (
            *("saci-pererê", "iara", "boitatá", "bumba meu boi", "festas juninas", "mitos"),
            *("parlendas", "crendices", "cantos de trabalho", "curupira", "adivinhas"),
            *("tradição oral",),
        ),
    ),
)
