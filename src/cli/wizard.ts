import type {Wizard} from '../flows/init/ports.ts'

/** Questions in the manner that the terminal can show. */
export async function openWizard(): Promise<{readonly wizard: Wizard; readonly close: () => void}> {
  const {loadTheme, traitsOf} = await import('../ui/theme.ts')
  const traits = traitsOf(process.stderr, process.env)
  if (!traits.isTTY) {
    const {plainWizard} = await import('../ui/wizard/plain.ts')
    const wizard = plainWizard(process.stdin, process.stderr)
    return {wizard, close: () => wizard.close()}
  }
  const {richWizard} = await import('../ui/wizard/rich.ts')
  const theme = await loadTheme(traits)
  const wizard = richWizard({
    input: process.stdin,
    output: process.stderr,
    theme,
    width: traits.width,
    height: traits.height,
  })
  return {wizard, close: () => undefined}
}
