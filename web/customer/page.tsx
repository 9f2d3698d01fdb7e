import type { Child } from 'hono/jsx';
import type { Colleague } from '../../store/staff.ts';
import { Layout } from '../ui/layout.tsx';
import { phoneInGroups } from '../ui/show.ts';
import type { Wording } from './words.ts';

/** A page behind a link: the company's name, and one thing to read or do. */
export const Page = ({
  title,
  company,
  words,
  children,
}: {
  title: string;
  company: string;
  words: Wording;
  children?: Child;
}) => (
  <Layout title={`${title} - ${company}`} language={words.language}>
    <header class="container page">{company}</header>
    <main class="container page">
      <h1>{title}</h1>
      {children}
    </main>
  </Layout>
);

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
