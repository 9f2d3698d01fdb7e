/** What somebody who writes to us wants: an answer, no more mail, or both. */
export type Asked = 'reply' | 'stop' | 'stop-and-more';

/** Words that ask for no more mail where a message begins with them alone, in small letters without accents. */
const WORDS = [
  ...['stop', 'stopp', 'stop all', 'unsubscribe', 'unsubscribed', 'opt out'],
  ...['abmelden', 'abmeldung', 'abbestellen', 'abbestellung', 'austragen'],
  ...['arret', 'arreter', 'arretez', 'desabonner', 'desabonnement', 'desinscrire', 'desinscription'],
  ...['baja', 'la baja', 'desuscribir'],
];

/** Whatever somebody calls our mail is `mail` below. Surveys and offers are less than all of it: a person decides. */
const MAIL = new RegExp(
  `\\b(${[
    'e ?mails?|mails|mailings|messages?|newsletters?|spam|advertis(?:ing|ements?)|ads',
    'nachrichten|werbe ?mails?|courriels?|courriers? electroniques?|publicites?|pubs?|infolettres?',
    'correos?(?: electronicos?)?|mensajes?|boletin(?:es)?|publicidad',
  ].join('|')})\\b`,
  'g',
);

/** What the many ways of saying it in four languages have in common; `mail` stands for all names of it. */
const THESE = '(?:(?:any|more|further|your|these|those|such|all|the|of|other|unwanted|unsolicited) )*mail';
const FROM_LIST =
  '(?: (?:from|off)(?: (?:of|all|any|everything|your|the|this|these|those|further|future|mail|mailing|list|lists|distribution))*)';
const VOM_VERTEILER =
  '(?:(?:vom|von|aus|dem|der|den|ihrem|ihrer|ihren|diesem|dieser|allen|verteiler|verteilerliste|mailverteiler|mailingliste|liste|mail) )';
const DE_LA_LISTE =
  '(?: (?:de|du|des|d|a)(?: (?:la|le|l|les|vos|votre|cette|ces|tous|toutes|liste|listes|de|diffusion|mail|mailing|envois))*)';
const DE_LA_LISTA =
  '(?: (?:de|del)(?: (?:la|el|las|los|esta|este|su|sus|todos|todas|lista|listas|de|distribucion|mail|envios))*)';

