/** What the build knows of itself; nothing where the program runs from its source. */
declare const ORRERY_BUILD: { readonly commit: string; readonly date: string } | undefined

export const buildInfo = typeof ORRERY_BUILD === 'undefined' ? undefined : ORRERY_BUILD
