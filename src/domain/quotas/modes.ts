/** What the account is to have room for. */
export const quotaModes = ['deploy', 'update', 'scale', 'restore', 'verify'] as const
export type QuotaMode = (typeof quotaModes)[number]