/** Sentences that ask for no more mail. */
const SENTENCES = [
  `(stop|quit|cease) (${THESE}|sending(?: to)?(?: me| us)? ${THESE}|(mailing|emailing|e mailing|spamming)( me| us)?|(contacting|bothering|writing(?: to)?) (me|us))( any ?more)?`,
  `(send (me|us) )?no more ${THESE}( from you| for me)?`,
  `(do not|don t|dont|never) (send(?: to)?(?: me| us)? ${THESE}|(mail|contact|write(?: to)?|spam) (me|us)( ${THESE})?)( any ?more| again| ever again)?`,
  `(i )?(do not|don t|dont|no longer) (want|wish|need)( to)?( receive| get)? ${THESE}( from you)?( any ?more| again)?`,
  `unsubscribed? ?(me|us)?${FROM_LIST}?`,
  `(remove|take) (me|us|my (mail|address|mail address))${FROM_LIST}|remove me`,
  `opt (me )?out${FROM_LIST}?`,
  'leave (me|us) alone',

  '(ich )?(mochte|moechte|will|wunsche)( von ihnen)? kein(e|en|erlei)? ((weiteren?|solchen?|ihrer?) )*(mail|werbung)( mehr)?( von ihnen| von euch)?( mehr)?( bekommen| erhalten| empfangen| haben)?( mehr)?',
  '(mir |uns )?kein(e|en|erlei)? ((weiteren?|solchen?|ihrer?) )*(mail|werbung)( von ihnen| von euch)? mehr( an mich| von ihnen| von euch)?( senden| schicken| zusenden| zuschicken| schreiben)?',
  '(mir |uns )?keine weiteren? (mail|werbung)( von ihnen)?( senden| schicken| zusenden| zuschicken| schreiben)?|keine werbung',
  '(schick|schicke|schicken|sende|senden|schreib|schreibe|schreiben|kontaktieren|belastigen)( sie)? (mir|mich|uns) (keine weiteren? (mail|werbung)|(kein(e|en)? (mail|werbung)|nichts|nicht) mehr)',
  '(mir |mich |uns )nicht mehr (schreiben|mailen|anschreiben|kontaktieren)',
  `((melden|tragen) sie |(melde|trage?) )(mich|uns) ${VOM_VERTEILER}*(ab|aus)`,
  `ich (melde|trage) mich ${VOM_VERTEILER}*(ab|aus)|ich bestelle ((den|ihren|diesen) )?mail ab`,
  `((nehmen|streichen|loschen|entfernen) sie |(nimm|streiche?|losche?|entferne?) )(mich|uns|meine (mail|adresse|mail adresse)) ${VOM_VERTEILER}*(verteiler|verteilerliste|mailverteiler|mailingliste|liste|mail)( raus| heraus)?`,
  `((ich )?(mochte|moechte|will) )?(mich|uns) ${VOM_VERTEILER}*(abmelden|austragen|abzumelden|auszutragen)`,
  `((mich|uns|meine (mail|adresse|mail adresse)) )?${VOM_VERTEILER}+(streichen|entfernen|nehmen|loschen|austragen)`,
  `${VOM_VERTEILER}*mail (abbestellen|abmelden)|(abmeldung|abmelden) ${VOM_VERTEILER}*(verteiler|mailverteiler|mailingliste|liste|mail)`,
  'lassen sie (mich|uns) in ruhe',

  `(me |nous )?(desabonner|desinscrire|desabonnez|desinscrivez|desabonnement|desinscription)( moi| nous)?${DE_LA_LISTE}?`,
  'je me (desabonne|desinscris)',
  `(me |nous )?(retirer|retirez|rayer|rayez|supprimer|supprimez|enlever|enlevez)( moi| nous)${DE_LA_LISTE}`,
  `(me |nous )(retirer|rayer|supprimer|enlever)${DE_LA_LISTE}`,
  '(arretez|arreter|cessez|cesser|stoppez)( (de|d))?( (m|me|nous))? ?((envoyer )?((de|d|des|vos|ces|les|tous|toutes) )*mail|ecrire|contacter|spammer|harceler)( de mail)?',
  '((je )?(ne )?(veux|souhaite|desire|voudrais|souhaiterais) )?(ne )?plus (recevoir )?((de|d|des|vos|ces|aucun|aucune) )*mail( de votre part| de vous)?',
  '(ne )?(m|me|nous) (envoyez|ecrivez|contactez) plus( jamais)?( rien)?(( (de|d|vos|ces|aucun|aucune))* mail)?',
  'ne plus (m|me|nous) (envoyer|ecrire|contacter)( rien)?(( (de|d|vos|ces|aucun|aucune))* mail)?|je ne (souhaite|veux) plus etre contactee?',
  'laissez (moi|nous) (tranquilles?|en paix)',

  `(dar|darme|darnos|denme|deme|dame|denos|den|dad|dadme|dese) ?(me )?de baja${DE_LA_LISTA}?|(la )?baja${DE_LA_LISTA}`,
  'cancelar (la )?suscripcion|desuscribirme|desuscribanme|desuscribame|desapuntarme|desapuntenme',
  `(borrenme|borreme|borrarme|quitenme|quiteme|quitarme|eliminenme|elimineme|eliminarme|saquenme|saqueme|sacarme)${DE_LA_LISTA}`,
  'no (quiero |deseo )?(recibir )?(mas|sus|estos|mas de sus) mail( mas| suyos| de ustedes| de su parte)*',
  'no (quiero|deseo) (recibir )?mail( mas| suyos| de ustedes| de su parte)*',
  'no (me |nos )?(envien|envie|manden|mande|escriban|escriba|contacten|contacte)(me|nos)?( mas)?(( (sus|estos|de))* mail)?( mas| nunca mas)?',
  '(dejen|deje|dejad|paren|pare) de (enviarme|mandarme|enviarnos|mandarnos|enviar|mandar) ((mas|sus|estos) )*mail|(dejen|deje|dejad|paren|pare) de (escribirme|escribirnos|contactarme|contactarnos)',
  'dejenme en paz',
].map((sentence) => new RegExp(`^(${sentence})$`));

