"""Categories of invented stories, told for grown-ups and for children."""

from praca.library.bookshop.shelves.subject import Subject

__all__ = ["STORIES"]

STORIES = (
    Subject(
        "Romance",
        12,
        ("O Casamento", "A Herança", "As Cartas", "O Noivado", "A Paixão"),
        ("de Dona Eulália", "da Casa Amarela", "do Doutor Aurélio", "das Irmãs Lacerda"),
        (
            *("namoro contrariado", "cartas de amor", "ciúme", "casamento por interesse"),
            *("um noivo ausente", "bailes de família", "saudade", "um segredo de alcova"),
            *("herança disputada", "viúvas moças", "promessas quebradas", "primeiro amor"),
        ),
    ),
    Subject(
        "Contos",
        10,
        ("Contos", "Doze Histórias", "Histórias Curtas", "Outros Contos", "Sete Histórias"),
        ("da Beira do Cais", "de Meia Página", "de Fim de Tarde", "do Corredor"),
        (
            *("narrativas breves", "finais inesperados", "vizinhos de parede", "contos ligeiros"),
            *("um caso por página", "personagens de passagem", "episódios soltos", "anedotas"),
            *("relatos mínimos", "cenas de um só dia", "histórias independentes", "desfechos"),
        ),
    ),
    Subject(
        "Poesia",
        10,
        ("Versos", "Cantos", "Sonetos", "Rimas", "Poemas"),
        ("do Rio Parado", "de Água e Cal", "da Janela", "para Ler em Voz Alta"),
        (
            *("sonetos", "versos livres", "rimas ricas", "redondilhas", "lirismo", "elegias"),
            *("métrica antiga", "imagens do mar", "poemas de amor", "estrofes curtas"),
            *("musicalidade do verso", "silêncio e luz"),
        ),
    ),
    Subject(
        "Crônicas",
        1,
        ("Crônicas", "Notas", "Conversas", "Manhãs", "Recortes"),
        ("da Esquina", "de Jornal", "de Bonde", "do Café"),
        (
            *("assuntos de jornal", "conversas de botequim", "a rua ao meio-dia", "bondes cheios"),
            *("o feirante", "o guarda-chuva perdido", "cartas de leitores", "o folhetim da semana"),
            *("pequenos espantos do dia", "chuva na cidade", "a fila do pão", "colunas semanais"),
        ),
    ),
    Subject(
        "Teatro",
        6,
        ("Comédia", "Farsa", "Drama", "Ato Único", "Entremez"),
        ("do Juiz Distraído", "da Vila Nova", "em Três Quadros", "do Camarim"),
        (
            *("cenas de palco", "atos e quadros", "apartes", "rubricas", "elenco numeroso"),
            *("cortina e bastidores", "diálogos rápidos", "a entrada do criado", "o ponto"),
            *("farsas", "dramas em verso", "o monólogo final"),
        ),
    ),
    Subject(
        "Romance Histórico",
        1,
        ("O Cerco", "A Bandeira", "O Tenente", "A Fortaleza", "O Engenho"),
        ("de 1711", "do Vice-Rei", "de São Sebastião", "dos Guararapes"),
        (
            *("bandeirantes", "corsários franceses", "o vice-rei", "a corte portuguesa"),
            *("batalhas coloniais", "senhores de engenho", "capitanias", "um alferes fictício"),
            *("galeões", "conspirações na colônia", "o século XVII", "cercos e fortalezas"),
        ),
    ),
    Subject(
        "Policial",
        14,
        ("O Crime", "O Enigma", "A Testemunha", "Três Suspeitos", "O Inspetor"),
        ("da Rua do Ouvidor", "do Bonde das Onze", "do Quarto Trancado", "da Última Barca"),
        (
            *("investigação", "inspetor teimoso", "álibi", "suspeitos", "impressões digitais"),
            *("um cadáver no jardim", "pistas falsas", "interrogatórios", "delegacia"),
            *("roubo de joias", "assassinato", "chantagem"),
        ),
    ),
    Subject(
        "Ficção Científica",
        1,
        ("A Estação", "O Autômato", "As Máquinas", "O Último Foguete", "A Colônia"),
        ("de Marte", "do Ano 3000", "de Metal e Sal", "da Segunda Lua"),
        (
            *("naves", "autômatos", "viagens no tempo", "colônias em Marte", "máquinas pensantes"),
            *("planetas sem nome", "telepatia", "cidades sob cúpulas", "foguetes a vapor"),
            *("um futuro distante", "laboratórios secretos", "visitantes do espaço"),
        ),
    ),
    Subject(
        "Fantasia",
        14,
        ("O Dragão", "A Feiticeira", "O Reino", "A Espada", "O Mapa"),
        ("das Sete Torres", "de Vidro", "do Rei Sem Sombra", "da Floresta Branca"),
        (
            *("dragões", "feitiços", "reinos escondidos", "espadas encantadas", "profecias"),
            *("um aprendiz de mago", "criaturas aladas", "portais", "anéis de poder"),
            *("rainhas e gigantes", "poções", "mapas que mudam"),
        ),
    ),
    Subject(
        "Terror",
        1,
        ("A Sombra", "O Sepulcro", "O Visitante", "A Maldição", "Os Mortos"),
        ("do Sobrado", "da Meia-Noite", "do Poço", "da Capela Velha"),
        (
            *("fantasmas", "casas assombradas", "pesadelos", "cemitérios", "maldições"),
            *("vultos no corredor", "um relógio que para", "gritos na noite", "sangue"),
            *("almas penadas", "medo do escuro", "sepulturas abertas"),
        ),
    ),
    Subject(
        "Aventura",
        1,
        ("O Tesouro", "A Expedição", "O Naufrágio", "A Rota", "Os Piratas"),
        ("da Ilha Rasa", "do Capitão Barros", "do Alto Xingu", "do Mar Grosso"),
        (
            *("naufrágios", "mapas de tesouro", "piratas", "ilhas desertas", "expedições"),
            *("tempestades em alto-mar", "corredeiras", "um capitão sem navio", "emboscadas"),
            *("perigos na mata", "resgates", "fugas a cavalo"),
        ),
    ),
    Subject(
        "Humor",
        1,
        ("Manual", "O Livro", "Pequena Enciclopédia", "Guia", "Breve Tratado"),
        ("do Preguiçoso", "do Mau Vizinho", "da Sogra", "do Perfeito Distraído"),
        (
            *("piadas", "trapalhadas", "sogras", "preguiçosos ilustres", "gafes", "trocadilhos"),
            *("conselhos inúteis", "caricaturas", "burocratas atrapalhados", "absurdos do dia"),
            *("paródias", "gargalhadas"),
        ),
    ),
    Subject(
        "Infantil",
        14,
        ("O Sapo", "A Tartaruga", "O Macaco", "A Nuvem", "O Elefante"),
        ("que Não Sabia Nadar", "de Botas", "e a Lua", "no Jardim"),
        (
            *("bichos falantes", "um sapo cantor", "hora de dormir", "brincadeiras de roda"),
            *("desenhos para colorir", "um elefante tímido", "crianças pequenas", "cantigas"),
            *("a primeira escola", "figuras grandes", "avós contadoras", "animais da fazenda"),
        ),
    ),
    Subject(
        "Juvenil",
        14,
        ("A Turma", "O Clube", "As Férias", "O Segredo", "O Diário"),
        ("da Oitava Série", "do Colégio Central", "da Bicicleta Azul", "de Bia e Tomé"),
        (
            *("amigos de colégio", "férias de julho", "adolescentes", "o primeiro beijo"),
            *("grêmio estudantil", "recreio", "irmãos mais velhos", "diários com cadeado"),
            *("provas finais", "campeonato da escola", "mudança de cidade", "bicicletas"),
        ),
    ),
    Subject(
        "Quadrinhos",
        14,
        ("Capitão Jabuti", "Os Três Tatus", "Menina Trovão", "Liga do Mangue", "Zé Relâmpago"),
        ("Contra o Robô", "em Apuros", "e a Cidade Submersa", "Volta ao Ataque"),
        (
            *("quadrinhos", "heróis de capa", "vilões", "balões de fala", "tiras diárias"),
            *("uniformes e máscaras", "arte-final a nanquim", "superpoderes", "páginas duplas"),
            *("desenhistas", "edições de banca", "arcos em capítulos"),
        ),
    ),
    Subject(
        "Cordel",
        1,
        ("A Peleja", "A Chegada", "O Romance", "O Encontro", "A Vingança"),
        ("do Vaqueiro e do Diabo", "de Zé Garcia", "do Boi Misterioso", "do Valente Severino"),
        (
            *("folhetos de feira", "sextilhas", "pelejas de viola", "xilogravuras", "repentistas"),
            *("vaqueiros valentes", "o cangaço", "mote e glosa", "cantadores", "septilhas"),
            *("a feira de Caruaru", "proezas de Malasartes"),
        ),
    ),
    Subject(
        "Regionalismo",
        6,
        ("O Vaqueiro", "A Seca", "O Tropeiro", "A Estância", "O Seringal"),
        ("do Sertão", "de Pedra Branca", "do Pampa", "dos Campos Gerais"),
        (
            *("secas", "sertanejos", "retirantes", "tropeiros", "gaúchos do pampa", "seringueiros"),
            *("coronéis do interior", "fala do povo", "fazendas de gado", "a caatinga"),
            *("festas de vila", "carros de boi"),
        ),
    ),
    Subject(
        "Indianismo",
        1,
        ("A Lenda", "O Guerreiro", "A Flecha", "O Canto", "A Aldeia"),
        ("dos Tupinambás", "de Jaci", "do Grande Rio", "do Pajé"),
        (
            *("guerreiros tupis", "pajés", "tabas", "a selva virgem", "arcos e flechas"),
            *("lendas tupinambás", "heróis indígenas", "o jesuíta e a aldeia", "maracás"),
            *("cantos de guerra", "canoas de casca", "a chegada das caravelas"),
        ),
    ),
    Subject(
        "Abolicionismo",
        4,
        ("A Carta", "O Quilombo", "As Vozes", "A Fuga", "O Grito"),
        ("de Alforria", "da Senzala", "da Serra da Barriga", "dos Libertos"),
        (
            *("escravidão", "alforria", "quilombos", "senzalas", "a lei de 1888", "libertos"),
            *("tráfico negreiro", "clubes abolicionistas", "fugas da fazenda", "o cativeiro"),
            *("panfletos pela liberdade", "Luís Gama"),
        ),
    ),
    Subject(
        "Sátira",
        5,
        ("A República", "O Ministro", "O Reino", "A Academia", "O Deputado"),
        ("dos Medalhões", "de Papelão", "do Carimbo", "da Bajulação"),
        (
            *("medalhões", "vaidade dos poderosos", "ridículo da política", "ironia"),
            *("falsos sábios", "discursos vazios", "bajuladores", "a burguesia enfatuada"),
            *("títulos comprados", "moralistas", "academias de província", "deboche"),
        ),
    ),
)
