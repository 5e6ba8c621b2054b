"""Occupations of kitchens, workshops, building sites, gardens and gates."""

from praca.jobs.sample.catalogue.model import occupation

__all__ = ["TRADES"]

TRADES = (
    occupation(
        "cozinha",
        name="cozinha",
        area="Alimentação",
        sector="food",
        weight=4,
        neighbours="salao; padaria; limpeza",
        titles="""Auxiliar: Auxiliar de Cozinha / Ajudante de Cozinha; Assistente: Merendeir[o|a];
            Pleno: Cozinheir[o|a]; Sênior: Cozinheir[o|a] Chefe de Partida;
            Líder: Chef de Cozinha / Chefe de Cozinha; Supervisor: Supervisor[|a] de Restaurante""",
        skills="""preparo de refeições|produção de refeições;
            pré-preparo|corte de legumes e carnes;
            boas práticas de manipulação|manipulação de alimentos;
            higiene da cozinha|limpeza da cozinha; cardápio|elaboração de cardápios;
            ficha técnica|fichas técnicas; controle de validade;
            cozinha industrial|refeição coletiva; grelhados|churrasco; massas e molhos;
            confeitaria|sobremesas; controle de estoque|estoque;
            alimentação escolar|merenda escolar""",
        activities="""preparo de almoço e jantar conforme o cardápio;
            pré-preparo de legumes, carnes e guarnições;
            montagem de pratos e do balcão térmico;
            controle de temperatura e validade dos alimentos;
            limpeza de equipamentos e bancadas;
            recebimento e armazenamento de mercadorias;
            orientação dos auxiliares""",
        behaviours="agilidade; higiene; trabalho em equipe; organização",
        certificates="Manipulação de Alimentos; Cozinheiro Profissional (240h)",
        schooling="Ensino Médio Completo; Ensino Fundamental Completo; Ensino Técnico Completo; "
        "Ensino Médio Incompleto",
        courses="Gastronomia; Técnico em Nutrição",
        pay=2300,
    ),
    occupation(
        "padaria",
        name="panificação",
        area="Alimentação",
        sector="food",
        weight=2,
        neighbours="cozinha; salao",
        titles="""Auxiliar: Auxiliar de Padaria / Ajudante de Padeiro; Pleno: Padeir[o|a] /
            Confeiteir[o|a]; Sênior: Confeiteir[o|a] Chefe; Líder: Líder de Padaria""",
        skills="""panificação|produção de pães; fermentação natural|levain;
            confeitaria|sobremesas; bolos e tortas; salgados;
            boas práticas de manipulação|manipulação de alimentos; operação de forno|fornos;
            ficha técnica|fichas técnicas; controle de validade; decoração de bolos;
            higiene da cozinha|limpeza da produção; controle de estoque|estoque""",
        activities="""produção de pães, bolos e salgados;
            pesagem de ingredientes e preparo de massas;
            controle do ponto de fermentação e do forno;
            decoração de tortas e doces;
            limpeza dos equipamentos;
            planejamento da produção diária;
            controle de perdas e validades""",
        behaviours="pontualidade; capricho; agilidade; higiene",
        certificates="Padeiro e Confeiteiro (200h); Manipulação de Alimentos",
        schooling="Ensino Médio Completo; Ensino Fundamental Completo; Ensino Médio Incompleto",
        courses="Gastronomia; Panificação e Confeitaria",
        pay=2300,
    ),
    occupation(
        "salao",
        name="atendimento em restaurantes",
        area="Alimentação",
        sector="food",
        weight=3,
        neighbours="cozinha; varejo; recepcao; padaria",
        titles="""Auxiliar: Cumim / Auxiliar de Salão; Assistente: Atendente de Restaurante /
            Atendente de Lanchonete; Pleno: Barista / Bartender; Líder: Chefe de Salão;
            Gerente: Gerente de Restaurante""",
        skills="""atendimento ao cliente|atendimento ao público|atendimento de mesas;
            anotação de pedidos|comanda eletrônica; operação de caixa|caixa;
            preparo de bebidas|drinques; café espresso|barista; montagem de mesas;
            boas práticas de manipulação|manipulação de alimentos; carta de vinhos|vinhos;
            controle de reservas; limpeza do salão; eventos|serviço de eventos;
            sugestão de pratos""",
        activities="""recepção dos clientes e anotação de pedidos;
            serviço de mesas e bebidas;
            preparo de cafés e drinques;
            fechamento de contas;
            montagem e limpeza do salão;
            controle de reservas e filas;
            reposição de bebidas e utensílios""",
        behaviours="simpatia; agilidade; boa memória; trabalho em equipe",
        certificates="Manipulação de Alimentos; Garçom Profissional (40h); Curso de Barista",
        schooling="Ensino Médio Completo; Ensino Médio Cursando; Ensino Fundamental Completo",
        courses="Hotelaria; Gastronomia",
        english_percent=10,
        pay=2000,
    ),
    occupation(
        "eletrica",
        name="instalações elétricas",
        area="Manutenção",
        sector="works",
        weight=3,
        neighbours="mecanica; obras; engenharia",
        titles="""Auxiliar: Ajudante de Eletricista; Júnior: Eletricista Predial;
            Pleno: Eletricista de Manutenção / Eletricista Instalador[|a];
            Sênior: Eletricista Industrial / Eletrotécnic[o|a];
            Líder: Encarregad[o|a] de Elétrica""",
        skills="""instalações elétricas|instalação predial; NR-10|norma NR-10;
            quadros elétricos|montagem de painéis;
            leitura de diagramas|leitura e interpretação de projetos; comandos elétricos;
            manutenção preventiva|manutenção preventiva e corretiva; baixa tensão;
            NR-35|trabalho em altura; iluminação pública|iluminação; motores elétricos|motores;
            multímetro|instrumentos de medição; aterramento|SPDA;
            energia solar|painéis fotovoltaicos; segurança no trabalho|uso de EPI""",
        activities="""instalação de circuitos, tomadas e luminárias;
            manutenção preventiva de quadros e motores;
            localização e correção de defeitos;
            montagem de painéis de comando;
            leitura de projetos e orçamento de materiais;
            preenchimento de ordens de serviço;
            atendimento a emergências em regime de escala""",
        behaviours="atenção; responsabilidade; disciplina com segurança; iniciativa",
        certificates="NR-10; NR-35; Eletricista Instalador (200h); Energia Solar (40h)",
        schooling="Ensino Técnico Completo; Ensino Médio Completo; Ensino Médio Completo; "
        "Ensino Fundamental Completo",
        courses="Técnico em Eletrotécnica; Eletricista Instalador",
        pay=3200,
    ),
    occupation(
        "mecanica",
        name="manutenção mecânica",
        area="Manutenção",
        sector="works",
        weight=3,
        neighbours="eletrica; motorista; obras",
        titles="""Auxiliar: Ajudante de Mecânica / Auxiliar de Manutenção;
            Júnior: Mecânic[o|a] de Veículos;
            Pleno: Mecânic[o|a] de Manutenção / Técnic[o|a] de Manutenção;
            Sênior: Mecânic[o|a] Industrial / Técnic[o|a] em Mecatrônica;
            Líder: Líder de Manutenção; Supervisor: Supervisor[|a] de Oficina""",
        skills="""manutenção preventiva|manutenção preventiva e corretiva; motores a diesel|motores;
            suspensão e freios; solda|soldagem MIG e elétrica; hidráulica|sistemas hidráulicos;
            pneumática; leitura e interpretação de desenho|desenho mecânico; lubrificação;
            injeção eletrônica; tornearia|torno; instrumentos de medição|paquímetro;
            ar-condicionado|refrigeração; segurança no trabalho|uso de EPI; comandos elétricos""",
        activities="""diagnóstico e reparo de veículos e máquinas;
            troca de peças e lubrificação programada;
            soldagem e ajuste de componentes;
            registro das ordens de serviço;
            controle de peças de reposição;
            manutenção de bombas, compressores e ar-condicionado;
            teste final e entrega do equipamento""",
        behaviours="raciocínio prático; disposição; organização; trabalho em equipe",
        certificates="Mecânico de Automóveis (240h); Soldador MIG; NR-12",
        schooling="Ensino Técnico Completo; Ensino Médio Completo; Ensino Fundamental Completo",
        courses="Técnico em Mecânica; Técnico em Mecatrônica; Mecânica Automotiva",
        pay=3100,
    ),
    occupation(
        "obras",
        name="construção civil",
        area="Construção Civil",
        sector="works",
        weight=4,
        neighbours="eletrica; engenharia; limpeza; jardim",
        titles="""Auxiliar: Ajudante de Obras / Servente de Pedreiro; Júnior: Pintor[|a];
            Pleno: Pedreir[o|a] / Encanador[|a] / Carpinteir[o|a];
            Sênior: Pedreir[o|a] de Acabamento; Líder: Mestre de Obras;
            Supervisor: Encarregad[o|a] de Obras""",
        skills="""alvenaria|assentamento de tijolos; reboco|reboco e contrapiso;
            assentamento de pisos|azulejos; pintura|pintura predial;
            hidráulica|instalações hidráulicas|encanamento; concretagem; armação|ferragem;
            carpintaria|fôrmas;
            leitura e interpretação de desenho|leitura e interpretação de projetos;
            NR-35|trabalho em altura; drywall|gesso; segurança no trabalho|uso de EPI;
            telhados|cobertura; reforma|reformas em geral""",
        activities="""levantamento de paredes e reboco;
            assentamento de pisos e revestimentos;
            pintura interna e externa;
            instalação de tubulações e louças;
            preparo de massa e concreto;
            organização e limpeza do canteiro;
            controle de materiais e ferramentas""",
        behaviours="disposição; pontualidade; capricho; trabalho em equipe",
        certificates="NR-35; NR-18; Pedreiro de Acabamento (160h)",
        schooling="""Ensino Fundamental Completo; Ensino Médio Completo;
            Ensino Fundamental Incompleto; Ensino Médio Incompleto""",
        courses="Técnico em Edificações",
        pay=2500,
    ),
    occupation(
        "engenharia",
        name="engenharia civil",
        area="Construção Civil",
        sector="works",
        weight=2,
        neighbours="obras; eletrica; projetos",
        titles="""Assistente: Assistente de Engenharia / Técnic[o|a] em Edificações;
            Júnior: Engenheir[o|a] Civil Júnior; Pleno: Engenheir[o|a] Civil Pleno /
            Engenheir[o|a] de Obras Pleno; Sênior: Engenheir[o|a] Civil Sênior;
            Coordenador: Coordenador[|a] de Obras; Gerente: Gerente de Engenharia""",
        skills="""AutoCAD|Autocad; orçamento de obras|orçamentação;
            cronogramas|cronograma físico-financeiro;
            fiscalização de obras|acompanhamento de obras; medições|medição de serviços;
            projeto estrutural|cálculo estrutural; BIM|Revit; MS Project|Microsoft Project;
            saneamento|redes de água e esgoto; pavimentação; licitações|lei de licitações;
            Excel avançado|Excel|planilhas; laudos|vistorias e laudos; gestão de equipes;
            segurança no trabalho|normas de segurança""",
        activities="""fiscalização de obras e contratos;
            elaboração de orçamentos e medições;
            planejamento do cronograma físico-financeiro;
            compatibilização de projetos;
            vistorias e emissão de laudos;
            gestão de equipes de campo e empreiteiras;
            aprovação de projetos nos órgãos públicos""",
        behaviours="liderança; visão prática; organização; negociação",
        certificates="Registro no conselho de engenharia; Modelagem BIM (80h); Orçamento de Obras",
        schooling="Ensino Superior Completo; Ensino Superior Completo; Pós Graduação Completo; "
        "Ensino Técnico Completo; Ensino Superior Cursando",
        courses="Engenharia Civil; Técnico em Edificações",
        english_percent=15,
        pay=8000,
    ),
    occupation(
        "limpeza",
        name="limpeza e conservação",
        area="Serviços Gerais",
        sector="services",
        weight=4,
        neighbours="cozinha; jardim; vigilancia; cuidador",
        titles="""Auxiliar: Auxiliar de Limpeza / Auxiliar de Serviços Gerais;
            Assistente: Faxineir[o|a] / Camareir[o|a]; Pleno: Auxiliar de Higienização Hospitalar;
            Líder: Líder de Limpeza; Supervisor: Supervisor[|a] de Conservação""",
        skills="""limpeza geral|serviços gerais; higienização de banheiros|limpeza de sanitários;
            produtos químicos de limpeza|diluição de produtos;
            coleta seletiva|separação de resíduos; limpeza hospitalar|higienização hospitalar;
            lavagem de vidros; enceradeira|máquinas de limpeza; lavanderia|passadoria;
            copa|preparo de café; organização de ambientes; segurança no trabalho|uso de EPI;
            controle de materiais""",
        activities="""limpeza de salas, corredores e banheiros;
            reposição de materiais de higiene;
            coleta e separação do lixo;
            lavagem de pisos, vidros e calçadas;
            organização da copa e preparo de café;
            desinfecção de quartos e superfícies;
            controle do estoque de produtos""",
        behaviours="disposição; discrição; pontualidade; capricho",
        certificates="Higienização Hospitalar (30h); NR-32",
        schooling="""Ensino Fundamental Completo; Ensino Fundamental Incompleto;
            Ensino Médio Completo""",
        courses="Higienização de Ambientes",
        pay=1750,
    ),
    occupation(
        "vigilancia",
        name="portaria e segurança",
        area="Segurança Patrimonial",
        sector="services",
        weight=3,
        neighbours="recepcao; limpeza; motorista",
        titles="""Auxiliar: Auxiliar de Portaria;
            Assistente: Porteir[o|a] / Controlador[|a] de Acesso;
            Pleno: Vigilante / Agente de Segurança; Líder: Líder de Segurança;
            Supervisor: Supervisor[|a] de Segurança Patrimonial""",
        skills="""controle de acesso|controle de entrada e saída; rondas|ronda patrimonial;
            monitoramento por câmeras|CFTV; curso de vigilante|formação de vigilante;
            registro de ocorrências|livro de ocorrências;
            atendimento ao cliente|atendimento ao público; primeiros socorros;
            prevenção de incêndio|brigada de incêndio; rádio comunicador;
            cadastro de visitantes|controle de visitantes; prevenção de perdas; escolta""",
        activities="""controle da entrada e saída de pessoas e veículos;
            rondas internas e externas;
            acompanhamento das câmeras;
            registro de ocorrências;
            recebimento de correspondências e encomendas;
            orientação de visitantes;
            apoio na evacuação em emergências""",
        behaviours="atenção; calma; pontualidade; postura",
        certificates="Formação de Vigilante; Brigada de Incêndio; Reciclagem de Vigilante",
        schooling="Ensino Médio Completo; Ensino Médio Completo; Ensino Fundamental Completo",
        courses="Gestão de Segurança Privada",
        pay=2300,
    ),
    occupation(
        "jardim",
        name="jardinagem",
        area="Serviços Gerais",
        sector="services",
        weight=2,
        neighbours="limpeza; obras",
        titles="""Auxiliar: Ajudante de Jardinagem; Assistente: Jardineir[o|a];
            Pleno: Jardineir[o|a] Paisagista / Operador[|a] de Roçadeira;
            Líder: Encarregad[o|a] de Áreas Verdes""",
        skills="""poda|poda de árvores e arbustos; plantio|plantio de mudas;
            roçadeira|operação de roçadeira; irrigação|sistemas de irrigação;
            adubação|preparo do solo; controle de pragas; paisagismo|projeto de jardins;
            viveiro de mudas|produção de mudas; motosserra; compostagem;
            horta|hortas comunitárias; segurança no trabalho|uso de EPI;
            NR-35|trabalho em altura""",
        activities="""poda de árvores, cercas vivas e gramados;
            plantio e rega de mudas;
            adubação e controle de pragas;
            manutenção do sistema de irrigação;
            limpeza de canteiros e praças;
            produção de mudas no viveiro;
            implantação de jardins e hortas""",
        behaviours="disposição; capricho; gosto pela natureza; pontualidade",
        certificates="Jardinagem e Paisagismo (80h); Operador de Motosserra",
        schooling="""Ensino Fundamental Completo; Ensino Médio Completo;
            Ensino Fundamental Incompleto""",
        courses="Técnico em Agropecuária; Paisagismo",
        pay=1900,
    ),
)
