import assert from 'node:assert/strict'
import type {Landscape} from '../../../src/flows/landscape.ts'
import {grownStorage, newDatabase} from '../../../src/flows/deploy/database-target.ts'
import type {StackDescription} from '../../../src/flows/ports.ts'
import {deployOptions} from '../../helpers/fake-aws/scenario.ts'

const options = (database: object) => {
  const base = deployOptions()
  return {...base, configuration: {...base.configuration, database}}
}

const stack = (storage: string) => ({parameters: {AllocatedStorage: storage}}) as unknown as StackDescription

function landscape(allocatedStorage: number): Landscape {
  const database = {
    generation: 1,
    snapshotIdentifier: 'pi-demo-1-final',
    allocatedStorage,
    engineVersion: '10.11.8',
    parameterGroupFamily: 'mariadb10.11',
    masterUsername: 'pi',
  }
  return {generations: {database: 2, files: 1}, retained: {database}} as unknown as Landscape
}

describe('the storage of a database', () => {
  const cases = [
    ['grows to what is configured', {storage: 60}, '20', {AllocatedStorage: '60'}],
    ['never shrinks', {storage: 20}, '60', {}],
    ['keeps room to grow above what it has', {maxStorage: 100}, '120', {MaxAllocatedStorage: '150'}],
    ['needs a tenth of room, not more', {maxStorage: 110}, '100', {}],
  ] as const
  for (const [what, database, has, expected] of cases) {
    it(what, () => assert.deepEqual(grownStorage(options(database), stack(has)), expected))
  }

  it('of a snapshot that outgrew its limit comes back with room to grow', () => {
    const values = newDatabase(options({maxStorage: 100}), landscape(200))
    assert.equal(values['AllocatedStorage'], '200')
    assert.equal(values['MaxAllocatedStorage'], '250')
    assert.equal(newDatabase(options({maxStorage: 500}), landscape(200))['MaxAllocatedStorage'], undefined)
  })
})
