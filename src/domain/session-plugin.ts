/** The first version that takes a session from its environment; older ones want its token among the arguments. */
export const oldestPlugin = '1.2.497.0'

const page =
  'https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html'

/** How the plugin is installed on a system, as `process.platform` names it. */
export function installHints(system: string): readonly string[] {
  const hints: Readonly<Record<string, readonly string[]>> = {
    darwin: ['brew install --cask session-manager-plugin'],
    linux: [
      'Install the package session-manager-plugin: its .deb (Debian, Ubuntu) or .rpm (Amazon Linux, Fedora, RHEL) is named there',
    ],
    win32: ['Install SessionManagerPluginSetup.exe, which is named there'],
  }
  return [...(hints[system] ?? []), page]
}

/** Compares versions of numbers and dots; one that is none counts as old. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.trim().split('.').map(Number))
  for (const [index, wanted] of (b ?? []).entries()) {
    const found = a?.[index] ?? 0
    if (Number.isNaN(found) || found < wanted) return true
    if (found > wanted) return false
  }
  return false
}
