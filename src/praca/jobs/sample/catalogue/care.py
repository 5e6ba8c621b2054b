"""Occupations of health, education, culture and social care."""

from praca.jobs.sample.catalogue.model import occupation

__all__ = ["CARE"]

CARE = (
    occupation(
        "enfermagem",
        name="enfermagem",
        area="Saúde",
        sector="health",
        weight=4,
        neighbours="cuidador; farmacia; saude_familia",
        titles="""Auxiliar: Auxiliar de Enfermagem; Assistente: Técnic[o|a] de Enfermagem;
            Pleno: Enfermeir[o|a] Assistencial / Enfermeir[o|a]; Sênior: Enfermeir[o|a] de UTI;
            Coordenador: Coordenador[|a] de Enfermagem""",
        skills="""administração de medicamentos|medicação;
            sinais vitais|aferição de sinais vitais; curativos|tratamento de feridas;
            punção venosa|acesso venoso; triagem|classificação de risco; vacinação|sala de vacina;
            prontuário eletrônico; UTI|terapia intensiva;
            urgência e emergência|pronto atendimento; controle de infecção; coleta de exames;
            humanização do atendimento|acolhimento; sistematização da assistência|SAE;
            saúde da família|atenção básica""",
        activities="""administração de medicamentos conforme a prescrição;
            verificação de sinais vitais e evolução no prontuário;
            realização de curativos e coleta de exames;
            acolhimento e classificação de risco;
            aplicação de vacinas e controle da câmara fria;
            orientação de pacientes e familiares;
            passagem de plantão e conferência do carrinho de emergência""",
        behaviours="empatia; responsabilidade; calma sob pressão; trabalho em equipe",
        certificates="""Suporte Básico de Vida; Registro no conselho de enfermagem;
            Sala de Vacina (40h)""",
        schooling="Ensino Técnico Completo; Ensino Técnico Completo; Ensino Superior Completo; "
        "Pós Graduação Completo",
        courses="Enfermagem; Técnico em Enfermagem",
        pay=3900,
    ),
    occupation(
        "farmacia",
        name="farmácia",
        area="Saúde",
        sector="health",
        weight=2,
        neighbours="enfermagem; varejo",
        titles="""Auxiliar: Auxiliar de Farmácia; Assistente: Atendente de Farmácia /
            Balconista de Farmácia; Pleno: Farmacêutic[o|a]; Sênior: Farmacêutic[o|a] Responsável;
            Gerente: Gerente de Farmácia""",
        skills="""dispensação de medicamentos; receituário|interpretação de receitas;
            medicamentos controlados|SNGPC; controle de validade;
            atendimento ao cliente|atendimento ao público; controle de estoque|estoque;
            aplicação de injetáveis; orientação farmacêutica; manipulação|farmácia de manipulação;
            farmácia hospitalar; boas práticas|normas sanitárias; operação de caixa|caixa""",
        activities="""dispensação e orientação sobre o uso de medicamentos;
            conferência de receitas e de controlados;
            controle de temperatura e validade;
            recebimento e organização de produtos;
            separação de doses para as enfermarias;
            aferição de pressão e glicemia;
            elaboração dos relatórios sanitários""",
        behaviours="atenção aos detalhes; ética; cordialidade; responsabilidade",
        certificates="Registro no conselho de farmácia; Aplicação de Injetáveis (20h)",
        schooling="Ensino Superior Completo; Ensino Médio Completo; Ensino Técnico Completo",
        courses="Farmácia; Técnico em Farmácia",
        pay=3700,
    ),
    occupation(
        "cuidador",
        name="cuidado de pessoas",
        area="Saúde",
        sector="health",
        weight=3,
        neighbours="enfermagem; infantil; limpeza; saude_familia",
        titles="""Auxiliar: Auxiliar de Cuidados; Assistente: Cuidador[|a] de Idosos /
            Acompanhante Hospitalar; Pleno: Cuidador[|a] de Idosos Plantonista;
            Líder: Líder de Cuidadores""",
        skills="""higiene pessoal|banho e higiene; sinais vitais|aferição de sinais vitais;
            administração de medicamentos|controle de medicação; mobilidade|mudança de decúbito;
            alimentação assistida|preparo de refeições leves; primeiros socorros;
            Alzheimer|demências; companhia e lazer|atividades recreativas;
            curativos|curativos simples; acompanhamento a consultas;
            registro diário|relatório diário; acolhimento""",
        activities="""auxílio no banho, na alimentação e na locomoção;
            controle dos horários de medicação;
            acompanhamento em consultas e exames;
            realização de atividades de lazer e memória;
            registro diário do estado da pessoa assistida;
            organização do quarto e das roupas;
            comunicação com a família e a equipe de saúde""",
        behaviours="paciência; carinho; responsabilidade; discrição",
        certificates="Cuidador de Idosos (160h); Primeiros Socorros",
        schooling="Ensino Médio Completo; Ensino Fundamental Completo; Ensino Técnico Completo",
        courses="Técnico em Enfermagem; Gerontologia",
        pay=2100,
    ),
    occupation(
        "saude_familia",
        name="saúde comunitária",
        area="Saúde",
        sector="public",
        weight=2,
        neighbours="social; enfermagem; cuidador",
        titles="""Auxiliar: Auxiliar de Saúde Comunitária;
            Assistente: Agente Comunitári[o|a] de Saúde / Agente de Combate às Endemias;
            Supervisor: Supervisor[|a] de Campo""",
        skills="""visitas domiciliares; saúde da família|atenção básica; cadastro de famílias;
            educação em saúde|palestras educativas; combate à dengue|controle de endemias;
            vacinação|busca ativa de vacinas; acolhimento; mapeamento do território;
            registro em tablet|sistema de informação em saúde; primeiros socorros;
            vigilância sanitária; sinais vitais|aferição de sinais vitais""",
        activities="""visita às famílias da área de abrangência;
            atualização dos cadastros no sistema;
            busca ativa de gestantes e crianças sem vacina;
            inspeção de imóveis e eliminação de focos de mosquito;
            palestras em escolas e associações;
            encaminhamento de casos à unidade de saúde;
            participação nas reuniões da equipe""",
        behaviours="empatia; boa comunicação; iniciativa; escuta ativa",
        certificates="Formação Introdutória em Saúde Comunitária; Primeiros Socorros",
        schooling="Ensino Médio Completo; Ensino Médio Completo; Ensino Técnico Completo",
        courses="Técnico em Agente Comunitário de Saúde",
        pay=2500,
    ),
    occupation(
        "professor",
        name="ensino",
        area="Educação",
        sector="school",
        weight=4,
        neighbours="infantil; biblioteca; social",
        titles="""Auxiliar: Auxiliar de Classe; Júnior: Professor[|a] de Reforço;
            Pleno: Professor[|a] de Matemática / Professor[|a] de Português /
            Professor[|a] do Ensino Fundamental; Sênior: Professor[|a] de Inglês / Professor[|a]
            de Ciências; Coordenador: Coordenador[|a] Pedagógic[o|a]""",
        skills="""planejamento de aulas|plano de aula; BNCC|base curricular;
            avaliação da aprendizagem; alfabetização|letramento; matemática; língua portuguesa;
            ciências; educação inclusiva|inclusão escolar; ensino a distância|EAD;
            gestão de sala de aula; projetos pedagógicos; reforço escolar;
            recursos digitais|lousa digital; reunião com famílias""",
        activities="""planejamento e regência de aulas;
            elaboração e correção de avaliações;
            acompanhamento de alunos com dificuldade;
            reuniões com famílias e coordenação;
            organização de feiras e projetos interdisciplinares;
            registro de frequência e notas;
            adaptação de atividades para alunos com deficiência""",
        behaviours="didática; paciência; criatividade; boa comunicação",
        certificates="""Educação Inclusiva (60h); Tecnologias na Educação;
            Alfabetização e Letramento""",
        schooling="Ensino Superior Completo; Ensino Superior Completo; Pós Graduação Completo; "
        "Ensino Superior Cursando; Mestrado Completo",
        courses="Pedagogia; Letras; Matemática (licenciatura); Ciências Biológicas (licenciatura)",
        english_percent=12,
        pay=3800,
    ),
    occupation(
        "infantil",
        name="educação infantil",
        area="Educação",
        sector="school",
        weight=3,
        neighbours="professor; cuidador; social",
        titles="""Auxiliar: Auxiliar de Creche / Auxiliar de Sala;
            Assistente: Monitor[|a] Escolar / Cuidador[|a] Infantil;
            Pleno: Educador[|a] Infantil / Professor[|a] de Educação Infantil;
            Coordenador: Coordenador[|a] de Creche""",
        skills="""cuidados com crianças|cuidado infantil; brincadeiras dirigidas|recreação;
            higiene e alimentação infantil; contação de histórias; desenvolvimento infantil;
            planejamento de aulas|plano de atividades; primeiros socorros; alfabetização|letramento;
            educação inclusiva|inclusão escolar; musicalização; artes|atividades artísticas;
            reunião com famílias; rotina escolar""",
        activities="""acolhimento das crianças na chegada;
            planejamento de brincadeiras e atividades de artes;
            auxílio na alimentação, higiene e sono;
            contação de histórias e rodas de música;
            registro do desenvolvimento de cada criança;
            conversa diária com as famílias;
            organização da sala e dos materiais""",
        behaviours="paciência; carinho; atenção; criatividade",
        certificates="Auxiliar de Creche (80h); Primeiros Socorros; Contação de Histórias",
        schooling="Ensino Superior Completo; Ensino Médio Completo; Ensino Superior Cursando; "
        "Ensino Técnico Completo",
        courses="Pedagogia; Magistério",
        pay=2600,
    ),
    occupation(
        "biblioteca",
        name="biblioteca e arquivo",
        area="Cultura",
        sector="public",
        weight=1,
        neighbours="professor; administrativo",
        titles="""Auxiliar: Auxiliar de Biblioteca; Assistente: Assistente de Biblioteca /
            Assistente de Arquivo; Pleno: Bibliotecári[o|a] / Arquivista;
            Coordenador: Coordenador[|a] de Biblioteca""",
        skills="""catalogação|MARC 21; classificação de acervo|CDD e CDU; empréstimo e devolução;
            atendimento ao cliente|atendimento ao público|atendimento ao leitor;
            mediação de leitura|clube de leitura; arquivo|organização de documentos;
            digitalização de documentos|digitalização; gestão documental; contação de histórias;
            normas ABNT|normalização de trabalhos; inventário|inventário do acervo;
            software de biblioteca|Pergamum; pacote Office|Microsoft Office""",
        activities="""catalogação e classificação de livros;
            atendimento e orientação de leitores;
            organização de clubes de leitura e oficinas;
            controle de empréstimos e devoluções;
            restauro simples e conservação do acervo;
            digitalização de documentos históricos;
            visita guiada para turmas escolares""",
        behaviours="organização; gosto pela leitura; cordialidade; paciência",
        certificates="Conservação de Acervos (30h); Mediação de Leitura",
        schooling="Ensino Superior Completo; Ensino Superior Cursando; Ensino Médio Completo",
        courses="Biblioteconomia; Arquivologia; Letras",
        english_percent=15,
        pay=3600,
    ),
    occupation(
        "social",
        name="assistência social",
        area="Assistência Social",
        sector="public",
        weight=2,
        neighbours="saude_familia; rh; infantil; professor",
        titles="""Assistente: Orientador[|a] Social / Educador[|a] Social;
            Pleno: Assistente Social / Psicólog[o|a] Social; Sênior: Assistente Social Sênior;
            Coordenador: Coordenador[|a] de Centro de Referência""",
        skills="""acolhimento|escuta qualificada; visitas domiciliares; Cadastro Único|CadÚnico;
            elaboração de relatórios|relatórios sociais; políticas públicas|SUAS;
            grupos e oficinas|oficinas socioeducativas; direitos da criança|ECA;
            rede de proteção|articulação de rede; mediação de conflitos; atendimento a famílias;
            benefícios eventuais; população em situação de rua|abordagem social;
            cadastro de famílias""",
        activities="""atendimento e acompanhamento de famílias;
            realização de visitas e elaboração de relatórios;
            condução de grupos com jovens e idosos;
            encaminhamento à rede de serviços;
            atualização do cadastro dos benefícios;
            abordagem de pessoas em situação de rua;
            participação em conselhos e audiências""",
        behaviours="empatia; ética; escuta ativa; equilíbrio emocional",
        certificates="Registro no conselho de serviço social; Proteção Social Básica (40h)",
        schooling="Ensino Superior Completo; Ensino Superior Completo; Pós Graduação Completo",
        courses="Serviço Social; Psicologia",
        pay=3700,
    ),
)
