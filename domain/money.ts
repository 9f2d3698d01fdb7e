import { z } from 'zod';
import { isNot, type Read, shown } from './reading.ts';

/** Codes of ISO 4217 that no customer pays with: tests, none, metals, units of account. */
const NO_MONEY = /^X(XX|TS|SU|DR|UA|AU|AG|PT|PD|B[A-D])$/;
const CURRENCIES = new Set(Intl.supportedValuesOf('currency').filter((code) => !NO_MONEY.test(code)));

/**
 * Currencies without a minor unit by ISO 4217. Intl also says 0 for those whose small coins are gone (HUF, IDR, PKR),
 * but shops go on to write "1200.00" in them.
 */
const WHOLE = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '));

/** Reads a code of ISO 4217 for money that is in use. */
export function readCurrency(text: string): Read<string> {
  const code = text.trim().toUpperCase();
  return CURRENCIES.has(code)
    ? { value: code }
    : { wrong: `is ${shown(text)}, not a currency in use; allowed: a code of ISO 4217 such as EUR` };
}

const digits = new Map<string, number>();

/** How many decimals an amount in this currency has at most. */
export function digitsOf(currency: string): number {
  let known = digits.get(currency);
  if (known === undefined) {
    const usual = usualDigits(currency);
    known = usual === 0 && !WHOLE.has(currency) ? 2 : usual;
    digits.set(currency, known);
  }
  return known;
}

const usualDigits = (currency: string) =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** Twelve digits before the point: more than any sale, and less than a number can hold exactly. */
const AMOUNT = /^(-?)0*(\d{1,12})(?:\.(\d+))?$/;

/**
 * Reads an amount into its canonical form, with all the digits of its currency: "129.9" in EUR is "129.90".
 * A number is taken as the decimal it was written as, which is exact up to 15 digits.
 */
export function readMoney(amount: string | number, currency: string): Read<string> {
  const match = AMOUNT.exec(typeof amount === 'number' ? String(amount) : amount.trim());
  if (!match)
    return { wrong: `is ${shown(amount)}; allowed: a decimal of up to 12 digits before the point, as "129.90"` };
  const [, sign, whole, fraction = ''] = match;
  if (sign) return { wrong: `is ${shown(amount)}; allowed: zero or more (money back is the event "returned")` };
  const most = digitsOf(currency);
  if (fraction.length > most)
    return { wrong: `is ${shown(amount)}; allowed: ${most === 0 ? 'no' : `at most ${most}`} decimals in ${currency}` };
  return { value: most === 0 ? whole! : `${whole}.${fraction.padEnd(most, '0')}` };
}

/** A schema for an amount in the order's currency. */
export const amount = () =>
  z.union([z.string().max(40), z.number()], {
    error: ({ input }) => isNot(input, 'a decimal in a string, as "129.90",'),
  });

/** An amount as a reader of that locale writes it: `money('1299.90', 'EUR', 'de-DE')` is "1.299,90 €". */
export function money(amount: string, currency: string, locale: string): string {
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: usualDigits(currency),
    maximumFractionDigits: digitsOf(currency),
  });
  return format.format(amount as `${number}`);
}
