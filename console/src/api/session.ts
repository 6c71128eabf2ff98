import { client, dataOf } from './client'
import type { components } from './openapi'

export type Session = components['schemas']['Session'] & { role?: string | null; adjustmentMax?: number | null }

export function readSession(): Promise<Session> {
  return dataOf(client.GET('/v1/session'))
}
