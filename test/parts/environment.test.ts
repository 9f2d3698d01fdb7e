import { describe, expect, it } from '@jest/globals';
import { readEnvironment } from '../../worker/environment.ts';

describe('IMAP_URL', () => {
  it.each([
    'imaps://care:secret@mail.example.com/INBOX',
    'imaps://care%40example.com:p%40ss%2Fword@mail.example.com:993/After%20care',
    'imap://care:secret@127.0.0.1:3143',
  ])('%s names a mailbox', (url) => expect(readEnvironment({ IMAP_URL: url }).imapUrl).toBe(url));

  it('may be left out', () => {
    for (const env of [{}, { IMAP_URL: '' }]) expect(readEnvironment(env).imapUrl).toBeNull();
  });

  it.each([
    'https://care:secret@mail.example.com',
    'imaps://mail.example.com/INBOX',
    'imaps://care@mail.example.com/INBOX',
    'imaps://care:%zz@mail.example.com/INBOX',
    'imaps:care:secret',
    'care',
  ])('%s is refused, and not repeated: it may hold a password', (url) =>
    expect(() => readEnvironment({ IMAP_URL: url })).toThrow(
      'IMAP_URL is "(not shown)". Allowed: a URL that begins with imaps:// or imap://, with user and password, as imaps://user:password@host/INBOX.',
    ),
  );
});
