import type { Transaction, TransactionFilters } from '../../api/transactions'
import { isDay, nextDay, startOfDay } from '../../days'
import { readAmount } from '../../movements/amounts'
import type { Query } from '../../routing'
import { operation, source, transactionType } from '../../words/en'

/** The parameters of the location that filter a timeline: a filtered timeline can be sent to a colleague. */
export const FILTERS = ['type', 'source', 'operation', 'order', 'min', 'max', 'from', 'to'] as const
export type FilterName = (typeof FILTERS)[number]

export function isFiltered(query: Query): boolean {
  return FILTERS.some((name) => query[name])
}

/** The API's filters for the location's. Values that the API would refuse are left out. Dates are whole days of the zone. */
export function filtersOf(query: Query, zone: string, decimals: number): TransactionFilters {
  const filters: TransactionFilters = {}
  const { type, source: by, operation: what, order, min, max, from, to } = query
  if (type && Object.hasOwn(transactionType, type)) filters.type = type as Transaction['type']
  if (by && Object.hasOwn(source, by)) filters.source = by as Transaction['source']
  if (what && Object.hasOwn(operation, what)) filters.operation = what as Transaction['operation']
  if (order?.trim()) filters.orderId = order.trim()
  if (min) filters.minPoints = pointsOf(min, decimals)
  if (max) filters.maxPoints = pointsOf(max, decimals)
  if (from && isDay(from)) filters.from = startOfDay(from, zone)
  if (to && isDay(to)) filters.to = startOfDay(nextDay(to), zone)
  return filters
}

function pointsOf(text: string, decimals: number): number | undefined {
  const typed = readAmount(text, decimals)
  return 'number' in typed ? typed.number : undefined
}
