/** Where a referral stands: waiting for the order to be paid and kept, thanked for, refused, or for a person to look at. */
export const REFERRAL_STATES = ['pending', 'earned', 'refused', 'suspected'] as const;
export type ReferralState = (typeof REFERRAL_STATES)[number];
