import {subscribe} from 'node:diagnostics_channel'

let sent = 0
let counting = false

/** Counts from now on every HTTP request of this process, tries that fail included, whichever client sends it. */
export function countRequests(): void {
  if (counting) return
  counting = true
  subscribe('http.client.request.start', () => {
    sent += 1
  })
}

export function requestsSent(): number {
  return sent
}
