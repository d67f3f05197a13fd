import * as z from 'zod'

/** Whether the access policy of a vault lets another account do something; `unclear` where a condition decides. */
export type Admission = 'yes' | 'no' | 'unclear'

/** What AWS Backup asks of the policy of a vault that copies come into from another account. */
export const copyInto = 'backup:CopyIntoBackupVault'

const words = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat())
const statementSchema = z.looseObject({
  Effect: z.string().optional(),
  Action: words.optional(),
  Principal: z.union([z.string().transform((name) => [name]), z.looseObject({AWS: words.optional()})]).optional(),
  Condition: z.unknown().optional(),
})
const policySchema = z.looseObject({
  Statement: z.union([statementSchema.transform((one) => [one]), z.array(statementSchema)]).default([]),
})
type Statement = z.infer<typeof statementSchema>

/** @param policy JSON text; undefined where the vault has none. What cannot be read is unclear. */
export function admission(policy: string | undefined, account: string): Admission {
  if (policy === undefined) return 'no'
  const statements = parsed(policy)
  if (statements === undefined) return 'unclear'
  const meant = statements.filter((statement) => names(statement, account) && covers(statement))
  const denials = meant.filter(({Effect: effect}) => effect === 'Deny')
  if (denials.some(({Condition: condition}) => condition === undefined)) return 'no'
  const allowed = meant.filter(({Effect: effect}) => effect === 'Allow')
  if (allowed.some(({Condition: condition}) => condition === undefined)) return denials.length > 0 ? 'unclear' : 'yes'
  return allowed.length > 0 ? 'unclear' : 'no'
}

/** The policy with the allowance that is missing, all on one line; what it says already stays. */
export function admitting(
  policy: string | undefined,
  {account, partition}: {account: string; partition: string},
): string {
  const before = policy === undefined ? [] : rawStatements(policy)
  const statement = {
    Sid: `CopiesFrom${account}`,
    Effect: 'Allow',
    Principal: {AWS: `arn:${partition}:iam::${account}:root`},
    Action: copyInto,
    Resource: '*',
  }
  return JSON.stringify({Version: '2012-10-17', Statement: [...before, statement]})
}

function parsed(policy: string): readonly Statement[] | undefined {
  try {
    return policySchema.parse(JSON.parse(policy)).Statement
  } catch {
    return undefined
  }
}

function rawStatements(policy: string): readonly unknown[] {
  try {
    return [(JSON.parse(policy) as {Statement?: unknown}).Statement ?? []].flat()
  } catch {
    return []
  }
}

function names({Principal: principal}: Statement, account: string): boolean {
  const listed = Array.isArray(principal) ? principal : (principal?.AWS ?? [])
  return listed.some((name) => name === '*' || name === account || name.split(':')[4] === account)
}

function covers({Action: actions = []}: Statement): boolean {
  return actions.some((pattern) => {
    const expression = pattern
      .replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll(String.raw`\?`, '.')
      .replaceAll('*', '.*')
    return new RegExp(`^${expression}$`, 'i').test(copyInto)
  })
}
