import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import { median, type Round } from './measure.ts';

/** Everything that was measured. */
export interface Figures {
  orders: number;
  rounds: { ours: Round; bare: Round }[];
  history: Record<'ours' | 'bare', { events: number; bytes: number }>;
  replayMs: Record<'ours' | 'bare', number>;
  bundle: Record<'ours' | 'bare', number>;
  standard: { events: number; bytes: number };
}

const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
const MB = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;

/** The figures as a Markdown table, each beside what it should be. */
export function table({ orders, rounds, history, replayMs, bundle, standard }: Figures): string {
  const atMost = (most: number, text: string, found: number) => `at most ${text}: ${found <= most ? 'met' : 'missed'}`;
  const atLeast = (least: number, found: number) => `ratio at least ${least}: ${found >= least ? 'met' : 'missed'}`;
  const each = (what: string, of: (round: Round) => number | null, digits: number, least?: number) => {
    const shown = (name: 'ours' | 'bare') => rounds.map((round) => of(round[name])?.toFixed(digits) ?? '-').join(' / ');
    const ratios = rounds.map((round) => (of(round.ours) ?? Number.NaN) / (of(round.bare) ?? Number.NaN));
    const ratio = median(ratios);
    const target = least === undefined ? '' : atLeast(least, ratio);
    return row(what, shown('ours'), shown('bare'), Number.isNaN(ratio) ? '-' : ratio.toFixed(2), target);
  };
  const both = (what: string, of: Record<'ours' | 'bare', number>, show: (n: number) => string, target = '') =>
    row(what, show(of.ours), show(of.bare), (of.ours / of.bare).toFixed(2), target);
  const pick = (name: 'events' | 'bytes') => ({ ours: history.ours[name], bare: history.bare[name] });
  return [
    `${orders} orders at once, ${rounds.length} rounds of each in turn, on ${cpus().length} x ${cpus()[0]?.model.trim()} (${platform()} ${arch()}), Node ${process.versions.node}.`,
    '',
    row('', 'ours', 'bare floor', 'ratio', 'target'),
    row('---', '---', '---', '---', '---'),
    each('started per second, without a worker', (round) => round.startsPerSecond, 0),
    each('orders finished per second', (round) => round.ordersPerSecond, 2, 0.8),
    each('worker CPU per order, ms', (round) => round.workerCpu, 0),
    each('Temporal server CPU per order, ms', (round) => round.serverCpu, 0),
    each('PostgreSQL CPU per order, ms', (round) => round.postgresCpu, 0),
    each('history events per order in the rounds', (round) => round.events, 1),
    both('history events of one order alone', pick('events'), String, atMost(80, '80', history.ours.events)),
    both('history size of one order alone', pick('bytes'), kB, atMost(12_000, '12 kB', history.ours.bytes)),
    both('cold replay of that history, ms', replayMs, (ms) => ms.toFixed(0)),
    both('workflow bundle without its map', bundle, MB, atMost(700_000, '0.7 MB', bundle.ours)),
    row(
      'standard playbook with all its answers',
      `${standard.events} events, ${kB(standard.bytes)}`,
      '',
      '',
      atMost(140, '140 events', standard.events),
    ),
  ].join('\n');
}

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;

const [BEGIN, END] = ['<!-- measured: begin -->', '<!-- measured: end -->'];

/** Puts the table between the markers of a page; a page that has none, or is not there, gets them at its end. */
export function writeInto(page: string, text: string): void {
  const before = existsSync(page) ? readFileSync(page, 'utf8') : '# Benchmarks\n';
  const block = `${BEGIN}\n${text}\n${END}`;
  const [begin, end] = [before.indexOf(BEGIN), before.indexOf(END)];
  const marked = begin >= 0 && end > begin;
  const after = marked
    ? before.slice(0, begin) + block + before.slice(end + END.length)
    : `${before.trimEnd()}\n\n${block}\n`;
  writeFileSync(page, after);
}
