import type {FakeFileSystem} from './state.ts'

function no(code: string, message: string): object {
  return {ok: false, error: {code, message}}
}

function shapeOf(content: string): object {
  const treeHash = Buffer.from(content).toString('hex').padEnd(64, '0').slice(0, 64)
  return {files: 3, directories: 2, bytes: content.length, treeHash, uid: 1000, gid: 1000}
}

function contentOf(files: FakeFileSystem, path: string): string | undefined {
  const generation = /^gen\/(\d+)$/.exec(path)?.[1]
  return generation === undefined ? files.trees.get(path) : files.generations.get(Number(generation))
}

function forget(files: FakeFileSystem, path: string): void {
  for (const key of [...files.trees.keys()]) if (key === path || key.startsWith(`${path}/`)) files.trees.delete(key)
  for (const key of [...files.lists.keys()]) {
    if (key.startsWith(`${path} `) || key.startsWith(`${path}/`)) files.lists.delete(key)
  }
}

/** What the function does with whole trees; undefined for its other operations. */
export function treeOperation(files: FakeFileSystem, request: Record<string, unknown>): object | undefined {
  const text = (name: string): string => (request[name] ?? '') as string
  const generation = Number(request['generation'] ?? 0)
  const live = files.generations.get(generation)
  switch (request['operation']) {
    case 'freeze': {
      if (live === undefined) return no('GENERATION_MISSING', 'it is not prepared')
      // In two slices, as a large tree would be.
      if (text('cursor') === '') return {ok: true, state: 'continues', cursor: 'half'}
      const path = `gen/.frozen/${text('name')}`
      files.trees.set(path, live)
      files.lists.set(`${path} ${text('snapshot')}`, live)
      return {ok: true, state: 'complete', ...shapeOf(live)}
    }
    case 'seal':
      if (live === undefined) return no('GENERATION_MISSING', 'it is not prepared')
      files.lists.set(`gen/${generation} ${text('snapshot')}`, live)
      return {ok: true, state: 'complete', ...shapeOf(live)}
    case 'unseal':
      files.lists.delete(`gen/${generation} ${text('snapshot')}`)
      return {ok: true, generation}
    case 'examine': {
      const content = contentOf(files, text('path'))
      const list = files.lists.get(`${text('path')} ${text('snapshot')}`)
      if (content === undefined || list === undefined) return no('NOT_FOUND', 'no canary of the set is there')
      const same = content === list
      const differences = same ? [] : ['themes/theme.css']
      const counts = {same: same ? 3 : 2, changed: same ? 0 : 1, missing: 0, extra: 0}
      return {ok: true, state: 'complete', tree: shapeOf(content), ...counts, differences}
    }
    case 'promote': {
      const [from, canary] = [text('from'), text('canary')]
      const content = files.trees.get(from)
      if (live !== undefined) {
        return content === undefined && files.lists.has(`gen/${generation} ${canary}`)
          ? {ok: true, state: 'complete'}
          : no('GENERATION_EXISTS', 'it exists')
      }
      if (content === undefined) return no('NOT_FOUND', `there is no tree at ${from}`)
      const list = files.lists.get(`${from} ${canary}`)
      if (list === undefined) return no('NOT_FOUND', 'the tree does not hold the canary')
      files.generations.set(generation, content)
      forget(files, from)
      files.lists.set(`gen/${generation} ${canary}`, list)
      return {ok: true, state: 'complete'}
    }
    case 'discard': {
      const path = text('path')
      const number = Number(/^gen\/(\d+)$/.exec(path)?.[1] ?? 0)
      if (number > 0 && number === files.active) return no('GENERATION_ACTIVE', 'the platform runs on it')
      if (number > 0) files.generations.delete(number)
      forget(files, path)
      return {ok: true, state: 'complete'}
    }
    case 'activate':
      if (live === undefined) return no('GENERATION_MISSING', 'it is not prepared')
      files.active = generation
      return {ok: true, generation}
    case 'roots':
      return rootsOf(files)
    default:
      return undefined
  }
}

function rootsOf(files: FakeFileSystem): object {
  const restored = [...files.trees.keys()].filter((path) => path.startsWith('aws-backup-restore_'))
  return {
    ok: true,
    generations: [...files.generations.keys()].map((generation) => ({
      generation,
      complete: true,
      active: generation === files.active,
    })),
    restored: restored.map((path) => ({
      path,
      canaries: [...files.lists.keys()].flatMap((key) =>
        key.startsWith(`${path} `) ? [key.slice(path.length + 1)] : [],
      ),
    })),
    frozen: [...files.trees.keys()].flatMap((path) =>
      path.startsWith('gen/.frozen/') ? [{name: path.slice('gen/.frozen/'.length), complete: true}] : [],
    ),
    others: [],
    freeBytes: 1e12,
  }
}
