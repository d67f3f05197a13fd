import type {EnvironmentName, OpId} from '../../src/domain/names.ts'
import type {Timed} from './recorded-deploy.ts'

const mebibyte = 1_048_576

/** An upload of 2,000 files in 4 seconds, told of four times a second. */
export const recordedUpload: readonly Timed[] = [
  {at: 0, event: {type: 'step.started', step: 'look', title: 'Look through the folder'}},
  {
    at: 200,
    event: {
      type: 'step.finished',
      step: 'look',
      title: 'Look through the folder',
      outcome: 'done',
      durationMs: 200,
      detail: '2020 files and folders, 2000 to read',
    },
  },
  {at: 200, event: {type: 'step.started', step: 'send', title: 'Send files'}},
  {
    at: 250,
    event: {
      type: 'operation.started',
      opId: '20260102T030405Z-upload-3fa9c1' as OpId,
      kind: 'upload',
      environment: 'prod' as EnvironmentName,
    },
  },
  ...Array.from({length: 16}, (_, index): Timed => {
    const share = (index + 1) / 16
    return {
      at: 200 + 250 * (index + 1),
      event: {
        type: 'transfer.progress',
        filesDone: 2000 * share,
        filesTotal: 2000,
        bytesDone: 160 * mebibyte * share,
        bytesTotal: 160 * mebibyte,
        bytesPerSecond: 40 * mebibyte,
      },
    }
  }),
]
