import {presets as chosen} from '../../src/domain/presets.ts'

/** The presets as the gates use them: template parameter -> value. */
export const presets: Readonly<Record<string, Readonly<Record<string, string>>>> = chosen
