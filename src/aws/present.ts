/** The members that say something: undefined and '' (how some services write "nothing") are left out. */
export function present<Name extends string>(
  members: Readonly<Record<Name, string | undefined>>,
): Readonly<Partial<Record<Name, string>>> {
  const said = Object.entries<string | undefined>(members).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(said) as Partial<Record<Name, string>>
}
