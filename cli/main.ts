import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { Refusal } from '../client/http.ts';
import { Problem } from '../domain/errors.ts';
import type { MoveOptions } from './playbook.ts';

/**
 * The `aftercare` command. The exit code: 0, 1 where something failed, 2 where it was used wrongly. Every command
 * loads what it needs when it is called, so that the small ones start fast.
 */
export async function main(argv: string[]): Promise<number | undefined> {
  let code: number | undefined;
  try {
    await commands((result) => {
      code = result;
    }).parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof Problem || error instanceof Refusal)) throw error;
    console.error(error.message);
    return 1;
  }
}

function commands(ended: (code: number) => void): Command {
  // Settings before the commands: these take them over.
  const program = new Command('aftercare')
    .description('After-sale follow-up: nobody is forgotten until they buy again.')
    .exitOverride()
    .showHelpAfterError()
    .allowExcessArguments(false);
  const reach = async () => (await import('./reach.ts')).reach();

  program
    .command('up')
    .description('run Aftercare: server, database, worker, web and, in development, the mail catcher')
    .addOption(new Option('--only <part>', 'run one part').choices(['web', 'worker']))
    .action(async (options: { only?: 'web' | 'worker' }) => ended(await (await import('../worker/up.ts')).up(options)));

  const orders = program.command('orders').description('orders of the sales systems');
  orders
    .command('import')
    .description('hand in the orders of a file; what is known already is passed over')
    .argument('<file>', '.json (a list), .jsonl or .csv, with the field names of the API')
    .option('--history', 'keep them as history whatever their age: nobody is contacted')
    .option(
      '--wait <pace>',
      'let the customers kept as history wait for their next order, so many beginning a business day, as 5/day',
      pace,
    )
    .action(async (file: string, options: { history?: boolean; wait?: number }) => {
      const { importOrders } = await import('./import/orders.ts');
      ended(await importOrders(await reach(), file, options));
    });

  program
    .command('story')
    .description('where an order stands, and what happened')
    .argument('<order>', 'source and number, as shop/10042', named)
    .action(async (order: Named) => {
      const { story } = await import('./story.ts');
      ended(await story(await reach(), ...order));
    });

  const playbook = program.command('playbook').description('the after-sale process, as a YAML file');
  playbook
    .command('check')
    .description('whether it is sound, with the rules beside it; else the line, what is wrong and what is allowed')
    .argument('<path>', 'a file, or a folder of them')
    .action(async (path: string) => ended((await import('./playbook.ts')).check(path)));
  playbook
    .command('show')
    .description('what it does, day by day')
    .argument('<file>')
    .option('--picture <file>', 'draw it too, as SVG')
    .action(async (file: string, options: { picture?: string }) =>
      ended((await import('./playbook.ts')).show(file, options)),
    );
  playbook
    .command('move')
    .description('move running follow-ups to another version, or see what that would change')
    .argument('<name>', 'the playbook they are to run by')
    .option('--from <hash>', 'only those that run by this version')
    .option('--to <hash>', 'the version they are to run by; left out: the current one')
    .addOption(new Option('--orders <orders>', 'only these, as shop/1,shop/2').argParser((text) => text.split(',')))
    .addOption(new Option('--all', 'all that run by another version of it').conflicts('orders'))
    .option('--yes', 'do it')
    .action(async (name: string, { all, ...options }: MoveOptions & { all?: boolean }, command: Command) => {
      if (!all && !options.orders) command.error('error: say which: --orders shop/1,shop/2 or --all');
      const { move } = await import('./playbook.ts');
      ended(await move(await reach(), name, options));
    });
  playbook
    .command('try')
    .description('what it would have done with recorded orders, beside what was done')
    .argument('<file>')
    .addOption(new Option('--orders <which>', 'which orders').choices(['recorded']).makeOptionMandatory())
    .option(
      '--from <day>',
      'placed on this day or later, as 2026-01-31; left out: in the year before the last day',
      day,
    )
    .option('--to <day>', 'the last day; left out: the last on which anything happened', day)
    .option('--json', 'the figures for programs')
    .action(async (file: string, options: { from?: string; to?: string; json?: boolean }) =>
      ended(await (await import('./try.ts')).tryPlaybook(file, options)),
    );

  const customer = program.command('customer').description('what is held about a customer');
  customer
    .command('export')
    .description('everything, as JSON')
    .argument('<customer>', 'source and id, as shop/c-77', named)
    .action(async (given: Named) => {
      const { exportCustomer } = await import('./customer.ts');
      ended(await exportCustomer(await reach(), ...given));
    });
  customer
    .command('erase')
    .description('forget who it was, for good')
    .argument('<customer>', 'source and id, as shop/c-77', named)
    .option('--yes', 'do it')
    .action(async (given: Named, { yes = false }: { yes?: boolean }) => {
      const { eraseCustomer } = await import('./customer.ts');
      ended(await eraseCustomer(await reach(), ...given, yes));
    });

  program
    .command('pause')
    .description('let everything wait: no mail goes out and no task is made before the end')
    .argument('<why>', 'the reason, for colleagues')
    .requiredOption('--until <time>', "when it goes on, as 2026-12-01T08:00 by the company's clocks")
    .action(async (why: string, { until }: { until: string }) => {
      const { pause } = await import('./pause.ts');
      ended(await pause(await reach(), until, why));
    });
  program
    .command('resume')
    .description('let everything go on that was paused')
    .action(async () => ended(await (await import('./pause.ts')).resume(await reach())));

  program
    .command('doctor')
    .description('what is there, what is missing, and what to do')
    .action(async () => ended(await (await import('./doctor.ts')).doctor()));

  return program;
}

/** A day of the calendar. */
function day(text: string): string {
  const at = Date.parse(text);
  // Some days are only read as others: 30 February as 2 March.
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text)
    throw new InvalidArgumentError('It is a day, as 2026-01-31.');
  return text;
}

/** `5/day` as 5. */
function pace(text: string): number {
  const [, figure] = /^([1-9]\d{0,2}|1000)\/day$/.exec(text) ?? [];
  if (figure === undefined) throw new InvalidArgumentError('It is a whole number from 1 to 1000, and /day: 5/day.');
  return Number(figure);
}

type Named = [source: string, id: string];

/** `shop/10042` in its two halves; the second may have slashes in it. */
function named(text: string): Named {
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1)
    throw new InvalidArgumentError('It is a source, a slash and a number or id.');
  return [text.slice(0, slash), text.slice(slash + 1)];
}
