"""Sentence patterns of CVs and vacancies, with gender markup where a person is meant."""

from praca.jobs.sample.wording import worded

__all__ = [
    "ACHIEVEMENTS",
    "APPLICATION_COMMENTS",
    "CLOSINGS",
    "COMMON_BEHAVIOURS",
    "COMMON_COURSES",
    "DESK_CONDITIONS",
    "EXPERIENCE_LAYOUTS",
    "EXPERIENCE_OPENINGS",
    "EXPERIENCE_SKILLS",
    "HEADINGS",
    "LANGUAGE_LEVELS",
    "OBJECTIVES",
    "OBJECTIVE_FIELDS",
    "ON_SITE_CONDITIONS",
    "PERSONAL_LINES",
    "SUMMARIES",
    "VACANCY_BEHAVIOURS",
    "VACANCY_INTROS",
    "VACANCY_NOTES",
    "VACANCY_REQUIREMENTS",
    "VACANCY_WISHES",
]

LANGUAGE_LEVELS = ("Nenhum", "Básico", "Intermediário", "Avançado", "Fluente")

OBJECTIVES = (
    "Atuar como {title}, contribuindo com a equipe e crescendo junto com a empresa.",
    "Busco uma oportunidade como {title} em {city} ou região.",
    "Vaga de {title}.",
    "Colocar em prática minha experiência em {field} e continuar aprendendo.",
    "Recolocação profissional na área de {field}.",
    "Trabalhar com {field} em uma empresa que valorize as pessoas.",
    "Conquistar uma posição de {title} em que eu possa somar resultados.",
    "Retornar ao mercado de trabalho na área de {field}.",
    "Atuar na área de {field}, com disponibilidade para início imediato.",
    "Desenvolver minha carreira em {field} e assumir novos desafios.",
)
OBJECTIVE_FIELDS = (
    "{title}",
    "Trabalhar com {field}",
    "Oportunidade na área de {field}",
    "Vaga de {title}",
    "Crescer profissionalmente em {field}",
)
SUMMARIES = tuple(
    worded(text)
    for text in (
        (
            "Profissional com {time} de experiência em {field}, com vivência em {act1} e em "
            "{act2}. Reconhecid[o|a] por {soft1} e {soft2}."
        ),
        (
            "Tenho {time} de atuação em {field}. Já trabalhei com {skill1}, {skill2} e "
            "{skill3}, e gosto de aprender coisas novas."
        ),
        (
            "Sou uma pessoa dedicada, com {soft1} e {soft2}. Minha experiência em {field} "
            "inclui {act1}."
        ),
        (
            "Atuo na área de {field} há {time}, principalmente com {act1}. Domínio de "
            "{skill1} e {skill2}."
        ),
        (
            "Experiência de {time} em {field}, passando por empresas de portes diferentes. "
            "Destaco {act1}, além de {act2}. Bons conhecimentos de {skill1}."
        ),
        (
            "Comprometid[o|a] com prazos e resultados, reúno {time} de prática em {field}. "
            "Pontos fortes: {soft1}, {soft2} e conhecimento de {skill1}."
        ),
        (
            "Ao longo de {time} construí uma trajetória em {field}, com foco em {act1}. Estou"
            " acostumad[o|a] a usar {skill1} e {skill2} no dia a dia."
        ),
        (
            "Procuro fazer bem feito desde a primeira vez. Trago {time} de experiência em "
            "{field}, facilidade com {skill1} e {soft1}."
        ),
    )
)
EXPERIENCE_LAYOUTS = (
    "{company} - {title} ({start} a {end})",
    "{start} - {end} | {company}\nCargo: {title}",
    "Empresa: {company}\nFunção: {title}\nPeríodo: {start} até {end}",
    "{title}, {company}, de {start} a {end}",
    "* {company} ({start} - {end}) - {title}",
)
EXPERIENCE_OPENINGS = tuple(
    worded(text)
    for text in (
        "Principais atividades: {acts}.",
        "Responsável por {acts}.",
        "Atuei com {acts}.",
        "Rotina de {acts}.",
        "Contratad[o|a] para {acts}.",
        "Integrei a equipe responsável por {acts}.",
        "Minhas atribuições envolviam {acts}.",
    )
)
EXPERIENCE_SKILLS = (
    "Uso diário de {skills}.",
    "Conhecimentos aplicados: {skills}.",
    "Ganhei prática em {skills}.",
    "Trabalho apoiado em {skills}.",
    "Aprendi bastante sobre {skills}.",
)
ACHIEVEMENTS = tuple(
    worded(text)
    for text in (
        "Promovid[o|a] depois do primeiro ano.",
        "Elogiad[o|a] pela chefia pelo cuidado com os prazos.",
        "Treinei colegas recém-chegados e preparei o material de apoio.",
        "Ajudei a reduzir o retrabalho da equipe.",
        "Participei da implantação de um novo sistema na unidade.",
        "Cobri as férias da liderança por duas vezes.",
        "Propus mudanças simples que diminuíram o tempo de espera.",
        "Convidad[o|a] para apoiar outra unidade em época de grande movimento.",
        "Saí por término de contrato.",
        "Mantive boa relação com clientes, colegas e fornecedores.",
    )
)
# One heading style per CV: objective, summary, experience, education, courses, skills, languages.
HEADINGS = (
    (
        "OBJETIVO",
        "RESUMO PROFISSIONAL",
        "EXPERIÊNCIA PROFISSIONAL",
        "FORMAÇÃO",
        "CURSOS",
        "CONHECIMENTOS",
        "IDIOMAS",
    ),
    (
        "Objetivo:",
        "Perfil:",
        "Experiências:",
        "Escolaridade:",
        "Cursos e certificados:",
        "Habilidades:",
        "Idiomas:",
    ),
    (
        "Objetivo profissional",
        "Sobre mim",
        "Histórico profissional",
        "Formação acadêmica",
        "Cursos complementares",
        "Competências",
        "Línguas",
    ),
    (
        "- OBJETIVO -",
        "- QUALIFICAÇÕES -",
        "- ONDE TRABALHEI -",
        "- ESTUDOS -",
        "- CURSOS -",
        "- O QUE SEI FAZER -",
        "- IDIOMAS -",
    ),
)
PERSONAL_LINES = (
    "Brasileir[o|a], {age} anos",
    "{marital}, {age} anos",
    "Brasileir[o|a], {marital}, {age} anos",
    "Nascid[o|a] em {birth}",
)
CLOSINGS = tuple(
    worded(text)
    for text in (
        "Disponibilidade para início imediato.",
        "Disponibilidade para viagens e mudança de horário.",
        "Referências podem ser pedidas às empresas citadas.",
        "Estou à disposição para uma conversa.",
        "Moro perto do trabalho anterior e tenho condução própria.",
        "Aceito contrato temporário ou por projeto.",
        "Interessad[o|a] em crescer com a empresa.",
        "Pretensão salarial a combinar.",
    )
)
COMMON_COURSES = (
    "Informática Básica (40h)",
    "Excel Intermediário (30h)",
    "Atendimento de Excelência (16h)",
    "Primeiros Socorros (8h)",
    "Comunicação e Oratória (12h)",
    "Inglês Básico (60h)",
    "Gestão do Tempo (8h)",
    "Segurança no Trabalho (20h)",
)
COMMON_BEHAVIOURS = (
    "pontualidade",
    "trabalho em equipe",
    "boa comunicação",
    "proatividade",
    "responsabilidade",
    "organização",
    "facilidade para aprender",
    "comprometimento",
    "respeito à diversidade",
    "flexibilidade de horário",
)
VACANCY_INTROS = (
    "Principais responsabilidades:",
    "O que você vai fazer:",
    "Atividades do dia a dia:",
    "A pessoa contratada cuidará de:",
    "Descrição das atividades:",
    "Sobre o trabalho:",
    "",
)
VACANCY_REQUIREMENTS = (
    "Requisitos:",
    "Conhecimentos necessários:",
    "O que esperamos de você:",
    "Competências técnicas:",
    "Obrigatório:",
    "",
)
VACANCY_BEHAVIOURS = (
    "Competências comportamentais: {behaviours}.",
    "Valorizamos {behaviours}.",
    "Perfil: {behaviours}.",
    "Esperamos pessoas com {behaviours}.",
)
VACANCY_WISHES = (
    "Desejável: {skills}.",
    "Será um diferencial: {skills}.",
    "Conta pontos: {skills}.",
)
DESK_CONDITIONS = (
    "Trabalho presencial no bairro {neighbourhood}.",
    "Trabalho híbrido, três dias no escritório.",
    "Trabalho remoto, com encontros mensais em {city}.",
    "Presencial, de segunda a sexta, em horário comercial.",
)
ON_SITE_CONDITIONS = (
    "Trabalho presencial no bairro {neighbourhood}.",
    "Presencial, em escala 12x36.",
    "Presencial, de segunda a sexta, em horário comercial.",
    "Presencial, de segunda a sábado, com folga semanal.",
)
VACANCY_NOTES = (
    "Vale-refeição e vale-transporte.",
    "Plano de saúde depois da experiência.",
    "Início em até 15 dias.",
    "Contrato de seis meses, com chance de efetivação.",
    "Enviar pretensão salarial.",
    "A vaga admite formação em andamento.",
    "Processo seletivo com duas entrevistas e uma prova prática.",
    "Refeição no local e uniforme.",
    "Vaga aberta por aumento da equipe.",
    "Necessária disponibilidade para plantões em fins de semana.",
)
APPLICATION_COMMENTS = (
    "Contato feito por telefone.",
    "Currículo enviado ao requisitante.",
    "Confirmou interesse e disponibilidade.",
    "Aguardando retorno por e-mail.",
    "Cadastro atualizado durante a conversa.",
    "Pretensão salarial informada por mensagem.",
)
