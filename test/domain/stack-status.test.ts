import assert from 'node:assert/strict'
import {inProgress, settledAs, stackStatuses, statusTable} from '../../src/domain/stack-status.ts'

const settled = stackStatuses.filter((status) => !inProgress(status))

describe('the table of stack statuses', () => {
  it('answers for every status of CloudFormation and for no stack at all, and for nothing else', () => {
    assert.deepEqual(Object.keys(statusTable).toSorted(), [...stackStatuses, 'absent'].toSorted())
  })

  for (const status of stackStatuses) {
    const row = statusTable[status]
    it(`waits in ${status} exactly while CloudFormation works`, () => {
      const works = status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS'
      assert.deepEqual([row.deploy === 'wait', row.destroy === 'wait', row.health === 'working'], [works, works, works])
    })
    it(`says of ${status} what happened`, () => assert.match(row.meaning, /^[a-z].{8,}[a-z]$/))
  }

  it('updates what stands and nothing else', () => {
    const updated = stackStatuses.filter((status) => statusTable[status].deploy === 'update')
    assert.deepEqual(updated.toSorted(), [
      'CREATE_COMPLETE',
      'IMPORT_COMPLETE',
      'IMPORT_ROLLBACK_COMPLETE',
      'UPDATE_COMPLETE',
      'UPDATE_ROLLBACK_COMPLETE',
    ])
  })

  it('calls healthy exactly what deploy updates', () => {
    for (const status of stackStatuses)
      assert.equal(statusTable[status].health === 'healthy', statusTable[status].deploy === 'update')
  })

  it('makes a stack only where there is none, or an empty shell', () => {
    const made = [...stackStatuses, 'absent' as const].filter((status) => statusTable[status].deploy === 'create')
    assert.deepEqual(made.toSorted(), ['DELETE_COMPLETE', 'REVIEW_IN_PROGRESS', 'absent'].toSorted())
  })

  it('throws away only a stack whose creation failed', () => {
    const gone = stackStatuses.filter((status) => statusTable[status].deploy === 'recreate')
    assert.deepEqual(gone.toSorted(), ['CREATE_FAILED', 'ROLLBACK_COMPLETE', 'ROLLBACK_FAILED'])
  })

  it('never goes on by itself after a rollback that failed', () => {
    for (const status of [
      'UPDATE_ROLLBACK_FAILED',
      'IMPORT_ROLLBACK_FAILED',
      'DELETE_FAILED',
      'UPDATE_FAILED',
    ] as const) {
      assert(['repair', 'refuse'].includes(statusTable[status].deploy), status)
    }
  })

  it('has nothing to take down where nothing is', () => {
    assert.equal(statusTable.absent.destroy, 'nothing')
    assert.equal(statusTable.DELETE_COMPLETE.destroy, 'nothing')
    assert.equal(statusTable.DELETE_FAILED.destroy, 'retry')
  })
})

describe('an operation that has ended', () => {
  for (const status of settled) {
    const expected =
      status.endsWith('_FAILED') || status === 'REVIEW_IN_PROGRESS'
        ? 'failed'
        : status.includes('ROLLBACK')
          ? 'rolledBack'
          : 'succeeded'
    it(`in ${status} has ${expected}`, () => assert.equal(settledAs(status), expected))
  }
})
