"""Occupations of information technology and design."""

from praca.jobs.sample.catalogue.model import occupation

__all__ = ["TECHNOLOGY"]

TECHNOLOGY = (
    occupation(
        "backend",
        name="desenvolvimento de sistemas",
        area="TI - Desenvolvimento/Programação",
        sector="tech",
        weight=5,
        neighbours="frontend; mobile; dados; infra; erp",
        titles="""Júnior: Desenvolvedor[|a] Back-end Júnior / Programador[|a] Júnior;
            Pleno: Desenvolvedor[|a] Back-end Pleno / Analista Desenvolvedor[|a] Pleno;
            Sênior: Desenvolvedor[|a] Back-end Sênior / Engenheir[o|a] de Software Sênior;
            Especialista: Arquitet[o|a] de Software; Líder: Líder Técnic[o|a] de Desenvolvimento""",
        skills="""Python; Java; Spring Boot|SpringBoot|Spring; Node.js|NodeJS|Node; C#|C Sharp;
            .NET|DotNet|.NET Core; SQL|banco de dados SQL; PostgreSQL|Postgres; Docker|contêineres;
            APIs REST|API REST|APIs RESTful|REST; Git|GitHub|controle de versão Git;
            microsserviços|micro serviços|microservices; testes automatizados|testes unitários;
            mensageria|RabbitMQ|filas de mensagens; AWS|Amazon Web Services;
            Scrum|métodos ágeis|metodologias ágeis""",
        activities="""desenvolvimento e manutenção de APIs para os canais digitais;
            integração entre sistemas internos e de parceiros;
            modelagem de tabelas e escrita de consultas ao banco de dados;
            revisão de código com os colegas da equipe;
            correção de defeitos relatados pelos usuários;
            escrita de testes unitários e de integração;
            documentação técnica dos serviços;
            acompanhamento das publicações em produção""",
        behaviours="raciocínio lógico; autonomia; trabalho em equipe; curiosidade técnica",
        certificates="""Fundamentos de Nuvem AWS; Curso de Java Avançado (120h);
            Formação Python para Web (80h); Scrum na Prática""",
        schooling="""Ensino Superior Completo; Ensino Superior Completo; Ensino Superior Cursando;
            Pós Graduação Completo; Ensino Técnico Completo""",
        courses="""Análise e Desenvolvimento de Sistemas; Ciência da Computação;
            Sistemas de Informação; Engenharia de Software""",
        english_percent=45,
        pay=8200,
    ),
    occupation(
        "frontend",
        name="desenvolvimento web",
        area="TI - Desenvolvimento/Design",
        sector="tech",
        weight=3,
        neighbours="backend; mobile; design",
        titles="""Júnior: Desenvolvedor[|a] Front-end Júnior / Desenvolvedor[|a] Web Júnior;
            Pleno: Desenvolvedor[|a] Front-end Pleno / Programador[|a] Web Pleno;
            Sênior: Desenvolvedor[|a] Front-end Sênior; Especialista: Especialista em Front-end""",
        skills="""JavaScript|JS|Javascript; TypeScript|Typescript; React|ReactJS|React.js;
            Angular; Vue.js|Vue|VueJS; HTML e CSS|HTML5 e CSS3|HTML/CSS; Next.js|NextJS;
            acessibilidade digital|WCAG; Figma; Git|GitHub|controle de versão Git;
            APIs REST|API REST|APIs RESTful|REST; testes automatizados|testes unitários;
            layout responsivo|design responsivo; Scrum|métodos ágeis|metodologias ágeis""",
        activities="""construção de telas responsivas a partir dos protótipos;
            manutenção da biblioteca de componentes;
            consumo de APIs e tratamento de erros na interface;
            melhoria do tempo de carregamento das páginas;
            correção de problemas de acessibilidade;
            publicação de versões junto com a equipe de infraestrutura;
            apoio ao time de design na validação de protótipos""",
        behaviours="""atenção aos detalhes; boa comunicação; trabalho em equipe;
            empatia com o usuário""",
        certificates="Formação React (60h); Curso de Acessibilidade na Web; Oficina de CSS Moderno",
        schooling="""Ensino Superior Completo; Ensino Superior Cursando; Ensino Técnico Completo;
            Ensino Superior Incompleto""",
        courses="""Análise e Desenvolvimento de Sistemas; Sistemas para Internet;
            Sistemas de Informação""",
        english_percent=40,
        pay=7200,
    ),
    occupation(
        "mobile",
        name="desenvolvimento de aplicativos",
        area="TI - Desenvolvimento/Mobile",
        sector="tech",
        weight=2,
        neighbours="frontend; backend",
        titles="""Júnior: Desenvolvedor[|a] Mobile Júnior; Pleno: Desenvolvedor[|a] Mobile Pleno /
            Programador[|a] de Aplicativos Pleno; Sênior: Desenvolvedor[|a] Mobile Sênior /
            Desenvolvedor[|a] Android Sênior""",
        skills="""Kotlin; Android|Android nativo|SDK Android; Swift; iOS|iOS nativo; Flutter;
            Dart; React Native|React-Native; APIs REST|API REST|APIs RESTful|REST; Firebase;
            Git|GitHub|controle de versão Git; publicação nas lojas|Play Store e App Store;
            testes automatizados|testes unitários; Scrum|métodos ágeis|metodologias ágeis""",
        activities="""desenvolvimento de aplicativos para Android e iOS;
            publicação de versões nas lojas de aplicativos;
            acompanhamento de falhas relatadas em produção;
            integração do aplicativo com serviços de pagamento e mapas;
            adaptação de telas a diferentes tamanhos de aparelho;
            redução do consumo de bateria e de dados móveis;
            participação nas cerimônias da equipe ágil""",
        behaviours="organização; curiosidade técnica; trabalho em equipe; foco no usuário",
        certificates="Formação Flutter (70h); Curso de Kotlin para Android",
        schooling="Ensino Superior Completo; Ensino Superior Cursando; Ensino Técnico Completo",
        courses="""Análise e Desenvolvimento de Sistemas; Ciência da Computação;
            Jogos Digitais""",
        english_percent=40,
        pay=8000,
    ),
    occupation(
        "dados",
        name="análise de dados",
        area="TI - Banco de Dados",
        sector="tech",
        weight=3,
        neighbours="backend; financeiro; infra",
        titles="""Júnior: Analista de Dados Júnior / Analista de BI Júnior;
            Pleno: Analista de Dados Pleno / Engenheir[o|a] de Dados Pleno;
            Sênior: Analista de Dados Sênior / Cientista de Dados Sênior;
            Especialista: Especialista em Dados; Coordenador: Coordenador[|a] de Dados""",
        skills="""Python; SQL|banco de dados SQL; Power BI|PowerBI; Excel avançado|Excel|planilhas;
            estatística|análise estatística; ETL|integração de dados; modelagem de dados;
            Spark|Apache Spark; aprendizado de máquina|machine learning; painéis|dashboards;
            PostgreSQL|Postgres; Airflow|orquestração de rotinas; AWS|Amazon Web Services;
            indicadores|KPIs; pandas""",
        activities="""construção de painéis de indicadores para as áreas de negócio;
            extração e limpeza de dados de várias fontes;
            automatização de relatórios mensais;
            criação de modelos de previsão de demanda;
            manutenção das rotinas de carga do armazém de dados;
            apresentação de resultados a gestores;
            verificação da qualidade dos dados recebidos""",
        behaviours="pensamento analítico; boa comunicação; organização; curiosidade",
        certificates="""Análise de Dados com Power BI (40h); Formação em Ciência de Dados (180h);
            SQL para Análise""",
        schooling="Ensino Superior Completo; Ensino Superior Completo; Pós Graduação Completo; "
        "Ensino Superior Cursando; Mestrado Completo",
        courses="""Estatística; Ciência da Computação; Engenharia de Produção;
            Sistemas de Informação""",
        english_percent=45,
        pay=7800,
    ),
    occupation(
        "infra",
        name="infraestrutura de TI",
        area="TI - Infraestrutura",
        sector="tech",
        weight=3,
        neighbours="suporte; seguranca_info; backend",
        titles="""Júnior: Analista de Infraestrutura Júnior / Analista de Redes Júnior;
            Pleno: Analista de Infraestrutura Pleno / Administrador[|a] de Redes;
            Sênior: Analista de Infraestrutura Sênior / Engenheir[o|a] DevOps Sênior;
            Especialista: Especialista em Nuvem; Coordenador: Coordenador[|a] de Infraestrutura""",
        skills="""Linux|servidores Linux; Windows Server; redes TCP/IP|redes de computadores|redes;
            Docker|contêineres; Kubernetes|K8s; AWS|Amazon Web Services; Azure|Microsoft Azure;
            virtualização|VMware; Terraform|infraestrutura como código; CI/CD|integração contínua;
            backup|cópias de segurança; monitoramento|Zabbix; firewall|firewalls;
            shell script|bash|scripts em shell; Active Directory|AD""",
        activities="""administração de servidores físicos e virtuais;
            monitoramento da disponibilidade dos serviços;
            execução e teste das rotinas de backup;
            configuração de roteadores, switches e pontos de acesso;
            automação de ambientes em nuvem;
            plantão para incidentes críticos;
            elaboração do inventário de equipamentos e licenças;
            migração de sistemas para a nuvem""",
        behaviours="calma sob pressão; organização; proatividade; trabalho em equipe",
        certificates="""Fundamentos de Redes (60h); Administração Linux (80h);
            Fundamentos de Nuvem AWS; Gestão de Serviços de TI""",
        schooling="""Ensino Superior Completo; Ensino Superior Completo; Ensino Técnico Completo;
            Ensino Superior Cursando""",
        courses="Redes de Computadores; Sistemas de Informação; Gestão da Tecnologia da Informação",
        english_percent=35,
        pay=7000,
    ),
    occupation(
        "suporte",
        name="suporte técnico",
        area="TI - Suporte",
        sector="tech",
        weight=4,
        neighbours="infra; atendimento; erp",
        titles="""Aprendiz: Jovem Aprendiz de Informática;
            Assistente: Assistente de Suporte Técnico / Técnic[o|a] de Informática;
            Júnior: Analista de Suporte Júnior / Atendente de Service Desk;
            Pleno: Analista de Suporte Pleno / Analista de Service Desk Pleno;
            Sênior: Analista de Suporte Sênior; Supervisor: Supervisor[|a] de Service Desk""",
        skills="""atendimento a usuários|suporte ao usuário; Windows|Windows 10 e 11;
            pacote Office|Microsoft Office|Office 365;
            montagem e manutenção de computadores|hardware;
            redes TCP/IP|redes de computadores|redes; Active Directory|AD;
            abertura de chamados|sistema de chamados|GLPI; acesso remoto|suporte remoto;
            impressoras|configuração de impressoras; Linux|servidores Linux;
            backup|cópias de segurança; telefonia IP|VoIP; ITIL|boas práticas ITIL""",
        activities="""atendimento de chamados de primeiro e segundo nível;
            instalação e configuração de computadores e impressoras;
            criação de contas e permissões de acesso;
            orientação de usuários por telefone e acesso remoto;
            controle de estoque de peças e equipamentos;
            registro das soluções na base de conhecimento;
            visitas técnicas às unidades""",
        behaviours="paciência; cordialidade; boa comunicação; agilidade",
        certificates="Montagem e Manutenção de Micros (40h); Fundamentos de ITIL; Redes Básico",
        schooling="""Ensino Técnico Completo; Ensino Médio Completo; Ensino Superior Cursando;
            Ensino Superior Completo""",
        courses="Técnico em Informática; Redes de Computadores; Sistemas de Informação",
        english_percent=15,
        pay=3200,
    ),
    occupation(
        "qualidade",
        name="testes e qualidade de software",
        area="TI - Qualidade/Testes",
        sector="tech",
        weight=2,
        neighbours="backend; frontend; projetos",
        titles="""Júnior: Analista de Testes Júnior / Testador[|a] de Software;
            Pleno: Analista de Qualidade de Software Pleno / Analista de Testes Pleno;
            Sênior: Analista de Testes Sênior / Analista de Automação de Testes Sênior""",
        skills="""casos de teste|roteiros de teste; testes automatizados|testes unitários;
            Selenium; Cypress; testes de API|Postman; SQL|banco de dados SQL;
            testes de carga|JMeter; testes exploratórios; BDD|Gherkin; registro de defeitos|Jira;
            Python; JavaScript|JS; Scrum|métodos ágeis|metodologias ágeis;
            testes de regressão""",
        activities="""planejamento e execução de roteiros de teste;
            automação de testes de interface e de API;
            registro e acompanhamento de defeitos até a correção;
            preparação de massas de dados para homologação;
            análise de requisitos em conjunto com a equipe;
            elaboração de relatórios de cobertura;
            apoio aos usuários na homologação""",
        behaviours="atenção aos detalhes; senso crítico; boa comunicação; organização",
        certificates="Fundamentos de Teste de Software; Automação com Cypress (30h)",
        schooling="Ensino Superior Completo; Ensino Superior Cursando; Pós Graduação Completo",
        courses="Sistemas de Informação; Análise e Desenvolvimento de Sistemas",
        english_percent=30,
        pay=5800,
    ),
    occupation(
        "erp",
        name="consultoria em sistemas de gestão",
        area="TI - SAP",
        sector="tech",
        weight=4,
        neighbours="contabil; compras; backend; projetos",
        titles="""Júnior: Consultor[|a] ERP Júnior / Analista Funcional Júnior; Pleno:
            Consultor[|a] SAP MM Pleno / Analista de ERP Pleno / Consultor[|a] SAP FI Pleno;
            Sênior: Consultor[|a] SAP SD Sênior / Consultor[|a] SAP FI/CO Sênior / Consultor[|a]
            ABAP Sênior; Especialista: Especialista SAP; Líder: Líder de Projeto ERP""",
        skills="""SAP MM|módulo MM; SAP SD|módulo SD; SAP FI|módulo FI|SAP FI/CO;
            SAP CO|módulo CO; ABAP|programação ABAP; S/4HANA|SAP S/4 HANA|S4 HANA;
            SAP WM|SAP EWM|módulo WM; especificação funcional|EF; testes integrados|homologação;
            treinamento de usuários-chave; mapeamento de processos|desenho de processos;
            rotinas fiscais|nota fiscal eletrônica|NF-e; SQL|banco de dados SQL;
            migração de dados|carga de dados; Protheus|TOTVS Protheus""",
        activities="""levantamento de requisitos com as áreas de compras, vendas e finanças;
            parametrização de módulos e testes integrados;
            escrita de especificações funcionais para os programadores;
            atendimento de chamados de sustentação;
            treinamento de usuários-chave;
            apoio à virada de versão e às primeiras semanas de uso;
            migração de cadastros do sistema antigo""",
        behaviours="visão de processos; boa comunicação; flexibilidade; negociação",
        certificates="Academia SAP MM; Academia SAP FI; Programação ABAP (120h)",
        schooling="Ensino Superior Completo; Ensino Superior Completo; Pós Graduação Completo",
        courses="Administração; Ciências Contábeis; Sistemas de Informação; Engenharia de Produção",
        english_percent=60,
        pay=9800,
    ),
    occupation(
        "projetos",
        name="gestão de projetos",
        area="TI - Projetos",
        sector="tech",
        weight=3,
        neighbours="erp; qualidade; administrativo; design",
        titles="""Assistente: Assistente de Projetos;
            Analista: Analista de Projetos / Analista de PMO;
            Pleno: Analista de Negócios Pleno / Product Owner Pleno;
            Sênior: Product Owner Sênior / Analista de Projetos Sênior;
            Coordenador: Coordenador[|a] de Projetos; Gerente: Gerente de Projetos""",
        skills="""gestão de projetos|gerenciamento de projetos;
            Scrum|métodos ágeis|metodologias ágeis; Kanban; MS Project|Microsoft Project;
            cronogramas|elaboração de cronograma; gestão de riscos|análise de riscos;
            levantamento de requisitos|requisitos; histórias de usuário|backlog; indicadores|KPIs;
            Jira; Power BI|PowerBI; gestão de fornecedores;
            mapeamento de processos|desenho de processos; orçamento|controle orçamentário""",
        activities="""elaboração e acompanhamento de cronogramas;
            condução de reuniões de planejamento e de andamento;
            levantamento e priorização de requisitos;
            controle de custos e de contratos de fornecedores;
            preparação de relatórios para a diretoria;
            gestão de riscos e de mudanças de escopo;
            facilitação das cerimônias ágeis""",
        behaviours="liderança; negociação; organização; comunicação clara",
        certificates="Gestão de Projetos (60h); Scrum na Prática; Product Owner na Prática",
        schooling="Ensino Superior Completo; Pós Graduação Completo; Pós Graduação Cursando",
        courses="Administração; Engenharia de Produção; Sistemas de Informação; Gestão de Projetos",
        english_percent=45,
        pay=8800,
    ),
    occupation(
        "seguranca_info",
        name="segurança da informação",
        area="TI - Segurança da Informação",
        sector="tech",
        weight=1,
        neighbours="infra; suporte; juridico",
        titles="""Júnior: Analista de Segurança da Informação Júnior;
            Pleno: Analista de Segurança da Informação Pleno / Analista de SOC Pleno;
            Sênior: Analista de Segurança da Informação Sênior;
            Coordenador: Coordenador[|a] de Segurança da Informação""",
        skills="""gestão de vulnerabilidades|análise de vulnerabilidades; firewall|firewalls;
            LGPD|proteção de dados; resposta a incidentes; SIEM|correlação de eventos;
            redes TCP/IP|redes de computadores|redes; Linux|servidores Linux;
            ISO 27001|norma ISO 27001; controle de acesso|gestão de identidades;
            testes de invasão|pentest; conscientização de usuários; Python;
            backup|cópias de segurança""",
        activities="""monitoramento de alertas e investigação de incidentes;
            execução de varreduras e acompanhamento das correções;
            elaboração de políticas de segurança;
            campanhas de conscientização contra golpes;
            revisão periódica dos acessos;
            apoio às auditorias internas;
            avaliação de riscos de novos fornecedores""",
        behaviours="discrição; senso crítico; atenção aos detalhes; calma sob pressão",
        certificates="Fundamentos de Segurança (40h); Curso LGPD na Prática; Norma ISO 27001",
        schooling="Ensino Superior Completo; Pós Graduação Completo; Ensino Superior Cursando",
        courses="Segurança da Informação; Redes de Computadores; Ciência da Computação",
        english_percent=50,
        pay=8400,
    ),
    occupation(
        "design",
        name="design de interfaces",
        area="TI - UX",
        sector="tech",
        weight=2,
        neighbours="frontend; marketing; projetos",
        titles="""Júnior: Designer de Interfaces Júnior / Assistente de Design;
            Pleno: Designer UX/UI Pleno / Designer de Produto Pleno; Sênior: Designer UX Sênior;
            Líder: Líder de Design""",
        skills="""Figma; pesquisa com usuários|UX research; protótipos|prototipagem;
            testes de usabilidade; sistema de design|design system; Illustrator|Adobe Illustrator;
            Photoshop|Adobe Photoshop; acessibilidade digital|WCAG; identidade visual;
            arquitetura da informação; redação de interface|UX writing; jornada do usuário;
            HTML e CSS|HTML/CSS""",
        activities="""desenho de telas e fluxos para serviços digitais;
            entrevistas e testes de usabilidade com cidadãos e clientes;
            manutenção da biblioteca visual;
            criação de protótipos navegáveis;
            acompanhamento da implementação com os desenvolvedores;
            revisão dos textos das telas;
            apresentação de propostas às partes interessadas""",
        behaviours="empatia; criatividade; escuta ativa; boa comunicação",
        certificates="Formação UX (90h); Pesquisa com Usuários na Prática",
        schooling="Ensino Superior Completo; Ensino Superior Cursando; Pós Graduação Completo",
        courses="Design Gráfico; Desenho Industrial; Comunicação Visual",
        english_percent=30,
        pay=6200,
    ),
)
