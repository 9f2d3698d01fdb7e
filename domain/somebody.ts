import type { FollowUpEvent } from './followUp.ts';
import type { Purpose } from './playbook.ts';
import type { RecordedCustomer, RecordedParty } from './recorded.ts';
import type { Person } from './terms.ts';
import type { Instant } from './time.ts';

/** Somebody of the party, as they stood at the time. */
export interface Somebody {
  recorded: RecordedCustomer;
  consent: Person['consent'];
  phone: boolean;
  /** Who has which part in a purchase of the same company; the last to come is asked. */
  colleagues: { role: string; somebody: Somebody }[];
}

/** Whether somebody was known by then. */
export const isKnown =
  (now: Instant) =>
  ({ somebody }: Somebody['colleagues'][number]) =>
    somebody.recorded.since <= now;

/** Everybody of a party by id, as they stood before anything happened. */
export function peopleOf({ customers, orders }: RecordedParty): Map<string, Somebody> {
  const people = customers
    .toSorted((a, b) => a.since - b.since)
    .map((recorded): Somebody => {
      const { consent, phone } = recorded.person;
      const somebody = { recorded, consent, phone, colleagues: [] };
      const theirs = orders.filter(({ customer }) => customer === recorded.id).flatMap(({ story }) => story);
      const [changed] = theirs
        .filter(({ what }) => what === 'changed' || what === 'opted-out')
        .sort((a, b) => a.at - b.at);
      // What was agreed to before the first change is told by that change, and by what was not made before it.
      const refused = changed && theirs.some(({ why, at }) => why === 'no-consent' && at < changed.at);
      if (changed) agreeTo(somebody, true, !refused && changed.why !== 'service-and-selling');
      return somebody;
    });
  for (const { recorded, colleagues } of people)
    for (const somebody of people) {
      const { company, role } = somebody.recorded;
      if (company !== null && company === recorded.company && role !== null)
        colleagues.push({ role: role.toLowerCase(), somebody });
    }
  return new Map(people.map((somebody) => [somebody.recorded.id, somebody]));
}

/** What a customer agrees to from now on, in the words of a story. */
export function agree(somebody: Somebody, { what, why }: FollowUpEvent) {
  if (what === 'opted-out') agreeTo(somebody, false, false);
  else if (why) agreeTo(somebody, why !== 'selling-only', why !== 'service-only');
}

function agreeTo(somebody: Somebody, service: boolean, selling: boolean) {
  const { consent } = somebody.recorded.person;
  // By which channel is known of today only.
  const by = (purpose: Purpose, agreed: boolean) => {
    const { email, phone } = consent[purpose];
    return email || phone ? { email: agreed && email, phone: agreed && phone } : { email: agreed, phone: agreed };
  };
  somebody.consent = { service: by('service', service), selling: by('selling', selling) };
}

/** Somebody as the rules see them. */
export const personOf = ({ recorded, consent, phone }: Somebody, now: Instant): Person => ({
  ...recorded.person,
  consent,
  phone,
  // By the mail of that very instant it was found out.
  email: recorded.person.email && (recorded.noMailSince === null || now <= recorded.noMailSince),
});
