"""What citizens call things, and what offices call them.

A table of our own: each line holds words that stand for each other when somebody looks for a
service. A question's word is expanded with the others of its lines, at a fraction of its weight,
so that the word itself always counts most. Source: Voorhees, "Query expansion using
lexical-semantic relations", SIGIR (1994), who found that only hand-picked relations help.

Words of one stem need no line. Put a word into a line only if an article that uses the others
would answer the person who used it; a word in several lines is expanded by all of them.
"""

from collections.abc import Mapping
from typing import Final

from praca.helpdesk.answering.words import terms_of

__all__ = ["SYNONYMS", "expanded"]

_FRACTION: Final = 0.35
"""Of a word's weight, for what may stand for it."""

_LINES: Final = """
abrir criar iniciar abertura
aceitar aprovar deferir aprovação deferimento autorizar
acidente batida colisão abalroado abalroamento
acompanhar andamento status situação consultar consulta
agendar marcar agendamento marcação horário
agilizar urgência urgente apressar rapidez
água pluvial chuva drenagem
alagamento enchente inundação desastre temporal calamidade
alagar inundar enchente
aluguel locação alugar
aluno estudante escolar
animal bicho cachorro cão gato pet
animal veterinário vacina castração zoonoses
apagado queimado apagar lâmpada iluminação
aposentado inativo aposentadoria pensionista previdência
arrumar consertar reparar conserto reparo manutenção trocar
árvore poda galho arborização muda
atraso atrasar demora demorar
aula curso ensino disciplina
autuação multa infração auto penalidade
baixa cancelamento cancelar encerramento encerrar
bar restaurante lanchonete estabelecimento
barraca camelô ambulante feirante
barulho ruído som perturbação
bicicleta bike ciclovia bicicletário
boleto guia darm pagamento fatura
bolsa benefício auxílio
bueiro tampão bocal galeria
buraco pavimentação asfalto tapa-buraco
cadastro cadastrar registro inscrição conta
cadeirante deficiente deficiência pcd acessibilidade
caminhão carga mudança
candidatar vaga emprego trabalho candidato candidatura
carro veículo automóvel
carteira habilitação cnh motorista condutor
cartão bilhete passe
cartório certidão
casa imóvel residência moradia residencial
celular telefone smartphone
cemitério enterro sepultamento funerário jazigo
certidão documento declaração certificado
chefe direção gestor
cobrança débito dívida
colégio escola creche
comprovante recibo atestado
comércio loja negócio empresa estabelecimento
conserto reparo
construir obra construção reforma edificação
contestar impugnar recorrer recurso impugnação defesa
creche infantil berçário
currículo cv candidato perfil
declaração atestado
demitido desempregado desemprego demissão
denunciar denúncia reclamar reclamação queixa ouvidoria
desconto abatimento redução isenção
descobrir saber consultar
desistir desistência renúncia
devolver devolução reembolso ressarcimento restituição estorno
dinheiro valor verba saldo
discriminação preconceito intolerância racismo
dono proprietário titular
emprestar empréstimo consignado
engarrafamento trânsito fluidez congestionamento tráfego
entulho lixo resíduo cata-treco bagulho
entrar ingressar acesso login
enviar remeter mandar anexar
extraviar perder perda extravio roubo furto sumir sumiço
falecimento morte óbito falecido falecer viúva viúvo mortis
feira feirante feirarte
fiscal fiscalização vistoria inspeção
foto fotografia imagem
fumar fumo cigarro tabaco tabagismo fumaça
gratuito grátis gratuidade isento
guincho reboque rebocar remoção
guerra tiro violência
herança inventário causa
higiene limpeza sanitário sanitária
horário expediente funcionamento
hotel hospedagem pousada
identidade rg documento
idoso aposentado
imposto tributo taxa iptu iss itbi
indeferir negar recusar reprovar indeferimento negativa
iluminação luz poste luminária lâmpada
jornalista imprensa reportagem
lei legislação norma regulamento
leilão arrematação arrematar
ler livro leitura
ligar telefonar telefone ligação
limpar limpeza varrição
livro obra título
lombada radar fiscalização eletrônica
lotação van kombi complementar
loteamento terreno lote
luz energia elétrico elétrica
matricular matrícula vaga inscrição
modelo formulário
moto motocicleta mototáxi motoboy
mudar alterar alteração mudança troca trocar
música show samba evento
não-funciona inoperante quebrado estragado defeito pane
objeto pertence achados perdidos
ônibus coletivo brt
oficina conserto
órgão secretaria departamento
parcelar parcelamento prestação parcelado
parar estacionar estacionamento vaga
passagem tarifa bilhete
passe gratuidade jaé riocard bilhete
pedido solicitação requerimento protocolo
pegar obter retirar receber
pesquisar pesquisa busca buscar procurar
placa sinalização
posto unidade
praia orla quiosque
prazo validade vencimento
professor docente magistério
propaganda publicidade letreiro anúncio
prova exame avaliação
quitar pagar pagamento quitação
remédio medicamento farmácia
renovar renovação validade
rua via logradouro avenida
salário vencimento remuneração gratificação
segunda-via reemissão reimpressão
semáforo sinal farol sinaleira
senha login acesso
servidor funcionário
sinal semáforo
site portal internet online página
sugerir sugestão ideia opinião crítica
táxi taxista permissionário
telemarketing ligação bloqueio
transferir transferência titularidade
transferir pix enviar pagamento
tirar emitir emissão
vencer vencimento prazo
vizinho morador condomínio
"""


def _table() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for line in _LINES.strip().splitlines():
        group = [term for word in line.split() for term in terms_of(word)]
        for term in group:
            found.setdefault(term, {}).update(dict.fromkeys(group))
    return {term: tuple(t for t in others if t != term) for term, others in found.items()}


SYNONYMS: Final = _table()
"""Term -> terms that may stand for it."""


def expanded(terms: Mapping[str, float]) -> dict[str, float]:
    """Return ``terms`` with their weights, and what may stand for them at a fraction of those."""
    weights = dict(terms)
    for term, weight in terms.items():
        for other in SYNONYMS.get(term, ()):
            weights[other] = max(weights.get(other, 0.0), _FRACTION * weight)
    return weights
