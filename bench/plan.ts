/** What bench/six-mails.yaml says, for the bare floor, which has no playbook. */
export const MAILS = 6;
export const WAIT_MS = 1_000;

/** Makes the playbook's minute last a second. */
export const DAY_SECONDS = 1_440;
export const PLAYBOOK = 'six-mails';
