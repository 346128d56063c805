/** As many seeds as asked for, or `ORRERY_SEEDS` times as many, to look for what a thousand have not found. */
const factor = Number(process.env['ORRERY_SEEDS'] ?? '1')

export const seedsOf = (count: number, first: number): number[] =>
  Array.from({ length: Math.ceil(count * factor) }, (_, index) => first + index)
