"""Occupations of offices, shops, warehouses and roads."""

from praca.jobs.sample.catalogue.model import occupation

__all__ = ["OFFICE"]

OFFICE = (
    occupation(
        "contabil",
        name="contabilidade",
        area="Financeira/Controladoria",
        sector="office",
        weight=3,
        neighbours="financeiro; erp; administrativo",
        titles="""Auxiliar: Auxiliar Contábil / Auxiliar de Escritório Contábil;
            Assistente: Assistente Contábil / Assistente Fiscal;
            Analista: Analista Contábil / Analista Fiscal; Sênior: Analista Contábil Sênior /
            Contador[|a]; Coordenador: Coordenador[|a] Contábil""",
        skills="""conciliação contábil|conciliação de contas; lançamentos contábeis;
            balancetes|fechamento de balancete; apuração de impostos|impostos federais e municipais;
            SPED|SPED Fiscal e Contábil; rotinas fiscais|nota fiscal eletrônica|NF-e;
            Excel avançado|Excel|planilhas; Simples Nacional; lucro presumido|lucro real;
            folha de pagamento|rotinas de folha; SAP FI|módulo FI; obrigações acessórias|DCTF e ECF;
            ativo imobilizado|controle patrimonial; legislação tributária""",
        activities="""classificação e lançamento de documentos contábeis;
            conciliação de contas bancárias e de fornecedores;
            apuração de tributos e emissão das guias;
            fechamento mensal e preparação de balancetes;
            entrega das obrigações acessórias dentro do prazo;
            atendimento às solicitações da auditoria;
            controle do patrimônio da empresa""",
        behaviours="atenção aos detalhes; ética; organização; cumprimento de prazos",
        certificates="Prática Fiscal (40h); Registro no conselho de contabilidade; Excel Avançado",
        schooling="""Ensino Superior Completo; Ensino Superior Completo; Ensino Superior Cursando;
            Ensino Técnico Completo; Pós Graduação Completo""",
        courses="Ciências Contábeis; Técnico em Contabilidade",
        english_percent=8,
        pay=4200,
    ),
    occupation(
        "financeiro",
        name="rotinas financeiras",
        area="Financeira/Controladoria",
        sector="office",
        weight=3,
        neighbours="contabil; administrativo; compras",
        titles="""Auxiliar: Auxiliar Financeiro; Assistente: Assistente Financeiro /
            Assistente de Contas a Pagar; Analista: Analista Financeiro / Analista de Tesouraria;
            Sênior: Analista Financeiro Sênior / Controller; Supervisor: Supervisor[|a] Financeiro;
            Gerente: Gerente Financeiro""",
        skills="""contas a pagar|contas a pagar e a receber; contas a receber|cobrança;
            fluxo de caixa; conciliação bancária|conciliação de contas;
            Excel avançado|Excel|planilhas; faturamento|emissão de faturas;
            orçamento|controle orçamentário; tesouraria; análise de crédito; Power BI|PowerBI;
            indicadores|KPIs; ERP|sistema integrado de gestão;
            rotinas fiscais|nota fiscal eletrônica|NF-e; negociação com fornecedores""",
        activities="""programação de pagamentos e baixa de títulos;
            projeção do fluxo de caixa semanal;
            cobrança de clientes em atraso;
            emissão de notas fiscais e boletos;
            acompanhamento do orçamento por centro de custo;
            conferência de extratos bancários;
            elaboração de relatórios gerenciais""",
        behaviours="organização; discrição; raciocínio lógico; cumprimento de prazos",
        certificates="Excel Avançado; Gestão do Fluxo de Caixa (20h); Matemática Financeira",
        schooling="Ensino Superior Completo; Ensino Superior Cursando; Ensino Médio Completo; "
        "Pós Graduação Completo",
        courses="Administração; Ciências Contábeis; Gestão Financeira; Economia",
        english_percent=15,
        pay=4300,
    ),
    occupation(
        "rh",
        name="recursos humanos",
        area="Recursos Humanos",
        sector="office",
        weight=3,
        neighbours="administrativo; contabil; social",
        titles="""Auxiliar: Auxiliar de Departamento Pessoal; Assistente: Assistente de RH /
            Assistente de Recrutamento e Seleção; Analista: Analista de Recursos Humanos /
            Analista de Departamento Pessoal / Analista de Recrutamento e Seleção;
            Sênior: Analista de RH Sênior; Coordenador: Coordenador[|a] de Gestão de Pessoas;
            Gerente: Gerente de Recursos Humanos""",
        skills="""recrutamento e seleção|R&S|seleção de pessoal;
            entrevistas|entrevista por competências; folha de pagamento|rotinas de folha;
            admissão e demissão|rotinas admissionais; benefícios|gestão de benefícios;
            eSocial|e-Social; controle de ponto|ponto eletrônico;
            treinamento e desenvolvimento|T&D; avaliação de desempenho; clima organizacional;
            legislação trabalhista|CLT; Excel avançado|Excel|planilhas; indicadores|KPIs;
            integração de novos funcionários|onboarding""",
        activities="""divulgação de vagas e triagem de currículos;
            condução de entrevistas e dinâmicas de grupo;
            cálculo da folha, férias e rescisões;
            controle de benefícios e de exames periódicos;
            organização de treinamentos internos;
            acolhimento de novos funcionários;
            pesquisa de clima e plano de melhorias""",
        behaviours="escuta ativa; empatia; sigilo; boa comunicação",
        certificates="Rotinas de Departamento Pessoal (40h); eSocial na Prática; Entrevista por "
        "Competências",
        schooling="Ensino Superior Completo; Ensino Superior Cursando; Pós Graduação Completo",
        courses="Gestão de Recursos Humanos; Psicologia; Administração",
        english_percent=12,
        pay=4000,
    ),
    occupation(
        "juridico",
        name="assessoria jurídica",
        area="Jurídica",
        sector="office",
        weight=2,
        neighbours="administrativo; rh",
        titles="""Assistente: Assistente Jurídico / Assistente de Contratos;
            Júnior: Advogad[o|a] Júnior; Pleno: Advogad[o|a] Pleno / Analista Jurídico Pleno;
            Sênior: Advogad[o|a] Sênior; Coordenador: Coordenador[|a] Jurídic[o|a]""",
        skills="""direito do trabalho|direito trabalhista; direito civil; direito administrativo;
            contratos|elaboração de contratos; petições|redação de peças; audiências;
            licitações|lei de licitações; LGPD|proteção de dados; pesquisa de jurisprudência;
            prazos processuais|controle de prazos; processo eletrônico|PJe; direito do consumidor;
            mediação de conflitos""",
        activities="""redação e revisão de contratos e aditivos;
            acompanhamento de processos e controle de prazos;
            participação em audiências;
            emissão de pareceres para as áreas internas;
            apoio em processos de licitação;
            negociação de acordos;
            atualização das áreas sobre mudanças na lei""",
        behaviours="argumentação; ética; organização; boa escrita",
        certificates="""Inscrição na ordem dos advogados; Curso LGPD na Prática;
            Nova Lei de Licitações""",
        schooling="Ensino Superior Completo; Pós Graduação Completo; Ensino Superior Cursando",
        courses="Direito",
        english_percent=18,
        pay=5600,
    ),
    occupation(
        "marketing",
        name="marketing e comunicação",
        area="Marketing",
        sector="office",
        weight=2,
        neighbours="design; comercial; atendimento",
        titles="""Assistente: Assistente de Marketing / Assistente de Comunicação;
            Analista: Analista de Marketing Digital / Analista de Comunicação / Social Media;
            Sênior: Analista de Marketing Sênior; Coordenador: Coordenador[|a] de Marketing;
            Gerente: Gerente de Marketing""",
        skills="""redes sociais|gestão de redes sociais|mídias sociais;
            produção de conteúdo|redação; anúncios pagos|tráfego pago|Google Ads;
            SEO|otimização para buscas; e-mail marketing; Photoshop|Adobe Photoshop; Canva;
            identidade visual; eventos|organização de eventos; métricas digitais|Google Analytics;
            assessoria de imprensa; planejamento de campanhas;
            fotografia e vídeo|edição de vídeos; CRM|gestão do relacionamento""",
        activities="""planejamento do calendário de publicações;
            criação de textos e peças para redes sociais;
            gestão de campanhas pagas e do orçamento de mídia;
            organização de feiras e eventos;
            análise dos resultados das campanhas;
            relacionamento com agências e imprensa local;
            cobertura fotográfica de ações internas""",
        behaviours="criatividade; boa escrita; proatividade; trabalho em equipe",
        certificates="Marketing Digital (60h); Tráfego Pago na Prática; Redação para Web",
        schooling="Ensino Superior Completo; Ensino Superior Cursando; Pós Graduação Completo",
        courses="Publicidade e Propaganda; Jornalismo; Marketing; Relações Públicas",
        english_percent=25,
        pay=4100,
    ),
    occupation(
        "comercial",
        name="vendas",
        area="Comercial",
        sector="retail",
        weight=4,
        neighbours="varejo; atendimento; marketing",
        titles="""Assistente: Assistente Comercial / Assistente de Vendas;
            Júnior: Vendedor[|a] Extern[o|a] / Executiv[o|a] de Vendas Júnior;
            Pleno: Consultor[|a] de Vendas / Executiv[o|a] de Contas;
            Sênior: Executiv[o|a] de Contas Sênior; Supervisor: Supervisor[|a] de Vendas;
            Gerente: Gerente Comercial""",
        skills="""prospecção de clientes|prospecção ativa; negociação;
            técnicas de vendas|vendas consultivas; CRM|gestão do relacionamento;
            atendimento ao cliente|atendimento ao público; pós-venda; metas|trabalho com metas;
            propostas comerciais|elaboração de propostas; visitas a clientes|vendas externas;
            pacote Office|Microsoft Office|Office 365; análise de mercado;
            CNH categoria B|habilitação B; gestão de carteira""",
        activities="""prospecção e visita a novos clientes;
            elaboração e negociação de propostas;
            acompanhamento da carteira e do pós-venda;
            registro das oportunidades no sistema;
            participação em feiras do setor;
            cumprimento das metas mensais;
            levantamento de preços da concorrência""",
        behaviours="persuasão; resiliência; foco em resultado; bom relacionamento",
        certificates="Técnicas de Venda (16h); Negociação na Prática",
        schooling="Ensino Médio Completo; Ensino Superior Completo; Ensino Superior Cursando",
        courses="Administração; Gestão Comercial; Marketing",
        english_percent=15,
        pay=3600,
    ),
    occupation(
        "administrativo",
        name="rotinas administrativas",
        area="Administrativa",
        sector="office",
        weight=5,
        neighbours="recepcao; financeiro; rh; compras",
        titles="""Aprendiz: Jovem Aprendiz Administrativ[o|a];
            Auxiliar: Auxiliar Administrativ[o|a] / Auxiliar de Escritório;
            Assistente: Assistente Administrativ[o|a]; Analista: Analista Administrativ[o|a];
            Supervisor: Supervisor[|a] Administrativ[o|a]; Gerente: Gerente Administrativ[o|a]""",
        skills="""pacote Office|Microsoft Office|Office 365; Excel avançado|Excel|planilhas;
            arquivo|organização de documentos; redação de ofícios|redação oficial;
            atendimento ao cliente|atendimento ao público; controle de estoque|estoque;
            agendamento|controle de agenda; emissão de notas fiscais|notas fiscais; protocolo;
            contas a pagar|contas a pagar e a receber; digitação; controle de contratos;
            ERP|sistema integrado de gestão; atendimento telefônico""",
        activities="""organização de arquivos e documentos;
            preenchimento e conferência de planilhas;
            atendimento telefônico e presencial;
            controle de materiais de escritório;
            redação de ofícios, atas e comunicados;
            apoio às rotinas do financeiro e do departamento pessoal;
            agendamento de reuniões e viagens""",
        behaviours="organização; proatividade; discrição; boa comunicação",
        certificates="Assistente Administrativo (160h); Informática Básica; Excel Intermediário",
        schooling="Ensino Médio Completo; Ensino Médio Completo; Ensino Superior Cursando; "
        "Ensino Superior Completo; Ensino Técnico Completo",
        courses="Administração; Técnico em Administração; Processos Gerenciais; Secretariado",
        english_percent=8,
        pay=2600,
    ),
    occupation(
        "recepcao",
        name="recepção",
        area="Administrativa",
        sector="services",
        weight=3,
        neighbours="administrativo; atendimento; varejo",
        titles="""Aprendiz: Jovem Aprendiz de Recepção; Auxiliar: Auxiliar de Recepção;
            Assistente: Recepcionista / Secretári[o|a]; Pleno: Recepcionista Bilíngue /
            Secretári[o|a] Executiv[o|a]; Supervisor: Supervisor[|a] de Recepção""",
        skills="""atendimento ao cliente|atendimento ao público; atendimento telefônico|PABX;
            agendamento|controle de agenda; cadastro de visitantes|controle de visitantes;
            pacote Office|Microsoft Office|Office 365; arquivo|organização de documentos;
            recebimento de correspondências; faturamento de convênios; caixa|operação de caixa;
            organização de salas de reunião; digitação; cordialidade no atendimento|boa dicção""",
        activities="""recepção e encaminhamento de visitantes;
            agendamento de consultas e reuniões;
            atendimento de ligações e mensagens;
            cadastro de clientes no sistema;
            controle da entrada de correspondências;
            organização do ambiente de espera;
            conferência de documentos e guias de convênio""",
        behaviours="simpatia; paciência; boa comunicação; pontualidade",
        certificates="Recepcionista (40h); Atendimento de Excelência; Informática Básica",
        schooling="Ensino Médio Completo; Ensino Médio Completo; Ensino Superior Cursando; "
        "Ensino Técnico Completo",
        courses="Secretariado; Administração; Hotelaria",
        english_percent=15,
        pay=2100,
    ),
    occupation(
        "atendimento",
        name="atendimento ao cliente",
        area="Relacionamento Técnico",
        sector="services",
        weight=4,
        neighbours="recepcao; suporte; comercial; varejo",
        titles="""Auxiliar: Atendente / Operador[|a] de Telemarketing;
            Assistente: Assistente de Atendimento / Atendente de SAC;
            Analista: Analista de Atendimento / Analista de Relacionamento com o Cliente;
            Líder: Líder de Atendimento; Supervisor: Supervisor[|a] de Atendimento""",
        skills="""atendimento ao cliente|atendimento ao público; atendimento telefônico|call center;
            atendimento por chat|chat e WhatsApp; CRM|gestão do relacionamento; digitação;
            negociação; cobrança|recuperação de crédito; abertura de chamados|sistema de chamados;
            ouvidoria|tratamento de reclamações; roteiros de atendimento|script; pós-venda;
            pacote Office|Microsoft Office|Office 365; metas|trabalho com metas""",
        activities="""atendimento de clientes por telefone, chat e e-mail;
            registro de solicitações e reclamações;
            acompanhamento dos casos até a solução;
            retenção de clientes e oferta de serviços;
            pesquisa de satisfação após o atendimento;
            orientação de novos atendentes;
            encaminhamento de demandas às áreas responsáveis""",
        behaviours="paciência; escuta ativa; cordialidade; resiliência",
        certificates="Atendimento de Excelência; Comunicação Não Violenta (12h)",
        schooling="Ensino Médio Completo; Ensino Médio Completo; Ensino Superior Cursando; "
        "Ensino Médio Cursando",
        courses="Administração; Gestão Comercial; Marketing",
        english_percent=8,
        pay=2000,
    ),
    occupation(
        "compras",
        name="compras e logística",
        area="Logística/Suprimentos",
        sector="transport",
        weight=3,
        neighbours="estoque; financeiro; erp; administrativo",
        titles="""Assistente: Assistente de Compras / Assistente de Logística;
            Analista: Analista de Compras / Analista de Logística;
            Pleno: Comprador[|a] Pleno; Sênior: Comprador[|a] Sênior / Analista de Logística Sênior;
            Coordenador: Coordenador[|a] de Logística; Gerente: Gerente de Suprimentos""",
        skills="""cotação|cotações e orçamentos; negociação com fornecedores; pedidos de compra;
            controle de estoque|estoque|gestão de estoques; gestão de fretes|contratação de fretes;
            roteirização|roteirização de entregas; Excel avançado|Excel|planilhas; SAP MM|módulo MM;
            ERP|sistema integrado de gestão; importação|comércio exterior; indicadores|KPIs;
            homologação de fornecedores; licitações|lei de licitações; inventário""",
        activities="""cotação e negociação com fornecedores;
            emissão e acompanhamento de pedidos de compra;
            programação de cargas e rotas de entrega;
            controle dos níveis de estoque;
            avaliação de desempenho dos fornecedores;
            conferência de notas e fretes;
            tratamento de atrasos e devoluções""",
        behaviours="negociação; organização; visão de processos; agilidade",
        certificates="Gestão de Compras (30h); Logística Integrada; Excel Avançado",
        schooling="Ensino Superior Completo; Ensino Superior Cursando; Ensino Técnico Completo; "
        "Pós Graduação Completo",
        courses="Logística; Administração; Técnico em Logística; Comércio Exterior",
        english_percent=20,
        pay=4000,
    ),
    occupation(
        "estoque",
        name="estoque e expedição",
        area="Logística/Suprimentos",
        sector="transport",
        weight=4,
        neighbours="compras; motorista; varejo; limpeza",
        titles="""Aprendiz: Jovem Aprendiz de Logística; Auxiliar: Auxiliar de Estoque /
            Auxiliar de Expedição / Ajudante de Carga; Assistente: Almoxarife / Conferente;
            Pleno: Operador[|a] de Empilhadeira; Líder: Líder de Expedição;
            Supervisor: Supervisor[|a] de Almoxarifado""",
        skills="""controle de estoque|estoque|gestão de estoques; inventário|contagem de estoque;
            recebimento de mercadorias; separação de pedidos|picking;
            conferência|conferência de cargas; empilhadeira|operação de empilhadeira;
            carga e descarga; coletor de dados; organização de depósito|endereçamento; embalagem;
            NR-11|norma NR-11; notas fiscais|emissão de notas fiscais;
            segurança no trabalho|uso de EPI""",
        activities="""recebimento e conferência de mercadorias;
            separação e embalagem de pedidos;
            contagem cíclica do estoque;
            carregamento de veículos conforme a rota;
            organização das prateleiras e corredores;
            registro de entradas e saídas no sistema;
            controle de validade dos produtos""",
        behaviours="disposição; organização; trabalho em equipe; pontualidade",
        certificates="Operador de Empilhadeira NR-11; Auxiliar de Logística (60h)",
        schooling="Ensino Médio Completo; Ensino Médio Completo; Ensino Fundamental Completo; "
        "Ensino Médio Incompleto",
        courses="Técnico em Logística",
        pay=2200,
    ),
    occupation(
        "motorista",
        name="transporte",
        area="Transporte",
        sector="transport",
        weight=4,
        neighbours="estoque; mecanica; vigilancia",
        titles="""Auxiliar: Ajudante de Motorista; Júnior: Motorista Entregador[|a] /
            Motociclista Entregador[|a]; Pleno: Motorista de Caminhão / Motorista de Ônibus /
            Motorista Executiv[o|a]; Sênior: Motorista Carreteir[o|a]; Líder: Líder de Frota""",
        skills="""CNH categoria B|habilitação B; CNH categoria D|habilitação D|carteira D;
            CNH categoria E|habilitação E; direção defensiva; entregas urbanas|rotas de entrega;
            transporte de passageiros|transporte coletivo; carga e descarga;
            GPS|aplicativos de navegação; checagem do veículo|inspeção diária do veículo;
            MOPP|transporte de cargas perigosas; tacógrafo;
            atendimento ao cliente|atendimento ao público;
            mecânica básica|noções de mecânica""",
        activities="""entrega de mercadorias conforme o roteiro;
            transporte de passageiros com segurança;
            verificação diária de pneus, óleo e freios;
            conferência de notas e canhotos;
            preenchimento do diário de bordo;
            apoio na carga e na descarga;
            comunicação de avarias e ocorrências""",
        behaviours="responsabilidade; pontualidade; calma no trânsito; cordialidade",
        certificates="""Direção Defensiva; MOPP; Transporte Coletivo de Passageiros;
            Transporte Escolar""",
        schooling="Ensino Médio Completo; Ensino Fundamental Completo; Ensino Médio Incompleto",
        courses="Direção Defensiva",
        pay=2700,
    ),
    occupation(
        "varejo",
        name="comércio varejista",
        area="Comercial",
        sector="retail",
        weight=4,
        neighbours="comercial; atendimento; estoque; recepcao",
        titles="""Aprendiz: Jovem Aprendiz de Loja;
            Auxiliar: Repositor[|a] / Operador[|a] de Caixa / Empacotador[|a];
            Assistente: Vendedor[|a] de Loja / Atendente de Loja; Líder: Líder de Loja;
            Supervisor: Fiscal de Caixa; Gerente: Gerente de Loja""",
        skills="""operação de caixa|caixa; atendimento ao cliente|atendimento ao público;
            reposição de mercadorias|abastecimento de gôndolas; fechamento de caixa; precificação;
            vitrine|organização de vitrine; controle de validade;
            técnicas de vendas|vendas consultivas; controle de estoque|estoque;
            prevenção de perdas; metas|trabalho com metas; inventário""",
        activities="""atendimento e venda no balcão;
            operação e fechamento de caixa;
            reposição de produtos nas prateleiras;
            montagem de vitrines e promoções;
            conferência de preços e validades;
            recebimento de mercadorias;
            orientação da equipe no turno""",
        behaviours="simpatia; agilidade; honestidade; trabalho em equipe",
        certificates="Operador de Caixa (20h); Técnicas de Venda (16h)",
        schooling="Ensino Médio Completo; Ensino Médio Completo; Ensino Médio Cursando; "
        "Ensino Fundamental Completo",
        courses="Gestão Comercial; Administração",
        pay=1900,
    ),
)
