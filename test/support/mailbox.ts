import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createTransport } from 'nodemailer';
import { cacheFolder, onlyOne, run } from '../../worker/parts/cache.ts';
import { type Progress, quiet } from '../../worker/parts/progress.ts';

const version = '2.1.5';
const artifact = `greenmail-standalone-${version}.jar`;

/** The path of GreenMail, a mail server for tests that nobody here wrote: ours if it is there, else fetched with Maven. */
export async function findGreenMail({ progress = quiet }: { progress?: Progress } = {}): Promise<string> {
  const jar = join(cacheFolder(), `greenmail-${version}`, artifact);
  if (existsSync(jar)) return jar;
  return progress.during('Mailbox server', 'none is here yet; fetched once, then kept', async (step) => {
    mkdirSync(cacheFolder(), { recursive: true });
    return onlyOne(`${dirname(jar)}.lock`, step, async () => {
      if (existsSync(jar)) return jar;
      // Beside its final place, so that it gets there by a rename: whole or not at all.
      const half = mkdtempSync(`${dirname(jar)}.fetching-`);
      try {
        step.far('fetching it with Maven, a few seconds');
        const what = `-Dartifact=com.icegreen:greenmail-standalone:${version}`;
        await run('mvn', ['-B', 'dependency:copy', what, `-DoutputDirectory=${half}`]);
        renameSync(half, dirname(jar));
        return jar;
      } finally {
        rmSync(half, { recursive: true, force: true });
      }
    });
  });
}

/** A mailbox somebody may write to by SMTP and read by IMAP; what lies in it is gone when it stops. */
export class Mailbox {
  #ports: { smtp: number; imap: number } | null = null;
  #server: ChildProcess | null = null;

  /** As IMAP_URL has it. */
  get url(): string {
    return `imap://care:a%2Fb%25c@127.0.0.1:${this.#ports!.imap}/INBOX`;
  }

  /** Starts it, on the ports it had where it was stopped before. */
  async start(): Promise<void> {
    this.#ports ??= { smtp: await freePort(), imap: await freePort() };
    const { smtp, imap } = this.#ports;
    this.#server = spawn(
      'java',
      [
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        `-Dgreenmail.smtp.port=${smtp}`,
        `-Dgreenmail.imap.port=${imap}`,
        '-Dgreenmail.hostname=127.0.0.1',
        '-Dgreenmail.users=care:a/b%c@shop.example',
        '-jar',
        process.env.AFTERCARE_TEST_GREENMAIL!,
      ],
      { stdio: 'ignore' },
    );
    for (const port of [smtp, imap]) await answering(port);
  }

  /** Lets a mail arrive as it is. */
  async receive(lines: string[], from = 'sender@mx.example'): Promise<void> {
    const transport = createTransport({ host: '127.0.0.1', port: this.#ports!.smtp, ignoreTLS: true });
    await transport.sendMail({ envelope: { from, to: 'care@shop.example' }, raw: lines.join('\r\n') });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await ended;
  }
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** Waits until a server greets whoever connects. */
async function answering(port: number, tries = 150): Promise<void> {
  const greeted = await new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {});
    socket.once('data', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.once('data', () => socket.destroy());
  });
  if (greeted) return;
  if (tries === 0) throw new Error(`nothing answers at port ${port}`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  return answering(port, tries - 1);
}
