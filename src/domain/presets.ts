/** Names of the presets, smallest first. */
export const presetNames = ['small', 'standard', 'large'] as const
export type PresetName = (typeof presetNames)[number]

/**
 * Sizes by preset, as template parameter -> value. What a preset does not name keeps the template's default;
 * pi-aws.yaml overrides each.
 */
export const presets: Readonly<Record<PresetName, Readonly<Record<string, string>>>> = {
  small: {},
  standard: {},
  large: {},
}
