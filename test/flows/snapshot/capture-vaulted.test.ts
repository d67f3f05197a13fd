import assert from 'node:assert/strict'
import type {DatabaseSnapshot} from '../../../src/flows/ports.ts'
import type {BackupJob} from '../../../src/flows/recovery/ports.ts'
import {isYetToSave, untilMoment, type VaultedPorts} from '../../../src/flows/snapshot/capture-vaulted.ts'

const at = '2026-11-22T10:00:00.000Z'
const arn = 'arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-1'
const {signal} = new AbortController()

/** A job and its snapshot as they are told one time after the other; the last word stays. */
function told(
  jobs: readonly (Partial<BackupJob> | undefined)[],
  snapshots: readonly (Partial<DatabaseSnapshot> | undefined)[] = [],
): VaultedPorts {
  let [time, job, snapshot] = [Date.parse(at), 0, 0]
  const names: string[] = []
  return {
    backups: {
      backupJob: async () => {
        const found = jobs[Math.min(job++, jobs.length - 1)]
        return found === undefined ? undefined : {id: 'job-1', state: 'RUNNING', reason: '', createdAt: at, ...found}
      },
    },
    databases: {
      snapshot: async (identifier: string) => {
        names.push(identifier)
        assert.deepEqual([...new Set(names)], ['awsbackup:job-1'])
        const found = snapshots[Math.min(snapshot++, snapshots.length - 1)]
        return found === undefined ? undefined : {identifier, status: 'creating', ...found}
      },
    },
    clock: {
      now: () => new Date(time),
      sleep: async (ms: number) => void (time += ms),
    },
  } as unknown as VaultedPorts
}

const named = {recoveryPointArn: arn}

describe('the moment of a backup of the database', () => {
  it('is waited for until RDS tells it, also when the job is over by then', async () => {
    const identifier = 'awsbackup:job-1'
    const moment = {databaseTime: '2026-11-22T09:59:00.000Z'}
    const slow = told([{state: 'CREATED'}, named, named, {...named, state: 'COMPLETED'}], [undefined, {}, {}, moment])
    assert.deepEqual(await untilMoment(slow, 'job-1', signal), {identifier, at: moment.databaseTime})
    const silent = {status: 'available', createdAt: '2026-11-22T09:58:00.000Z'}
    assert.equal((await untilMoment(told([named], [silent]), 'job-1', signal)).at, silent.createdAt)
    assert.equal((await untilMoment(told([named], [{status: 'available'}]), 'job-1', signal)).at, at)
  })

  it('never comes where the job fails, is gone, has nothing to show, or waits for hours', async () => {
    const cases: [VaultedPorts, RegExp][] = [
      [told([{state: 'EXPIRED'}]), /of the database is EXPIRED\.$/],
      [told([{state: 'FAILED', reason: 'no room'}]), /is FAILED: no room\.$/],
      [told([undefined]), /is gone\.$/],
      [told([{...named, state: 'COMPLETED'}], [undefined]), /is COMPLETED\.$/],
      [told([{state: 'CREATED'}]), /is CREATED\.$/],
    ]
    for (const [ports, message] of cases)
      await assert.rejects(untilMoment(ports, 'job-1', signal), {code: 'BACKUP_FAILED', message})
  })

  it('is still to come only while the job may save and RDS knows of none', async () => {
    const cases: [VaultedPorts, boolean][] = [
      [told([undefined]), false],
      [told([{...named, state: 'COMPLETED'}], [{}]), false],
      [told([{state: 'PENDING'}]), true],
      [told([named], [undefined]), true],
      [told([named], [{}]), true],
      [told([named], [{databaseTime: at}]), false],
      [told([named], [{status: 'available'}]), false],
    ]
    for (const [ports, expected] of cases) assert.equal(await isYetToSave(ports, 'job-1'), expected)
  })
})
