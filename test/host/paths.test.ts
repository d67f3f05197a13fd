import assert from 'node:assert/strict'
import {homedir} from 'node:os'
import {isAbsolute, join} from 'node:path'
import {folders, localStateDir} from '../../src/host/paths.ts'

describe('the folders of pi-aws', () => {
  it('follow the XDG specification on Linux', () => {
    assert.deepEqual(folders({HOME: '/home/me'}, 'linux'), {
      state: '/home/me/.local/state/pi-aws',
      cache: '/home/me/.cache/pi-aws',
    })
    assert.deepEqual(folders({HOME: '/home/me', XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/c'}, 'linux'), {
      state: '/s/pi-aws',
      cache: '/c/pi-aws',
    })
  })

  it('ignore relative and empty XDG folders, as the specification wants', () => {
    const env = {HOME: '/home/me', XDG_STATE_HOME: 'state', XDG_CACHE_HOME: ''}
    assert.deepEqual(folders(env, 'linux'), folders({HOME: '/home/me'}, 'linux'))
  })

  it('find the home folder without HOME', () => {
    assert.equal(folders({}, 'linux').state, join(homedir(), '.local', 'state', 'pi-aws'))
  })

  it('are those of PI_AWS_HOME and PI_AWS_CACHE where these are set', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      assert.deepEqual(folders({PI_AWS_HOME: '/state', PI_AWS_CACHE: '/cache'}, platform), {
        state: '/state',
        cache: '/cache',
      })
    }
    assert.ok(isAbsolute(folders({PI_AWS_HOME: 'here'}, 'linux').state))
  })

  it("are the platform's on macOS and Windows", () => {
    for (const platform of ['darwin', 'win32'] as const) {
      const {state, cache} = folders({}, platform)
      assert.ok(isAbsolute(state) && isAbsolute(cache) && state !== cache)
      assert.match(`${state} ${cache}`, /pi-aws.* .*pi-aws/)
    }
  })

  it('hold the embedded AWS in a folder of its own', () => {
    assert.equal(localStateDir({PI_AWS_HOME: '/state'}), join('/state', 'local'))
  })
})
