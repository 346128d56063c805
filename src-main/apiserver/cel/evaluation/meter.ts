/**
 * What evaluation may cost. A unit is about what it takes to look at one variable. An expression has its own limit and
 * draws on a budget that all expressions of one request share, so that none of them can hold up the event loop.
 */
import { CostLimitError } from '../errors.ts'

/** For one expression. */
export const expressionLimit = 1_000_000
/** For all expressions about one object. */
export const objectBudget = 10_000_000
/** For the match conditions of one webhook or policy. */
export const matchConditionsBudget = objectBudget / 4

/** Units after which others on this thread have their turn: some ten milliseconds. */
export const sliceUnits = 200_000

export class Budget {
  private readonly limit: number
  private left: number

  constructor(limit: number) {
    this.limit = limit
    this.left = limit
  }

  get used(): number {
    return this.limit - this.left
  }

  take(cost: number): void {
    this.left -= cost
    if (this.left < 0) throw new CostLimitError('budget')
  }
}

export class Meter {
  private used = 0
  private readonly budget: Budget
  private readonly limit: number

  constructor(budget: Budget, limit = expressionLimit) {
    this.budget = budget
    this.limit = limit
  }

  get cost(): number {
    return Math.ceil(this.used)
  }

  /** Throws CostLimitError. */
  charge(cost: number): void {
    this.used += cost
    if (this.used > this.limit) throw new CostLimitError('expression')
    this.budget.take(cost)
  }
}
