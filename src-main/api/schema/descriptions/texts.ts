/** By name of the definition: its text, and those of its fields. */
export type Texts = Readonly<Record<string, readonly [text: string, fields?: Readonly<Record<string, string>>]>>
