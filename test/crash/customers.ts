import { pino } from 'pino';
import { readAllContent } from '../../mail/content.ts';
import { readTemplates, TEMPLATES } from '../../mail/templates.ts';
import type { Store } from '../../store/database.ts';
import type { Shelf } from '../../store/playbooks.ts';
import { createApp } from '../../web/app.ts';
import { readSayings } from '../../web/customer/words.ts';
import type { MailServer } from '../support/mailServer.ts';

/** What the house said it has: by the address of who said it. */
export interface Acknowledged {
  scores: Map<string, number>;
  complaints: Map<string, string>;
}

/** One of so many complains about their order. */
const ONE_COMPLAINS_OF = 10;

/**
 * Customers who do what their mail asks of them: they answer the survey, and now and then one complains instead. Where
 * the page does not say that it has it they send it again, as people do.
 */
export async function customersSpeak(
  store: Store,
  shelf: Shelf,
  mailServer: MailServer,
  until: () => boolean,
): Promise<Acknowledged> {
  const app = createApp({
    store,
    shelf,
    templates: await readTemplates(TEMPLATES),
    content: readAllContent(TEMPLATES),
    sayings: readSayings(TEMPLATES),
    publicUrl: 'http://care.test',
    apiToken: 'unused',
    temporalUi: null,
    catching: false,
    catcherUrl: null,
    now: Date.now,
    log: pino({ level: 'silent' }),
    readiness: async () => ({}),
  });
  /** A page that says it has it, or leads to one. */
  const send = async (path: string, form: Record<string, string>) =>
    [200, 303].includes((await app.request(path, { method: 'POST', body: new URLSearchParams(form) })).status);
  const said: Acknowledged = { scores: new Map(), complaints: new Map() };
  const toSay: { say: () => Promise<boolean>; heard: () => void }[] = [];
  const read = ({ text = '', to }: MailServer['mails'][number]) => {
    const who = [to].flat()[0]?.value[0].address ?? '';
    const nth = Number(/^secret(\d+)@/.exec(who)?.[1] ?? 0);
    const [survey, person] = ['s', 'p'].map((page) => new RegExp(`/${page}/([\\w-]{20,})`).exec(text)?.[1]);
    if (nth === 0) return;
    if (survey) {
      const score = 7 + (nth % 4);
      const heard = () => said.scores.set(who, score);
      toSay.push({ say: () => send(`/s/${survey}`, { nps: String(score), better: `A secret wish of ${nth}` }), heard });
    } else if (person && nth % ONE_COMPLAINS_OF === 0 && !said.complaints.has(who)) {
      const words = `A secret complaint of ${nth}`;
      const heard = () => said.complaints.set(who, words);
      toSay.push({ say: () => send(`/p/${person}/complaint`, { text: words }), heard });
    }
  };
  for (let seen = 0; !until(); await new Promise((resolve) => setTimeout(resolve, 200))) {
    for (; seen < mailServer.mails.length; seen += 1) read(mailServer.mails[seen]);
    for (const one of toSay.splice(0))
      if (await one.say().catch(() => false)) one.heard();
      else toSay.push(one);
  }
  return said;
}
