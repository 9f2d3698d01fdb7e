import type { Context } from 'hono';
import type { EventType } from '../../domain/messages.ts';
import { OUTCOMES } from '../../domain/task.ts';
import { readTask } from '../../store/desk.ts';
import { EVENT_WORDS, KIND_WORDS, outcomeOn, reasonInWords } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { nameOf } from './taskView.ts';

/** What a page may be asked to say: the address names a fact, never a sentence, or links could put words in our mouth. */
const SAYINGS = ['recorded', 'closed', 'reported', 'saved'] as const;
type Saying = (typeof SAYINGS)[number];

/** Sends the browser back to a page of ours, which then says what was done. */
export function back(c: Context, to: string | undefined, saying: Saying, value: string) {
  const url = ownUrl(to);
  for (const name of SAYINGS) url.searchParams.delete(name);
  url.searchParams.set(saying, value);
  return c.redirect(url.pathname + url.search, 303);
}

const BASE = 'http://desk.invalid';

/** A path of this desk; anything else becomes the first page. */
function ownUrl(to: string | undefined): URL {
  const fallback = new URL('/', BASE);
  if (!to?.startsWith('/') || !URL.canParse(to, BASE)) return fallback;
  const url = new URL(to, BASE);
  return url.origin === BASE && !url.pathname.startsWith('//') ? url : fallback;
}

/** The address of this page without what it was asked to say. */
export function hereOf(c: Context): string {
  const url = new URL(c.req.url);
  for (const name of SAYINGS) url.searchParams.delete(name);
  return url.pathname + url.search;
}

/** What was just done, in words. */
export async function saidOf(web: Web, c: Context): Promise<string | null> {
  const { recorded, closed, reported, saved } = c.req.query();
  if (recorded || closed) {
    const row = await readTask(web.store, recorded ?? closed);
    if (!row || row.task.status === 'open') return null;
    const { task, customer } = row;
    const about = `${KIND_WORDS[task.kind]} for ${nameOf(customer)} (${reasonInWords(task.reason).toLowerCase()})`;
    const now = task.outcome && task.outcome in OUTCOMES ? outcomeOn(task.outcome, task.reason) : 'no longer needed';
    return recorded ? `Recorded. ${about}: ${now}.` : `Nothing was changed: this was done already. ${about}: ${now}.`;
  }
  if (reported && Object.hasOwn(EVENT_WORDS, reported))
    return `Recorded: ${EVENT_WORDS[reported as EventType].toLowerCase()}.`;
  return saved ? 'Saved.' : null;
}
