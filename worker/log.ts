import { type Logger, pino } from 'pino';

export type { Logger };

/** Lines of JSON on standard error, with ids and reasons only: nothing personal. `LOG_LEVEL` sets how much. */
export const openLog = (level = process.env.LOG_LEVEL ?? 'info'): Logger =>
  pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }));
