import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { Refusal } from '../client/http.ts';
import { Problem } from '../domain/errors.ts';

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
    .action(async (file: string, { history = false }: { history?: boolean }) => {
      const { importOrders } = await import('./import/orders.ts');
      ended(await importOrders(await reach(), file, history));
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
    .description('whether it is sound; else the line, what is wrong and what is allowed')
    .argument('<file>')
    .action(async (file: string) => ended((await import('./playbook.ts')).check(file)));
  playbook
    .command('show')
    .description('what it does, day by day')
    .argument('<file>')
    .action(async (file: string) => ended((await import('./playbook.ts')).show(file)));

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
    .command('doctor')
    .description('what is there, what is missing, and what to do')
    .action(async () => ended(await (await import('./doctor.ts')).doctor()));

  return program;
}

type Named = [source: string, id: string];

/** `shop/10042` in its two halves; the second may have slashes in it. */
function named(text: string): Named {
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1)
    throw new InvalidArgumentError('It is a source, a slash and a number or id.');
  return [text.slice(0, slash), text.slice(slash + 1)];
}
