import { createTransport } from 'nodemailer';
import pg from 'pg';

/** What the bare floor does to the world: a plain INSERT, and a plain mail to the same server. */
export function createBareActivities(databaseUrl: string, smtpUrl: string) {
  // As many connections as ours has.
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
  const transport = createTransport({ url: smtpUrl, pool: true, maxConnections: 5, maxMessages: 100 } as never);
  return {
    async sendMail(order: string, nth: number): Promise<void> {
      await pool.query('INSERT INTO bare_mails (order_id, nth) VALUES ($1, $2)', [order, nth]);
      await transport.sendMail({
        from: 'shop@example.org',
        to: 'ada@example.com',
        subject: `Mail ${nth} about your order`,
        text: `Hello, this is mail ${nth} about your order ${order}.`,
      });
    },
  };
}

export type BareActivities = ReturnType<typeof createBareActivities>;

/** The table the plain INSERT goes to. */
export const BARE_TABLE = `CREATE TABLE IF NOT EXISTS bare_mails (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, order_id text NOT NULL, nth integer NOT NULL,
  at timestamptz NOT NULL DEFAULT now())`;
