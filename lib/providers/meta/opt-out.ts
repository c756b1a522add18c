/** What a person wants by a message that is one of these words alone. */
export type OptWord = 'stop' | 'start';

/** A message's word, told to whoever keeps count of who may be written to. */
export interface WhatsAppWord {
  readonly messageId: string;
  /** The number that it came to. */
  readonly phoneNumberId: string;
  /** The number that it came from, in E.164. */
  readonly from: string;
  readonly word: OptWord;
  readonly at: Date;
}

/** `stale`: it changed nothing; `unknown`: no client of ours has that number. */
export type ApplyWhatsAppWord = (word: WhatsAppWord) => Promise<'applied' | 'stale' | 'unknown'>;

/** As people write them, in the languages that messages come in; without accents, in lower case. */
const WORDS: Readonly<Record<OptWord, readonly string[]>> = {
  stop: [
    'stop',
    'stop all',
    'stopall',
    'unsubscribe',
    'cancel',
    'end',
    'quit',
    'opt out',
    'optout',
    'opt-out',
    'remove',
    'remove me',
    'stop it',
    'please stop',
    'stop please',
    'revoke',
    'stopp',
    'abmelden',
    'abbestellen',
    'stoppen',
    'bitte stoppen',
    'austragen',
    'arret',
    'arreter',
    'arretez',
    'desabonner',
    'desinscrire',
    'desinscription',
    'baja',
    'alto',
    'parar',
    'para',
    'pare',
    'cancelar',
    'detener',
    'darme de baja',
    'sair',
    'descadastrar',
    'remover',
    'cancelar inscricao',
    'stoppa',
    'avsluta',
    'ferma',
    'fermare',
    'annulla',
    'cancella',
    'disiscrivimi',
    'afmelden',
    'uitschrijven',
    'afmeld',
    'slutt',
    'avmeld',
    'lopeta',
    'peruuta',
    'rezygnuje',
    'wypisz',
    'koniec',
    'zrusit',
    'odhlasit',
    'leiratkozas',
    'dezabonare',
    'dur',
    'durdur',
    'iptal',
    'ret',
    'berhenti',
    'batal',
    'huy',
    'dung',
    'стоп',
    'отписаться',
    'отмена',
    'відписатися',
    'σταματα',
    'διακοπη',
    'توقف',
    'إيقاف',
    'ايقاف',
    'الغاء',
    'إلغاء',
    'إلغاء الاشتراك',
    'قف',
    'הסר',
    'הפסק',
    'עצור',
    '停止',
    '退订',
    '退訂',
    '取消',
    '取消订阅',
    '配信停止',
    '解除',
    '停止してください',
    '중지',
    '수신거부',
    '중단',
    '취소',
    'बंद',
    'बंद करो',
    'रोकें',
    'रुको',
    'หยุด',
    'ยกเลิก',
  ],
  start: [
    'start',
    'unstop',
    'subscribe',
    'resume',
    'opt in',
    'optin',
    'opt-in',
    'anmelden',
    'starten',
    'commencer',
    'demarrer',
    'reprendre',
    'alta',
    'empezar',
    'comenzar',
    'iniciar',
    'comecar',
    'voltar',
    'starta',
    'inizia',
    'iscrivimi',
    'aanmelden',
    'basla',
    'mulai',
    'старт',
    'подписаться',
    'ابدأ',
    'ابدا',
    'اشتراك',
    'התחל',
    '开始',
    '開始',
    '订阅',
    '訂閱',
    '시작',
    'शुरू',
    'เริ่ม',
    'bat dau',
    'ξεκινα',
  ],
};

const MEANING: ReadonlyMap<string, OptWord> = new Map(
  (['stop', 'start'] as const).flatMap((word) =>
    WORDS[word].map((text): [string, OptWord] => [plain(text), word]),
  ),
);

/** Longer texts say something else as well. */
const MOST_CHARACTERS = 60;

/** The word that a message is, alone but for case, accents, blanks and punctuation around it. */
export function optWordOf(text: string): OptWord | undefined {
  return text.length > MOST_CHARACTERS ? undefined : MEANING.get(plain(text));
}

function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{Mn}/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{Mc}]+/gu, ' ')
    .trim();
}
