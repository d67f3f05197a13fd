import assert from 'node:assert/strict'
import type {PiError} from '../../src/domain/errors.ts'
import {leftQuiesced, mustEndFirst, takesUp} from '../../src/domain/ledger.ts'
import {rotatable, rotations, withPassword} from '../../src/domain/rotation.ts'
import {refusal} from './samples.ts'

describe('the rotation of a secret', () => {
  it('changes the password in what the stack made, and keeps everything else', () => {
    const held = JSON.stringify({username: 'pi', password: 'old', dbname: 'dashboard'})
    assert.deepEqual(JSON.parse(withPassword(held, 'new')), {username: 'pi', password: 'new', dbname: 'dashboard'})
  })

  for (const held of ['', 'planted-secret', 'null', '[]', '{"password": "planted-secret"}', '{"username": 3}']) {
    it(`refuses ${JSON.stringify(held)}, without a word of it`, () => {
      assert.throws(
        () => withPassword(held, 'new'),
        (error: PiError) => {
          refusal('SECRET_UNREADABLE')(error)
          return !error.message.includes('planted')
        },
      )
    })
  }

  it('brings no value of its own but the password of the database', () => {
    assert.deepEqual(
      rotatable.filter((secret) => rotations[secret].made),
      ['database'],
    )
  })

  it('has to be ended before anything else once a value was written, and takes up nothing of others', () => {
    const written = [{step: 'value', kind: 'intent'}] as const
    assert.equal(mustEndFirst('rotate', written), true)
    assert.equal(mustEndFirst('rotate', [{step: 'before', kind: 'done'}]), false)
    assert.equal(leftQuiesced(written), false)
    assert.equal(takesUp('rotate'), false)
  })
})
