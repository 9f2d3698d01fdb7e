import { canBeCalled, readPhone } from '../../domain/address.ts';
import { type Errors, FieldError, wrongness } from '../ui/layout.tsx';
import type { Opened } from './links.tsx';

/**
 * The number a customer gave to be called at, as a line for the colleague; empty: none. A link may have been passed on:
 * a number that comes by it does not replace ours.
 */
export function numberIn(typed: string | undefined, { customer, words }: Opened): { line: string } | { wrong: string } {
  const given = (typed ?? '').trim();
  if (!given) return { line: '' };
  const read = readPhone(given, customer.country);
  return 'wrong' in read || !canBeCalled(read.value.number)
    ? { wrong: words.common.number_wrong() }
    : { line: `Call at ${read.value.number}.` };
}

/** The field for it. */
export const PhoneField = ({
  link: { customer, words },
  typed,
  errors,
  required = false,
}: {
  link: Opened;
  typed: string | undefined;
  errors: Errors;
  /** It is needed where we know none. */
  required?: boolean;
}) => {
  const { common } = words;
  const asked = required ? common.number() : common.number_optional();
  return (
    <>
      <label for="phone">{customer.phone ? common.number_known({ ending: customer.phone.slice(-2) }) : asked}</label>
      <input
        id="phone"
        name="phone"
        type="tel"
        autocomplete="tel"
        value={typed}
        required={required && !customer.phone}
        {...wrongness(errors, 'phone')}
      />
      <FieldError errors={errors} name="phone" />
    </>
  );
};
