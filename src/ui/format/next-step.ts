/** A command of one's own machine, or help on one, which no flag changes. */
const isComplete = /pi-aws local\b|--help\b/

/**
 * Completes a command that a next step ends with by the flags without which it would work elsewhere: those by which
 * the present command found its environment.
 * @param flags such as `--local`; empty for none
 */
export function completed(step: string, flags: string): string {
  return flags !== '' && /(^|\s)pi-aws [^:]*$/.test(step) && !isComplete.test(step) ? `${step} ${flags}` : step
}
