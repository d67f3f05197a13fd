import {registerHooks} from 'node:module'

/** One text of one file of the sources, and what stands in its place. */
interface Mutation {
  readonly file: string
  readonly from: string
  readonly to: string
}

const mutations = JSON.parse(process.env['PI_AWS_MUTATIONS'] ?? '[]') as Mutation[]

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const wanted = mutations.filter(({file}) => url.endsWith(file))
    if (wanted.length === 0) return loaded
    let source = String(loaded.source)
    for (const {file, from, to} of wanted) {
      if (!source.includes(from)) throw new Error(`${file} does not hold ${from}: the mutation means nothing`)
      source = source.replaceAll(from, to)
    }
    return {...loaded, source}
  },
})
