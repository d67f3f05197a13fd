/** Types of bootstrap.js, which is JavaScript because it runs before anything is installed. */
export declare const root: string
export declare function filesUnder(paths: readonly string[], base?: string): string[]
export declare function hashOf(paths: readonly string[], base?: string): string
export declare function sourcesHash(base?: string): string
export declare function build(): void
