import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { readEmail, readPhone } from '../../domain/address.ts';
import type { OrderInput } from '../../domain/order.ts';

/** The orders of real shops, which lie beside the project and are never part of it. */
const FOLDER = fileURLToPath(new URL('../../../shared/data', import.meta.url));

export const hasRealData = existsSync(FOLDER);

/** What a suite says of itself where the data is not there: Jest shows it beside the tests it left out. */
export const withRealData = (what: string) => (hasRealData ? what : `${what} [left out: there is no ${FOLDER}]`);

const read = (file: string) => readFileSync(`${FOLDER}/${file}`, 'utf8');

interface CdnowRow {
  order: string;
  customer: string;
  date: string;
  quantity: string;
  amount: string;
}

/** The CDNOW sample. It has no people, so they are made; and days only, so that a minute tells orders of a day apart. */
export function cdnowOrders(): OrderInput[] {
  const rows: CdnowRow[] = parse(read('cdnow-sample.csv'), { columns: true });
  const onThatDay = new Map<string, number>();
  return rows.map(({ order, customer, date, quantity, amount }) => {
    const day = `${customer} ${date}`;
    const nth = onThatDay.get(day) ?? 0;
    onThatDay.set(day, nth + 1);
    return {
      source: 'cdnow',
      number: order,
      placedAt: `${date}T12:${String(nth).padStart(2, '0')}:00Z`,
      currency: 'USD',
      total: amount,
      customer: { id: customer, name: `Customer ${customer}`, email: `c${customer}@example.com`, country: 'US' },
      // Some orders hold nothing, and a line of nothing is none.
      lines: Number(quantity) > 0 ? [{ name: 'CDs', category: 'music', quantity: Number(quantity) }] : [],
    };
  });
}

interface ChinookOrder {
  number: string;
  date: string;
  total: string;
  customer: {
    id: string;
    name: string;
    company: string | null;
    email: string;
    phone: string | null;
    country: keyof typeof COUNTRIES;
  };
  salesperson: { name: string; email: string };
  lines: { sku: string; name: string; category: string; quantity: number; price: string }[];
}

const COUNTRIES = {
  Argentina: 'AR',
  Australia: 'AU',
  Austria: 'AT',
  Belgium: 'BE',
  Brazil: 'BR',
  Canada: 'CA',
  Chile: 'CL',
  'Czech Republic': 'CZ',
  Denmark: 'DK',
  Finland: 'FI',
  France: 'FR',
  Germany: 'DE',
  Hungary: 'HU',
  India: 'IN',
  Ireland: 'IE',
  Italy: 'IT',
  Netherlands: 'NL',
  Norway: 'NO',
  Poland: 'PL',
  Portugal: 'PT',
  Spain: 'ES',
  Sweden: 'SE',
  USA: 'US',
  'United Kingdom': 'GB',
} as const;

/** The orders of the Chinook shop, and the customers whose phone or e-mail address we cannot use and left out. */
export function chinookOrders() {
  const given: ChinookOrder[] = read('chinook-orders.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const withoutPhone = new Set<string>();
  const withoutEmail = new Set<string>();
  const orders = given.map(({ number, date, total, customer, salesperson, lines }): OrderInput => {
    const { id, name, company } = customer;
    const country = COUNTRIES[customer.country];
    const phone = customer.phone !== null && 'value' in readPhone(customer.phone, country) ? customer.phone : null;
    // One address has letters before the @ that are not ASCII, which the intake refuses: few mail servers take them.
    const email = 'value' in readEmail(customer.email) ? customer.email : null;
    if (customer.phone !== null && phone === null) withoutPhone.add(id);
    if (email === null) withoutEmail.add(id);
    return {
      source: 'chinook',
      number,
      placedAt: `${date}T12:00:00Z`,
      currency: 'USD',
      total,
      customer: { id, name, email, phone, country, company: company === null ? null : { name: company } },
      salesperson,
      lines,
    };
  });
  return { orders, withoutPhone: [...withoutPhone], withoutEmail: [...withoutEmail] };
}
