/**
 * Completes a command that a next step ends with by the flags without which it would work elsewhere: those by which
 * the present command found its environment.
 * @param flags such as `--local`; empty for none
 */
export function completed(step: string, flags: string): string {
  return flags !== '' && /(^|\s)pi-aws (?!local\b)[^:]*$/.test(step) ? `${step} ${flags}` : step
}