/** What makes a wish polite, urgent, or a part of a longer sentence. */
const ONLY_WORDS =
  /\b(please|pls|plz|kindly|just|now|immediately|at once|right away|asap|bitte|ab sofort|sofort|umgehend|jetzt|hiermit|svp|stp|s il (vous|te) plait|immediatement|tout de suite|desormais|maintenant|por favor|inmediatamente|ahora|ya)\b/g;
const JOINED = /^(and|so|but|also|then|und|aber|daher|deshalb|et|donc|mais|y|pero|asi que) /;
const ASKS =
  /^((can|could|would|will) you|i (want|would like|d like|wish|ask) (you )?to( be)?|(konnen|konnten|wurden) sie|ich bitte (sie )?um|(pouvez|pourriez) vous( de)?|merci de|veuillez|priere de|je (veux|voudrais|souhaite|souhaiterais|desire|vous (demande|prie) de)|(pueden?|podrian?)( ustedes| usted)?|quiero|quisiera|deseo|solicito|favor de) /;

const GREETING =
  /^(hi|hello|hey|good (morning|afternoon|evening|day)|hallo|guten (tag|morgen|abend)|moin|servus|gruezi|bonjour|bonsoir|salut|hola|buenos dias|buenas( tardes| noches)?)\b ?/i;
const ADDRESSED =
  /^(dear|sehr geehrte[rs]?|liebe[rs]?|cher|chers|chere|cheres|estimad[oa]s?|querid[oa]s?)( \w+){1,5}$|^(madame|monsieur|mesdames|messieurs|madame monsieur|damen und herren|ladies and gentlemen|to whom it may concern)$/;
const THANKS =
  /^(many |vielen |besten |herzlichen |muchas |mil )?(thanks|thank you|thx|danke|dank|dankeschon|merci|merci beaucoup|gracias)( (so|very) much| a lot| schon| sehr| in advance| im voraus| d avance| par avance| de antemano| for your (help|understanding)| fur ihr verstandnis| de votre comprehension| por su comprension)?$/;
const CLOSING =
  /^((with )?(best|kind|warm|kindest|many)?( and)? ?(regards|wishes)|best|cheers|sincerely|(yours|faithfully|truly)( \w+)?|(mit )?(viele[nr]?|liebe[nr]?|beste[nr]?|freundliche[nmr]?|herzliche[nr]?|schone[nr]?) (grusse?n?|gruesse?n?|gruss)|grusse?|gruesse|mfg|lg|vg|cordialement|bien (cordialement|a vous)|(sinceres |meilleures )?salutations( distinguees)?|cdlt|bonne (journee|soiree)|(un )?(cordial(es)? |cordial )?saludos?( cordial(es)?)?|atentamente|atte)$/;

/** What programs add below a message, and signatures. */
const SIGNATURE =
  /^(--|_{5,}$|(sent|get outlook) (from|for) |gesendet (von|mit) |von mein\S+ .*gesendet|diese nachricht wurde von |holen sie sich outlook|envoye (de|depuis|a partir) |telecharge[rz] outlook|enviado desde |obtene[rg]a? outlook)/i;

/** What stands in a kept mail for the files that came with it. */
const NAMED_FILE = /^\[In the mailbox: .*\]$/;

const REPLY_MARKS = /^((re|aw|antw|rép|res?p)\s?:\s*)+/i;

/** One thing that is said, between two stops. */
interface Said {
  /** In small letters, and without what makes it polite. */
  plain: string;
  whole: string;
  /** The words as they were written. */
  words: string;
  asked: boolean;
}

