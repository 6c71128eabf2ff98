/** What differs between two versions of a wallet's settings, field by field. */
import type { Wallet, WalletVersion } from '../api/wallets'
import { isObject } from '../forms/document'

export interface Difference {
  /** The path of the setting, such as `expiration.every`. */
  path: string
  before: unknown
  after: unknown
}

/** Fields that differ between any two versions, or are no settings. */
const NOT_SETTINGS = new Set([
  'walletId',
  'version',
  'actionRequired',
  'timeZone',
  'currency',
  'usedBy',
  'createdAt',
  'createdBy',
  'updatedAt',
  'change',
  'changedBy',
])

export function walletDifferences(before: Wallet | WalletVersion, after: Wallet | WalletVersion): Difference[] {
  return fieldDifferences(before, after).filter(({ path }) => !NOT_SETTINGS.has(path.split('.', 1)[0] ?? ''))
}

/** The fields that differ, in the order of `before`. A list is one field, because its entries have no names. */
export function fieldDifferences(before: object, after: object, path = ''): Difference[] {
  const [from, to] = [before as Record<string, unknown>, after as Record<string, unknown>]
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((name) => {
    const [one, other] = [from[name], to[name]]
    const at = path === '' ? name : `${path}.${name}`
    if (isObject(one) || isObject(other))
      return fieldDifferences(isObject(one) ? one : {}, isObject(other) ? other : {}, at)
    return isSame(one, other) ? [] : [{ path: at, before: one, after: other }]
  })
}

/** A setting that is left out is not set, as null is. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null)
}
