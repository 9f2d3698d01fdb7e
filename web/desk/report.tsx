import { WANTS } from '../../domain/complaint.ts';
import type { EventType } from '../../domain/messages.ts';
import { type Errors, FieldError, wrongness } from '../ui/layout.tsx';
import { EVENT_WORDS, WANT_WORDS } from '../ui/words.ts';
import type { View } from './frame.tsx';

interface Form {
  /** Where the forms are sent to. */
  action: string;
  view: View;
  typed: Record<string, string>;
  errors: Errors;
}

/** Events that say no more than that they happened, and when. */
const PLAIN: EventType[] = [
  'paid',
  'delivered',
  'installed',
  'interested',
  'resumed',
  'exchanged',
  'returned',
  'cancelled',
];

/** Forms to report what happened on an order. */
export const Report = (form: Form) => (
  <div class="report">
    <Happened {...form} />
    <Complained {...form} />
    <Note {...form} />
    <Promised {...form} />
    <Pause {...form} />
  </div>
);

/** The frame of one of them: folded away until it is needed, or was filled in wrongly. */
const Fold = ({ form, of, title, children }: { form: Form; of: string; title: string; children?: unknown }) => (
  <details open={form.typed.form === of}>
    <summary>{title}</summary>
    <form method="post" action={form.action}>
      <input type="hidden" name="form" value={of} />
      <input type="hidden" name="id" value={crypto.randomUUID()} />
      {children as never}
    </form>
  </details>
);

const typedIn = ({ typed, errors }: Form, of: string) =>
  typed.form === of ? { typed, errors } : { typed: {} as Record<string, string>, errors: {} as Errors };

const Happened = (form: Form) => {
  const { typed, errors } = typedIn(form, 'happened');
  return (
    <Fold form={form} of="happened" title="Something happened">
      <label for="type">What</label>
      <select id="type" name="type" required>
        {PLAIN.map((type) => (
          <option value={type} selected={type === typed.type}>
            {EVENT_WORDS[type]}
          </option>
        ))}
      </select>
      <label for="at">When ({form.view.show.zone}; left empty: now)</label>
      <input id="at" name="at" type="datetime-local" value={typed.at} {...wrongness(errors, 'at')} />
      <FieldError errors={errors} name="at" />
      <label for="happenedText">In a few words (optional)</label>
      <textarea id="happenedText" name="text" rows={2}>
        {typed.text}
      </textarea>
      <button type="submit" class="secondary">
        Record
      </button>
    </Fold>
  );
};

const Complained = (form: Form) => {
  const { typed, errors } = typedIn(form, 'complained');
  return (
    <Fold form={form} of="complained" title="The customer complains">
      <input type="hidden" name="type" value="complained" />
      <label for="complaintText">In their words</label>
      <textarea id="complaintText" name="text" rows={3} required {...wrongness(errors, 'text', 'complaintText')}>
        {typed.text}
      </textarea>
      <FieldError errors={errors} name="text" of="complaintText" />
      <label for="wants">What they want</label>
      <select id="wants" name="wants">
        <option value="">They did not say</option>
        {WANTS.map((want) => (
          <option value={want} selected={want === typed.wants}>
            {WANT_WORDS[want]}
          </option>
        ))}
      </select>
      <button type="submit" class="secondary">
        Record
      </button>
    </Fold>
  );
};

const Note = (form: Form) => {
  const { typed, errors } = typedIn(form, 'note');
  return (
    <Fold form={form} of="note" title="Write a note">
      <input type="hidden" name="type" value="note" />
      <label for="noteText">The note</label>
      <textarea id="noteText" name="text" rows={3} required {...wrongness(errors, 'text', 'noteText')}>
        {typed.text}
      </textarea>
      <FieldError errors={errors} name="text" of="noteText" />
      <button type="submit" class="secondary">
        Keep it
      </button>
    </Fold>
  );
};

const Promised = (form: Form) => {
  const { typed, errors } = typedIn(form, 'promised');
  return (
    <Fold form={form} of="promised" title="We promised something">
      <input type="hidden" name="type" value="promised" />
      <label for="promise">What we promised</label>
      <input id="promise" name="text" value={typed.text} required {...wrongness(errors, 'text', 'promise')} />
      <FieldError errors={errors} name="text" of="promise" />
      <label for="by">By the end of</label>
      <input id="by" name="by" type="date" value={typed.by} required {...wrongness(errors, 'by')} />
      <FieldError errors={errors} name="by" />
      <button type="submit" class="secondary">
        Keep it
      </button>
    </Fold>
  );
};

const Pause = (form: Form) => {
  const { typed, errors } = typedIn(form, 'paused');
  return (
    <Fold form={form} of="paused" title="Pause the follow-up">
      <input type="hidden" name="type" value="paused" />
      <label for="until">Until the end of (left empty: until somebody goes on with it)</label>
      <input id="until" name="until" type="date" value={typed.until} {...wrongness(errors, 'until')} />
      <FieldError errors={errors} name="until" />
      <label for="pauseText">Why (optional)</label>
      <textarea id="pauseText" name="text" rows={2}>
        {typed.text}
      </textarea>
      <button type="submit" class="secondary">
        Pause
      </button>
    </Fold>
  );
};
