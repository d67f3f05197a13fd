import type {FlowEvent} from '../../flows/events.ts'
import {formatBytes, formatElapsed} from './layout.ts'

type Transfer = Omit<Extract<FlowEvent, {type: 'transfer.progress'}>, 'type'>

/** How much of a transfer is done, in whole percent: of its bytes, or of its files while all of them are empty. */
export function transferShare({filesDone, filesTotal, bytesDone, bytesTotal}: Transfer): number {
  const [done, total] = bytesTotal > 0 ? [bytesDone, bytesTotal] : [filesDone, filesTotal]
  return total === 0 ? 100 : Math.floor((done * 100) / total)
}

/** `820/2000 files, 82.1 MiB of 183.0 MiB, 40.0 MiB/s, 3s left`. */
export function transferText(transfer: Transfer): string {
  const {filesDone, filesTotal, bytesDone, bytesTotal, bytesPerSecond} = transfer
  const left = bytesTotal - bytesDone
  return [
    `${filesDone}/${filesTotal} files`,
    `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`,
    ...(bytesPerSecond > 0 ? [`${formatBytes(bytesPerSecond)}/s`] : []),
    ...(left > 0 && bytesPerSecond > 0 ? [`${formatElapsed((left * 1000) / bytesPerSecond)} left`] : []),
  ].join(', ')
}
