"""Brazilian books in the public domain: their authors died more than seventy years ago.

Lei 9.610/98, article 41. Titles and authors are facts; what is said of each book is our own.
"""

from dataclasses import dataclass

__all__ = ["CLASSICS", "Classic"]


@dataclass(frozen=True, slots=True)
class Classic:
    """A book that exists: its author, title, category here, and what it is about in few words."""

    author: str
    title: str
    category: str
    about: str


_WORKS = {
    "Machado de Assis": (
        ("Dom Casmurro", "Romance", "um marido ciumento conta a sua versão"),
        ("Memórias Póstumas de Brás Cubas", "Sátira", "um defunto passa a vida a limpo"),
        ("Quincas Borba", "Sátira", "um herdeiro ingênuo entre espertos da corte"),
        ("Helena", "Romance", "uma herança traz à casa uma irmã desconhecida"),
        ("Esaú e Jacó", "Romance", "dois gêmeos discordam até da República"),
        ("Memorial de Aires", "Romance", "um diplomata aposentado observa uma viúva moça"),
        ("O Alienista", "Sátira", "um médico interna a vila inteira"),
        ("Papéis Avulsos", "Contos", "contos em que a razão perde o pé"),
        ("Várias Histórias", "Contos", "casos breves de vaidade e segredo"),
    ),
    "José de Alencar": (
        ("O Guarani", "Indianismo", "um guerreiro e a filha de um fidalgo"),
        ("Iracema", "Indianismo", "a lenda do nascimento do Ceará"),
        ("Ubirajara", "Indianismo", "um caçador que quer tornar-se guerreiro"),
        ("Senhora", "Romance", "uma noiva rica compra o antigo namorado"),
        ("Lucíola", "Romance", "um amor que a sociedade não perdoa"),
        ("O Sertanejo", "Regionalismo", "um vaqueiro do interior do Ceará"),
        ("As Minas de Prata", "Romance Histórico", "um roteiro perdido na Bahia colonial"),
        ("O Demônio Familiar", "Teatro", "um criado embaralha os namoros da casa"),
    ),
    "Aluísio Azevedo": (
        ("O Cortiço", "Romance", "a vida apertada numa habitação coletiva"),
        ("O Mulato", "Romance", "o preconceito numa cidade do Maranhão"),
        ("Casa de Pensão", "Romance", "um estudante entre hóspedes sem escrúpulo"),
        ("Demônios", "Terror", "uma noite que não quer acabar"),
    ),
    "Lima Barreto": (
        ("Triste Fim de Policarpo Quaresma", "Sátira", "um patriota leva o país a sério"),
        ("Recordações do Escrivão Isaías Caminha", "Romance", "um moço do interior no jornal"),
        ("Clara dos Anjos", "Romance", "uma moça do subúrbio e um sedutor"),
        ("Numa e a Ninfa", "Sátira", "um deputado que discursa por boca alheia"),
        ("Os Bruzundangas", "Sátira", "viagem a uma república imaginária"),
        ("Bagatelas", "Crônicas", "artigos de jornal sem papas na língua"),
        ("Feiras e Mafuás", "Crônicas", "a rua e o subúrbio em artigos curtos"),
    ),
    "Euclides da Cunha": (
        ("Os Sertões", "História do Brasil", "a terra, o homem e a luta em Canudos"),
        ("Contrastes e Confrontos", "Ensaios", "artigos sobre o país e os vizinhos"),
        ("À Margem da História", "Ensaios", "a Amazônia vista por um engenheiro"),
    ),
    "Castro Alves": (
        ("Espumas Flutuantes", "Poesia", "o único livro que o poeta viu impresso"),
        ("Os Escravos", "Abolicionismo", "versos contra o cativeiro"),
        ("A Cachoeira de Paulo Afonso", "Abolicionismo", "um poema de amor e de senzala"),
        ("Gonzaga ou A Revolução de Minas", "Teatro", "a conjuração levada ao palco"),
    ),
    "Cruz e Sousa": (
        ("Broquéis", "Poesia", "sonetos que abrem o simbolismo no país"),
        ("Missal", "Poesia", "prosa que quer ser música"),
        ("Faróis", "Poesia", "versos noturnos e graves"),
        ("Últimos Sonetos", "Poesia", "a despedida de um mestre do soneto"),
    ),
    "Júlia Lopes de Almeida": (
        ("A Falência", "Romance", "uma família rica e o fim do dinheiro"),
        ("A Viúva Simões", "Romance", "mãe e filha diante do mesmo homem"),
        ("A Intrusa", "Romance", "uma governanta que ninguém deve ver"),
        ("Ânsia Eterna", "Contos", "contos de susto e de desejo"),
        ("Livro das Noivas", "Educação", "conselhos domésticos de outro século"),
        ("A Árvore", "Natureza", "páginas em louvor das árvores"),
    ),
    "Maria Firmina dos Reis": (
        ("Úrsula", "Abolicionismo", "um romance que dá voz aos cativos"),
        ("A Escrava", "Abolicionismo", "uma fuga e quem a protege"),
        ("Gupeva", "Indianismo", "um drama indígena na Bahia"),
        ("Cantos à Beira-Mar", "Poesia", "poemas do Maranhão"),
    ),
    "Raul Pompeia": (
        ("O Ateneu", "Romance", "um menino no internato"),
        ("Uma Tragédia no Amazonas", "Aventura", "vingança na floresta"),
        ("Canções sem Metro", "Poesia", "poemas em prosa"),
    ),
    "Bernardo Guimarães": (
        ("A Escrava Isaura", "Abolicionismo", "uma cativa e um senhor obstinado"),
        ("O Seminarista", "Romance", "um padre sem vocação"),
        ("O Garimpeiro", "Regionalismo", "diamantes e amor em Minas"),
        ("O Ermitão de Muquém", "Regionalismo", "um romeiro e o seu passado em Goiás"),
    ),
    "Augusto dos Anjos": (("Eu", "Poesia", "versos de ciência, morte e espanto"),),
    "Gonçalves Dias": (
        ("Primeiros Cantos", "Poesia", "saudade da terra e das palmeiras"),
        ("Os Timbiras", "Indianismo", "uma epopeia que ficou por terminar"),
        ("Dicionário da Língua Tupi", "Línguas", "palavras tupis e o que querem dizer"),
    ),
    "Álvares de Azevedo": (
        ("Lira dos Vinte Anos", "Poesia", "sonho, ironia e mocidade"),
        ("Noite na Taverna", "Terror", "bêbados contam crimes e assombros"),
        ("Macário", "Teatro", "um estudante conversa com o diabo"),
    ),
    "Joaquim Manuel de Macedo": (
        ("A Moreninha", "Romance", "uma aposta de estudantes numa ilha"),
        ("A Luneta Mágica", "Fantasia", "lentes que mostram só o mal, ou só o bem"),
        ("As Vítimas-Algozes", "Abolicionismo", "quadros da escravidão nas casas"),
        ("Memórias da Rua do Ouvidor", "Crônicas", "uma rua e os seus fregueses"),
    ),
    "Manuel Antônio de Almeida": (
        ("Memórias de um Sargento de Milícias", "Humor", "um malandro no tempo do rei"),
    ),
    "Visconde de Taunay": (
        ("Inocência", "Regionalismo", "um amor proibido no sertão"),
        ("A Retirada da Laguna", "História do Brasil", "uma coluna recua no Paraguai"),
    ),
    "Franklin Távora": (
        ("O Cabeleira", "Regionalismo", "um bandido de Pernambuco"),
        ("O Matuto", "Romance Histórico", "a guerra entre Olinda e Recife"),
    ),
    "Inglês de Sousa": (
        ("O Missionário", "Regionalismo", "um padre só na Amazônia"),
        ("Contos Amazônicos", "Contos", "histórias de rio e de feitiço"),
    ),
    "Adolfo Caminha": (
        ("Bom-Crioulo", "Romance", "dois marinheiros e um ciúme"),
        ("A Normalista", "Romance", "mexericos numa capital pequena"),
        ("No País dos Ianques", "Viagens", "um oficial de marinha vai à América do Norte"),
    ),
    "Domingos Olímpio": (("Luzia-Homem", "Regionalismo", "uma retirante forte na seca"),),
    "Afonso Arinos": (
        ("Pelo Sertão", "Contos", "tropeiros, buritis e assombrações"),
        ("Os Jagunços", "Romance Histórico", "Canudos visto de dentro"),
    ),
    "Simões Lopes Neto": (
        ("Contos Gauchescos", "Regionalismo", "um velho peão conta o que viu"),
        ("Lendas do Sul", "Folclore", "salamancas, boitatás e um negrinho"),
    ),
    "João do Rio": (
        ("A Alma Encantadora das Ruas", "Crônicas", "a cidade a pé, de noite e de dia"),
        ("As Religiões no Rio", "Religião", "reportagens sobre cultos da capital"),
        ("Dentro da Noite", "Terror", "contos de nervos e de vício"),
        ("A Bela Madame Vargas", "Teatro", "uma viúva entre dois homens"),
    ),
    "Coelho Neto": (
        ("Turbilhão", "Romance", "uma família que desce degrau a degrau"),
        ("Esfinge", "Terror", "um hóspede de origem inexplicável"),
        ("Sertão", "Contos", "contos de gente do interior"),
    ),
    "Graça Aranha": (("Canaã", "Romance", "dois imigrantes e duas ideias"),),
    "Olavo Bilac": (
        ("Via Láctea", "Poesia", "sonetos a quem sabe ouvir estrelas"),
        ("Tarde", "Poesia", "o livro da maturidade"),
        ("Poesias Infantis", "Infantil", "versos para meninos de escola"),
    ),
    "Tomás Antônio Gonzaga": (
        ("Marília de Dirceu", "Poesia", "um pastor de mentira e um amor de verdade"),
        ("Cartas Chilenas", "Sátira", "um governador ridículo, em versos"),
    ),
    "Basílio da Gama": (("O Uraguai", "Indianismo", "a guerra das Missões em verso"),),
    "Santa Rita Durão": (("Caramuru", "Indianismo", "um náufrago na Bahia, em oitavas"),),
    "Martins Pena": (
        ("O Juiz de Paz da Roça", "Teatro", "justiça de aldeia em um ato"),
        ("O Noviço", "Teatro", "um rapaz foge do convento"),
        ("Quem Casa Quer Casa", "Teatro", "duas famílias debaixo de um teto"),
    ),
    "Artur Azevedo": (
        ("A Capital Federal", "Teatro", "uma família da roça na cidade grande"),
        ("Contos Possíveis", "Contos", "anedotas com desfecho"),
    ),
    "França Júnior": (
        ("As Doutoras", "Teatro", "duas médicas e um casamento"),
        ("Como se Fazia um Deputado", "Teatro", "uma eleição de antigamente"),
    ),
    "Joaquim Nabuco": (
        ("O Abolicionismo", "Abolicionismo", "a causa exposta a um país"),
        ("Minha Formação", "Memórias", "um político lembra a infância no engenho"),
        ("Um Estadista do Império", "Biografias", "a vida de um senador, pelo filho"),
    ),
    "Rui Barbosa": (
        ("Oração aos Moços", "Direito", "conselhos a quem se forma"),
        ("Cartas de Inglaterra", "Correspondência", "um exilado escreve sobre o mundo"),
    ),
    "Capistrano de Abreu": (
        ("Capítulos de História Colonial", "História do Brasil", "três séculos em um volume"),
        ("Caminhos Antigos e Povoamento do Brasil", "História do Brasil", "estradas e gado"),
    ),
    "Sílvio Romero": (
        ("Contos Populares do Brasil", "Folclore", "o que o povo conta, recolhido"),
        ("História da Literatura Brasileira", "Crítica Literária", "um panorama combativo"),
    ),
    "José Veríssimo": (
        ("Estudos de Literatura Brasileira", "Crítica Literária", "artigos de um leitor exato"),
        ("A Educação Nacional", "Educação", "o que falta à escola de um país novo"),
    ),
    "Couto de Magalhães": (
        ("O Selvagem", "Folclore", "línguas, lendas e viagens ao interior"),
        ("Viagem ao Araguaia", "Viagens", "um presidente de província desce o rio"),
    ),
    "Antônio Vieira": (("Sermões", "Religião", "a palavra no púlpito, peça por peça"),),
    "Gregório de Matos": (("Poemas Escolhidos", "Sátira", "ninguém escapa à boca do poeta"),),
    "Nísia Floresta": (("Opúsculo Humanitário", "Educação", "a instrução das mulheres"),),
    "Francisca Júlia": (("Mármores", "Poesia", "versos talhados com frieza"),),
    "Auta de Souza": (("Horto", "Poesia", "versos de fé e de adeus"),),
    "Alphonsus de Guimaraens": (("Dona Mística", "Poesia", "lua, sinos e uma noiva morta"),),
    "Casimiro de Abreu": (("As Primaveras", "Poesia", "oito anos, saudade e quintal"),),
    "Fagundes Varela": (("Cantos e Fantasias", "Poesia", "um cântico a um filho perdido"),),
    "Monteiro Lobato": (
        ("Urupês", "Contos", "contos do interior paulista"),
        ("Reinações de Narizinho", "Infantil", "um sítio onde uma boneca fala"),
        ("O Saci", "Infantil", "um menino e o duende de uma perna só"),
        ("O Presidente Negro", "Ficção Científica", "uma máquina mostra o ano 2228"),
    ),
    "Mário de Andrade": (
        ("Macunaíma", "Folclore", "um herói sem caráter atravessa o país"),
        ("Pauliceia Desvairada", "Poesia", "uma cidade em versos livres"),
        ("Ensaio sobre a Música Brasileira", "Música", "o que cantam e tocam os brasileiros"),
    ),
    "Antônio de Alcântara Machado": (
        ("Brás, Bexiga e Barra Funda", "Contos", "notícias de bairros italianos"),
    ),
}

CLASSICS = tuple(Classic(author, *work) for author, works in _WORKS.items() for work in works)