const withoutAccents = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .replace(/\bs\.\s?v\.\s?p\b\.?/gi, 'svp');

const saidOn = (line: string): Said[] =>
  [...line.matchAll(/(.+?)(\?|[.!;:,()]|\s[-–—]+\s|$)/g)].flatMap(([, said, end]) => {
    const words = said.replace(/[^a-z0-9]+/gi, ' ').trim();
    const whole = words
      .toLowerCase()
      .replace(MAIL, 'mail')
      .replace(/\bmail mail\b/g, 'mail')
      .replace(/^(\w+)( \1)+$/, '$1');
    const plain = whole.replace(ONLY_WORDS, ' ').replace(/ +/g, ' ').trim();
    return whole ? [{ plain, whole, words, asked: end === '?' }] : [];
  });

/** Whether this asks for no more mail; a single word does so only where a message begins with it. */
function isStop({ plain, asked }: Said, isFirst: boolean): boolean {
  const wish = plain.replace(GREETING, '').replace(JOINED, '');
  const bare = wish.replace(ASKS, '');
  if (asked && bare === wish) return false;
  return [wish, bare].some(
    (one) => (isFirst && WORDS.includes(one)) || SENTENCES.some((sentence) => sentence.test(one)),
  );
}

function isGreeting({ whole, words }: Said): boolean {
  const name = words.replace(GREETING, '');
  return (name !== words && /^(\w*|([A-Z]\w*\b ?){2,4})$/.test(name)) || ADDRESSED.test(whole);
}

/** A line below the last words that is itself a sentence, and not a name, an address or a company. */
const SENTENCE = /^(\S+\s+){4,}\S+[.!]$|\?|^p\.?s\b/i;

/**
 * What somebody wants who wrote these words, without what they quoted. The first line that is more than a greeting
 * decides whether it is no more mail; where nothing is said the subject does. Whatever they say besides, but for thanks,
 * regards and their name, is for a person. `names`: what they may sign with, as a name and an address.
 */
export function askedIn(words: string, subject: string | null, names: string): Asked {
  const said = wishesIn(words, names);
  const isEmpty = !said.stop && !said.more;
  const { stop, more } = isEmpty ? wishesIn((subject ?? '').replace(REPLY_MARKS, ''), names) : said;
  return stop ? (more ? 'stop-and-more' : 'stop') : 'reply';
}

function wishesIn(words: string, names: string): { stop: boolean; more: boolean } {
  const own = new Set(
    withoutAccents(names)
      .toLowerCase()
      .match(/[a-z]+/g),
  );
  const isName = ({ whole }: Said) => whole.split(' ').every((word) => own.has(word));
  const all = withoutAccents(words)
    .split('\n')
    .map((line) => line.trim());
  const signature = all.findIndex((line) => SIGNATURE.test(line));
  const lines = all
    .slice(0, signature < 0 ? undefined : signature)
    .filter((line) => line && !line.startsWith('>') && !NAMED_FILE.test(line));

  let decided = false;
  let stop = false;
  let more = false;
  for (const [nth, line] of lines.entries()) {
    const said = saidOn(line);
    const begins = said.findIndex((one) => one.plain && !isGreeting(one) && !isName(one));
    const stops = said.map((one, index) => !decided && begins >= 0 && isStop(one, index === begins));
    if (begins >= 0) decided = true;
    stop ||= stops.includes(true);
    const closing = said.findIndex(({ whole }) => CLOSING.test(whole));
    const signs =
      closing >= 0 && said.slice(closing + 1).reduce((sum, { whole }) => sum + whole.split(' ').length, 0) <= 3;
    const saying = signs ? said.slice(0, closing) : said;
    more ||= saying.some(
      (one, index) =>
        !stops[index] &&
        one.plain &&
        !isGreeting(one) &&
        !isName(one) &&
        !THANKS.test(one.whole) &&
        !CLOSING.test(one.whole),
    );
    if (signs) return { stop, more: more || lines.slice(nth + 1).some((below) => SENTENCE.test(below)) };
  }
  return { stop, more };
}
