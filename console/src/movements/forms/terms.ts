import type { Card } from '../../api/cards'
import type { CardReference } from '../../api/unfinished-movements'
import type { Wallet } from '../../api/wallets'
import { isDay, nextDay, startOfDay } from '../../days'
import { currencyDigits, dateOf, formatPoints } from '../../format'
import { readAmount } from '../amounts'
import type { Checked, Errors } from '../values'

/** What every form knows of its card. */
export interface Terms {
  card: Card
  wallet: Wallet
  zone: string
  /** The most points that the signed-in person may move by hand at once; null without a maximum. */
  maxByHand: number | null
}

export const TEXT_MAX = 255
const NO_SUCH_DAY = 'Choose a day before the end of the year 9999.'

export function referenceOf({ card }: Terms): CardReference {
  return { walletId: card.walletId, customerId: card.customerId }
}

/** "200 leaves". */
export function amount({ wallet }: Terms, points: number): string {
  return `${formatPoints(points, wallet.pointsDecimals)} ${wallet.pointsName}`
}

/** The label of a field for a number of points: "Leaves". */
export function pointsLabel({ wallet: { pointsName } }: Terms): string {
  return pointsName.charAt(0).toUpperCase() + pointsName.slice(1)
}

/** The hint of a field for points that the card gives away. */
export function availableHint(terms: Terms): string {
  return `${amount(terms, terms.card.balance.available)} are available.`
}

/** "ann in Club". */
export function owner({ card, wallet }: Terms): string {
  return `${card.customerId} in ${wallet.name}`
}

/** The hint of a field of points: the caller's maximum, if there is one. */
export function maxHint(terms: Terms): string | undefined {
  return terms.maxByHand === null
    ? undefined
    : `You may move at most ${amount(terms, terms.maxByHand)} by hand at once.`
}

/**
 * Reads typed values one by one and collects what is wrong with them. Values that were read although something is wrong
 * are never used: `checked` answers the errors then.
 */
export class Reading {
  readonly #errors: Record<string, string> = {}
  readonly #terms: Terms

  constructor(terms: Terms) {
    this.#terms = terms
  }

  points(field: string, text: string): number {
    return this.#number(field, readAmount(text, this.#terms.wallet.pointsDecimals))
  }

  money(field: string, text: string): number {
    return this.#number(field, readAmount(text, currencyDigits(this.#terms.wallet.currency)))
  }

  number(field: string, typed: { number: number } | { error: string }): number {
    return this.#number(field, typed)
  }

  /** A text that must be there. */
  text(field: string, text: string, missing: string): string {
    const typed = text.trim()
    if (typed === '') this.#errors[field] = missing
    if (typed.length > TEXT_MAX) this.#errors[field] = `Enter at most ${TEXT_MAX} characters.`
    return typed
  }

  optionalText(field: string, text: string): string | null {
    return text.trim() === '' ? null : this.text(field, text, '')
  }

  /** The activation of points whose first usable day is given. */
  activation(field: string, day: string): string {
    const { zone } = this.#terms
    if (!isDay(day)) this.#errors[field] = NO_SUCH_DAY
    else if (day <= dateOf(new Date(), zone)) this.#errors[field] = 'Choose a day after today.'
    else return startOfDay(day, zone)
    return ''
  }

  /** The expiry of points whose last usable day is given, and their first one, if any. */
  expiry(field: string, day: string, first = ''): string {
    const { zone } = this.#terms
    if (day === '') this.#errors[field] = 'Choose a day.'
    else if (!isDay(day)) this.#errors[field] = NO_SUCH_DAY
    else if (day < first) this.#errors[field] = 'Choose the first usable day or a later one.'
    else if (day < dateOf(new Date(), zone)) this.#errors[field] = 'Choose today or a later day.'
    else return startOfDay(nextDay(day), zone)
    return ''
  }

  checked<Body>(body: Body): Checked<Body> {
    const errors: Errors = this.#errors
    return Object.keys(errors).length > 0 ? { errors } : { body }
  }

  #number(field: string, typed: { number: number } | { error: string }): number {
    if ('number' in typed) return typed.number
    this.#errors[field] = typed.error
    return 0
  }
}
