import type { Child } from 'hono/jsx';
import { phoneInGroups } from '../../domain/address.ts';
import type { Colleague } from '../../store/staff.ts';
import { Layout } from '../ui/layout.tsx';
import type { Opened } from './links.tsx';
import type { Wording } from './words.ts';

/** A page behind a link: the company's name, one thing to read or do, and the person who looks after the reader. */
export const Page = ({
  title,
  company,
  words,
  link,
  children,
}: {
  title: string;
  company: string;
  words: Wording;
  /** What was opened; left out where nobody knows who reads, and on the page that is about the person itself. */
  link?: Opened;
  children?: Child;
}) => (
  <Layout title={`${title} - ${company}`} language={words.language}>
    <header class="container page">{company}</header>
    <main class="container page">
      <h1>{title}</h1>
      {children}
    </main>
    {link && <RealPerson link={link} />}
  </Layout>
);

/** Who looks after the reader, how to reach them, and by when they call. */
const RealPerson = ({ link }: { link: Opened }) => {
  const { owner, words, talk } = link;
  const { common } = words;
  return (
    <footer class="container page">
      <p>{common.looks_after({ name: owner.name })}</p>
      <Reach who={{ phone: owner.phone, email: null }} words={words} />
      <p>
        <a href={talk.path}>{common.talk()}</a>
        <br />
        <small>{callComing(link) ?? common.call_by({ by: talk.by })}</small>
      </p>
    </footer>
  );
};

/** What is said of the call the reader has asked for and has not got yet; null: they have asked for none. */
export const callComing = ({ words: { common }, talk: { asked, by, late } }: Opened): string | null =>
  asked && (late ? common.call_late : common.call_coming)({ name: asked.by.name, by });

/** How to reach a colleague, as links. */
export const Reach = ({ who, words }: { who: Pick<Colleague, 'phone' | 'email'>; words: Wording }) => (
  <>
    {who.phone && (
      <p>
        {words.common.phone()}: <a href={`tel:${who.phone}`}>{phoneInGroups(who.phone)}</a>
      </p>
    )}
    {who.email && (
      <p>
        {words.common.email()}: <a href={`mailto:${who.email}`}>{who.email}</a>
      </p>
    )}
  </>
);

/** What is said when something was done; screen readers say it by themselves. */
export const Said = ({ children }: { children?: Child }) => (
  <p class="said" role="status">
    {children}
  </p>
);
