import { expect, test } from 'vitest'
import { settle, type MovementOperation } from './movement'
import { Problem, Unreachable } from './problems'

/** A ledger that commits a key once, with a connection that loses some answers. */
function ledger(lost: readonly ('request' | 'answer' | 'find' | Problem)[]) {
  const losses = [...lost]
  const committed = new Map<string, number>()
  const operation: MovementOperation<number, null, number> = {
    describe: String,
    changes: [],
    preview: () => Promise.resolve(null),
    find: (key) => {
      if (losses[0] === 'find') return fail(losses)
      return Promise.resolve(committed.get(key) ?? null)
    },
    commit: (points, key) => {
      if (losses[0] === 'request' || losses[0] instanceof Problem) return fail(losses)
      committed.set(key, committed.get(key) ?? points)
      if (losses[0] === 'answer') return fail(losses)
      return Promise.resolve(points)
    },
  }
  return { operation, committed }
}

function fail(losses: unknown[]): Promise<never> {
  const loss = losses.shift()
  return Promise.reject(loss instanceof Problem ? loss : new Unreachable())
}

const refused = new Problem({ code: 'insufficient_points', detail: 'Too few.' }, 409)
const busy = new Problem({ code: 'busy' }, 503)

test('an answer that comes is final', async () => {
  const { operation } = ledger([])
  expect(await settle(operation, 200, null, 'k')).toEqual({ is: 'committed', answer: 200, foundByKey: false })
})

test('a lost answer is found in the ledger by its key', async () => {
  const { operation, committed } = ledger(['answer'])
  expect(await settle(operation, 200, null, 'k')).toEqual({ is: 'committed', answer: 200, foundByKey: true })
  expect(committed.size).toBe(1)
})

test('a lost request is sent again with the same key', async () => {
  const { operation, committed } = ledger(['request'])
  expect(await settle(operation, 200, null, 'k')).toEqual({ is: 'committed', answer: 200, foundByKey: false })
  expect([...committed]).toEqual([['k', 200]])
})

test('a refusal is final and is not sent again', async () => {
  const { operation, committed } = ledger([refused])
  expect(await settle(operation, 200, null, 'k')).toEqual({ is: 'refused', problem: refused })
  expect(committed.size).toBe(0)
})

test('an outcome that cannot be found out is unknown, and is found later', async () => {
  const { operation } = ledger(['answer', 'find'])
  expect(await settle(operation, 200, null, 'k')).toEqual({ is: 'unknown' })
  expect(await settle(operation, 200, null, 'k', { mayBeCommitted: true })).toEqual({
    is: 'committed',
    answer: 200,
    foundByKey: true,
  })
})

test('a service that stays busy leaves the outcome unknown', async () => {
  const { operation, committed } = ledger([busy, busy])
  expect(await settle(operation, 200, null, 'k')).toEqual({ is: 'unknown' })
  expect(committed.size).toBe(0)
})

test('a key that is refused after a lost answer leaves the outcome unknown', async () => {
  const { operation, committed } = ledger(['answer', new Problem({}, 403), new Problem({}, 403)])
  const find = () => Promise.reject(new Problem({}, 403))
  expect(await settle({ ...operation, find }, 200, null, 'k')).toEqual({ is: 'unknown' })
  expect(committed.size).toBe(1)
})
