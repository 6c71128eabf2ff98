import { client, dataOf } from './client'
import type { components } from './openapi'

export type Session = components['schemas']['Session']

export function readSession(): Promise<Session> {
  return dataOf(client.GET('/v1/session'))
}
